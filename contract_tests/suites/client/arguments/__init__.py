"""What is taken from callers, and what is refused by name before anything is sent."""
