"""Reports of changes, proposed versions and changelogs, in each combination of what was found."""

import copy
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, fields
from suites.snapshot import check_snapshot

from ...changes.change import Change, Weight, addition, breaking, other
from ...changes.changelog import next_version, with_next
from ...changes.overlay_needs import Missing, Need, find_missing, read_needs
from ...changes.python import python_changes
from ...changes.redocly import RedoclyDiff
from ...changes.report import MAX_LINES, ChangeReport
from ..every_word import SNAPSHOTS, corrected_edits, every_word, snapshot_of_edits
from ..small_documents import corrected

FOUND: Final[dict[str, tuple[Change, ...]]] = {
    "nothing": (),
    "other": (other("a", "b"),),
    "additions": (addition("a", "b"), addition("c", "d")),
    "breaking": (breaking("a", "b"), addition("c", "d"), other("e", "f")),
    "many": tuple(breaking(f"a{number}", "b") for number in range(MAX_LINES + 1)),
    "just enough": tuple(other(f"a{number}", "b") for number in range(MAX_LINES)),
}
MISSING: Final = {"": (), "hit": (Missing("a feature", "is not there", ("x.py", "y.py")),)}
VERSIONS: Final = ("0.0.0", "0.1.9", "0.9.10", "1.0.0", "1.9.9", "10.2.3")


def reports() -> Iterator[str]:
    """Yield a report of each combination."""
    for (name, wire), python, redocly, (hit, missing) in product(
        FOUND.items(), ("nothing", "breaking"), ("nothing", "other", "breaking"), MISSING.items()
    ):
        found: tuple[Change, ...] | None = FOUND[redocly] if redocly != "other" else None
        report = ChangeReport(
            wire, FOUND[python], RedoclyDiff(found, "redocly was asked"), missing, ("A remark",)
        )
        yield f"* wire {name}, Python {python}, redocly {redocly}, {hit}"
        counts = [report.count(weight) for weight in Weight]
        versions = [report.proposed(version) for version in VERSIONS]
        yield f"    {report.weight.name} {report.is_breaking} {counts} {versions} {len(report.all)}"
        if len(wire) < MAX_LINES or (python, redocly) == ("nothing", "nothing"):
            yield report.text()
            yield str(report.as_json())


def test_reports_say_what_they_said_before() -> None:
    check_snapshot(SNAPSHOTS / "reports.txt", "\n".join(reports()) + "\n")


def changelogs() -> Iterator[str]:
    """Yield what becomes of a changelog."""
    released = "## 1.0.0\n\nFirst.\n"
    for version, weight in product(VERSIONS, range(3)):
        yield f"{version} {weight}: {next_version(version, weight)}"
    for before in (
        "",
        "# Mine\n",
        f"# Mine\n\n{released}",
        f"# Mine\n\n## Next: 1.9.0\n\nOld.\n\n{released}",
    ):
        for proposed in ("1.8.9", "1.9.0", "1.10.0", "2.0.0"):
            yield f"--- {before!r} {proposed}\n{with_next(before, 'New.', proposed)}"


def test_changelogs_are_written_as_before() -> None:
    check_snapshot(SNAPSHOTS / "changelogs.txt", "\n".join(changelogs()))


