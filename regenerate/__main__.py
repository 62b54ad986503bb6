"""Run a target: `python -m regenerate fetch|generate|regenerate|check|rehearse`.

The make targets call it.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import evolve

from .correct.overlays import OverlayError
from .document.json_tree import DocumentError, object_at, text_at
from .fetch.fetcher import FetchRefused
from .fetch.source import PUBLISHED
from .generate.build import LintRefused
from .generate.checks import GateError
from .generate.generator import GenerationError
from .generate.tools import ToolError
from .project.directory import TreeError
from .project.paths import ROOT, ProjectPaths, is_package_name, own_paths, paths_in
from .project.progress import Progress
from .project.transaction import TransactionError, Unfinished
from .targets.check import CheckFailed, check
from .targets.pull_request import pull_request_text
from .targets.rehearse import show
from .targets.run import Allow, BreakingRefused, Environment, fetch_only, generate_only, regenerate

TARGETS: Final = ("fetch", "generate", "regenerate", "check", "rehearse")
_REFUSALS: Final = (
    BreakingRefused,
    CheckFailed,
    DocumentError,
    FetchRefused,
    GateError,
    GenerationError,
    LintRefused,
    OSError,
    ToolError,
    TransactionError,
    TreeError,
)
_PLACES: Final = {
    "document": "the document",
    "lock": "its lock",
    "output": "the folder of the generated package; its name is the package's",
    "changes": "the changelog",
    "reports": "the folder of the reports",
    "templates": "the folder of the templates",
    "corrections": "the folder of the overlays",
    "naming": "the naming table",
    "overlay_needs": "the list of what an overlay relies on",
}
"""The fields of ProjectPaths that options set, and what they are."""
_PACKAGE: Final = "client"
_UNTOUCHED: Final = "Nothing was changed."


def main(
    arguments: Sequence[str] | None = None,
    variables: Mapping[str, str] = os.environ,
    environment: Environment | None = None,
) -> int:
    """Run one target.

    SPEC_URL says where the document is. ALLOW_SHRINK=1 and ALLOW_BREAKING=1 permit what is refused
    otherwise.

    Returns:
        0 when it was done or nothing was to do, 1 when it was refused, 2 for wrong arguments.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.package_name is not None and options.into is None:
        parser.error("--package-name goes with --into")
    options.package_name = _PACKAGE if options.package_name is None else options.package_name
    paths = _paths(options)
    for name in (options.package_name, paths.output.name):
        if not is_package_name(name):
            parser.error(f"{name!r} is not a usable package name: take one such as parcels_api")
    if options.target == "rehearse":
        for name in ("into", *_PLACES):
            if name != "reports" and getattr(options, name) is not None:
                option = f"--{name.replace('_', '-')}"
                parser.error(f"rehearse works on a copy of this project: it takes no {option}")
        if not variables.get("SPEC_URL"):
            parser.error("say which document: make rehearse-document DOC=...")
        try:
            return show(ROOT, paths.reports, variables["SPEC_URL"])
        except OSError as error:
            print(f"rehearse: refused: {error}", file=sys.stderr)
            return 1
    progress = Progress(options.target)
    refused: Exception | None = None
    try:
        paths.reports.mkdir(parents=True, exist_ok=True)
        _run(options.target, paths, progress, variables, environment)
    except _REFUSALS as error:
        refused = error
        progress.outcome, progress.refusal = "refused", str(error)
        print(f"{options.target}: refused: {error}", file=sys.stderr)
        if options.target != "check" and not isinstance(error, Unfinished):
            print(
                "Nothing else was changed." if progress.has_recovered else _UNTOUCHED,
                file=sys.stderr,
            )
    finally:
        report = _write_report(progress, paths.reports)
    if report is None:
        return 1
    progress.say(
        f"{options.target}: {_summary(progress)}. The whole report: "
        f"{report.parent.name}/{report.name}"
    )
    progress.say(f"Next: {_next_step(options.target, progress, refused)}")
    return 1 if progress.refusal is not None else 0


def _write_report(progress: Progress, folder: Path) -> Path | None:
    """Write what happened, and say where it cannot be written."""
    try:
        report = progress.write(folder)
        if progress.target == "regenerate":
            report.with_suffix(".md").write_text(
                pull_request_text(progress.report()), encoding="utf-8"
            )
    except OSError as error:
        print(f"{progress.target}: the report was not written: {error}", file=sys.stderr)
        return None
    return report


_REMEDIES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (FetchRefused, "look at SPEC_URL and at what came back."),
    (
        LintRefused,
        "put the lines above into a file in regenerate/corrections/, look whether the server takes "
        "what they say, and run it again.",
    ),
    (OverlayError, "adapt or delete the corrections named above, and run it again."),
    (
        BreakingRefused,
        "mend the places of the overlay that are named above and plan the version; then "
        "ALLOW_BREAKING=1 takes the document.",
    ),
    (ToolError, "make install, and run it again."),
    (CheckFailed, "make generate, or get back from version control what was changed by hand."),
)


def _next_step(target: str, progress: Progress, refused: Exception | None) -> str:
    """Return what the reader does now."""
    if refused is not None:
        found = (text for kind, text in _REMEDIES if isinstance(refused, kind))
        return next(found, "mend what is named above, and run it again.")
    if target == "fetch" and progress.outcome == "changed":
        return "make generate."
    if target in ("generate", "regenerate") and progress.outcome == "changed":
        return "make test, read the difference in generated/ and CHANGES.md, and commit it all."
    return "nothing."


def _summary(progress: Progress) -> str:
    version = text_at(progress.facts, "proposed_version")
    weight = text_at(object_at(progress.facts, "changes"), "weight")
    return (
        f"{progress.outcome}, {weight} for programs: version {version} is proposed"
        if version
        else progress.outcome
    )


def _run(
    target: str,
    paths: ProjectPaths,
    progress: Progress,
    variables: Mapping[str, str],
    environment: Environment | None,
) -> None:
    url = variables.get("SPEC_URL") or PUBLISHED
    allow = Allow(
        shrink=variables.get("ALLOW_SHRINK") == "1", breaking=variables.get("ALLOW_BREAKING") == "1"
    )
    if target == "fetch":
        fetch_only(paths, progress, url, allow, environment)
    elif target == "generate":
        generate_only(paths, progress, allow, environment)
    elif target == "regenerate":
        regenerate(paths, progress, url, allow, environment)
    else:
        check(paths, progress, (environment or Environment()).make_client)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m regenerate", description=main.__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument(
        "--into",
        type=Path,
        help="a folder for the client of another document, with all that belongs to it",
    )
    parser.add_argument(
        "--package-name", help=f"with --into: the name of the package (default: {_PACKAGE})"
    )
    for name, what in _PLACES.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, help=what)
    return parser


def _paths(options: argparse.Namespace) -> ProjectPaths:
    """Return the places that the options name.

    What they leave out is the project's own, or that of the folder --into.
    """
    paths = own_paths() if options.into is None else paths_in(options.into, options.package_name)
    given = {name: path for name in _PLACES if (path := getattr(options, name)) is not None}
    return evolve(paths, **given)


if __name__ == "__main__":
    sys.exit(main())
