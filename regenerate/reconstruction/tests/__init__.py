"""The document is valid, and says exactly what the tables of facts say."""
