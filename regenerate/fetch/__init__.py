"""Get the published document, and refuse what is not one."""
