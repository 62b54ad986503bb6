"""The proof of the document: sound in itself, and no more and no less than the tables of facts."""
