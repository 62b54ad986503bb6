"""How values show themselves: without secrets and without what is unset."""

from __future__ import annotations

import re
from collections.abc import Collection

from attrs import AttrsInstance, fields

from .types import Unset

_SIGNED = r"(\bhttps?://[^\s\"'?#<>]*)\?[^\s\"'<>]*"


def without_queries(text: str) -> str:
    """Cut the query strings of addresses out of a text: they may be signatures."""
    return re.sub(_SIGNED, r"\1?...", text)


def representation(model: AttrsInstance, secret: Collection[str] = ()) -> str:
    """Give the repr of a model: the fields that are set, none of the secret ones, no query string."""
    parts: list[str] = []
    for field in fields(type(model)):
        value = getattr(model, field.name)
        if isinstance(value, Unset) or (field.name == "additional_properties" and not value):
            continue
        shown = "..." if field.name in secret else without_queries(repr(value))
        parts.append(f"{field.name}={shown}")
    return f"{type(model).__name__}({', '.join(parts)})"
