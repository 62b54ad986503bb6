"""Where a request carries its key, as the security schemes of a document say."""

from collections.abc import Iterable, Mapping
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
    """Return where a security scheme has the key, None if that is no single place."""
    kind = scheme.get("type")
    if kind in ("oauth2", "openIdConnect"):
        return DEFAULT_PLACE
    if kind == "http" and str(scheme.get("scheme")).lower() == BEARER:
        return DEFAULT_PLACE
    if kind == "apiKey" and scheme.get("in") in ("header", "query") and scheme.get("name"):
        location, name = str(scheme["in"]), str(scheme["name"])
        return KeyPlace(location, name.lower() if location == "header" else name)
    return None


def required_schemes(security: Iterable[Any], schemes: JsonObject) -> dict[str, KeyPlace | None]:
    """Return the place of the key in each required scheme, None if this server does not read it."""
    return {
        name: place_of(as_object(schemes.get(name)))
        for requirement in security
        for name in as_object(requirement)
    }


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
