"""Tests of the conformance rooms: live."""
