"""What the commands share: the terminal, the catalog, values, waiting, failures."""
