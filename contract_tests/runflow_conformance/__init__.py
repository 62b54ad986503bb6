"""The checks that hold document, client, server and live API against each other."""
