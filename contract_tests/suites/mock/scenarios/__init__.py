"""Scenarios: calls of one area of the server in every state that its resources can have.

What changes in their snapshots is what programs that are tested with the server will see.
"""
