"""What users read and run: the README and the examples, carried out against the mock server."""