MODULES: Final = {
    "api/runs/get_run.py": (
        "from ...models.run import Run\n"
        "def _private(value: int) -> int: ...\n"
        "def build_request(run_id: str, *, limit: int = 20) -> dict[str, str]: ...\n"
        "def sync(run_id: str, *, limit: int = 20) -> str | None: ...\n"
        "def sync_detailed(run_id: str) -> _models.Run: ...\n"
        "def asyncio(run_id: str) -> str: ...\n"
        "def asyncio_detailed(run_id: str) -> str: ...\n"
        "def parse_response(value: bytes) -> str: ...\n"
    ),
    "models/run.py": (
        "class Run:\n"
        "    id: str\n    cost: str | None\n    count: int | str\n    part: _models.Part\n"
        "    bare = 1\n    _hidden: int = 1\n    def to_dict(self, deep: bool) -> str: ...\n"
    ),
    "models/__init__.py": "from .run import Run\nNAMES = ('Run',)\n",
    "client.py": "class Client:\n    def close(self) -> None: ...\n",
    "errors.py": "class UnexpectedStatus(Exception):\n    status: int\n",
    "http_library.py": "name = 'httpx'\n",
    "types.py": "class File:\n    name: str | None\n",
    "decoding.py": "def number(value: object) -> int: ...\n",
    "_private.py": "def hidden() -> int: ...\n",
}
EDITS: Final = {
    "api/runs/get_run.py": [
        ("limit: int", "limit: int | None"),
        ("limit: int = 20", "limit: int"),
        ("limit: int = 20", "limit: int = 50"),
        ("limit: int", "limit"),
        (", *, limit: int = 20", ""),
        (", *, limit", ", limit"),
        ("run_id: str", "run: str"),
        ("run_id: str", "run_id: str, new: str"),
        ("run_id: str", "run_id: str, new: str = ''"),
        ("run_id: str", "run_id: str | int"),
        ("run_id: str", "run_id: int"),
        ("str | None", "str"),
        ("str | None", "str | None | int"),
        (" -> str | None", ""),
        ("-> _models.Run", "-> Run"),
        ("-> dict[str, str]", "-> bytes"),
        ("def asyncio(", "def other("),
        ("def asyncio(", "def _asyncio("),
        ("value: int", "value: str"),
        ("value: bytes", "value: str"),
        ("def parse_response", "def helper"),
        *((f"def {name}(", f"def no_{name}(") for name in ("sync", "sync_detailed")),
        *((f"def {name}(", f"def no_{name}(") for name in ("build_request", "asyncio_detailed")),
    ],
    "models/run.py": [
        ("class Run", "class Runs"),
        ("class Run", "class _Run"),
        ("    id: str\n", ""),
        ("id: str", "id: int"),
        ("str | None", "str"),
        ("str | None", "None | str"),
        ("int | str", "int"),
        ("int | str", "int | str | float"),
        ("_models.Part", "Part"),
        ("bare = 1", "bare = 2"),
        ("bare = 1", "bare: int = 1"),
        ("bare = 1", f"bare = '{'long  ' * 20}'"),
        ("_hidden: int", "_hidden: str"),
        ("_hidden", "hidden"),
        ("deep: bool", "deep: bool = False"),
        ("deep: bool", "deep: int"),
        ("-> str", "-> bytes"),
        ("    id", "    new: str\n    id"),
        ("    id", "    _new: str\n    id"),
        ("class Run:", "class Run(dict):"),
    ],
    "models/__init__.py": [
        ("import Run", "import Run, Part"),
        ("NAMES", "OTHERS"),
        ("'Run'", "'X'"),
    ],
    **{
        name: [
            ("def ", "def new_"),
            ("class ", "class New"),
            (": int", ": str"),
            ("'httpx'", "'other'"),
        ]
        for name in ("client.py", "errors.py", "http_library.py", "types.py", "decoding.py")
    },
    "_private.py": [("hidden", "other")],
}


def package(folder: Path, name: str = "", text: str = "") -> Path:
    """Return a package of these modules, one of them with another text."""
    root = folder / "client"
    for path in (root, root / "api", root / "api" / "runs", root / "models"):
        path.mkdir(parents=True)
        (path / "__init__.py").write_text("", encoding="utf-8")
    for one, written in MODULES.items():
        (root / one).write_text(text if one == name else written, encoding="utf-8")
    return root


def edited_packages(folder: Path) -> Iterator[str]:
    """Yield what changes for Python programs by each edit, and by its contrary."""
    base, number = package(folder / "base"), 0
    assert python_changes(base, base) == []
    for name, edits in EDITS.items():
        for old, new in edits:
            text = MODULES[name].replace(old, new)
            if text != MODULES[name]:
                number += 1
                other_one = package(folder / str(number), name, text)
                yield f"* {name}: {old!r} is {new!r}"
                for word, before, after in (("", base, other_one), ("back, ", other_one, base)):
                    for one in python_changes(before, after):
                        yield f"    {word}{one.weight.name.lower()}: {one}"


def test_each_edit_of_a_package_makes_the_changes_of_before(tmp_path: Path) -> None:
    check_snapshot(SNAPSHOTS / "python.txt", "\n".join(edited_packages(tmp_path)) + "\n")


NEEDS: Final = """
security: {feature: The key, place: header, name: Authorization, prefix: Bearer, mend: [k.py]}
always_sent: {CreateThingBody: [name, made], NoSuchBody: [x]}
kinds:
  CreateThingResponse:
    {number: number, status: CreateThingResponseStatus, level: integer, pair: array,
     made: string (date-time), parent: CreateThingResponse}
  UpdateThingBody: {name: string, on: boolean or string}
units:
  CreateThingResponse: {number: seconds, extra: bytes}
features:
  - feature: Reading
    operations: {things.get_thing: [id], things.list_things: [limit, session, q]}
    sends: {things.list_things: {limit: 500}}
    answers: {things.get_thing: CreateThingResponse, things.list_things: ListThingsResponse}
    schemas:
      CreateThingResponse: [number, status, level, made, parent, pair, extra, secret]
      ListThingsResponse: [items, next]
    values: {CreateThingResponseStatus: [queued, done], NoSuchEnum: [x]}
    slashes: [things.get_thing, things.no_such]
    mend: [a.py, b.py]
  - feature: Writing
    operations: {things.create_thing: [], things.update_thing: [id, X-Org]}
    sends: {things.no_such: {a: 1}}
    answers: {things.create_thing: Other, things.delete_thing: Gone}
    schemas: {CreateThingBody: [name, shape, none], UpdateThingBody: [name, on, count], Lost: []}
"""


