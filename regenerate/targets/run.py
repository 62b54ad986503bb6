"""The targets that change something: fetch, generate, regenerate. Each changes everything it must, or nothing."""

from collections.abc import Callable, Collection

import attrs

from ..changes.change import Weight
from ..changes.changelog import with_next
from ..changes.overlay_needs import read_needs
from ..changes.redocly import second_opinion
from ..changes.report import ChangeReport, SecondOpinion, Version, compare
from ..correct.corrected import correct
from ..document.json_tree import DocumentError, JSONObject, canonical_bytes, object_at, parse_document, sha256, text_at
from ..fetch.download import Limits
from ..fetch.fetcher import Fetched, fetch, look, today
from ..fetch.source import PUBLISHED
from ..generate.build import Product, build
from ..generate.checks import TYPE_CHECKERS
from ..naming.operation_names import read_table
from ..project.lock import Lock, Origin, origin_of, read_lock, whole_lock
from ..project.paths import Workshop
from ..project.progress import Steps, counted
from ..project.transaction import Transaction, ignore, transaction


class BreakingRefused(Exception):
    """The new client would break programs, and nobody said that it may. The text says what would break."""


@attrs.frozen
class Permissions:
    """What is allowed this once: a document that lost many operations, a client that breaks programs."""

    shrink: bool = False
    breaking: bool = False


@attrs.frozen
class Surroundings:
    """What a target takes from outside, so that tests can give it something else."""

    limits: Limits = attrs.field(factory=Limits)
    date: Callable[[], str] = today
    second_opinion: SecondOpinion = second_opinion
    type_checkers: Collection[str] = TYPE_CHECKERS
    step: Callable[[str], None] = ignore


def fetch_only(
    workshop: Workshop,
    steps: Steps,
    url: str = PUBLISHED,
    permissions: Permissions | None = None,
    around: Surroundings | None = None,
) -> None:
    """Put the published document in its place. The client stays: `generate` makes it anew.

    Raises FetchRefused or TransactionError with every file as it was.
    """
    around = around or Surroundings()
    with steps.step("fetch") as note:
        report = fetch(
            url,
            document=workshop.document,
            lock=workshop.lock,
            limits=around.limits,
            allow_shrink=(permissions or Permissions()).shrink,
            date=around.date,
            step=around.step,
        )
        note.said = report.said
        note.facts.update(outcome=report.outcome, source=report.source, sha256=report.sha256)
    steps.recovered(report.recovered)
    if report.outcome == "changed":
        steps.say("The client is still the one of the old document: make generate makes the new one.")
    steps.outcome = report.outcome


def generate_only(
    workshop: Workshop, steps: Steps, permissions: Permissions | None = None, around: Surroundings | None = None
) -> None:
    """Make the client of the document that is there.

    If that is another document than the client's own, its changes are recorded and guarded as `regenerate` does it. If
    only the workshop changed (templates, corrections, names), they are shown and not recorded.

    Raises what `build` raises, LockError when the document was changed by hand, BreakingRefused.
    """
    around = around or Surroundings()
    with transaction(workshop.work, around.step) as change:
        steps.recovered(change.recovered)
        if not workshop.document.is_file():
            raise DocumentError(f"there is no {workshop.document.name}: fetch it first")
        raw = workshop.document.read_bytes()
        lock = read_lock(workshop.lock)
        origin = origin_of(parse_document(raw), raw, lock)
        is_new = lock is None or lock.built is None or lock.built.document != sha256(raw)
        _rebuild(workshop, change, raw, origin, steps, permissions or Permissions(), around, is_recorded=is_new)


def regenerate(
    workshop: Workshop,
    steps: Steps,
    url: str = PUBLISHED,
    permissions: Permissions | None = None,
    around: Surroundings | None = None,
) -> None:
    """Fetch the document and make its client: document, lock, client and CHANGES.md change together or not at all.

    Raises FetchRefused, and what `generate_only` raises.
    """
    around = around or Surroundings()
    allowed = permissions or Permissions()
    with transaction(workshop.work, around.step) as change:
        steps.recovered(change.recovered)
        found = _look(workshop, steps, url, allowed, around)
        raw = workshop.document.read_bytes() if found.raw is None else found.raw
        origin = found.origin or origin_of(parse_document(raw), raw, read_lock(workshop.lock))
        _rebuild(workshop, change, raw, origin, steps, allowed, around, is_recorded=True)


