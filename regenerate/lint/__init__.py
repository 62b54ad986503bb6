"""Refuse what the generator would drop or break silently, with the place and the remedy."""
