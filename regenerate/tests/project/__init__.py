"""Tests of `regenerate.project`."""
