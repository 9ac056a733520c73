"""The workflow, the ledger and the functions that carry every custom resource."""
