"""Compare two documents with `redocly diff`, where Node is installed.

Redocly is installed once, into the user's cache.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    canonical_bytes,
    object_at,
    objects_at,
    parse_document,
    pointer_parts,
    text_at,
)
from .change import Change, addition, breaking, other

VERSION: Final = "2.77.0"
INSTALL_TIMEOUT: Final = 180.0
DIFF_TIMEOUT: Final = 120.0

# A value that an answer may newly hold is no break for this client: its enums are open.
_HARMLESS_IN_ANSWERS: Final = ("enum-values-added",)


@frozen
class RedoclyDiff:
    """The changes that redocly found, or None and a message that says why there are none."""

    changes: tuple[Change, ...] | None
    message: str


def cache_folder() -> Path:
    """Return where redocly is kept: outside of every repository."""
    kept = os.environ.get("XDG_CACHE_HOME")
    return (
        (Path(kept) if kept else Path.home() / ".cache") / "runflow-client" / f"redocly-{VERSION}"
    )


def redocly_diff(
    old: JSONObject,
    new: JSONObject,
    work: Path,
    *,
    which: Callable[[str], str | None] = shutil.which,
    cache: Path | None = None,
    install_timeout: float = INSTALL_TIMEOUT,
    diff_timeout: float = DIFF_TIMEOUT,
) -> RedoclyDiff:
    """Let redocly compare two corrected documents. `work` is a folder for temporary files.

    Timeouts are in seconds. Never raises because Node, npm or a connection is missing, or redocly
    fails: `message` says so.
    """
    program, missing = _program(which, cache or cache_folder(), install_timeout)
    if program is None:
        return RedoclyDiff(None, missing)
    for name, document in (("old.json", old), ("new.json", new)):
        (work / name).write_bytes(canonical_bytes(document))
    command = [str(program), "diff", "old.json", "new.json"]
    try:
        finished = _run([*command, "--format", "json", "--fail-on", "none"], work, diff_timeout)
    except OSError as error:
        return RedoclyDiff(None, f"redocly could not be run ({error.strerror})")
    if finished is None:
        return RedoclyDiff(None, f"redocly did not answer within {diff_timeout:.0f} seconds")
    try:
        found = parse_document(finished.stdout)
    except DocumentError:
        return RedoclyDiff(
            None, f"redocly failed with exit code {finished.returncode} and no report"
        )
    changes = tuple(
        sorted({change for entry in objects_at(found, "changes") for change in _changes(entry)})
    )
    return RedoclyDiff(changes, f"redocly {VERSION} found {len(changes)} changes")


def _program(
    which: Callable[[str], str | None], cache: Path, timeout: float
) -> tuple[Path | None, str]:
    if which("node") is None:
        return None, "redocly was not asked: Node is not there"
    program = cache / "node_modules" / ".bin" / "redocly"
    if program.exists():
        return program, ""
    npm = which("npm")
    if npm is None:
        return None, "redocly was not asked: npm is not there to install it"
    # Into a folder beside it first, so that an install that was cut off is not taken for a whole
    # one.
    staged = cache.with_name(f"{cache.name}.{os.getpid()}")
    install = [
        npm,
        "install",
        "--silent",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefix",
        str(staged),
    ]
    try:
        staged.mkdir(parents=True, exist_ok=True)
        finished = _run([*install, f"@redocly/cli@{VERSION}"], staged, timeout)
        if (
            finished is None
            or finished.returncode != 0
            or not (staged / "node_modules" / ".bin" / "redocly").exists()
        ):
            return None, f"redocly was not asked: npm could not install version {VERSION}"
        if not program.exists():
            staged.rename(cache)
    except OSError as error:
        return None, f"redocly was not asked: it could not be installed ({error.strerror})"
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return program, ""


def _run(
    command: list[str], folder: Path, seconds: float
) -> subprocess.CompletedProcess[bytes] | None:
    environment = {
        **os.environ,
        "CI": "1",
        "NO_COLOR": "1",
        "REDOCLY_TELEMETRY": "off",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    }
    try:
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return None


def _changes(entry: JSONObject) -> Iterator[Change]:
    verdicts = objects_at(entry, "verdicts")
    for verdict in verdicts:
        # The place of the verdict names a shared schema once; the path of the change names one of
        # its many uses.
        where = _place(text_at(object_at(verdict, "location"), "pointer") or text_at(entry, "path"))
        rule, impact = text_at(verdict, "ruleId"), text_at(verdict, "impact")
        harmless = rule in _HARMLESS_IN_ANSWERS and "/responses/" in text_at(entry, "path")
        what = text_at(verdict, "message").rstrip(".")
        if impact == "major" and not harmless:
            yield breaking(where, what)
        else:
            yield other(where, what) if impact == "patch" else addition(where, what)
    if not verdicts:
        where = _place(text_at(entry, "path"))
        what = " ".join(
            part
            for part in (
                text_at(entry, "typeName"),
                text_at(entry, "property"),
                text_at(entry, "kind"),
            )
            if part
        )
        yield addition(where, what) if text_at(entry, "impact") != "patch" else other(where, what)


def _place(pointer: str) -> str:
    """Return a pointer in words: `#/paths/~1v1~1runs/get` is `/v1/runs get`."""
    parts = pointer_parts(pointer.removeprefix("#"))
    shared = {("paths",): 1, ("components", "schemas"): 2}
    return " ".join(
        parts[next((cut for head, cut in shared.items() if tuple(parts[:cut]) == head), 0) :]
    )
