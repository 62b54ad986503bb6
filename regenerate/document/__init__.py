"""Read an OpenAPI document strictly, and find one's way in it.

JSON values, pointers and hashes, the schemas and operations of a document, YAML files. Nothing here
knows which document it is.
"""
