"""The pages that people read of a change: the pull request, and the rehearsal of a small project
whose commands say what a test has them say.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject
from ...project.directory import tree_hash
from ...project.paths import ROOT
from ...targets.pull_request import MAX_LINES, pull_request_text
from ...targets.rehearse import SUITES, rehearse, show
from ..edits import edits
from ..every_word import SNAPSHOTS

REPORT: Final[JSONObject] = {
    "outcome": "refused",
    "refusal": "It breaks:\n```\nx",
    "steps": [
        {"step": "fetch", "done": True, "message": "new | `a` by @someone\nat noon"},
        {"step": "swap", "done": False, "message": "half"},
        {"step": "lint", "done": True, "message": ""},
    ],
    "proposed_version": "1.2.0",
    "changes": {
        "overlay": [{"feature": "Waiting", "missing": "Run has no @field\nany more"}],
        "wire": [{"weight": "breaking", "where": "GET /a|b", "what": "is `gone`"}],
        "python": [{"weight": "other", "where": "api.a", "what": "is new"}],
        "redocly": {
            "message": "redocly found 1 change",
            "changes": [{"weight": "addition", "where": "/a", "what": "is odd"}],
        },
        "remarks": ["The old document is not there"],
    },
}


def pull_requests() -> Iterator[str]:
    """Yield the text of a report, and the lines that each edit adds and removes."""
    whole = pull_request_text(REPORT)
    yield whole
    before = whole.splitlines()
    nothing: JSONObject = {}
    for name, edited in (*edits(REPORT), ("nothing is reported", nothing)):
        after = pull_request_text(edited).splitlines()
        yield f"* {name}"
        yield from (f"    - {line}" for line in before if line not in after)
        yield from (f"    + {line}" for line in after if line not in before)


def test_pull_requests_say_what_they_said_before() -> None:
    check_snapshot(SNAPSHOTS / "pull_requests.txt", "\n".join(pull_requests()) + "\n")


@pytest.mark.parametrize("count", [1, MAX_LINES - 1, MAX_LINES, MAX_LINES + 1, 2 * MAX_LINES])
def test_a_pull_request_lists_so_many_changes_and_counts_the_rest(count: int) -> None:
    changes: Any = [
        {"weight": "other", "where": f"a{number}", "what": "is new"} for number in range(count)
    ]
    lines = pull_request_text({"changes": {"wire": changes}}).splitlines()
    assert [line for line in lines if line.startswith("- other")] == [
        f"- other: `a{number}` is new" for number in range(min(count, MAX_LINES))
    ]
    more = [line for line in lines if line.startswith("- …")]
    assert more == ([f"- … and {count - MAX_LINES} more"] if count > MAX_LINES else [])


STEPS: Final = [
    {"step": name, "message": f"{name} is done"}
    for name in ("fetch", "correct", "generate", "lint")
]
CHANGE: Final = {"where": "GET /a", "what": "is gone"}
SAID: Final[dict[str, Any]] = {
    "regenerate": [{"steps": STEPS, "changes": {}}],
    "mock": ["things: followed: a is new", "things: b is gone", ""],
}
"""What the commands of the small project say: each regenerate in turn, and the mock server."""
COMMAND: Final = """
import json, os, pathlib, sys
said = json.loads(pathlib.Path("said.json").read_text())
with open(said["log"] + ".corrections", "a") as log:
    for path in sorted(pathlib.Path("regenerate/corrections").iterdir()):
        log.write(f"{path.name}: {path.read_text().strip()}\\n")
for name in ("SPEC_URL", "ALLOW_BREAKING", "ALLOW_SHRINK"):
    with open(said["log"], "a") as log:
        log.write(f"{name}={os.environ.get(name)}\\n")
with open(said["log"], "a") as log:
    log.write(",".join(sorted(str(path) for path in pathlib.Path().rglob("*.txt"))) + "\\n")
if not said["regenerate"]:
    sys.exit("first\\nit ended early\\n")
