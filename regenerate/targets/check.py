"""Prove offline that the client is what document, corrections, templates and tools give.

Nothing is changed.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..document.json_tree import DocumentError, parse_document, sha256
from ..fetch.source import FROM_FILE
from ..generate.build import build
from ..generate.generator import MakeClient, generate
from ..project.directory import tree_hash
from ..project.lock import Built, Lock, LockError, Origin, origin_of, read_lock
from ..project.paths import ProjectPaths
from ..project.progress import Progress, counted
from ..project.transaction import recover

_MAX_FILES: Final = 20
_REMEDY: Final = "make generate makes the client anew"


class CheckFailed(Exception):
    """The tree is not what the document gives.

    The text lists every difference and what to do about it.
    """


def check(paths: ProjectPaths, progress: Progress, make_client: MakeClient = generate) -> None:
    """Make the client again, apart, and compare everything with what is there and with the lock.

    A change that was interrupted is finished first.

    Raises:
        CheckFailed: something differs; the text lists every difference.
        DocumentError, LintRefused, ToolError, GenerationError, GateError: no client can be made of
            what is there.
    """
    progress.recovered(recover(paths.work))
    if not paths.document.is_file():
        raise DocumentError(f"{paths.document.name} is missing: fetch it first")
    raw = paths.document.read_bytes()
    with progress.step("lock") as step:
        lock = read_lock(paths.lock)
        if lock is None or lock.built is None:
            raise LockError(f"{paths.lock.name} records no client: {_REMEDY}")
        problems = [*_document_problems(raw, lock), *_ingredient_problems(paths, lock.built)]
        step.message = f"document {lock.origin.sha256[:12]} from {lock.origin.source}"
    # What is wrong so far does not hide what else is: all of it is told at the end.
    with tempfile.TemporaryDirectory(prefix="regenerate-") as staging:
        product = build(paths, raw, Path(staging), progress, (), make_client)
        with progress.step("compare") as step:
            problems += _built_problems(lock.built, product.built)
            problems += _tree_problems(product.package, paths.output)
            step.message = (
                counted(len(problems), "difference")
                if problems
                else f"{counted(product.made.files, 'file')}, byte for byte"
            )
            step.facts["problems"] = [*problems]
    if problems:
        raise CheckFailed(
            "\n".join(
                ("the tree is not what the document gives:", *(f"  {one}" for one in problems))
            )
        )
    progress.outcome = "sound"


def _document_problems(raw: bytes, lock: Lock) -> Iterator[str]:
    if sha256(raw) != lock.origin.sha256:
        yield (
            f"the document ({sha256(raw)[:12]}) is not the one of the lock "
            f"({lock.origin.sha256[:12]}): it was changed by "
            "hand. Get it back from version control, or fetch it again"
        )
    elif lock.built is not None and lock.built.document != lock.origin.sha256:
        yield f"the client was made of another document than the one that is there: {_REMEDY}"
    elif not lock.origin.source.startswith(FROM_FILE) and _origin(raw) not in (None, lock.origin):
        # A file can be an edited reconstruction: that is how a change is rehearsed.
        yield f"the lock and the reconstruction name different origins: {_REMEDY}"


def _origin(raw: bytes) -> Origin | None:
    """Return the origin that a document states itself: only the reconstruction does."""
    document = parse_document(raw)
    found = origin_of(document, raw, None)
    return found if found.source == "reconstruction" else None


def _ingredient_problems(paths: ProjectPaths, built: Built) -> Iterator[str]:
    for name, found in paths.ingredients().items():
        if getattr(built, name) != found:
            yield f"{name}: changed since the client was made: {_REMEDY}"


def _built_problems(locked: Built, made: Built) -> Iterator[str]:
    for name in ("corrected", "tree", "tools"):
        if getattr(locked, name) != getattr(made, name):
            yield f"{name}: the lock holds something else than what is made now: {_REMEDY}"


def _tree_problems(made: Path, there: Path) -> Iterator[str]:
    if there.is_dir() and tree_hash(made) == tree_hash(there):
        return
    new, old = _files(made), _files(there)
    differing = [
        f"{name}: is not what is made" for name in new.keys() & old.keys() if new[name] != old[name]
    ]
    differing += [f"{name}: is missing" for name in new.keys() - old.keys()]
    differing += [f"{name}: is not made" for name in old.keys() - new.keys()]
    differing.sort()
    yield from (f"{there.name}/{line}" for line in differing[:_MAX_FILES])
    if len(differing) > _MAX_FILES:
        yield f"{there.name}: and {len(differing) - _MAX_FILES} files more"


def _files(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): sha256(file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
