"""Redocly's diff.

Asked for where Node is installed, read as it is written, and reported as missing otherwise.
"""

import copy
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from ...changes.change import Change, Weight
from ...changes.redocly import RedoclyDiff, cache_folder, redocly_diff
from ..changing import corrected, document, schema


def program(path: Path, text: str) -> Path:
    """Return a program that the system runs with this Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def asked(cache: Path, tmp_path: Path, **programs: str | None) -> RedoclyDiff:
    """Return redocly's diff where these programs are installed."""
    old, new = corrected(document()), corrected(copy.deepcopy(document()))
    return redocly_diff(old, new, tmp_path, which=programs.get, cache=cache)


def test_without_node_npm_or_a_registry_it_is_said_that_redocly_was_not_asked(
    tmp_path: Path,
) -> None:
    cache = tmp_path / "cache" / "redocly"
    failing = str(program(tmp_path / "npm", "import sys; sys.exit(1)"))
    assert asked(cache, tmp_path).message == "redocly was not asked: Node is not there"
    assert (
        asked(cache, tmp_path, node="node").message
        == "redocly was not asked: npm is not there to install it"
    )
    refused = asked(cache, tmp_path, node="node", npm=failing)
    assert (refused.changes, refused.message) == (
        None,
        "redocly was not asked: npm could not install version 2.77.0",
    )
    assert list((tmp_path / "cache").iterdir()) == []


INSTALLS = """
import pathlib, sys
asked = ["--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]
assert sys.argv[1:7] == ["install", *asked] and sys.argv[8:] == ["@redocly/cli@2.77.0"]
folder = pathlib.Path(sys.argv[sys.argv.index("--prefix") + 1]) / "node_modules" / ".bin"
folder.mkdir(parents=True)
(folder / "redocly").write_text(pathlib.Path(__file__).with_name("redocly").read_text())
(folder / "redocly").chmod(0o755)
"""
VERDICT = {
    "ruleId": "property-removed",
    "impact": "major",
    "message": "Property `cost` of `Run` was removed.",
    "location": {"pointer": "#/components/schemas/Run/properties/cost"},
}
NEW_VALUE = {
    **VERDICT,
    "ruleId": "enum-values-added",
    "message": "Enum gained values: 'paused'.",
    "location": {},
}
FOUND: dict[str, Any] = {
    "changes": [
        {"path": "#/paths/~1runs/get/responses/200", "impact": "major", "verdicts": [VERDICT]},
        {"path": "#/paths/~1runs/get/responses/200/x", "impact": "major", "verdicts": [NEW_VALUE]},
        {"path": "#/paths/~1runs/get/requestBody/x", "impact": "major", "verdicts": [NEW_VALUE]},
        {
            "path": "#/paths/~1new",
            "typeName": "PathItem",
            "kind": "added",
            "impact": "minor",
            "verdicts": [],
        },
        {
            "path": "#/info",
            "typeName": "Info",
            "kind": "modified",
            "impact": "patch",
            "verdicts": [],
        },
    ]
}


