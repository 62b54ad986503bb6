"""A field that comes in another unit than the overlay takes it for is missed by name."""

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ...changes.overlay_needs import Missing, find_missing, read_needs
from ...changes.redocly import RedoclyDiff
from ...changes.report import ClientVersion, compare
from ...changes.units import is_unit, other_unit
from ...correct.corrected import correct
from ...document.json_tree import DocumentError, JSONObject, parse_document
from ...project.paths import DOCUMENT

OWN: dict[str, Any] = {**parse_document(DOCUMENT.read_bytes())}
NEEDS = read_needs()
Edit = Callable[[dict[str, Any]], object]


@cache
def corrected() -> JSONObject:
    """Return our corrected document."""
    return correct(OWN).document


def missed(edit: Edit) -> list[Missing]:
    """Return what the overlay misses in our corrected document with an edit."""
    document: dict[str, Any] = copy.deepcopy({**corrected()})
    edit(document)
    return [*find_missing(document, NEEDS, corrected())]


def fields(document: dict[str, Any], schema: str) -> dict[str, Any]:
    """Return the fields of a schema."""
    found: dict[str, Any] = document["components"]["schemas"][schema]["properties"]
    return found


def told(schema: str, name: str, description: str) -> Edit:
    """Return an edit of the description of a field."""
    return lambda document: fields(document, schema)[name].update(description=description)


def renamed(schema: str, name: str, other: str, description: str = "") -> Edit:
    """Return an edit of the name of a field."""

    def edit(document: dict[str, Any]) -> None:
        there = fields(document, schema)
        there[other] = {**there.pop(name), "description": description}

    return edit


def limited(schema: str, name: str, **limits: float) -> Edit:
    """Return an edit of the limits of a field."""
    return lambda document: fields(document, schema)[name].update(limits)


def replaced(schema: str, name: str, new: JSONObject) -> Edit:
    """Return an edit that writes a field anew, or adds it."""
    return lambda document: fields(document, schema).update({name: new})


def formed(schema: str, name: str, kind: str, form: str) -> Edit:
    """Return an edit of the type and the format of a field."""
    return replaced(schema, name, {"type": kind, "format": form})


SHOWN = "The run as the client shows it"
MS = "and the overlay takes it for milliseconds"


@pytest.mark.parametrize(
    ("edit", "feature", "what"),
    [
        (
            told("Run", "duration_ms", "Seconds."),
            SHOWN,
            f"Run.duration_ms is in seconds, as its description says, {MS}",
        ),
        (told("Run", "duration_ms", "How long it took, in µs."), SHOWN, "is in microseconds"),
        (told("Run", "duration_ms", "Elapsed wall-clock seconds."), SHOWN, "is in seconds"),
        (
            told("CallbackPayload", "duration_ms", "In seconds; formerly milliseconds."),
            "Callbacks",
            "CallbackPayload.duration_ms is in seconds",
        ),
        (
            told("Run", "duration_ms", "In seconds. A page may show milliseconds."),
            SHOWN,
            "Run.duration_ms is in seconds",
        ),
        (
            renamed("Run", "duration_ms", "duration_seconds"),
            SHOWN,
            "Run has no field duration_ms: duration_seconds is there, in seconds (its name",
        ),
        (
            renamed("BatchCallbackPayload", "duration_ms", "duration", "Seconds, as a number."),
            "Callbacks",
            "has no field duration_ms: duration is there, in seconds (its description",
        ),
        (formed("Run", "duration_ms", "integer", "seconds"), SHOWN, "as its format seconds says"),
        (
            formed("Run", "duration_ms", "string", "duration"),
            SHOWN,
            "is in an ISO 8601 duration, as its format duration says",
        ),
        (
            told("Run", "cost", "Price in cents; divide by 100 to get dollars."),
            SHOWN,
            "Run.cost is in cents, as its description says, and the overlay takes it for US",
        ),
        (told("Batch", "cost", "Price (USD cents)."), "Batches", "Batch.cost is in cents"),
        (told("BatchItem", "cost", "Micros."), "Batches", "is in millionths of a dollar"),
        (told("Evaluation", "cost", "The price in EUR."), "Evaluations", "is in euros"),
        (
            told("CreditBalance", "balance", "The smallest currency unit."),
            "The balance",
            "CreditBalance.balance is in cents",
        ),
        (
            renamed("CreditBalance", "balance", "balance_cents"),
            "The balance",
            "has no field balance: balance_cents is there, in cents",
        ),
        (
            replaced("Run", "cost", {"type": "integer"}),
            SHOWN,
            "Run.cost is integer, and the overlay reads number or string",
        ),
        (
            limited("AssetUploadCreate", "size_bytes", maximum=50),
            "Files as assets",
            "AssetUploadCreate.size_bytes is in MiB, as its maximum, 52428800 before and 50 now,",
        ),
        (limited("AssetUploadCreate", "size_bytes", maximum=51200), "Files as assets", "in KiB"),
        (told("Asset", "size_bytes", "Size in megabytes."), "Files as assets", "is in MB"),
        (renamed("Asset", "size_bytes", "size_kb"), "Files as assets", "size_kb is there, in kB"),
        (
            told("Evaluation", "weighted_pass_rate", "A percentage."),
            "Evaluations",
            "weighted_pass_rate is in percent",
        ),
        (
            limited("Evaluation", "weighted_pass_rate", minimum=0, maximum=100),
            "Evaluations",
            "is in percent, as its maximum of 100 says",
        ),
        (
            told("CallbackSecret", "created_at", "Milliseconds since the epoch."),
            "Callback secrets and their rotation",
            "created_at is in milliseconds since 1970",
        ),
        (
            formed("Run", "completed_at", "integer", "unix-time"),
            SHOWN,
            "Run.completed_at is in seconds since 1970, as its format unix-time says",
        ),
        (
            renamed("Run", "created_at", "created_ts"),
            SHOWN,
            "created_ts is there, in seconds since 1970",
        ),
    ],
)
def test_another_unit_is_named_by_feature_with_the_place_to_mend(
    edit: Edit, feature: str, what: str
) -> None:
    found = [one for one in missed(edit) if one.feature == feature and what in one.what]
    assert len(found) == 1, missed(edit)
    assert all(place.startswith("overlay/runflow_client/") for place in found[0].mend)


