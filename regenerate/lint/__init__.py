"""Refuse what the generator would drop or break without a word, with the place and the remedy."""
