"""Behaviour over time, without I/O."""
