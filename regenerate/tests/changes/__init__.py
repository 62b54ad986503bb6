"""Tests of `regenerate.changes`."""
