"""The suites: pytest holds every part of the project against the facts and the document."""
