"""The operations of the API: from an accepted request to the body of its answer."""
