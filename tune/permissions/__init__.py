"""The permissions of the role with which CloudFormation acts."""
