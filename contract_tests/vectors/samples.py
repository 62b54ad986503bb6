"""Makes a body from a schema. No two values are equal, so that swapped fields are noticed."""

from typing import Any
from uuid import UUID

from attrs import define

from .document import ConformanceDocument, Schema


@define
class Sampler:
    """Makes bodies. Values are numbered, so that a new Sampler makes the same ones."""

    document: ConformanceDocument
    _count: int = 0

    def body(self, schema: Schema, *, optional: bool, depth: int = 2) -> Any:
        """Return a value of the schema, with or without its optional properties."""
        branch = self.document.shape(schema)
        self._count += 1
        kind = branch.get("type", "object" if "properties" in branch else None)
        if kind == "object":
            required = branch.get("required", ())
            return {
                name: self.body(inner, optional=optional and depth > 0, depth=depth - 1)
                for name, inner in branch.get("properties", {}).items()
                if name in required or (optional and (depth > 0 or not self._is_nested(inner)))
            } or ({} if "properties" in branch else {"count": self._count})
        if kind == "array":
            items = branch.get("items", {})
            fewest = max(branch.get("minItems", 0), 1 if optional else 0)
            return [self.body(items, optional=optional, depth=depth - 1) for _ in range(fewest)]
        return self._plain(branch, kind)

    def _is_nested(self, schema: Schema) -> bool:
        return self.document.shape(schema).get("type") in ("object", "array")

    def _plain(self, branch: Schema, kind: str | None) -> object:
        if "enum" in branch:
            members = [member for member in branch["enum"] if member is not None]
            return members[self._count % len(members)]
        if kind == "integer":
            return max(self._count, branch.get("minimum", self._count))
        if kind == "number":
            return self._count + 0.25
        if kind == "boolean":
            return self._count % 2 == 0
        if "pattern" in branch:  # the only pattern of the API is that of money
            return f"{self._count}.0400"
        named = branch.get("format")
        if named == "uuid":
            return str(UUID(int=0x0198_0000_0000_7000_8000_0000_0000_0000 + self._count))
        if named == "date-time":
            return f"2026-03-{self._count % 28 + 1:02}T12:34:56.{self._count % 1_000_000:06}+00:00"
        if named in ("uri", "uri-reference"):
            return f"https://files.example/{self._count}"
        return f"text {self._count}"
