"""Tests of the conformance rooms: laws."""
