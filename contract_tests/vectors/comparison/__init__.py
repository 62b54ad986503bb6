"""What counts as equal: date-times, JSON values, HTTP messages."""
