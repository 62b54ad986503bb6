"""One request on the wire: connections, bodies, retries, and what a server may do at its worst."""
