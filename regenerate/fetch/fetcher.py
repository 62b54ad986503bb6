"""Fetch the published document from its address into its place, or refuse with a reason."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from attrs import field, frozen

from ..document.json_tree import DocumentError, sha256
from ..project.lock import Lock, Origin, Validators, lock_or_none
from ..project.progress import counted
from ..project.transaction import FOLDER, ignore, transaction
from ._acceptance import accept
from ._yaml import as_json
from .download import DownloadError, Limits, download
from .source import PUBLISHED, Source, SourceError, WebSource, read_source


class FetchRefused(Exception):
    """No document was taken and every file is as it was. The text says what came instead."""


@frozen
class Fetched:
    """What came from the address. `raw` is the document to take, None when nothing changed."""

    outcome: Literal["unchanged", "changed"]
    message: str
    raw: bytes | None = field(default=None, repr=False)
    origin: Origin | None = None


@frozen
class FetchReport:
    """What a fetch did.

    `message` is one line for people, `sha256` that of the document that is there now.
    """

    outcome: Literal["unchanged", "changed"]
    source: str
    message: str
    sha256: str


def today() -> str:
    """Return the date in UTC, YYYY-MM-DD."""
    return datetime.now(UTC).date().isoformat()


def get_document(
    url: str,
    document: Path,
    lock: Path,
    *,
    limits: Limits | None = None,
    allow_shrink: bool = False,
    date: Callable[[], str] = today,
) -> Fetched:
    """Get the document and judge it; nothing is written.

    Raises:
        FetchRefused: something else came back; the text says what.
    """
    try:
        source = read_source(url)
    except SourceError as error:
        raise FetchRefused(str(error)) from None
    before = document.read_bytes() if document.is_file() else None
    known = _matching_lock(lock, before)
    try:
        found = download(source, _validators(source, known), limits or Limits())
        if found.raw is None:
            return Fetched("unchanged", f"unchanged, says {source.label} (304)")
        raw = as_json(found.raw)
        accepted = accept(raw, before, allow_shrink=allow_shrink)
    except DownloadError as error:
        raise FetchRefused(str(error)) from None
    except DocumentError as error:
        raise FetchRefused(f"{source.label}: {error}") from None
    if known is not None and raw == before:
        return Fetched("unchanged", f"unchanged, byte for byte, at {source.label}")
    if known is not None and accepted.is_equal:
        return Fetched("unchanged", f"unchanged but for order and white space, at {source.label}")
    kept = (
        found.validators
        if isinstance(source, WebSource) and not source.has_secrets
        else Validators()
    )
    lost = f", {len(accepted.lost)} gone" if accepted.lost else ""
    if accepted.joined:
        lost += f", {accepted.joined} with one id for two parts"
    if accepted.moved is not None:
        lost += f", moved from {accepted.moved[0]} to {accepted.moved[1]}"
    message = (
        f"{len(raw)} bytes from {source.label}: {counted(accepted.operations, 'operation')}{lost}"
    )
    return Fetched("changed", message, raw, Origin(source.label, date(), sha256(raw), kept))


def _matching_lock(lock: Path, before: bytes | None) -> Lock | None:
    """Return the lock, if it is valid and belongs to the document that is there.

    Only then can a document be unchanged.
    """
    known = lock_or_none(lock)
    return (
        known
        if known is not None and before is not None and known.origin.sha256 == sha256(before)
        else None
    )


def _validators(source: Source, known: Lock | None) -> Validators:
    if (
        known is None
        or (isinstance(source, WebSource) and source.has_secrets)
        or known.origin.source != source.label
    ):
        return Validators()
    return known.origin.validators


def fetch(
    url: str = PUBLISHED,
    *,
    document: Path,
    lock: Path,
    limits: Limits | None = None,
    allow_shrink: bool = False,
    date: Callable[[], str] = today,
    step: Callable[[str], None] = ignore,
    recovered: Callable[[tuple[str, ...]], object] = lambda names: None,
) -> FetchReport:
    """Put the document of an address in its place, with its lock; both change or neither does.

    `url` is https, http on this machine, a `file:` URL or a path. `allow_shrink` takes a document
    that lost more than 30 % of its operations. `step` is for tests. `recovered` is told what an
    interrupted change before this one had still to put in its place, also if this one is refused.

    Raises:
        FetchRefused: something else came back. Every file is as it was.
        TransactionError: another process works here, or the files cannot be put there.
    """
    with transaction(lock.parent / FOLDER, step) as change:
        recovered(change.recovered)
        found = get_document(
            url, document, lock, limits=limits, allow_shrink=allow_shrink, date=date
        )
        if found.raw is not None and found.origin is not None:
            change.write(document, found.raw)
            known = lock_or_none(lock)
            change.write(
                lock, Lock(found.origin, known.built if known else None).text().encode("utf-8")
            )
            change.commit()
        there = sha256(document.read_bytes())
        return FetchReport(found.outcome, read_source(url).label, found.message, there)
