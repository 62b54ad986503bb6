"""Tests of `regenerate.document`."""
