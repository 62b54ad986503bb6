"""Tests of `regenerate.naming`."""
