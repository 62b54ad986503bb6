"""The commands, each in a module of its own with an `app`, which `tree` lists."""