def shown(needs: tuple[Need, ...]) -> Iterator[str]:
    """Yield every attribute of each need that is not empty."""
    for need in needs:
        yield f"* {need.feature}"
        for attribute in fields(Need):
            value = getattr(need, attribute.name)
            if value and attribute.name != "feature":
                yield f"    {attribute.name}: {value}"


def test_each_edit_takes_from_the_overlay_what_it_took_before(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path / "needs.yaml"
    path.write_text(NEEDS, encoding="utf-8")
    needs = read_needs(path)
    base, made = corrected(every_word()), corrected_edits(tmp_path_factory)

    def missing(edit: str, _: object) -> Iterator[str]:
        after = made[edit]
        if not isinstance(after, str):
            found = [briefly(one) for one in find_missing(after, needs, base)]
            yield from (one for one in found if one not in there)
            yield from (f"not any more: {one}" for one in there if one not in found)

    there = [briefly(one) for one in find_missing(base, needs)]
    told = [str(one) for one in find_missing(base, needs)]
    text = "\n".join(
        [*shown(needs), "In the document itself:", *told, "", snapshot_of_edits(missing)]
    )
    check_snapshot(SNAPSHOTS / "missing.txt", text)


def briefly(one: Missing) -> str:
    """Return what is missing without the places to mend."""
    return f"{one.feature}: {one.what}"


def test_what_is_sent_is_held_against_the_limits_and_the_type(tmp_path: Path) -> None:
    path = tmp_path / "needs.yaml"
    path.write_text(NEEDS, encoding="utf-8")
    reading = read_needs(path)[0]
    base = corrected(every_word())
    for sent, limits, expected in (
        (0, {"minimum": 1}, "limit=0, and its minimum is 1"),
        (1, {"minimum": 1}, ""),
        (1, {"minimum": 1.5}, "limit=1, and its minimum is 1.5"),
        (500, {"maximum": 500}, ""),
        (501, {"maximum": 500}, "limit=501, and its maximum is 500"),
        (500, {"exclusiveMaximum": 500}, "limit=500, and its exclusiveMaximum is 500"),
        (499, {"exclusiveMaximum": 500}, ""),
        (0, {"exclusiveMinimum": 0}, "limit=0, and its exclusiveMinimum is 0"),
        (1, {"exclusiveMinimum": 0}, ""),
        (5, {"type": "string"}, "limit=5, which must be string"),
        (5, {"type": ["string", "null"]}, "limit=5, which must be string"),
        (5, {"type": "number"}, ""),
        (5, {"type": ["integer", "string"]}, ""),
        (5, {"anyOf": [{"type": "integer"}, {"type": "null"}]}, ""),
        (5, {"anyOf": [{"type": "boolean"}, {"type": "array"}]}, "which must be array or boolean"),
        (5, {}, ""),
        ("x", {"maximum": 3, "minimum": 2, "type": "string"}, ""),
    ):
        need = evolve(reading, sends={"things.list_things": {"limit": sent}})
        document: Any = copy.deepcopy(base)
        [limit] = [
            one
            for one in document["paths"]["/v1/things"]["get"]["parameters"]
            if one["name"] == "limit"
        ]
        limit["schema"] = limits
        found = [one.what for one in find_missing(document, (need,)) if "is sent" in one.what]
        assert len(found) == bool(expected), found
        assert all(one.endswith(f"{expected}") for one in found), found


@pytest.mark.parametrize("mend", [(), ("x.py",), ("x.py", "y.py")])
def test_what_is_missing_names_the_places_to_mend_where_there_are_any(
    mend: tuple[str, ...],
) -> None:
    missing = Missing("Waiting", "Run is not there", mend)
    report = ChangeReport((), (), RedoclyDiff((), "asked"), (missing,))
    [line] = [one for one in report.text().splitlines() if "Waiting" in one]
    places = ", ".join(f"`{place}`" for place in mend)
    assert line == (
        "- **Waiting** of the overlay is hit: Run is not there"
        + (f". Mend it in {places}" if mend else "")
    )
    assert str(missing) == (
        "Waiting: Run is not there" + (f" (mend: {', '.join(mend)})" if mend else "")
    )
