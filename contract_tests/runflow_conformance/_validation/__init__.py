"""Requests and responses held against the document."""
