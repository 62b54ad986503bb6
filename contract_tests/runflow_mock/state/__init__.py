"""What the server keeps: its clock, its rows, its money and its keys.

Nothing here acts by itself.
"""
