"""Suites of the callbacks: receivers under real servers, the inbox in real databases."""
