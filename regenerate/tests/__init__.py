"""Tests of `regenerate`, in the folders of its packages."""
