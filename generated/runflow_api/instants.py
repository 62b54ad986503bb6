"""Instants of RFC 3339. Needs the standard library only: who reads callbacks need not load an HTTP client for it."""

from __future__ import annotations

import datetime
import re

# Not compiled here: that would take longer than the rest of the import, and re keeps what it compiled.
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT = rf"({DATE}[Tt ][0-9]{{2}}:[0-9]{{2}}):([0-9]{{2}})(\.[0-9]+)?([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?"


def read_instant(value: object) -> datetime.datetime | None:
    """Read a date-time of RFC 3339. The result always has a time zone; it is None for what is no such text.

    More than RFC 3339 says: without an offset it is UTC. Less than it says: what is finer than microseconds is cut,
    and a leap second (:60) becomes the second before it, because datetime has neither.
    """
    if type(value) is str and value[19:20] in ("Z", ".") and (instant := _usual_form(value)) is not None:
        return instant
    match = re.fullmatch(_INSTANT, value) if isinstance(value, str) else None
    if match is None:
        return None
    start, second, fraction, offset = match.groups()
    second = "59" if second == "60" else second
    try:
        return datetime.datetime.fromisoformat(f"{start.upper()}:{second}{fraction or ''}{(offset or 'Z').upper()}")
    except ValueError:  # a day, an hour or an offset that does not exist
        return None


def _usual_form(text: str) -> datetime.datetime | None:
    """Read the form that servers write most, such as 2026-03-01T12:00:00.5Z; None for every other text.

    datetime reads more forms than RFC 3339 has, so what is not a digit must stand where it belongs.
    """
    if not (text[4:8:3] == "--" and text[10] == "T" and text[13:17:3] == "::" and text.isascii()):
        return None
    if text[19:] != "Z" and not (text[19] == "." and text[-1] == "Z" and text[20:-1].isdigit()):
        return None
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
