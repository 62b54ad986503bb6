"""The targets that change something: fetch, generate, regenerate.

Each changes everything it must, or nothing.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

from attrs import evolve, field, frozen

from ..changes.change import Weight
from ..changes.changelog import with_next
from ..changes.overlay_needs import Missing, Need, read_needs
from ..changes.redocly import redocly_diff
from ..changes.report import ChangeReport, ClientVersion, DocumentDiff, compare
from ..correct.corrected import correct
from ..document.json_tree import (
    DocumentError,
    JSONObject,
    canonical_bytes,
    object_at,
    parse_document,
    sha256,
    text_at,
)
from ..fetch.download import Limits
from ..fetch.fetcher import Fetched, fetch, get_document, today
from ..fetch.source import PUBLISHED
from ..generate.build import Product, build
from ..generate.checks import TYPE_CHECKERS, check_slashes, overlay_type_errors
from ..generate.generator import MakeClient, generate
from ..naming.operation_names import read_table
from ..project.directory import tree_hash
from ..project.lock import Lock, Origin, lock_or_none, origin_of, read_lock
from ..project.paths import ProjectPaths
from ..project.progress import Progress, counted
from ..project.transaction import Transaction, ignore, transaction

OTHER: Final = "The rest"
"""What a place of the overlay belongs to that no feature names."""


class BreakingRefused(Exception):
    """The new client would break programs, and ALLOW_BREAKING is not set.

    The text says what would break.
    """


@frozen
class Allow:
    """What is allowed this once.

    These are a document that lost many operations, and a client that breaks programs.
    """

    shrink: bool = False
    breaking: bool = False


@frozen
class Environment:
    """What a target takes from outside, so that tests can give it something else."""

    limits: Limits = field(factory=Limits)
    date: Callable[[], str] = today
    redocly_diff: DocumentDiff = redocly_diff
    type_checkers: Collection[str] = TYPE_CHECKERS
    make_client: MakeClient = generate
    step: Callable[[str], None] = ignore


def fetch_only(
    paths: ProjectPaths,
    progress: Progress,
    url: str = PUBLISHED,
    allow: Allow | None = None,
    environment: Environment | None = None,
) -> None:
    """Put the published document in its place. The client stays: `generate` makes it anew.

    Raises:
        FetchRefused, TransactionError: nothing was taken. Every file is as it was.
    """
    environment = environment or Environment()
    with progress.step("fetch") as step:
        report = fetch(
            url,
            document=paths.document,
            lock=paths.lock,
            limits=environment.limits,
            allow_shrink=(allow or Allow()).shrink,
            date=environment.date,
            step=environment.step,
            recovered=progress.recovered,
        )
        step.message = report.message
        step.facts.update(outcome=report.outcome, source=report.source, sha256=report.sha256)
    if report.outcome == "changed":
        progress.say(
            "The client is still the one of the old document: make generate makes the new one."
        )
    progress.outcome = report.outcome


def generate_only(
    paths: ProjectPaths,
    progress: Progress,
    allow: Allow | None = None,
    environment: Environment | None = None,
) -> None:
    """Make the client of the document that is there.

    If that is another document than the client's own, its changes are recorded and guarded as
    `regenerate` does it. If only templates, corrections or names changed, the changes are shown and
    not recorded.

    Raises:
        LockError: the document was changed by hand.
        BreakingRefused: programs would break, and that is not allowed.
        And everything that `build` raises.
    """
    environment = environment or Environment()
    with transaction(paths.work, environment.step) as change:
        progress.recovered(change.recovered)
        if not paths.document.is_file():
            raise DocumentError(f"{paths.document.name} is missing: fetch it first")
        raw = paths.document.read_bytes()
        lock = read_lock(paths.lock)
        origin = origin_of(parse_document(raw), raw, lock)
        is_new = lock is None or lock.built is None or lock.built.document != sha256(raw)
        _rebuild(
            paths, change, raw, origin, progress, allow or Allow(), environment, is_recorded=is_new
        )


def regenerate(
    paths: ProjectPaths,
    progress: Progress,
    url: str = PUBLISHED,
    allow: Allow | None = None,
    environment: Environment | None = None,
) -> None:
    """Fetch the document and make its client.

    Document, lock, client and CHANGES.md change together or not at all.

    Raises:
        FetchRefused: no document was taken.
        And everything that `generate_only` raises.
    """
    environment = environment or Environment()
    allow = allow or Allow()
    with transaction(paths.work, environment.step) as change:
        progress.recovered(change.recovered)
        found = _get_document(paths, progress, url, allow, environment)
        raw = paths.document.read_bytes() if found.raw is None else found.raw
        origin = found.origin or origin_of(parse_document(raw), raw, read_lock(paths.lock))
        _rebuild(paths, change, raw, origin, progress, allow, environment, is_recorded=True)


def _get_document(
    paths: ProjectPaths, progress: Progress, url: str, allow: Allow, environment: Environment
) -> Fetched:
    with progress.step("fetch") as step:
        found = get_document(
            url,
            paths.document,
            paths.lock,
            limits=environment.limits,
            allow_shrink=allow.shrink,
            date=environment.date,
        )
        step.message = found.message
        step.facts["outcome"] = found.outcome
    return found


def _rebuild(
    paths: ProjectPaths,
    change: Transaction,
    raw: bytes,
    origin: Origin,
    progress: Progress,
    allow: Allow,
    environment: Environment,
    *,
    is_recorded: bool,
) -> None:
    product = build(
        paths, raw, change.staging, progress, environment.type_checkers, environment.make_client
    )
    needs = read_needs(paths.overlay_needs) if paths.overlay_needs is not None else ()
    if slashes := sorted({name for need in needs for name in need.slashes}):
        check_slashes(product.package, slashes)
    report = _compare(paths, product, needs, progress, environment)
    if report is not None:
        progress.facts["changes"] = report.as_json()
        if report.all or report.missing:
            progress.say("\n" + report.text() + "\n")
        if report.is_breaking and is_recorded and not allow.breaking:
            hit = sorted({one.feature for one in report.missing})
            features = (
                f" {counted(len(hit), 'feature')} of the overlay hit: {'; '.join(hit)}."
                if hit
                else ""
            )
            raise BreakingRefused(
                f"{counted(report.count(Weight.BREAKING), 'breaking change')} (listed above), "
                "for version "
                f"{report.proposed(paths.version())}.{features} ALLOW_BREAKING=1 lets them through"
            )
    with progress.step("swap") as step:
        change.write(paths.document, raw)
        change.put(paths.output, product.package)
        if report is not None and report.all and is_recorded:
            proposed = report.proposed(paths.version())
            progress.facts["proposed_version"] = proposed
            before = paths.changes.read_text(encoding="utf-8") if paths.changes.is_file() else ""
            section = f"### {_title(origin, product.corrected)}\n\n{report.text()}"
            change.write(paths.changes, with_next(before, section, proposed).encode("utf-8"))
        change.write(paths.kept, canonical_bytes(product.corrected))
        change.write(paths.lock, Lock(origin, product.built).text().encode("utf-8"))
        changed = [name for name in change.staged if name != paths.kept.name]
        change.commit()
        progress.outcome = "changed" if changed else "unchanged"
        step.message = (
            f"changed: {', '.join(changed)}" if changed else "unchanged: every byte is as it was"
        )
        step.facts["changed"] = [*changed]


def _title(origin: Origin, corrected: JSONObject) -> str:
    version = text_at(object_at(corrected, "info"), "version")
    when = f" of {origin.date}" if origin.date else ""
    # One line, whatever ends a line in the version.
    return " ".join(f"Document {version}{when} ({origin.sha256[:12]})".split())


def _compare(
    paths: ProjectPaths,
    product: Product,
    needs: tuple[Need, ...],
    progress: Progress,
    environment: Environment,
) -> ChangeReport | None:
    """Return what changes for programs; None for a first client."""
    with progress.step("changes") as step:
        if not paths.output.is_dir():
            step.message = "the first client: nothing to compare it with"
            return None
        old = ClientVersion(_old_document(paths), paths.output)
        report = compare(
            old, ClientVersion(product.corrected, product.package), needs, environment.redocly_diff
        )
        report = evolve(report, missing=report.missing + _type_errors(paths, product, needs))
        counts = ", ".join(
            f"{report.count(weight)} {word}"
            for weight, word in (
                (Weight.BREAKING, "breaking"),
                (Weight.ADDITION, "new"),
                (Weight.OTHER, "other"),
            )
        )
        step.message = (
            f"{counts}; makes {report.proposed(paths.version())}"
            if report.all
            else "none for programs"
        )
        if report.missing:
            step.message += (
                f"; not there: {counted(len(report.missing), 'thing')} that the overlay relies on"
            )
        return report


def _type_errors(
    paths: ProjectPaths, product: Product, needs: tuple[Need, ...]
) -> tuple[Missing, ...]:
    """Return what of the overlay, and of the mock, does not fit the new client, by feature.

    What did not fit the old client either is no news.
    """
    if not paths.users or tree_hash(product.package) == tree_hash(paths.output):
        return ()
    found = overlay_type_errors(product.package, paths.users)
    before = overlay_type_errors(paths.output, paths.users) if found else []
    known = {_unplaced(line) for line in before}
    places = {place: need.feature for need in needs for place in need.mend}
    new = [(line.partition(":")[0], line) for line in found if _unplaced(line) not in known]
    return tuple(
        sorted(
            Missing(_feature(file, places), f"does not fit the new client: {line}", (file,))
            for file, line in new
        )
    )


def _feature(file: str, places: Mapping[str, str]) -> str:
    """Return the feature that a file of the overlay belongs to: its place may be a folder."""
    return next(
        (name for place, name in places.items() if f"overlay/{file}".startswith(place)), OTHER
    )


def _unplaced(line: str) -> str:
    """Return an error of a type checker without the number of its line."""
    return re.sub(r":\d+", "", line, count=1)


def _old_document(paths: ProjectPaths) -> JSONObject | None:
    """Return the corrected document of the client that is there.

    It was kept, or is made again from the document before the fetch.
    """
    lock = lock_or_none(paths.lock)
    if lock is None or lock.built is None:
        return None
    try:
        kept = paths.kept.read_bytes()
        if sha256(kept) == lock.built.corrected:
            return parse_document(kept)
    except OSError:
        pass
    raw = paths.document.read_bytes() if paths.document.is_file() else b""
    if sha256(raw) != lock.built.document:
        return None
    try:
        return correct(parse_document(raw), paths.corrections, read_table(paths.naming)).document
    except DocumentError:
        return (
            None  # the corrections were made for the new document: the old one cannot be made again
        )
