"""The bytes of uploaded files, by the id of their asset."""

from collections.abc import Iterator

from .tables import Keeper


class Files:
    """Keeps files in memory, and tells a keeper when one changes."""

    name = "files"

    def __init__(self, keeper: Keeper | None = None) -> None:
        self.keeper = keeper
        self._contents: dict[str, bytes] = {}

    def put(self, identifier: str, content: bytes) -> None:
        """Keep the file."""
        self._contents[identifier] = content
        self._tell(identifier)

    def get(self, identifier: str) -> bytes | None:
        """Return the file's bytes, None if there is none."""
        return self._contents.get(identifier)

    def delete(self, identifier: str) -> None:
        """Forget the file; it need not be there."""
        if self._contents.pop(identifier, None) is not None:
            self._tell(identifier)

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def _tell(self, identifier: str) -> None:
        if self.keeper is not None:
            self.keeper.changed(self.name, identifier)
