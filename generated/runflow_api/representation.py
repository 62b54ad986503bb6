"""How values show themselves: without secrets and without what is unset."""

from __future__ import annotations

import re
from collections.abc import Collection

from attrs import AttrsInstance, fields

from .types import Unset

# A scheme, the user and password, the rest of the address, its query.
_ADDRESS = r"(\bhttps?://)(?:[^\s\"'/?#<>]*@)?([^\s\"'?#<>]*)(\?[^\s\"'<>]*)?"


def without_secrets(text: str) -> str:
    """Cut users, passwords and query strings out of the addresses in a text: queries may be signatures."""
    return re.sub(_ADDRESS, lambda address: f"{address[1]}{address[2]}{'?...' if address[3] else ''}", text)


def representation(model: AttrsInstance, secret: Collection[str] = ()) -> str:
    """Give the repr of a model: the fields that are set, none of the secret ones, and of addresses no secret part."""
    parts: list[str] = []
    for field in fields(type(model)):
        value = getattr(model, field.name)
        if isinstance(value, Unset) or (field.name == "additional_properties" and not value):
            continue
        shown = "..." if field.name in secret else without_secrets(repr(value))
        parts.append(f"{field.name}={shown}")
    return f"{type(model).__name__}({', '.join(parts)})"
