"""Tests of `regenerate.inputs`."""
