"""The client keeps the document and understands it: frozen vectors replayed, fresh ones at night."""
