"""Reads date-times of RFC 3339, so that two spellings of one instant compare as equal."""

import re
from datetime import datetime

_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def parse_date_time(text: str) -> datetime | None:
    """Return the instant with its offset, None if the text is not a date-time of RFC 3339.

    Digits beyond microseconds are cut, and a leap second becomes the second before it: not every
    language has them.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day, minute, second, fraction, offset = match.groups()
    second = "59" if second == "60" else second
    try:
        return datetime.fromisoformat(
            f"{day}T{minute}:{second}{(fraction or '')[:7]}{offset.upper()}"
        )
    except ValueError:  # a day or an hour that does not exist
        return None
