"""What the service keeps: one module per kind of resource, and the state of an account in a region."""
