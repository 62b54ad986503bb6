"""What the client costs, measured beside its alternatives in the same minutes: `make bench`."""
