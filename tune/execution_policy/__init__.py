"""The policies of the role with which CloudFormation deploys, for `cdk bootstrap`."""
