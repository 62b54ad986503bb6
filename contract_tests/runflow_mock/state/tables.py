"""The rows that the server keeps, in one table for each kind of resource."""

from collections.abc import Iterator
from typing import Protocol

from ..contract.identifiers import is_uuid
from ..contract.json_types import JsonObject


class ChangeListener(Protocol):
    """Is notified of changed rows and files."""

    def changed(self, table: str, identifier: str) -> None:
        """Note that the row was written or deleted."""
        ...


class Table:
    """Rows by id, in the order of their creation. A listener is notified of changes."""

    def __init__(self, name: str, listener: ChangeListener | None = None) -> None:
        self.name = name
        self.listener = listener
        self._rows: dict[str, JsonObject] = {}

    def put(self, row: JsonObject) -> JsonObject:
        """Write the row by its `id` and return it.

        A row that was changed in place must be written again.
        """
        identifier = str(row["id"])
        self._rows[identifier] = row
        if self.listener is not None:
            self.listener.changed(self.name, identifier)
        return row

    def get(self, identifier: str) -> JsonObject | None:
        """Return the row with that id, or None. A UUID is found in any case."""
        row = self._rows.get(identifier)
        return self._rows.get(identifier.lower()) if row is None and is_uuid(identifier) else row

    def delete(self, identifier: str) -> None:
        """Delete the row if it exists."""
        if self._rows.pop(identifier, None) is not None and self.listener is not None:
            self.listener.changed(self.name, identifier)

    def where(self, **values: object) -> list[JsonObject]:
        """Return the rows with these values, in the order of their creation."""
        return [
            row
            for row in self._rows.values()
            if all(row.get(name) == value for name, value in values.items())
        ]

    def __iter__(self) -> Iterator[JsonObject]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)
