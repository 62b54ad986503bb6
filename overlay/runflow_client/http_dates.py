"""The dates of HTTP headers."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_http_date(text: str) -> datetime | None:
    """The moment, with its time zone (UTC where it names none); None for what is no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for a year or an offset beyond all bounds
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