def _look(workshop: Workshop, steps: Steps, url: str, allowed: Permissions, around: Surroundings) -> Fetched:
    with steps.step("fetch") as note:
        found = look(
            url,
            workshop.document,
            workshop.lock,
            limits=around.limits,
            allow_shrink=allowed.shrink,
            date=around.date,
        )
        note.said = found.said
        note.facts["outcome"] = found.outcome
    return found


def _rebuild(
    workshop: Workshop,
    change: Transaction,
    raw: bytes,
    origin: Origin,
    steps: Steps,
    allowed: Permissions,
    around: Surroundings,
    *,
    is_recorded: bool,
) -> None:
    product = build(workshop, raw, change.room, steps, around.type_checkers)
    report = _compare(workshop, product, steps, around)
    if report is not None:
        steps.facts["changes"] = report.as_json()
        if report.all or report.lacks:
            steps.say("\n" + report.text() + "\n")
        if report.is_breaking and is_recorded and not allowed.breaking:
            raise BreakingRefused(
                f"{counted(report.count(Weight.BREAKING), 'breaking change')} (listed above), for version "
                f"{report.proposed(workshop.version())}. ALLOW_BREAKING=1 lets them through"
            )
    with steps.step("swap") as note:
        change.write(workshop.document, raw)
        change.put(workshop.output, product.package)
        if report is not None and report.all and is_recorded:
            proposed = report.proposed(workshop.version())
            steps.facts["proposed_version"] = proposed
            before = workshop.changes.read_text(encoding="utf-8") if workshop.changes.is_file() else ""
            section = f"### {_title(origin, product.corrected)}\n\n{report.text()}"
            change.write(workshop.changes, with_next(before, section, proposed).encode("utf-8"))
        change.write(workshop.kept, canonical_bytes(product.corrected))
        change.write(workshop.lock, Lock(origin, product.built).text().encode("utf-8"))
        changed = [name for name in change.staged if name != workshop.kept.name]
        change.commit()
        steps.outcome = "changed" if changed else "unchanged"
        note.said = f"changed: {', '.join(changed)}" if changed else "unchanged: every byte is as it was"
        note.facts["changed"] = [*changed]


def _title(origin: Origin, corrected: JSONObject) -> str:
    version = text_at(object_at(corrected, "info"), "version")
    when = f" of {origin.date}" if origin.date else ""
    return f"Document {version}{when} ({origin.sha256[:12]})".replace("\n", " ")


def _compare(workshop: Workshop, product: Product, steps: Steps, around: Surroundings) -> ChangeReport | None:
    """What changes for programs; None for a first client."""
    with steps.step("changes") as note:
        needs = read_needs(workshop.reliance) if workshop.reliance is not None else ()
        if not workshop.output.is_dir():
            note.said = "the first client: nothing to compare it with"
            return None
        old = Version(_old_document(workshop), workshop.output)
        report = compare(old, Version(product.corrected, product.package), needs, around.second_opinion)
        counts = ", ".join(
            f"{report.count(weight)} {word}"
            for weight, word in ((Weight.BREAKING, "breaking"), (Weight.ADDITION, "new"), (Weight.OTHER, "other"))
        )
        note.said = f"{counts}; makes {report.proposed(workshop.version())}" if report.all else "none for programs"
        if report.lacks:
            note.said += f"; not there: {counted(len(report.lacks), 'thing')} that the overlay relies on"
        return report


def _old_document(workshop: Workshop) -> JSONObject | None:
    """The corrected document of the client that is there: as it was kept, or made again from the one before the fetch."""
    lock = whole_lock(workshop.lock)
    if lock is None or lock.built is None:
        return None
    try:
        kept = workshop.kept.read_bytes()
        if sha256(kept) == lock.built.corrected:
            return parse_document(kept)
    except OSError:
        pass
    raw = workshop.document.read_bytes() if workshop.document.is_file() else b""
    if sha256(raw) != lock.built.document:
        return None
    try:
        return correct(parse_document(raw), workshop.corrections, read_table(workshop.naming)).document
    except DocumentError:
        return None  # the corrections were made for the new document: the old one cannot be made again
