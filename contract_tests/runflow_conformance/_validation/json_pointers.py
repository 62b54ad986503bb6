"""JSON pointers (RFC 6901) into the document, with `$ref` followed."""

from typing import Any, cast

MAX_REFERENCES = 50


def json_pointer(*names: str) -> str:
    """Return the JSON pointer made of these names, escaped."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def parse_pointer(pointer: str) -> list[str]:
    """Return the unescaped names of a JSON pointer."""
    return [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]


class DocumentTree:
    """Looks up JSON pointers in one parsed document."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def get(self, pointer: str) -> Any:
        """Return the node at the pointer, None if there is none."""
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
        """Return the pointer with its references followed. Raise ValueError for a circle."""
        for _ in range(MAX_REFERENCES):
            node = self.get(pointer)
            reference = cast("dict[str, Any]", node).get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return pointer
            pointer = reference[1:]
        raise ValueError(f"the references at {pointer} form a circle")

    def child(self, pointer: str, *names: str) -> str | None:
        """Return the pointer of the node below, references followed; None if there is none."""
        for name in names:
            pointer = self.follow(pointer) + json_pointer(name)
            if self.get(pointer) is None:
                return None
        return self.follow(pointer)
