"""What holds the project together: floors, public names, small modules, and their settings."""
