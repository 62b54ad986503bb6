"""What users read: every block of the README and of docs/ is run, every link and name checked."""
