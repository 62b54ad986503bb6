"""The operations of one tag: one module an operation."""
