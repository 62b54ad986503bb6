"""The laws hold on the mock server, and each is violated by a server that breaks it."""
