"""What users run: the examples, carried out against the mock server."""
