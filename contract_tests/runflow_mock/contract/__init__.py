"""What a request and an answer are, and what the document says of them."""
