"""The page of figures and its chart, both of `benchmarks/results.json`, which `make bench` writes."""

import json
from html import escape
from pathlib import Path
from typing import Any, Final

from benchmarks.table import Row, rows_of

RESULTS: Final = "benchmarks/results.json"
CHART: Final = "assets/figures.svg"

_WIDTH, _LEFT, _LINE, _LIMIT = 860, 430, 24, 250
"""Pixels: of the chart, of its names, of one line, and from the names to the limit."""


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
        "shared machine makes both sides slow. [Speed](speed.md) says what is done about it.",
        "",
        f"![Each value in parts of its goal](../{CHART})",
        "",
        "| | ours | beside | goal | |",
        "|---|---|---|---|---|",
        *(
            f"| {row.what.strip()} | {row.ours} | {row.beside} | {row.goal} | {row.verdict.lower()} |"
            for row in rows_of(found)
        ),
        "",
        f"Measured: {when}. `make bench` measures them again.",
    ]
    return "\n".join(lines) + "\n"


def chart(found: dict[str, Any]) -> str:
    """Return the chart: a bar for each value that has a goal, and a line where the goals are."""
    rows = [row for row in rows_of(found) if row.share is not None and row.goal != "none"]
    height = _LINE * (len(rows) + 1)
    goal = _LEFT + _LIMIT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="sans-serif" font-size="13" role="img">',
        "<title>Each value in parts of its goal</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        *(_bar(row, number) for number, row in enumerate(rows)),
        f'<line x1="{goal}" x2="{goal}" y1="0" y2="{height - _LINE}" stroke="#222222"/>',
        f'<text x="{goal}" y="{height - 7}" text-anchor="middle" fill="#222222">goal</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(row: Row, number: int) -> str:
    assert row.share is not None, "only values with a goal have a bar"
    top, length = number * _LINE, min(row.share, 1.6) * _LIMIT
    colour = "#2f7d4f" if row.share <= 1 else "#b3541e"
    return (
        f'<text x="{_LEFT - 8}" y="{top + 17}" text-anchor="end" fill="#222222">'
        f"{escape(row.what.strip())}</text>"
        f'<rect x="{_LEFT}" y="{top + 5}" width="{length:.0f}" height="15" fill="{colour}"/>'
        f'<text x="{_LEFT + length + 6:.0f}" y="{top + 17}" fill="#222222">{row.ours}</text>'
    )
