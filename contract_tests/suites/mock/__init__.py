"""Tests of the mock server, over a real socket."""