def test_redocly_is_installed_once_and_its_report_is_read(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "redocly"
    program(tmp_path / "redocly", f"print({json.dumps(FOUND)!r})")
    npm = str(program(tmp_path / "npm", INSTALLS))
    redocly = asked(cache, tmp_path, node="node", npm=npm)
    assert redocly.changes == (
        Change(Weight.BREAKING, "/runs get requestBody x", "Enum gained values: 'paused'"),
        Change(Weight.BREAKING, "Run properties cost", "Property `cost` of `Run` was removed"),
        Change(Weight.ADDITION, "/new", "PathItem added"),
        # Enums of the client are open: what an answer may newly hold breaks nobody.
        Change(Weight.ADDITION, "/runs get responses 200 x", "Enum gained values: 'paused'"),
        Change(Weight.OTHER, "info", "Info modified"),
    )
    assert redocly.message == "redocly 2.77.0 found 5 changes"
    assert asked(cache, tmp_path, node="node") == redocly
    program(cache / "node_modules" / ".bin" / "redocly", "print('Usage: ...')")
    assert (
        asked(cache, tmp_path, node="node").message
        == "redocly failed with exit code 0 and no report"
    )


BESIDE = "\nimport shutil; shutil.copytree(folder.parents[1], CACHE)\n"
"""Another process installs in the same moment."""
INSTALLATIONS: dict[str, tuple[str, str]] = {
    "whole": (INSTALLS, ""),
    "refused": ("import sys; sys.exit(1)", "npm could not install version 2.77.0"),
    "nothing": ("", "npm could not install version 2.77.0"),
    "refused with the program": (
        f"{INSTALLS}\nsys.exit(1)\n",
        "npm could not install version 2.77.0",
    ),
    "beside another": (INSTALLS + BESIDE, ""),
    "over a half one": (
        f"{INSTALLS}\nPLACE = pathlib.Path(CACHE, 'half'); PLACE.mkdir(parents=True)\n",
        "it could not be installed (Directory not empty)",
    ),
}


@pytest.mark.parametrize("name", INSTALLATIONS)
def test_only_a_whole_installation_is_kept(name: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "redocly"
    program(tmp_path / "redocly", f"print({json.dumps(FOUND)!r})")
    text, why = INSTALLATIONS[name]
    npm = str(program(tmp_path / "npm", f"CACHE = {str(cache)!r}\n{text}"))
    found = asked(cache, tmp_path, node="node", npm=npm)
    kept = cache / "node_modules" / ".bin" / "redocly"
    assert found.message == (
        f"redocly was not asked: {why}" if why else "redocly 2.77.0 found 5 changes"
    )
    assert (found.changes is None, kept.exists()) == (bool(why), not why)
    left = [one for one in (tmp_path / "cache").iterdir() if one != cache]
    assert left == []


def test_what_the_system_refuses_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    npm = str(program(tmp_path / "npm", INSTALLS))
    not_asked = "redocly was not asked: it could not be installed"
    for cache, why in ((tmp_path / "file" / "redocly", "Not a directory"), (tmp_path / "c", "")):
        programs = {"node": "node", "npm": npm if why else str(tmp_path / "file")}
        found = asked(cache, tmp_path, **programs)
        assert found == RedoclyDiff(None, f"{not_asked} ({why or 'Permission denied'})")
    there = program(tmp_path / "c" / "node_modules" / ".bin" / "redocly", "")
    there.chmod(0o600)
    found = asked(tmp_path / "c", tmp_path, node="node")
    assert found == RedoclyDiff(None, "redocly could not be run (Permission denied)")
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        *("c", "file", "new.json", "npm", "old.json")
    ]


def test_nothing_is_waited_for_longer_than_allowed(tmp_path: Path) -> None:
    waits = "import signal; signal.pause()\n"
    cache, documents = tmp_path / "cache", (corrected(document()), corrected(document()))
    npm = str(program(tmp_path / "npm", waits))
    which = {"node": "node", "npm": npm}.get
    found = redocly_diff(*documents, tmp_path, which=which, cache=cache, install_timeout=0)
    assert found.message == "redocly was not asked: npm could not install version 2.77.0"
    program(tmp_path / "redocly", waits)
    program(tmp_path / "npm", INSTALLS)
    found = redocly_diff(*documents, tmp_path, which=which, cache=cache, diff_timeout=0)
    assert found == RedoclyDiff(None, "redocly did not answer within 0 seconds")


SAYS = """
import json, os, pathlib, sys
names = ("CI", "NO_COLOR", "REDOCLY_TELEMETRY", "REDOCLY_SUPPRESS_UPDATE_NOTICE", "PATH")
said = [sys.argv[1:], [os.environ.get(name) for name in names], sorted(os.listdir("."))]
pathlib.Path("said.json").write_text(json.dumps(said))
print(pathlib.Path("report.json").read_text())
"""
ENTRY: dict[str, Any] = {"path": "#/info", "verdicts": []}


def of_verdict(**more: Any) -> dict[str, Any]:
    """Return an entry with one verdict."""
    return {"path": "#/paths/~1a/get", "verdicts": [{"message": "It is odd.", **more}]}


ENTRIES: list[tuple[dict[str, Any], list[str]]] = [
    (of_verdict(impact="major"), ["BREAKING /a get: It is odd"]),
    (of_verdict(impact="minor"), ["ADDITION /a get: It is odd"]),
    (of_verdict(impact="patch"), ["OTHER /a get: It is odd"]),
    (of_verdict(), ["ADDITION /a get: It is odd"]),
    (of_verdict(impact="major", message=""), ["BREAKING /a get: "]),
    (of_verdict(impact="major", ruleId="enum-values-added"), ["BREAKING /a get: It is odd"]),
    (
        {
            **of_verdict(impact="major", ruleId="enum-values-added"),
            "path": "#/paths/~1a/get/responses/200",
        },
        ["ADDITION /a get responses 200: It is odd"],
    ),
    (
        {**of_verdict(impact="major"), "path": "#/paths/~1a/get/responses/200"},
        ["BREAKING /a get responses 200: It is odd"],
    ),
    (
        of_verdict(impact="major", location={"pointer": "#/components/schemas/A~0B/x"}),
        ["BREAKING A~B x: It is odd"],
    ),
    (
        of_verdict(impact="major", location={"pointer": "#/components/parameters/A"}),
        ["BREAKING components parameters A: It is odd"],
    ),
    (
        {**ENTRY, "typeName": "Info", "property": "title", "kind": "modified"},
        ["ADDITION info: Info title modified"],
    ),
    ({**ENTRY, "impact": "patch", "kind": "modified"}, ["OTHER info: modified"]),
    ({**ENTRY, "impact": "major", "property": "title"}, ["ADDITION info: title"]),
    (
        {
            "path": "#/a",
            "verdicts": [{"message": "b", "impact": "minor"}, {"message": "a."}] * 2,
        },
        ["ADDITION a: a", "ADDITION a: b"],
    ),
    ({}, ["ADDITION : "]),
]


def test_each_entry_of_a_report_is_read(tmp_path: Path) -> None:
    entries: list[dict[str, Any]] = []
    expected: list[str] = []
    for number, (entry, told) in enumerate(ENTRIES):
        entries.append(json.loads(json.dumps(entry).replace("~1a", f"~1a{number}")))
        expected += [line.replace(" /a ", f" /a{number} ") for line in told]
    program(tmp_path / "cache" / "node_modules" / ".bin" / "redocly", SAYS)
    (tmp_path / "report.json").write_text(json.dumps({"changes": entries}))
    redocly = asked(tmp_path / "cache", tmp_path, node="node")
    assert redocly.changes is not None
    assert sorted(f"{one.weight.name} {one}" for one in redocly.changes) == sorted(expected)
    assert redocly.message == f"redocly 2.77.0 found {len(expected)} changes"
    arguments, environment, files = json.loads((tmp_path / "said.json").read_text())
    assert arguments == [*("diff", "old.json", "new.json", "--format", "json", "--fail-on", "none")]
    assert environment == ["1", "1", "off", "true", os.environ["PATH"]]
    assert {"old.json", "new.json"} <= {*files}


def test_redocly_is_kept_in_the_cache_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/kept")
    assert cache_folder() == Path("/kept/runflow-client/redocly-2.77.0")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_folder() == Path.home() / ".cache" / "runflow-client" / "redocly-2.77.0"


@pytest.mark.skipif(
    not (cache_folder() / "node_modules" / ".bin" / "redocly").exists(),
    reason="redocly is not in this machine's cache; tests reach no registry",
)
def test_the_real_redocly_says_what_is_read_here(tmp_path: Path) -> None:
    new = document()
    schema(new, "Run")["properties"].pop("cost")
    redocly = redocly_diff(corrected(document()), corrected(new), tmp_path)
    assert redocly.changes is not None
    assert [change.weight for change in redocly.changes] == [Weight.BREAKING]
