"""Tests of `regenerate.lint`."""
