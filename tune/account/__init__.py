"""What is seen in an AWS account."""
