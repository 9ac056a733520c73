"""What an evaluation of up to a million records takes, on simulated time: `make bench-evaluate`."""
