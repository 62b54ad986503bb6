"""Tests of `regenerate.generate`."""
