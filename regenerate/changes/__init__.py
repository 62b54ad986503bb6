"""Say what changed between two clients: on the wire, in Python, and for the overlay."""
