"""Deliberate faults in client and mock server, and the table of which check catches which: `python
-m faults`.
"""
