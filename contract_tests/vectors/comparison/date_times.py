"""Date-times of RFC 3339 as instants: the one place that says when two texts mean the same moment."""

import re
from datetime import datetime

_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def instant(text: str) -> datetime | None:
    """Return the moment with its offset, None if the text is no date-time of RFC 3339.

    What is finer than a microsecond is cut and a leap second is the second before it: not every
    language has them.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day, minute, second, fraction, offset = match.groups()
    try:
        return datetime.fromisoformat(
            f"{day}T{minute}:{'59' if second == '60' else second}{(fraction or '')[:7]}{offset.upper()}"
        )
    except ValueError:  # a day or an hour that does not exist
        return None
