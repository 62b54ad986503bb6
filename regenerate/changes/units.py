"""Units of fields: what a document says of them, in names, texts, formats and limits."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from ..document.json_tree import JSONObject, text_at
from ..naming.operation_names import snake_case


@frozen
class _Unit:
    words: str
    """A pattern of the words that name it in a text or a format."""
    endings: tuple[str, ...] = ()
    """The last words of a field's name that name it."""
    size: float = 0
    """How many of the first unit of its kind it is, 0 where that cannot be said."""
    formats: tuple[str, ...] = ()
    """Formats that name it, beside those that are its words."""


MOMENT: Final = "a date and time"
"""The unit of a text whose format is `date-time`."""
_EPOCH_MS: Final = r"(?:milli-?seconds?|millis|ms)"
_UNITS: Final[Mapping[str, Mapping[str, _Unit]]] = {
    "time": {
        "seconds": _Unit(r"seconds|secs?|(?<=in )s", ("s", "sec", "secs", "seconds"), 1),
        "milliseconds": _Unit(
            r"milli[- ]?seconds|millis|msecs|ms|thousandths of a second",
            ("ms", "msec", "millis", "milliseconds"),
            1e-3,
        ),
        "microseconds": _Unit(
            r"micro[- ]?seconds|µs|usecs|(?<=in )(?-i:us)",  # in US regions is no unit
            ("us", "usec", "micros", "microseconds"),
            1e-6,
        ),
        "nanoseconds": _Unit(r"nano[- ]?seconds|nanos|ns", ("ns", "nanos", "nanoseconds"), 1e-9),
        "minutes": _Unit(r"minutes|mins", ("min", "mins", "minutes"), 60),
        "hours": _Unit(r"hours|hrs", ("h", "hrs", "hours"), 3600),
        "days": _Unit(r"days", ("days",), 86400),
        "an ISO 8601 duration": _Unit(r"ISO[- ]?8601[- ]durations?", (), formats=("duration",)),
    },
    "money": {
        "US dollars": _Unit(r"(?:US[- ]?)?dollars?|USD|(?:US)?\$", ("usd", "dollars"), 1),
        "cents": _Unit(
            r"(?:USD? |US-)?cents|¢|hundredths of a (?:US )?dollar|minor (?:currency )?units?"
            r"|(?:smallest|lowest) (?:currency )?units?",
            ("cents", "minor", "minor units"),
            1e-2,
        ),
        "tenths of a cent": _Unit(
            r"mills|tenths? of a (?:US )?cent|thousandths of a (?:US )?dollar", ("mills",), 1e-3
        ),
        "thousandths of a cent": _Unit(
            r"milli-?cents|thousandths of a cent", ("millicents",), 1e-5
        ),
        "millionths of a dollar": _Unit(
            r"micros|micro[- ]?(?:US )?(?:dollars?|USD|units?)|millionths of a (?:US )?dollar",
            ("micros", "microdollars", "micro usd", "micro dollars"),
            1e-6,
        ),
        "credits": _Unit(r"(?<=in )credits|(?<=number of )credits", ("credits",)),
        "euros": _Unit(r"euros?|EUR|€", ("eur", "euros")),
        "pounds": _Unit(r"pounds|GBP|£", ("gbp", "pounds")),
    },
    "size": {
        "bytes": _Unit(r"bytes|octets", ("bytes", "octets"), 1),
        "bits": _Unit(r"bits", ("bits",), 1 / 8),
        "kB": _Unit(r"kilo-?bytes?|KB", ("kb", "kilobytes"), 1e3),
        "KiB": _Unit(r"kibi-?bytes?|KiB", ("kib", "kibibytes"), 2**10),
        "MB": _Unit(r"mega-?bytes?|MB", ("mb", "megabytes"), 1e6),
        "MiB": _Unit(r"mebi-?bytes?|MiB", ("mib", "mebibytes"), 2**20),
        "GB": _Unit(r"giga-?bytes?|GB", ("gb", "gigabytes"), 1e9),
        "GiB": _Unit(r"gibi-?bytes?|GiB", ("gib", "gibibytes"), 2**30),
    },
    "share": {
        "a share of one": _Unit(
            r"fractions?|share of one|0(?:\.0)? ?(?:to|and|-|\.\.+) ?1(?:\.0)?(?!\.?\d)",
            ("fraction", "share"),
            1,
        ),
        "percent": _Unit(
            r"per ?cent(?:ages?|s)?|%|0(?:\.0)? ?(?:to|and|-|\.\.+) ?100(?:\.0)?(?!\.?\d)"
            r"|out of 100",
            ("pct", "percent", "percentage"),
            1e-2,
        ),
        "basis points": _Unit(r"basis points|bps", ("bps", "basis points"), 1e-4),
    },
    "moment": {
        MOMENT: _Unit(r"ISO[- ]?8601|RFC[- ]?3339|date[- ]?time", ("datetime", "iso", "iso8601")),
        "milliseconds since 1970": _Unit(
            rf"{_EPOCH_MS} (?:since|from|after)|(?:epoch|unix)\b[^.]{{0,30}}\b{_EPOCH_MS}",
            ("ms", "millis", "milliseconds"),
        ),
        "seconds since 1970": _Unit(
            r"unix|epoch|POSIX time|since 1970|seconds since",
            ("ts", "unix", "epoch", "timestamp", "s", "sec", "seconds"),
        ),
        "the date of a header": _Unit(r"RFC[- ]?(?:822|1123|2822|5322|7231)|HTTP[- ]date"),
    },
}
_KIND_OF: Final = {unit: kind for kind, units in _UNITS.items() for unit in units}
_LIMITS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_FACTOR: Final = 100
"""A limit that moved by less has been moved, and does not tell of another unit."""

