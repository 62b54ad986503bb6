"""The machinery of the typed inputs."""
