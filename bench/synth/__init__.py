"""What a synthesis costs beside that of a bare CDK app: `make bench-synth`."""