# A mention that says no unit: a quantity (`30 seconds`, `a few bytes`), a unit that the value can
# be turned into or is not in, and one that it had.
_ASIDE: Final = re.compile(
    r"(?:\d[\d.,]*|\b(?:few|some|several|every|each|per|within|after|for|into|to|get|gets"
    r"|gives|from|than|no|not|never|no longer|instead of|formerly|previously|was|were|used to be"
    r"|old|earlier|before))[\s:-]*(?:in |the |whole |full )*$",
    re.IGNORECASE,
)
# A mention that says the unit for sure: at the beginning of a sentence, and `in seconds`.
_SURE: Final = re.compile(
    r"(?:^|[.;:(\[]|\b(?:in|as|of|is|are|units?))\s*"
    r"(?:(?:whole|integer|US|fractional|decimal|full)\s+)*$",
    re.IGNORECASE,
)


def is_unit(name: str) -> bool:
    """Return whether this is a unit that a list may name."""
    return name in _KIND_OF


def other_unit(
    unit: str, name: str, schema: JSONObject, before: JSONObject | None = None
) -> tuple[str, str] | None:
    """Return what the document says a field is in, if it is another unit than this.

    Args:
        unit: what it is read or sent in.
        name: the field's name. Its last words may name a unit.
        schema: what the document says of it now, without references and null.
        before: what the document before said of it, for the limits.

    Returns:
        The other unit, and what says so: `its name`, `its description`, `its limits`.
    """
    kind = _KIND_OF[unit]
    named = _ending(name, kind)[0]
    if named not in (None, unit):
        return named, "its name"
    form = text_at(schema, "format")
    for said, where in (
        (_said(text_at(schema, "description"), kind), "its description"),
        (_said_by_format(form, kind), f"its format {form}"),
    ):
        if said and unit not in said:
            return said[0], where
    return next(_units_of_limits(unit, schema, before or {}), None)


def renamed_to(unit: str, name: str, fields: Mapping[str, JSONObject]) -> str:
    """Return what became of a field that is gone: the name and the unit of one like it, or nothing.

    A field like it has the same name but for the words of units: `duration_ms` and `duration`.
    """
    kind = _KIND_OF[unit]
    stem = _ending(name, kind)[1]
    for one, schema in fields.items():
        if _ending(one, kind)[1] == stem and (found := other_unit(unit, one, schema)):
            return f"{one} is there, in {found[0]} ({found[1]} says so)"
    return ""


def _said_by_format(form: str, kind: str) -> list[str]:
    """Return the units of a kind that a format says: `ms`, `unix-time`."""
    parted = re.sub(r"[-_]", " ", form)
    exact = [
        unit for unit, one in _UNITS[kind].items() if parted.lower() in (*one.endings, *one.formats)
    ]
    return exact or _said(parted, kind)


def _ending(name: str, kind: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the unit that the last words of a name say, and the words before them."""
    words = snake_case(name).split("_")
    for length in (2, 1):
        last = " ".join(words[-length:])
        for unit, one in _UNITS[kind].items():
            if last in one.endings and len(words) > length:
                return unit, _stem(words[:-length])
    return None, _stem(words)


def _stem(words: list[str]) -> tuple[str, ...]:
    return tuple(words[:-1] if len(words) > 1 and words[-1] in ("in", "at") else words)


def _said(text: str, kind: str) -> list[str]:
    """Return the units of a kind that a text says, the sure ones alone where there are such."""
    units = _UNITS[kind]
    mentions = sorted(
        (match.start(), -match.end(), unit)
        for unit, one in units.items()
        for match in re.finditer(rf"(?<![\w-])(?:{one.words})(?!\w)", text, re.IGNORECASE)
    )
    sure: list[str] = []
    others: list[str] = []
    position = 0
    for start, minus_end, unit in mentions:
        # The seconds of `milli seconds` are part of a longer mention, and are none.
        if start < position:
            continue
        position = -minus_end
        if not _ASIDE.search(text[:start]):
            (sure if _SURE.search(text[:start]) else others).append(unit)
    return sure or others


def _units_of_limits(
    unit: str, schema: JSONObject, before: JSONObject
) -> Iterator[tuple[str, str]]:
    kind = _KIND_OF[unit]
    ours = _UNITS[kind][unit]
    others = {name: one for name, one in _UNITS[kind].items() if name != unit}
    for word in _LIMITS:
        now, was = schema.get(word), before.get(word)
        if not isinstance(now, int | float) or not now:
            continue
        for name, one in others.items():
            if kind == "share" and word == "maximum" and math.isclose(now * one.size, 1):
                yield name, f"its {word} of {now}"
            if not (isinstance(was, int | float) and was and ours.size and one.size):
                continue
            factor = one.size / ours.size
            if max(factor, 1 / factor) >= _FACTOR and math.isclose(was / now, factor):
                yield name, f"its {word}, {was} before and {now} now,"
