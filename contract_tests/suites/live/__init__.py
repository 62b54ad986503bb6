"""The live profile, rehearsed on the mock server."""
