"""The operations of the document: one package a tag, one module an operation."""
