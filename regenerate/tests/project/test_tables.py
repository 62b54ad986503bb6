"""The lock and the report of a target: what they hold, what they refuse, what they say."""

import io
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from attrs import evolve
from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject, canonical_bytes, readable_text, sha256
from ...project.lock import (
    LOCAL,
    RECONSTRUCTION,
    Built,
    Lock,
    LockError,
    Origin,
    Validators,
    lock_or_none,
    origin_of,
    parse_lock,
    read_lock,
)
from ...project.progress import Progress, counted
from ..every_word import SNAPSHOTS

HASHES = [f"{number}" * 64 for number in range(8)]
TOOLS = {"ruff": "2", "attrs": "1"}
BUILT = Built(
    document=HASHES[1],
    corrected=HASHES[2],
    corrections=HASHES[3],
    naming=HASHES[4],
    settings=HASHES[5],
    templates=HASHES[6],
    tree=HASHES[7],
    tools=TOOLS,
)
FETCHED = Origin("https://a.example/openapi.json", "2026-11-29", HASHES[0], Validators("e", "m"))
LOCKS = {
    "whole": Lock(FETCHED, BUILT),
    "not built": Lock(FETCHED, None),
    "reconstruction": Lock(Origin(RECONSTRUCTION, "2026-01-02", HASHES[0]), BUILT),
    "empty texts": Lock(Origin("", "", HASHES[0], Validators("", "")), BUILT),
    "local": Lock(Origin(LOCAL, None, HASHES[0], Validators(last_modified="m")), None),
}


def text_of(read: JSONObject, *, seal: bool) -> bytes:
    """Return a lock's text with this content, sealed anew or with the seal that it has."""
    content = {name: value for name, value in read.items() if name != "seal"}
    sealed = {**content, "seal": sha256(canonical_bytes(content))}
    return readable_text(sealed if seal else read).encode()


def refused(raw: bytes) -> str:
    try:
        parse_lock(raw, "openapi.lock.json")
    except LockError as error:
        return str(error)
    return "taken"


def locks() -> Iterator[str]:
    for name, lock in LOCKS.items():
        yield f"{name}:\n{lock.text()}"
        assert parse_lock(lock.text().encode()) == lock
        yield f"conditional: {lock.origin.validators.headers()}"
    whole: JSONObject = json.loads(LOCKS["whole"].text())
    yield f"with an end: {refused(text_of(whole, seal=False) + b' ')}"
    for raw in (b"", b"{", b"[]", b"{}"):
        yield f"{raw!r}: {refused(raw)}"
    for part, seal in product(("document", "built", "seal"), (True, False)):
        fields = whole[part]
        names = [*fields] if isinstance(fields, dict) else [""]
        for name in names:
            changed = json.loads(json.dumps(whole))
            if name:
                changed[part][name] = "another" if name != "tools" else {"ruff": "3"}
            else:
                changed[part] = "another"
            yield f"{part} {name}, sealed anew {seal}: {refused(text_of(changed, seal=seal))}"


DOCUMENTS: tuple[JSONObject, ...] = (
    {"info": {"x-reconstructed": True, "x-reconstructed-on": "2026-03-04"}},
    {"info": {"x-reconstructed": True}},
    {"info": {"x-reconstructed": "yes"}},
    {},
)


def origins() -> Iterator[str]:
    same = b"the bytes"
    for (name, lock), document in product((*LOCKS.items(), ("none", None)), DOCUMENTS):
        known = lock and evolve(lock, origin=evolve(lock.origin, date="then", sha256=sha256(same)))
        yield f"{name} {document}"
        for raw in (same, b"others"):
            try:
                found = origin_of(document, raw, known)
                told = f"{found.source}, {found.date}, {found.sha256 == sha256(raw)}"
                told += f", {found.validators.headers()}"
            except LockError as error:
                told = str(error)
            yield f"    {told}"


def fail(progress: Progress) -> None:
    """Fail in the middle of a step."""
    with progress.step("a step of many letters") as step:
        step.message = "half"
        raise ValueError("not so")


def targets(folder: Path) -> Iterator[str]:
    for number in (0, 1, 2):
        yield counted(number, "file")
    out, times = io.StringIO(), iter([*range(0, 100, 3)])
    progress = Progress("regenerate", out=out, terminal=None, clock=lambda: next(times) / 7)
    yield readable_text(progress.report())
    progress.recovered(())
    assert not progress.has_recovered
    progress.recovered(("openapi.json", "client"))
    with progress.step("silent"):
        pass
    with progress.step("fetch") as step:
        step.message, step.facts["bytes"] = "it came", 7
    with pytest.raises(ValueError, match="not so"):
        fail(progress)
    progress.outcome, progress.refusal, progress.facts = "refused", "not so", {"more": [1]}
    path = progress.write(folder / "deep" / "reports")
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    yield f"{path.relative_to(folder).as_posix()}\n{path.read_text(encoding='utf-8')}"
    yield out.getvalue()


def test_the_lock_and_the_reports_are_what_they_were_before(tmp_path: Path) -> None:
    lines = [*locks(), *origins(), *targets(tmp_path)]
    check_snapshot(SNAPSHOTS / "project.txt", "\n".join(lines) + "\n")


def test_one_name_is_enough_to_say_that_something_was_recovered() -> None:
    progress = Progress("check", out=io.StringIO(), terminal=None)
    progress.recovered(("client",))
    assert progress.has_recovered


def test_a_lock_is_read_from_its_file_or_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "openapi.lock.json"
    assert (read_lock(path), lock_or_none(path)) == (None, None)
    path.write_text(LOCKS["whole"].text(), encoding="utf-8")
    assert read_lock(path) == lock_or_none(path) == LOCKS["whole"]
    path.write_text("{}", encoding="utf-8")
    assert lock_or_none(path) is None
    with pytest.raises(LockError, match=r"^openapi\.lock\.json: "):
        read_lock(path)
