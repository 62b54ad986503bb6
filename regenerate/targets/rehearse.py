"""Rehearse the arrival of a document on a copy of the project: one page says what would happen."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ..document.json_tree import JSONObject, object_at, objects_at, parse_document, text_at
from ..document.yaml_files import read_yaml
from ..fetch.source import FROM_FILE, SourceError, read_source
from ..project.paths import CORRECTIONS, ROOT
from ..project.progress import counted

SUITES: Final = tuple(
    f"contract_tests/suites/conformance/test_{name}.py"
    for name in ("requests", "responses", "callbacks", "every_model")
)
"""The suites that hold client, mock and document against each other, whatever the document is."""
SUITE_TIMEOUT: Final = 1800.0
_LEFT_OUT: Final = (".git", ".venv*", "__pycache__", ".*_cache", "reports", "node_modules", "build")
_SOURCES: Final = ("generated", "overlay", "contract_tests", ".")
_MAX_LINES: Final = 15
_OUTCOME: Final = re.compile(r"^(FAILED|ERROR) (.+?)(?: - .*)?$")
_STALE: Final = re.compile(
    r"^(.+\.overlay\.(?:ya?ml|json)), action (\d+): the target ", re.MULTILINE
)
_NOTHING_ELSE: Final = "Nothing else was tried."
_COUNTS: Final = re.compile(r"(\d+) (passed|failed|errors?|skipped)")


@frozen
class Suites:
    """What the contract suites said: how many tests, by outcome, and which did not pass."""

    counts: str
    failed: tuple[str, ...]


@frozen
class Rehearsal:
    """What would happen, as one page."""

    is_accepted: bool
    page: str


def rehearse(
    root: Path, document: str, suites: Sequence[str] = SUITES, *, timeout: float = SUITE_TIMEOUT
) -> Rehearsal:
    """Take a document on a copy of the project and say what would happen; nothing else is changed.

    Everything is allowed there, so that one round shows all of it. `document` is what SPEC_URL may
    be, `timeout` the seconds that the suites may take.
    """
    with tempfile.TemporaryDirectory(prefix="regenerate-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        source = str(Path(document).resolve()) if Path(document).is_file() else document
        report = _regenerate(copy, source)
        refusals: list[str] = []
        while refusal := text_at(report, "refusal"):
            refusals.append(refusal)
            if not _take_stale_actions_out(copy, refusal):
                return Rehearsal(False, _refused_page(document, refusals))
            report = _regenerate(copy, source)
        mock = _mock_differences(copy)
        found = _run_suites(copy, suites, timeout) if suites else None
        page = _accepted_page(document, report, mock, found)
        if refusals:
            page = _refused_page(document, refusals, followed=page.partition("\n\n")[2])
        return Rehearsal(not refusals, page)


def _take_stale_actions_out(copy: Path, refusal: str) -> bool:
    """Take the actions that match nothing out of the corrections, so that the rest is shown.

    Returns:
        Whether there were any: without them the refusal is another one.
    """
    is_taken, stale = False, dict[str, set[int]]()
    for name, number in _STALE.findall(refusal):
        stale.setdefault(name, set()).add(int(number))
    for name, numbers in stale.items():
        file = copy / CORRECTIONS.relative_to(ROOT) / name
        overlay: dict[str, Any] = read_yaml(file)
        kept = [one for n, one in enumerate(overlay["actions"], 1) if n not in numbers]
        is_taken = is_taken or len(kept) < len(overlay["actions"])
        if kept:
            # JSON is YAML, too.
            file.write_text(json.dumps({**overlay, "actions": kept}), encoding="utf-8")
        else:
            file.unlink()
    return is_taken


def _run_module(
    copy: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m` with these arguments on the copy."""
    own = {
        "PYTHONPATH": os.pathsep.join(str(copy / source) for source in _SOURCES),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=copy,
        env={**os.environ, **own, **(variables or {})},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        check=False,
    )


def _last_line(text: str) -> str:
    return "".join(text.strip().splitlines()[-1:])


def _regenerate(copy: Path, source: str) -> JSONObject:
    variables = {"SPEC_URL": source, "ALLOW_BREAKING": "1", "ALLOW_SHRINK": "1"}
    path = copy / "reports" / "regenerate.json"
    path.unlink(missing_ok=True)  # that of the round before
    finished = _run_module(copy, "regenerate", "regenerate", variables=variables)
    report = parse_document(path.read_bytes()) if path.is_file() else {}
    if finished.returncode == 0 or text_at(report, "refusal"):
        return report
    return {"refusal": f"make regenerate did not end: {_last_line(finished.stderr)}"}


