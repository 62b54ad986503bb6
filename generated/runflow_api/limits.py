"""The largest values that the document allows, by query parameter."""

from typing import Final

MAXIMUMS: Final[dict[str, int]] = {"limit": 500}
"""The least one where operations allow different ones."""
