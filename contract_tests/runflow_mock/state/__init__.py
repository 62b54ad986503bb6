"""What the server keeps: clock, rows, money, keys. Nothing here acts by itself."""
