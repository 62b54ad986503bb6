"""What happens on the server: runs, batches, evaluations, assets, callbacks, and what they make."""