report = said["regenerate"].pop(0)
pathlib.Path("said.json").write_text(json.dumps(said))
folder = pathlib.Path("reports")
folder.mkdir(exist_ok=True)
(folder / "regenerate.json").write_text(json.dumps(report))
sys.exit(1 if "refusal" in report else 0)
"""
MOCK: Final = """
import json, os, pathlib, sys
import of_the_client, of_the_overlay
assert sys.argv[1:] == ["--differences"]
assert all(pathlib.Path(one.__file__).is_relative_to(os.getcwd())
    for one in (of_the_client, of_the_overlay))
said = json.loads(pathlib.Path("said.json").read_text())
print("\\n".join(said["mock"]), flush=True)
sys.stdout.buffer.write(b"an odd letter: \\xff\\n" * said.get("is_odd", 0))
if said.get("mock_fails"):
    sys.exit("it cannot start\\n\\nfor some reason")
"""
VECTORS: Final = """
import json, pathlib, sys
if why := json.loads(pathlib.Path("said.json").read_text()).get("no_vectors"):
    sys.exit(f"Traceback\\n{why}\\n")
"""


NOT_COPIED: Final = (
    *(".git", ".venv", ".venv-3.11", ".mypy_cache", "reports", "node_modules", "build"),
    *("overlay/__pycache__", "contract_tests/.pytest_cache"),
)


def project(folder: Path, **said: Any) -> Path:
    """Return a small project whose commands say this."""
    root = folder / "small"
    for name, text in (
        ("regenerate/__init__.py", ""),
        ("regenerate/__main__.py", COMMAND),
        ("regenerate/corrections/a.overlay.yaml", "actions: [{n: 1}, {n: 2}, {n: 3}]\n"),
        ("regenerate/corrections/b.overlay.yaml", "actions: [{n: 1}]\n"),
        ("regenerate/corrections/c.overlay.yml", "actions: [{n: 1}]\n"),
        ("regenerate/corrections/d e.overlay.json", '{"actions": [{"n": 1}, {"n": 2}]}'),
        ("generated/left.txt", ""),
        ("generated/of_the_client.py", ""),
        ("overlay/of_the_overlay.py", ""),
        *((f"{folder}/not_copied.txt", "") for folder in NOT_COPIED),
        ("contract_tests/runflow_mock.py", MOCK),
        ("contract_tests/vectors.py", VECTORS),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = []\n"),
        ("suites/test_one.py", "def test_a(): pass\ndef test_b(): assert 1 - 1\n"),
        ("said.json", json.dumps({**SAID, "log": str(folder / "log"), **said})),
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def stale(*places: tuple[str, int]) -> dict[str, str]:
    """Return a report that refuses, as these actions match nothing."""
    ends = {"a": ".overlay.yaml", "b": ".overlay.yaml", "c": ".overlay.yml", "d": " e.overlay.json"}
    lines = [f"{name}{ends[name]}, action {n}: the target $.x matches" for name, n in places]
    return {"refusal": "\n".join(lines)}


BROKEN: Final = {"weight": "breaking", **CHANGE}
NEW: Final = {"weight": "addition", **CHANGE}
OTHER: Final = {"weight": "other", **CHANGE}
CASES: Final[dict[str, dict[str, Any]]] = {
    "nothing": {},
    "new": {
        "regenerate": [{"steps": STEPS[1:], "changes": {"wire": [NEW], "python": [NEW, OTHER]}}],
        "mock_fails": True,
    },
    "odd": {"is_odd": True},
    "breaks": {"regenerate": [{"changes": {"wire": [BROKEN, NEW], "python": [BROKEN]}}]},
    "many": {
        "regenerate": [
            {
                "changes": {
                    "wire": [{**BROKEN, "what": str(n)} for n in range(16)],
                    "overlay": [
                        {"feature": "Waiting", "missing": "b"},
                        {"feature": "Batches", "missing": "a"},
                        {"feature": "Waiting", "missing": "c"},
                    ],
                }
            }
        ],
        "mock": [str(number) for number in range(15)],
    },
    "refused": {"regenerate": [{"refusal": "no operation\nis there"}]},
    "stale": {
        "regenerate": [
            stale(("a", 1), ("a", 3), ("b", 1)),
            stale(("a", 1), ("c", 1), ("d", 2)),
            {"changes": {"overlay": [{"feature": "Waiting", "missing": "b"}]}},
        ]
    },
    "stale and refused": {"regenerate": [stale(("a", 2)), {"refusal": "no"}]},
    "does not end": {"regenerate": []},
    "stale, and not there": {"regenerate": [stale(("a", 9)), {}]},
    "stale, and the next one does not end": {"regenerate": [stale(("a", 2))]},
}


def pages(folder: Path) -> Iterator[str]:
    """Yield the page of each case, and what is left of the corrections."""
    (folder / "published.json").write_text("{}")
    for number, (name, said) in enumerate(CASES.items()):
        root = project(folder / str(number), **said)
        before = tree_hash(root)
        found = rehearse(root, str(folder / "published.json"), suites=())
        assert tree_hash(root) == before
        yield f"* {name}: {'accepted' if found.is_accepted else 'refused'}"
        yield found.page
        if "stale" in name:
            yield "The corrections, each time:"
            yield (folder / str(number) / "log.corrections").read_text()


def test_rehearsals_say_what_they_said_before(tmp_path: Path) -> None:
    text = "\n".join(pages(tmp_path)) + "\n"
    assert str(tmp_path) not in text
    check_snapshot(SNAPSHOTS / "rehearsals.txt", text)


def test_everything_is_allowed_in_a_rehearsal_and_the_suites_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The mock server is a plugin of pytest, and that of the small project is none.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    root = project(tmp_path)
    found = rehearse(root, "https://a.test/openapi.json", ("suites/test_one.py",))
    *said, files = (tmp_path / "log").read_text().split()
    assert said == ["SPEC_URL=https://a.test/openapi.json", "ALLOW_BREAKING=1", "ALLOW_SHRINK=1"]
    assert files == "generated/left.txt"
    assert found.page.startswith("# Rehearsal of openapi.json\n")
    assert "## Contract suites against a mock of it: 1 failed, 1 passed\n" in found.page
    assert found.page.endswith("- `suites/test_one.py::test_b`\n")
    (tmp_path / "d").write_text("{}")
    monkeypatch.chdir(tmp_path)
    twice = project(tmp_path / "3", regenerate=[stale(("a", 1)), {}])
    slow = rehearse(twice, "d", ("suites",), timeout=-60).page
    assert (tmp_path / "3" / "log").read_text().count(f"SPEC_URL={tmp_path / 'd'}\n") == 2
    assert slow.endswith(
        "## Contract suites against a mock of it: did not end within -1 minutes\n\n"
    )
    without = rehearse(project(tmp_path / "2", no_vectors="no document"), "d", ("suites",)).page
    assert without.endswith(": none ran, no vectors could be collected: no document\n\n")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://me:s3cret@a.test/x.json?token=hush#top", "x.json"),
        ("https://me:s3cret@a.test", "a.test"),
        ("ftp://me:s3cret@a.test/hush", "the document"),
        ("of here/x.json", "x.json"),
    ],
)
def test_a_page_names_the_document_without_secrets(address: str, name: str, tmp_path: Path) -> None:
    roots = [project(tmp_path / "refused", **CASES["refused"])]
    if name == "x.json":
        roots.append(project(tmp_path / "accepted"))
    for root in roots:
        page = rehearse(root, address, suites=()).page
        assert page.startswith(f"# Rehearsal of {name}\n")
        assert "s3cret" not in page
        assert "hush" not in page


def test_the_suites_of_a_rehearsal_are_there() -> None:
    assert len(SUITES) == 4
    assert [one for one in SUITES if not (ROOT / one).is_file()] == []


def test_the_page_is_printed_and_kept_each_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = tmp_path / "reports" / "new"
    for said, expected in (({}, 0), (CASES["refused"], 1)):
        root = project(tmp_path / str(expected), **said)
        assert show(root, reports, "a.json", suites=()) == expected
        printed = capsys.readouterr().out
        assert printed == (reports / "rehearsal.md").read_text(encoding="utf-8") + "\n"
