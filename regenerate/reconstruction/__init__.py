"""Build the reconstructed document from the tables of facts.

This folder dies on the day of the first real fetch: delete it then.
"""
