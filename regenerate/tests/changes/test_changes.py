"""Old against new.

What the whole report says, of Python programs and the overlay too, and what the changelog keeps.
"""

import json
from pathlib import Path

import pytest

from ...changes.change import Change, Weight
from ...changes.changelog import HEAD, next_version, with_next
from ...changes.overlay_needs import Missing, Need
from ...changes.python import python_changes
from ...changes.redocly import RedoclyDiff
from ...changes.report import MAX_LINES, ChangeReport, ClientVersion, DocumentDiff, compare
from ...document.json_tree import DocumentError, JSONObject
from ..changing import NULLABLE, OLD_MODULE, Edit, corrected, document, get, package, schema


def gives(redocly: RedoclyDiff) -> DocumentDiff:
    """Return a diff of redocly that is known."""

    def asked(_old: JSONObject, _new: JSONObject, _work: Path) -> RedoclyDiff:
        return redocly

    return asked


@pytest.mark.parametrize(
    ("old", "new", "told", "weight"),
    [
        (
            "def sync(",
            "def asyncio(",
            "api.runs.get_run: public object was removed",
            Weight.BREAKING,
        ),
        (
            "limit: int = 20",
            "limit: int",
            "api.runs.get_run(limit): parameter is now required",
            Weight.BREAKING,
        ),
        (
            "limit: int = 20",
            "limit: int = 50",
            "api.runs.get_run(limit): parameter default was changed",
            Weight.BREAKING,
        ),
        ("limit: int", "limit: str", "api.runs.get_run(limit): was int, is str", Weight.BREAKING),
        (
            "limit: int",
            "limit: int | None",
            "api.runs.get_run(limit): was int, is None | int",
            Weight.ADDITION,
        ),
        (
            "*, limit: int = 20",
            "",
            "api.runs.get_run(limit): parameter was removed",
            Weight.BREAKING,
        ),
        ("-> Run", "-> Run | None", "api.runs.get_run: was Run, is None | Run", Weight.BREAKING),
        (
            "    id: str\n",
            "",
            "api.runs.get_run.Run.id: public object was removed",
            Weight.BREAKING,
        ),
        (
            "    id: str\n",
            "    id: str\n    batch: str\n",
            "api.runs.get_run.Run.batch: is new",
            Weight.ADDITION,
        ),
    ],
)
def test_what_changes_for_a_python_program(
    old: str, new: str, told: str, weight: Weight, tmp_path: Path
) -> None:
    text = OLD_MODULE.replace(old, new)
    assert text != OLD_MODULE
    found = python_changes(package(tmp_path / "old", OLD_MODULE), package(tmp_path / "new", text))
    # Nothing else is told: what a program does not import (decoding.py) may change as it likes.
    beside = ["api.runs.get_run: is new"] if "def asyncio(" in new else []
    assert [str(change) for change in found] == [told, *beside]
    assert found[0].weight is weight


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("class Page(Base): ...", "base class was removed: was Base, Other, is Base"),
        ("class Page: ...", "base class was removed: was Base, Other, is nothing"),
        (
            "class Page(Base[\n    int\n]): ...",
            "base class was removed: was Base, Other, is Base[int]",
        ),
        (
            "Page = 3",
            "public object points to a different kind of object: was class, is attribute",
        ),
        (
            "def Page() -> int: ...",
            "public object points to a different kind of object: was class, is function",
        ),
    ],
)
def test_what_a_class_is_no_longer_is_told_with_what_it_was(
    new: str, told: str, tmp_path: Path
) -> None:
    text = f"{OLD_MODULE}\nclass Base: ...\nclass Other: ...\n"
    before = package(tmp_path / "old", f"{text}class Page(Base, Other): ...\n")
    found = python_changes(before, package(tmp_path / "new", f"{text}{new}\n"))
    assert [str(one) for one in found] == [f"api.runs.get_run.Page: {told}"]
    assert found[0].weight is Weight.BREAKING


def test_the_generated_code_is_not_run_to_compare_it(tmp_path: Path) -> None:
    text = OLD_MODULE + "\nraise SystemExit('imported')\n"
    assert python_changes(package(tmp_path / "old", text), package(tmp_path / "new", text)) == []


def report_of(edit: Edit, tmp_path: Path, redocly: RedoclyDiff, *needs: Need) -> ChangeReport:
    """Return the report after an edit of the document, with a known diff of redocly."""
    new = document()
    edit(new)
    package(tmp_path / "old", OLD_MODULE)
    package(tmp_path / "new", OLD_MODULE)
    return compare(
        ClientVersion(corrected(document()), tmp_path / "old" / "client"),
        ClientVersion(corrected(new), tmp_path / "new" / "client"),
        needs,
        gives(redocly),
    )


def test_the_heaviest_change_makes_the_version(tmp_path: Path) -> None:
    asked = RedoclyDiff((), "redocly was asked")
    edits: list[tuple[Edit, str]] = [
        (lambda d: schema(d, "Run")["properties"].pop("cost"), "2.0.0"),
        (lambda d: schema(d, "Run")["properties"].update(batch=NULLABLE), "1.2.0"),
        (lambda d: get(d).update(description="Better."), "1.1.4"),
    ]
    for number, (edit, version) in enumerate(edits):
        assert report_of(edit, tmp_path / str(number), asked).proposed("1.1.3") == version


def test_what_redocly_alone_finds_counts(tmp_path: Path) -> None:
    found = RedoclyDiff((Change(Weight.BREAKING, "/runs", "is odd"),), "redocly found 1 change")
    report = report_of(lambda d: get(d).update(description="Better."), tmp_path, found)
    assert report.is_breaking
    assert "#### Breaking, redocly\n\n- `/runs`: is odd" in report.text()


