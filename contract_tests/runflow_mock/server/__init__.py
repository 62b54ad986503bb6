"""The running server: sockets, connections, the control surface, and `MockRunflow`."""
