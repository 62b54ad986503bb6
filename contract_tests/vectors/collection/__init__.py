"""What makes the vectors: cases drawn by schemathesis, and edge cases of our own."""
