"""What answers: provisioned throughput, or an on-demand deployment."""
