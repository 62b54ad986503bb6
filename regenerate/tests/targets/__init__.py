"""Tests of `regenerate.targets`."""
