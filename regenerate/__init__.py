"""The workshop: from the published document to the typed client."""
