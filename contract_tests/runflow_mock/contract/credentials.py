"""Where a request carries its key, as the security schemes of a document say."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from .json_types import JsonObject, as_object

BEARER = "bearer"


@frozen
class KeyPlace:
    """A place of the key: a `header` or a `query` parameter, and the scheme before the key."""

    location: str
    name: str
    scheme: str = ""


DEFAULT_PLACE = KeyPlace("header", "authorization", BEARER)


def place_of(scheme: JsonObject) -> KeyPlace | None:
    """Return where a security scheme has the key, None for one that has it in no single place."""
    kind = scheme.get("type")
    if kind in ("oauth2", "openIdConnect"):
        return DEFAULT_PLACE
    if kind == "http" and str(scheme.get("scheme")).lower() == BEARER:
        return DEFAULT_PLACE
    if kind == "apiKey" and scheme.get("in") in ("header", "query") and scheme.get("name"):
        location, name = str(scheme["in"]), str(scheme["name"])
        return KeyPlace(location, name.lower() if location == "header" else name)
    return None


def key_places(security: Iterable[Any], schemes: JsonObject) -> tuple[KeyPlace, ...]:
    """Return the places of the key that the requirements name; the usual one if they name none."""
    found = [
        place
        for requirement in security
        for name in as_object(requirement)
        if (place := place_of(as_object(schemes.get(name)))) is not None
    ]
    return tuple(dict.fromkeys(found)) or (DEFAULT_PLACE,)


def unread_schemes(security: Iterable[Any], schemes: JsonObject) -> Iterator[str]:
    """Yield the names of required schemes whose key this server does not read."""
    for requirement in security:
        for name in as_object(requirement):
            if place_of(as_object(schemes.get(name))) is None:
                yield name


def authorization_of(
    places: Iterable[KeyPlace], headers: Mapping[str, str], query: Mapping[str, str]
) -> str | None:
    """Return the key of a request as an Authorization header with Bearer; None without one.

    Header names are in lower case.
    """
    for place in places:
        given = (headers if place.location == "header" else query).get(place.name)
        if given is not None:
            return given if place == DEFAULT_PLACE else f"Bearer {given}"
    return None
