"""Builds the reconstructed document from the tables of facts, until the published one can be fetched."""
