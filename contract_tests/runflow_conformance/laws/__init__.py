"""The rules of the API that no schema can express, and the checks that try them on a server."""
