"""Tests of `regenerate.correct`."""