def test_the_report_says_which_feature_of_the_overlay_is_hit(tmp_path: Path) -> None:
    needs = Need(
        "Waiting",
        {"runs.get_run": ("id", "fields"), "runs.list_pages": ()},
        {"Run": ("id", "cost"), "Page": ()},
    )
    report = report_of(
        lambda d: schema(d, "Run")["properties"].pop("cost"),
        tmp_path,
        RedoclyDiff(None, "not asked"),
        needs,
    )
    assert report.missing == (
        Missing("Waiting", "Run has no field cost"),
        Missing("Waiting", "the operation runs.get_run does not take fields"),
        Missing("Waiting", "the operation runs.list_pages is not there"),
        Missing("Waiting", "the schema Page is not there"),
    )
    assert "- **Waiting** of the overlay is hit: Run has no field cost" in report.text()
    assert report.text().endswith("not asked.")


def test_without_the_old_document_the_python_level_remains(tmp_path: Path) -> None:
    old = package(tmp_path / "old", OLD_MODULE)
    new = package(tmp_path / "new", OLD_MODULE.replace("id: str\n", "id: int\n"))
    report = compare(
        ClientVersion(None, old),
        ClientVersion(corrected(document()), new),
        (),
        gives(RedoclyDiff((), "asked")),
    )
    assert (report.wire, report.is_breaking) == ((), True)
    assert "compared on the Python level only" in report.text()


def test_everything_is_given_to_those_that_compare(tmp_path: Path) -> None:
    """Documents in their order, a folder of its own, and the old document for the limits."""
    places: list[Path] = []
    new = document()
    limited = schema(new, "RunCreate")["properties"]["count"]
    limited["maximum"] = 4000
    given: list[JSONObject] = []

    def asked(old: JSONObject, new: JSONObject, work: Path) -> RedoclyDiff:
        given.extend((old, new))
        assert [*work.iterdir()] == []
        places.append(work)
        return RedoclyDiff((), "asked")

    client = package(tmp_path, OLD_MODULE)
    unit = {"RunCreate": {"count": "seconds"}}
    need = Need("Waiting", {}, {"RunCreate": ("count",)}, units=unit)
    old, after = (ClientVersion(corrected(one), client) for one in (document(), new))
    report = compare(old, after, (need,), asked)
    assert given == [old.document, after.document]
    assert not any(place.exists() for place in places)
    assert [one.what for one in report.missing] == [
        "RunCreate.count is in milliseconds, as its maximum, 4 before and 4000 now, says, "
        "and the overlay takes it for seconds"
    ]
    assert compare(old, old, (), asked).redocly.message == "The document did not change"
    without = compare(ClientVersion(None, client), after, (need,), asked)
    assert (without.missing, len(places)) == ((), 1)
    assert without.redocly == RedoclyDiff(None, "redocly was not asked")
    assert without.remarks == (
        "The old corrected document is not there any more: compared on the Python level only",
    )
    assert "Small" not in repr(old)


def test_a_long_list_is_cut_in_the_text_and_whole_in_the_report(tmp_path: Path) -> None:
    many = {f"field_{number:03}": {"type": "string"} for number in range(MAX_LINES + 7)}
    report = report_of(
        lambda d: schema(d, "Run")["properties"].update(many), tmp_path, RedoclyDiff((), "asked")
    )
    assert "- … and 7 more" in report.text()
    assert len(json.dumps(report.as_json()).split("Run.field_")) == MAX_LINES + 8


def test_a_value_with_line_breaks_stays_on_one_line() -> None:
    found = (Change(Weight.OTHER, "A.b", "the value x\n\n## Next: 9.0.0\n\n- y is new"),)
    text = ChangeReport(found, (), RedoclyDiff((), "asked"), ()).text()
    assert text == (
        "#### Other changes, wire\n\n- `A.b`: the value x ## Next: 9.0.0 - y is new\n\nasked."
    )


def test_the_changelog_keeps_what_it_has() -> None:
    first = with_next("", "### One\n\n- a", "0.2.0")
    assert first == f"{HEAD}\n## Next: 0.2.0\n\n### One\n\n- a\n"
    second = with_next(first, "### Two\n\n- b\n", "0.1.1")
    assert second == f"{HEAD}\n## Next: 0.2.0\n\n### Two\n\n- b\n\n### One\n\n- a\n"
    assert "## Next: 1.0.0\n" in with_next(second, "### Three", "1.0.0")
    released = first.replace("## Next: 0.2.0", "## 0.2.0, 2026-01-02")
    assert with_next(released, "### Two", "0.3.0") == released.replace(
        "## 0.2.0", "## Next: 0.3.0\n\n### Two\n\n## 0.2.0"
    )
    assert with_next("Mine.\n", "### One", "0.2.0") == "Mine.\n\n## Next: 0.2.0\n\n### One\n"


def test_versions_go_up() -> None:
    assert [
        next_version("1.2.3", weight) for weight in (Weight.OTHER, Weight.ADDITION, Weight.BREAKING)
    ] == [
        "1.2.4",
        "1.3.0",
        "2.0.0",
    ]
    assert [next_version("0.2.3", weight) for weight in Weight] == ["0.2.4", "0.3.0", "0.3.0"]
    for version in ("1.2", "1.2.3.4", "1.2.3rc1", "v1.2.3", "1.2.-3", "1.2.3\n", ""):
        with pytest.raises(DocumentError, match="not a version of three numbers"):
            next_version(version, 0)