def _mock_differences(copy: Path) -> list[str]:
    """Return what the mock server says of the new document, a line each."""
    finished = _run_module(copy, "runflow_mock", "--differences")
    said = finished.stdout if finished.returncode == 0 else finished.stderr
    return [line for line in said.splitlines() if line]


def _run_suites(copy: Path, suites: Sequence[str], timeout: float) -> Suites:
    collected = _run_module(copy, "vectors")
    if collected.returncode != 0:
        why = _last_line(collected.stderr)
        return Suites(f"none ran, no vectors could be collected: {why}", ())
    options = ("-q", "--no-header", "--tb=no", "-p", "no:cacheprovider")
    try:
        finished = _run_module(copy, "pytest", *options, *suites, timeout=timeout)
    except subprocess.TimeoutExpired:
        return Suites(f"did not end within {timeout / 60:.0f} minutes", ())
    lines = finished.stdout.splitlines()
    failed = tuple(found[2] for line in lines if (found := _OUTCOME.match(line)))
    counts = _COUNTS.findall(lines[-1]) if lines else []
    return Suites(", ".join(f"{number} {word}" for number, word in counts) or "none ran", failed)


def _refused_page(document: str, refusals: list[str], followed: str = "") -> str:
    """Return the page of a document that is refused.

    `followed` is what happens without the corrections that match nothing.
    """
    rest = "This is what follows without these corrections." if followed else _NOTHING_ELSE
    lines = [f"# Rehearsal of {_name_of(document)}", "", f"**Refused.** {rest}", ""]
    for refusal in refusals:
        lines += ["```", refusal, "```", ""]
    return "\n".join((*lines, followed) if followed else lines)


def _accepted_page(
    document: str, report: JSONObject, mock: list[str], suites: Suites | None
) -> str:
    changes = object_at(report, "changes")
    overlay = objects_at(changes, "overlay")
    own = [*objects_at(changes, "wire"), *objects_at(changes, "python")]
    broken = [one for one in own if one.get("weight") == "breaking"]
    new = sum(1 for one in own if one.get("weight") == "addition")
    lines = [f"# Rehearsal of {_name_of(document)}", ""]
    lines += ["**Accepted.**" if not broken and not overlay else "**Accepted, and it breaks.**", ""]
    steps = {
        text_at(step, "step"): text_at(step, "message") for step in objects_at(report, "steps")
    }
    lines += [
        f"- {name}: {steps[name]}" for name in ("fetch", "correct", "generate") if name in steps
    ]
    lines += ["", f"## For programs: {counted(len(broken), 'break')}, {new} new", ""]
    lines += _listed([f"`{text_at(one, 'where')}`: {text_at(one, 'what')}" for one in broken])
    features = sorted({text_at(one, "feature") for one in overlay})
    lines += ["", f"## Features of the overlay that are hit: {len(features)}", ""]
    for feature in features:
        what = [text_at(one, "missing") for one in overlay if text_at(one, "feature") == feature]
        lines += [f"- **{feature}**", *(f"  {line}" for line in _listed(what))]
    lost = [line for line in mock if ": followed: " not in line]
    kept = [line for line in mock if ": followed: " in line]
    lines += ["", f"## The mock server: {len(lost)} it cannot follow, {len(kept)} it can"]
    lines += ["", *_listed(lost), *_listed(kept)]
    if suites is not None:
        lines += ["", f"## Contract suites against a mock of it: {suites.counts}", ""]
        lines += _listed([f"`{name}`" for name in suites.failed])
    return "\n".join((*lines, ""))


def _name_of(document: str) -> str:
    """Return what a document is called, without what its address may hold besides."""
    try:
        label = read_source(document).label
    except SourceError:
        return "the document"
    return Path(label.removeprefix(FROM_FILE)).name


def _listed(texts: list[str]) -> list[str]:
    more = [f"- … and {len(texts) - _MAX_LINES} more"] if len(texts) > _MAX_LINES else []
    return [*(f"- {text}" for text in texts[:_MAX_LINES]), *more]


def show(root: Path, reports: Path, document: str, suites: Sequence[str] = SUITES) -> int:
    """Print the page for a document, and write it into the reports.

    Returns:
        0 when the document would be accepted, 1 when it would be refused.

    Raises:
        OSError: the project cannot be copied, or the page cannot be kept.
    """
    reports.mkdir(parents=True, exist_ok=True)  # before the work whose page is kept there
    found = rehearse(root, document, suites)
    (reports / "rehearsal.md").write_text(found.page, encoding="utf-8")
    print(found.page)
    return 0 if found.is_accepted else 1
