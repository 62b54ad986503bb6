"""Random stories of a mock server without a socket, and a small model that says what is seen."""
