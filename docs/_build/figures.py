"""The page of figures and its chart, made of what `make bench` wrote."""

import json
from html import escape
from pathlib import Path
from typing import Any, Final

from benchmarks.table import HEAD, Row, rows_of

RESULTS: Final = "benchmarks/results.json"
CHART: Final = "assets/figures.svg"

_WIDTH, _LINE, _LIMIT = 520, 42, 300
"""Pixels: of the chart, from one name to the next, and from the left to the line of the goals."""


def results(root: Path) -> dict[str, Any]:
    """Return what was measured, by part."""
    found: dict[str, Any] = json.loads((root / RESULTS).read_text(encoding="utf-8"))
    return found


def figures_page(found: dict[str, Any]) -> str:
    """Return the page: when each part was measured, the chart, and the table."""
    when = ", ".join(
        f"{name} on {part['date']} (CPython {part['python']}, {part['cores']} cores)"
        for name, part in found.items()
    )
    lines = [
        "# Figures",
        "",
        "What the benchmarks measured, each beside its yardstick in the same run. Ratios count: a",
        "shared machine makes both sides slow. A line that begins with … is part of the one above",
        "it. [Speed](speed.md) says where the time goes.",
        "",
        f"![Each value in parts of its goal](../{CHART})",
        "",
        _line("", *HEAD),
        "|---" * (len(HEAD) + 1) + "|",
        *(_line(_name(row), *row.cells) for row in rows_of(found)),
        "",
        f"Measured: {when}. `make bench` measures them again.",
    ]
    return "\n".join(lines) + "\n"


def chart(found: dict[str, Any]) -> str:
    """Return the chart: a bar for each value that has a goal, and a line where the goals are.

    The ground is transparent: the style of the site turns the colours round in the dark.
    """
    rows = [row for row in rows_of(found) if row.share is not None and row.goal != "none"]
    height = _LINE * len(rows) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="14" '
        'fill="#222222" role="img">',
        "<title>Each value in parts of its goal</title>",
        *(_bar(row, number) for number, row in enumerate(rows)),
        f'<text x="{_LIMIT}" y="{height - 4}" text-anchor="middle">goal</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(row: Row, number: int) -> str:
    assert row.share is not None, "only values with a goal have a bar"
    top, length = number * _LINE, min(row.share, 1.6) * _LIMIT
    colour = "#2f7d4f" if row.share <= 1 else "#b3541e"
    return (
        f'<text x="0" y="{top + 16}">{escape(_name(row))}</text>'
        f'<text x="{_WIDTH}" y="{top + 16}" text-anchor="end" font-weight="bold">{row.ours}</text>'
        f'<rect x="0" y="{top + 22}" width="{length:.0f}" height="12" fill="{colour}"/>'
        f'<line x1="{_LIMIT}" x2="{_LIMIT}" y1="{top + 21}" y2="{top + 37}" stroke="#222222" '
        'stroke-width="2"/>'
    )


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |".replace("MISSED", "missed")


def _name(row: Row) -> str:
    """Return what was measured; a line that belongs to the one above it begins with dots."""
    return f"… {row.what.strip()}" if row.what.startswith(" ") else row.what
