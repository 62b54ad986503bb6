"""Know where everything of the project stands, and change it together or not at all.

The paths, the lock file, the transaction over several files, and the progress that a target shows.
"""
