"""Nested collections: the rows of one parent, or of all when the path says `any`."""

from collections.abc import Callable, Iterable, Iterator

from ...contract.answers import not_found
from ...contract.json_types import JsonObject, public

ANY = "any"


def below(
    parent: str,
    parents: Callable[[], Iterable[JsonObject]],
    find: Callable[[str], JsonObject],
    children: Callable[[JsonObject], Iterable[JsonObject]],
) -> Iterator[JsonObject]:
    """Yield the children of the parent with that id; of all `parents` when it is `any`.

    `find` returns the parent and raises the 404.
    """
    for row in parents() if parent == ANY else (find(parent),):
        yield from children(row)


def pick(rows: Iterable[JsonObject], identifier: str, what: str) -> JsonObject:
    """Return the row with that id as the API returns it. Raise the 404 if there is none."""
    found = next((row for row in rows if row["id"] == identifier.lower()), None)
    if found is None:
        raise not_found(what, identifier)
    return public(found)
