"""Read an OpenAPI document strictly, and walk it.

JSON values, pointers and hashes, the schemas and operations of a document, YAML files. Nothing here
depends on which document it is.
"""