@pytest.mark.parametrize(
    "edit",
    [
        told("Run", "duration_ms", "How long the run took."),
        told("Run", "duration_ms", "The second attempt counts. Runs over 30 seconds cost more."),
        told("Run", "duration_ms", "Duration in ms. Divide by 1000 to get seconds."),
        told("Run", "duration_ms", "Milliseconds, not seconds."),
        told("Run", "duration_ms", "Milli seconds; updated within seconds."),
        told("Run", "cost", "What the run cost. 100 cents are $1."),
        told("Run", "cost", "US dollars, rounded to cents."),
        told("Run", "cost", "Cost, up to 20 per cent less for batches."),
        told("CreditBalance", "balance", "The credits that are left."),
        told("Asset", "size_bytes", "How large it is, 50 MB at most."),
        told("Asset", "size_bytes", "File size in octets (bytes)."),
        told("Evaluation", "weighted_pass_rate", "A fraction from 0 to 1, not a percentage."),
        told("Run", "created_at", "UTC, with milliseconds, as ISO 8601 (no Unix timestamp)."),
        told("Run", "completed_at", "Some seconds after the last node ended."),
        limited("AssetUploadCreate", "size_bytes", maximum=10 * 52428800),
        limited("AssetUploadCreate", "size_bytes", maximum=100_000_000),
        limited("Run", "duration_ms", minimum=0),
        limited("Evaluation", "weighted_pass_rate", minimum=0, maximum=1),
        replaced("Run", "cost_cents", {"type": "integer"}),
        replaced("Run", "cost", {"anyOf": [{"type": "integer"}, {"type": "number"}]}),
    ],
)
def test_other_words_alarm_nobody(edit: Edit) -> None:
    assert missed(edit) == []


def no_redocly(_old: JSONObject, _new: JSONObject, _work: Path) -> RedoclyDiff:
    """Compare nothing."""
    return RedoclyDiff((), "")


def test_another_unit_is_a_break(tmp_path: Path) -> None:
    document = copy.deepcopy(OWN)
    limited("AssetUploadCreate", "size_bytes", maximum=50)(document)
    report = compare(
        ClientVersion(corrected(), tmp_path),
        ClientVersion(correct(document).document, tmp_path),
        NEEDS,
        no_redocly,
    )
    assert report.is_breaking
    assert "size_bytes is in MiB" in report.text()


def test_every_number_whose_name_or_place_speaks_of_a_unit_has_one() -> None:
    listed = {
        (name, one): need.units.get(name, {}).get(one)
        for need in NEEDS
        for name, parts in need.schemas.items()
        for one in parts
    }
    of_a_unit = ("_ms", "_at", "_bytes", "_seconds", "cost", "balance", "_rate", "price")
    without = [key for key, unit in listed.items() if key[1].endswith(of_a_unit) and not unit]
    assert without == []


def test_a_unit_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.yaml"
    file.write_text(
        "features: [{feature: Waiting, schemas: {Run: [took]}}]\n"
        "kinds: {Run: {took: integer}}\nunits: {Run: {took: fortnights}}\n"
    )
    with pytest.raises(DocumentError, match=r"units\.py knows no unit fortnights"):
        read_needs(file)
    assert not is_unit("fortnights")


def test_limits_tell_nothing_where_nothing_was_before() -> None:
    schema: JSONObject = {"type": "integer", "maximum": 50}
    assert other_unit("bytes", "size", schema) is None
    assert other_unit("bytes", "size", schema, {"maximum": 50 * 2**20}) == (
        "MiB",
        "its maximum, 52428800 before and 50 now,",
    )
