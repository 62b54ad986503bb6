"""The workshop's front door: `python -m regenerate fetch|generate|regenerate|check`; the make targets call it."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from .document.json_tree import DocumentError, object_at, text_at
from .fetch.fetcher import FetchRefused
from .fetch.source import PUBLISHED
from .generate.build import LintRefused
from .generate.checks import GateError
from .generate.generator import GenerationError
from .generate.tools import ToolError
from .project.paths import Workshop, is_package_name, other_workshop, own_workshop
from .project.progress import Steps
from .project.transaction import TransactionError, Unfinished
from .targets.check import CheckFailed, check
from .targets.pull_request import pull_request_text
from .targets.run import BreakingRefused, Permissions, Surroundings, fetch_only, generate_only, regenerate

TARGETS: Final = ("fetch", "generate", "regenerate", "check")
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
)
_UNTOUCHED: Final = "Nothing was changed."


def main(
    arguments: Sequence[str] | None = None,
    environment: Mapping[str, str] = os.environ,
    around: Surroundings | None = None,
) -> int:
    """Run one target: 0 when it was done or nothing was to do, 1 when it was refused, 2 for wrong arguments.

    SPEC_URL says where the document is; ALLOW_SHRINK=1 and ALLOW_BREAKING=1 permit what is refused otherwise.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    workshop = _workshop(options)
    for name in (options.package_name, workshop.output.name):
        if not is_package_name(name):
            parser.error(f"{name!r} is no name for a package of its own: take one such as parcels_api")
    steps = Steps(options.target)
    try:
        _run(options.target, workshop, steps, environment, around)
    except _REFUSALS as error:
        steps.outcome, steps.refusal = "refused", str(error)
        print(f"{options.target}: refused: {error}", file=sys.stderr)
        if options.target != "check" and not isinstance(error, Unfinished):
            print(_UNTOUCHED, file=sys.stderr)
    finally:
        report = steps.write(workshop.reports)
        if options.target == "regenerate":
            report.with_suffix(".md").write_text(pull_request_text(steps.report()), encoding="utf-8")
    print(f"{options.target}: {_summary(steps)}. The whole report: {report.parent.name}/{report.name}")
    return 1 if steps.refusal is not None else 0


def _summary(steps: Steps) -> str:
    version = text_at(steps.facts, "proposed_version")
    weight = text_at(object_at(steps.facts, "changes"), "weight")
    return f"{steps.outcome}, {weight} for programs: version {version} is proposed" if version else steps.outcome


def _run(
    target: str, workshop: Workshop, steps: Steps, environment: Mapping[str, str], around: Surroundings | None
) -> None:
    url = environment.get("SPEC_URL") or PUBLISHED
    permissions = Permissions(
        shrink=environment.get("ALLOW_SHRINK") == "1", breaking=environment.get("ALLOW_BREAKING") == "1"
    )
    if target == "fetch":
        fetch_only(workshop, steps, url, permissions, around)
    elif target == "generate":
        generate_only(workshop, steps, permissions, around)
    elif target == "regenerate":
        regenerate(workshop, steps, url, permissions, around)
    else:
        check(workshop, steps)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m regenerate", description=main.__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument(
        "--into", type=Path, help="a folder for the client of another document, with all that belongs to it"
    )
    parser.add_argument("--package-name", default="client", help="with --into: the name of the package")
    for name, what in (
        ("document", "the document"),
        ("lock", "its lock"),
        ("output", "the folder of the generated package; its name is the package's"),
        ("changes", "the changelog"),
        ("reports", "the folder of the reports"),
        ("templates", "the folder of the templates"),
        ("corrections", "the folder of the overlays"),
        ("naming", "the naming table"),
        ("reliance", "the list of what an overlay relies on"),
    ):
        parser.add_argument(f"--{name}", type=Path, help=what)
    return parser


def _workshop(options: argparse.Namespace) -> Workshop:
    """The places that the options name. What they leave out is the project's own, or that of the folder --into."""
    workshop = own_workshop() if options.into is None else other_workshop(options.into, options.package_name)
    given = {
        name: path
        for name in (
            "document",
            "lock",
            "output",
            "changes",
            "reports",
            "templates",
            "corrections",
            "naming",
            "reliance",
        )
        if (path := getattr(options, name)) is not None
    }
    return attrs.evolve(workshop, **given)


if __name__ == "__main__":
    sys.exit(main())
