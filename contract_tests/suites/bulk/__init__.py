"""Bulk runs against the mock server."""
