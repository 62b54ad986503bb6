"""Make the typed client from the published document."""
