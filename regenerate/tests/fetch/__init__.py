"""Tests of `regenerate.fetch`."""
