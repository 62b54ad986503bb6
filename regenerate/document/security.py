"""Where a client sends its key, as the security schemes of a document say."""

from collections import Counter
from typing import Final

from attrs import frozen

from .json_tree import JSONObject, object_at, objects_at, operations, text_at

_PREFIXES: Final = {"bearer": "Bearer", "basic": "Basic"}
_PLACES: Final = ("header", "query", "cookie")


@frozen(order=True)
class KeyPlace:
    """A place of the key: a header, query parameter or cookie, and what stands before the key."""

    place: str
    name: str
    prefix: str = ""


DEFAULT_PLACE: Final = KeyPlace("header", "Authorization", "Bearer")


def place_of(scheme: JSONObject) -> KeyPlace | None:
    """Return where a scheme wants the key, None where no key in one place will do."""
    kind = text_at(scheme, "type")
    if kind in ("oauth2", "openIdConnect"):
        return DEFAULT_PLACE
    if kind == "http" and text_at(scheme, "scheme").lower() in _PREFIXES:
        return KeyPlace("header", "Authorization", _PREFIXES[text_at(scheme, "scheme").lower()])
    if kind == "apiKey" and text_at(scheme, "in") in _PLACES and text_at(scheme, "name"):
        return KeyPlace(text_at(scheme, "in"), text_at(scheme, "name"))
    return None


def accepted_places(document: JSONObject, operation: JSONObject) -> set[KeyPlace] | None:
    """Return the places of the key that let an operation's request in.

    None stands for an operation that asks for no key.
    """
    requirements = objects_at(operation, "security")
    if not requirements or {} in requirements:
        return None
    schemes = object_at(object_at(document, "components"), "securitySchemes")
    found: set[KeyPlace] = set()
    for requirement in requirements:
        places = [place_of(object_at(schemes, name)) for name in requirement]
        if len(places) == 1 and places[0] is not None:
            found.add(places[0])
    return found


def key_place(document: JSONObject) -> KeyPlace:
    """Return the place of the key that lets in most requests of a document."""
    counts: Counter[KeyPlace] = Counter()
    for operation in operations(document):
        counts.update(accepted_places(document, operation.data) or ())
    if not counts:
        return DEFAULT_PLACE
    return min(counts, key=lambda place: (-counts[place], place != DEFAULT_PLACE, place))
