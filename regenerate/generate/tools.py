"""Check the tools that decide the bytes of the client.

These are pinned versions, and the upstream templates that ours replace.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Final

PINNED: Final = {"openapi-python-client": "0.29.1", "ruff": "0.17.6"}
UPSTREAM_RECORD: Final = "upstream.json"


class ToolError(Exception):
    """A tool is not the one that the client is made with."""


def check_versions(pins: Mapping[str, str] = PINNED) -> None:
    """Check that the installed generator and formatter are the pinned ones.

    Raises:
        ToolError: one of them is missing or has another version.
    """
    for name, pinned in pins.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "missing"
        if installed != pinned:
            raise ToolError(
                f"{name} is {installed}, but the client is made with {pinned}: pip install "
                f"{name}=={pinned}"
            )


def check_upstream_templates(templates: Path) -> None:
    """Check that every upstream template that ours replace is the one that ours were written for.

    Raises:
        ToolError: an original changed, is not recorded, or is recorded and not replaced. The text
            names it.
    """
    recorded: dict[str, str] = json.loads((templates / UPSTREAM_RECORD).read_text(encoding="utf-8"))
    actual = upstream_hashes(templates)
    changed = sorted(
        name for name in recorded.keys() & actual.keys() if recorded[name] != actual[name]
    )
    unrecorded = sorted(actual.keys() - recorded.keys())
    stale = sorted(recorded.keys() - actual.keys())
    problems = [
        f"{what}: {', '.join(names)}"
        for what, names in (
            (
                "upstream templates that changed since ours were written (compare, adapt ours, "
                "record anew)",
                changed,
            ),
            (f"templates that ours replace and {UPSTREAM_RECORD} does not record", unrecorded),
            (f"templates that {UPSTREAM_RECORD} records and ours do not replace", stale),
        )
        if names
    ]
    if problems:
        raise ToolError("; ".join(problems))


def upstream_hashes(templates: Path) -> dict[str, str]:
    """Return the sha256 of the original of each of our templates that has one, by its name."""
    originals = files("openapi_python_client") / "templates"
    hashes: dict[str, str] = {}
    for template in sorted(templates.rglob("*.jinja")):
        name = template.relative_to(templates).as_posix()
        original = originals / name
        if original.is_file():
            hashes[name] = hashlib.sha256(original.read_bytes()).hexdigest()
    return hashes
