"""What each name, text, format and limit says of each unit."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import pytest
from suites.snapshot import check_snapshot

from ...changes.units import MOMENT, is_unit, other_unit, renamed_to
from ...document.json_tree import JSONObject
from ..every_word import SNAPSHOTS

UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": (
        *("seconds", "milliseconds", "microseconds", "nanoseconds", "minutes", "hours", "days"),
        "an ISO 8601 duration",
    ),
    "money": (
        *("US dollars", "cents", "tenths of a cent", "thousandths of a cent"),
        *("millionths of a dollar", "credits", "euros", "pounds"),
    ),
    "size": ("bytes", "bits", "kB", "KiB", "MB", "MiB", "GB", "GiB"),
    "share": ("a share of one", "percent", "basis points"),
    "moment": (*(MOMENT, "milliseconds since 1970", "seconds since 1970", "the date of a header"),),
}
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": (
        *("took", "took_s", "took_sec", "took_secs", "tookSeconds", "took_ms", "took_msec"),
        *("took_millis", "took_milliseconds", "took_us", "took_usec", "took_micros", "took_ns"),
        *("took_nanos", "took_min", "took_mins", "took_minutes", "took_h", "took_hrs"),
        *("took_hours", "took_days", "took_in_ms", "ms", "s", "days", "in_ms"),
        *("took_microseconds", "took_nanoseconds"),
    ),
    "money": (
        *("cost", "cost_usd", "cost_dollars", "cost_cents", "cost_minor", "cost_minor_units"),
        *("cost_mills", "cost_millicents", "cost_micros", "cost_micro_usd", "costMicroDollars"),
        *("cost_credits", "cost_eur", "cost_euros", "cost_gbp", "cost_pounds", "cost_microdollars"),
    ),
    "size": (
        *("size", "size_bytes", "size_octets", "size_bits", "size_kb", "size_kilobytes"),
        *("size_kib", "size_kibibytes", "size_mb", "size_mib", "size_gb", "size_gigabytes"),
        *("sizeGib", "size_megabytes", "size_mebibytes", "size_gibibytes"),
    ),
    "share": (
        "rate",
        "rate_fraction",
        "rate_share",
        "rate_pct",
        "ratePercent",
        "rate_basis_points",
        "rate_percentage",
        "rate_bps",
    ),
    "moment": (
        *("made", "made_at", "made_datetime", "made_iso8601", "made_at_ms", "made_millis"),
        *("made_ts", "made_unix", "made_epoch", "made_at_timestamp", "made_seconds", "made_iso"),
        *("made_milliseconds", "made_s", "made_sec"),
    ),
}
FORMATS: Final = (
    *("", "seconds", "ms", "duration", "unix-time", "date-time", "usd", "cents", "percent"),
    *("bytes", "kb", "int32", "milli_seconds", "minor-units", "double"),
)
TEXTS: Final = (
    *("In seconds.", "Seconds", "milli seconds", "Time in ms.", "thousandths of a second", "in us"),
    *("microseconds", "nanos", "Whole minutes.", "hours", "days", "An ISO 8601 duration."),
    *("Price in US dollars.", "in $", "USD", "US$", "cents", "in hundredths of a dollar", "mills"),
    *("the smallest currency unit", "tenths of a cent", "milli-cents", "micros", "in credits"),
    *("the number of credits", "credits left", "millionths of a US dollar", "euros", "£", "€"),
    *("bytes", "octets", "bits", "in KB", "kibibytes", "MB", "in MiB", "gigabytes", "GiB"),
    *("A fraction.", "0 to 1", "0.0..1.0", "0 to 100", "0-100", "percentages", "out of 100", "%"),
    *(
        "basis points",
        "ISO 8601",
        "RFC 3339",
        "ms since 1970",
        "Unix time in milliseconds",
        "epoch",
    ),
    *("seconds since", "HTTP-date", "RFC 1123", "POSIX time", "seconds, not milliseconds"),
    *("Up to 30 seconds.", "a few bytes", "every 5 minutes", "per hour", "converted to cents"),
    *("formerly cents, now in dollars", "was in ms", "Divide by 1000 to get seconds."),
    *(
        "Milliseconds. In seconds before.",
        "dollars or cents",
        "In cents; in dollars.",
        "subseconds",
    ),
    *("milliseconds-ish", "(seconds)", "unit: seconds", "is whole seconds", "about seconds"),
    *(
        "no seconds",
        "from hours",
        "within 2 days",
        "instead of percent",
        "the unit is ms: 5 seconds",
    ),
    *("converted to milli seconds", "30 milli seconds", "no micro dollars", "2 milliseconds"),
    *("within 5 thousandths of a second", "per micro US dollar", "not milliseconds since 1970"),
    *("secs", "in s", "millis", "msecs", "µs", "usecs", "nano seconds", "ns", "mins", "hrs"),
    *("US$", "¢", "minor units", "thousandths of a dollar", "thousandths of a cent"),
    *("micro dollars", "EUR", "pounds", "GBP", "kilobytes", "KiB", "megabytes", "mebibytes"),
    *("GB", "gibibytes", "a share of one", "0 and 1", "bps", "1 day since 1970", "since 1970"),
)
ASIDE: Final = (
    *("few", "some", "several", "every", "each", "per", "within", "after", "for", "into", "to"),
    *("get", "gets", "gives", "from", "than", "no", "not", "never", "no longer", "instead of"),
    *("formerly", "previously", "was", "were", "used to be", "old", "earlier", "before"),
    *("into in", "into the", "into whole", "into full"),
)
"""What stands before a unit that the value is not in."""
SURE: Final = (
    *("in", "as", "of", "is", "are", "unit", "units"),
    *(f"in {one}" for one in ("whole", "integer", "US", "fractional", "decimal", "full")),
)
"""What stands before the unit that the value is in, whatever other units are named."""
LIMITS: Final[tuple[tuple[JSONObject, JSONObject | None], ...]] = (
    ({}, None),
    ({"maximum": 1}, None),
    ({"maximum": 1.0}, {"maximum": 100}),
    ({"maximum": 100}, None),
    ({"maximum": 100}, {"maximum": 1}),
    ({"maximum": 10000}, {"maximum": 1}),
    ({"maximum": 10000}, None),
    ({"minimum": 100}, None),
    ({"exclusiveMaximum": 100}, None),
    ({"maximum": 0}, {"maximum": 5}),
    ({"maximum": 5}, {"maximum": 0}),
    ({"maximum": 5}, {"maximum": 5000}),
    ({"maximum": 5000}, {"maximum": 5}),
    ({"minimum": 5000}, {"minimum": 5}),
    ({"exclusiveMinimum": 5000000}, {"exclusiveMinimum": 5}),
    ({"exclusiveMaximum": 5}, {"exclusiveMaximum": 300}),
    ({"maximum": 300}, {"maximum": 5}),
    ({"maximum": 5}, {"maximum": 18000}),
    ({"maximum": 5}, {"maximum": 500}),
    ({"maximum": 500}, {"maximum": 5}),
    ({"maximum": 5}, {"maximum": 495}),
    ({"maximum": 5}, {"maximum": 5 * 2**20}),
    ({"maximum": 5 * 2**20}, {"maximum": 5}),
    ({"maximum": 5}, {"minimum": 5000}),
    ({"maximum": True}, {"maximum": 1000}),
    ({"maximum": "5"}, {"maximum": 5000}),
    ({"minimum": 5, "maximum": 5}, {"minimum": 5, "maximum": 5000}),
)


def units() -> Iterator[str]:
    """Yield what is said of a field that is in the first unit of its kind, or in the second."""
    for kind, (first, second, *_) in UNITS.items():
        for name in NAMES[kind]:
            schema: JSONObject = {}
            found = [other_unit(unit, name, schema) for unit in (first, second)]
            renamed = renamed_to(first, NAMES[kind][0], {name: {}, "x": {}})
            yield f"{kind}, name {name}: {found[0]} | {found[1]} | {renamed!r}"
        for form in FORMATS:
            found = [other_unit(unit, "x", {"format": form}) for unit in (first, second)]
            if any(found):
                yield f"{kind}, format {form}: {found[0]} | {found[1]}"
        for now, was in LIMITS:
            for unit in UNITS[kind][:3]:
                if other := other_unit(unit, "x", now, was):
                    yield f"{kind}, {unit}, {now} after {was}: {other}"
    beside = (*(f"{one} hours" for one in ASIDE), *(f"Takes days, {one} hours" for one in SURE))
    for text in (*TEXTS, *beside):
        told = [
            f"{unit} is {other[0]}"
            for unit in (unit for kind in UNITS.values() for unit in kind[:2])
            if (other := other_unit(unit, "x", {"description": text}))
        ]
        yield f"text {text!r}: {', '.join(told) or 'nothing'}"


def test_units_are_read_as_before() -> None:
    check_snapshot(SNAPSHOTS / "units.txt", "\n".join(units()) + "\n")


@pytest.mark.parametrize("kind", UNITS)
def test_a_field_that_says_its_own_unit_is_in_no_other(kind: str) -> None:
    for unit, name in product(UNITS[kind], NAMES[kind]):
        assert is_unit(unit)
        named = other_unit(unit, name, {})
        assert named is None or named[0] != unit
    for one, other in product(UNITS[kind], repeat=2):
        # What another unit's name says is the same whichever unit is expected.
        names = {name: other_unit(one, name, {}) for name in NAMES[kind]}
        for name, found in names.items():
            again = other_unit(other, name, {})
            assert found is None or again is None or found[0] == again[0]


def test_the_field_that_replaces_another_is_found_by_its_name_without_the_unit() -> None:
    there: dict[str, JSONObject] = {
        "size": {"description": "In MB."},
        "took": {"description": "In seconds."},
        "duration_kind": {},
        "duration_in_ms": {},
    }
    assert renamed_to("milliseconds", "took_ms", there) == (
        "took is there, in seconds (its description says so)"
    )
    assert renamed_to("seconds", "duration", there) == (
        "duration_in_ms is there, in milliseconds (its name says so)"
    )
    assert renamed_to("milliseconds", "duration", there) == ""
    assert renamed_to("bytes", "weight", there) == ""
