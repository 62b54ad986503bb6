"""The real command `runflow`, in processes and terminals of its own, against the mock server."""
