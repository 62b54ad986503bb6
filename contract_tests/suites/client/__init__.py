"""The overlay: flows against scripted servers, and the public client against the mock server."""
