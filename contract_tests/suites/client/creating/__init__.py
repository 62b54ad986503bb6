"""Creates: paid for once, named whatever ends them, and found again."""
