"""The generated client follows the document: frozen vectors, and new ones at night."""
