"""DocumentTree in a document as JSON pointers: followed through references, so that a finding names where a thing really stands."""

from typing import Any, cast

MAX_REFERENCES = 50


def json_pointer(*names: str) -> str:
    """Return the JSON pointer of these names, escaped as RFC 6901 asks."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def parse_pointer(pointer: str) -> list[str]:
    """Return the names in a JSON pointer."""
    return [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]


class DocumentTree:
    """The tree of one parsed document."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def get(self, pointer: str) -> Any:
        """Return what stands at the pointer, None if there is nothing."""
        node: Any = self.content
        for name in parse_pointer(pointer):
            if isinstance(node, list):
                items = cast("list[object]", node)
                node = items[int(name)] if name.isdigit() and int(name) < len(items) else None
            elif isinstance(node, dict):
                node = cast("dict[str, Any]", node).get(name)
            else:
                return None
        return node

    def follow(self, pointer: str) -> str:
        """Return the pointer itself, or where its references lead. Raise ValueError for references that go in a circle."""
        for _ in range(MAX_REFERENCES):
            node = self.get(pointer)
            reference = cast("dict[str, Any]", node).get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return pointer
            pointer = reference[1:]
        raise ValueError(f"the references at {pointer} go in a circle")

    def child(self, pointer: str, *names: str) -> str | None:
        """Return the pointer that many names further, through references; None if there is nothing."""
        for name in names:
            pointer = self.follow(pointer) + json_pointer(name)
            if self.get(pointer) is None:
                return None
        return self.follow(pointer)
