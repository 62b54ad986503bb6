"""Places in a document as JSON pointers: followed through references, so that a finding names where a thing really stands."""

from typing import Any, cast

MOST_REFERENCES = 50


def pointer(*names: str) -> str:
    """Return the JSON pointer of these names, escaped as RFC 6901 asks."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def names_of(place: str) -> list[str]:
    """Return the names in a JSON pointer."""
    return [name.replace("~1", "/").replace("~0", "~") for name in place.split("/")[1:]]


class Places:
    """The places of one parsed document."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def at(self, place: str) -> Any:
        """Return what stands at the place, None if there is nothing."""
        node: Any = self.content
        for name in names_of(place):
            if isinstance(node, list):
                items = cast("list[object]", node)
                node = items[int(name)] if name.isdigit() and int(name) < len(items) else None
            elif isinstance(node, dict):
                node = cast("dict[str, Any]", node).get(name)
            else:
                return None
        return node

    def follow(self, place: str) -> str:
        """Return the place itself, or where its references lead. Raise ValueError for references that go in a circle."""
        for _ in range(MOST_REFERENCES):
            node = self.at(place)
            reference = cast("dict[str, Any]", node).get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return place
            place = reference[1:]
        raise ValueError(f"the references at {place} go in a circle")

    def below(self, place: str, *names: str) -> str | None:
        """Return the place that many names further, through references; None if there is nothing."""
        for name in names:
            place = self.follow(place) + pointer(name)
            if self.at(place) is None:
                return None
        return self.follow(place)
