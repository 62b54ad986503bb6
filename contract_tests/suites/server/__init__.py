"""Tests of the conformance rooms: server."""
