"""The bytes of uploaded files, by the id of their asset."""

from collections.abc import Iterator

from .tables import ChangeListener


class Files:
    """Keeps files in memory and notifies a listener of changes."""

    name = "files"

    def __init__(self, listener: ChangeListener | None = None) -> None:
        self.listener = listener
        self._contents: dict[str, bytes] = {}

    def put(self, identifier: str, content: bytes) -> None:
        """Keep the file."""
        self._contents[identifier] = content
        self._notify(identifier)

    def get(self, identifier: str) -> bytes | None:
        """Return the file's bytes, or None."""
        return self._contents.get(identifier)

    def delete(self, identifier: str) -> None:
        """Delete the file if it exists."""
        if self._contents.pop(identifier, None) is not None:
            self._notify(identifier)

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def _notify(self, identifier: str) -> None:
        if self.listener is not None:
            self.listener.changed(self.name, identifier)
