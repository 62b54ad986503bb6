"""What a file is called and what is in it."""
