"""The running server: sockets, connections, control surface, and the handle that tests hold."""
