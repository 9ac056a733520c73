"""The protocol: requests and responses as the service models of botocore describe them."""
