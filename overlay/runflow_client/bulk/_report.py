"""`report`: one HTML page of a bulk run: figures, plots over time, and a contact sheet."""

import base64
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from itertools import accumulate, islice
from pathlib import Path
from string import Template
from typing import Any, Final

from attrs import frozen

from ._export import prompt_of, seconds_of
from ._extras import load
from ._items import Entry
from ._journal import Journal

NEEDED: Final = 'the report needs matplotlib and Pillow: pip install "runflow-client[bulk]"'
THUMBNAIL: Final = 160
"""Pixels of the longer side."""
MAX_BARS: Final = 60
MAX_FAILURES: Final = 200


@frozen
class _End:
    """When and how an item's newest run ended."""

    at: float
    seconds: float
    cost: Decimal


def report(journal: Journal, *, thumbnails: int = 500) -> str:
    """Return a page of HTML that holds everything it shows.

    It has the counts and the money, plots of throughput, latency and cost over time, the failures,
    and a contact sheet of at most so many `thumbnails`.

    Raises ModuleNotFoundError where matplotlib or Pillow, the extra `bulk`, is not installed.
    """
    load("matplotlib", NEEDED)
    load("PIL", NEEDED)
    summary = journal.summary()
    ends = sorted(_ends(journal.entries()), key=lambda end: end.at)
    failed = islice(journal.entries("failed", "refused"), MAX_FAILURES)
    rate = _rate(ends)
    figures = {
        "done": summary.done,
        "failed": summary.failed,
        "refused": summary.refused,
        "under way": summary.running,
        "waiting": summary.waiting,
        "spent": f"${summary.spent:f}",
        "runs a minute": "" if rate is None else f"{rate:.1f}",
        "median seconds": "" if not ends else f"{_middle([end.seconds for end in ends]):.1f}",
    }
    return _PAGE.substitute(
        model=escape(journal.model),
        template=escape(journal.template),
        style=_STYLE,
        figures="".join(
            f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>"
            for name, value in figures.items()
            if value != ""
        ),
        plots=_plots(ends) if ends else "<p>No run has ended yet.</p>",
        failures=_failures(failed),
        sheet=_sheet(journal, thumbnails),
    )


def _ends(entries: Iterable[Entry]) -> Iterable[_End]:
    for entry in entries:
        seconds = seconds_of(entry)
        if entry.ended_at is not None and seconds is not None:
            yield _End(entry.ended_at, seconds, entry.cost or Decimal(0))


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _rate(ends: Sequence[_End]) -> float | None:
    if len(ends) < 2 or ends[-1].at == ends[0].at:
        return None
    return 60 * (len(ends) - 1) / (ends[-1].at - ends[0].at)


def _plots(ends: Sequence[_End]) -> str:
    """Draw throughput, latency and cost over time."""
    start = min(end.at - end.seconds for end in ends)
    minutes = [(end.at - start) / 60 for end in ends]
    last = max(*minutes, 0.01)
    bars = min(MAX_BARS, len(ends))
    figure = load("matplotlib.figure", NEEDED).Figure(figsize=(11, 8), layout="constrained")
    rate, latency, cost = figure.subplots(3, 1, sharex=True)
    rate.hist(minutes, bins=bars, range=(0, last), color="#4c78a8")
    rate.set_title("Throughput", loc="left")
    rate.set_ylabel(f"runs that ended in {60 * last / bars:.3g} s")
    latency.scatter(minutes, [end.seconds for end in ends], s=8, color="#f58518", rasterized=True)
    latency.set_title("Latency", loc="left")
    latency.set_ylabel("seconds from create to end")
    latency.set_ylim(bottom=0)
    spent = [float(amount) for amount in accumulate(end.cost for end in ends)]
    cost.step([0, *minutes], [0, *spent], where="post", color="#54a24b")
    cost.set_title("Cost", loc="left")
    cost.set_ylabel("US dollars in all")
    cost.set_ylim(bottom=0)
    cost.set_xlim(0, 1.02 * last)
    cost.set_xlabel(f"minutes since {datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M} UTC")
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", dpi=120)
    svg = drawn.getvalue()
    return '<figure id="plots">' + svg[svg.index("<svg") :] + "</figure>"


def _failures(entries: Iterable[Entry]) -> str:
    rows = [
        "<tr>"
        + "".join(
            f"<td>{escape(text or '')}</td>"
            for text in (entry.key, entry.place, entry.state, entry.failure_code, entry.failure)
        )
        + "</tr>"
        for entry in entries
    ]
    if not rows:
        return ""
    more = f"<p>The first {MAX_FAILURES}.</p>" if len(rows) == MAX_FAILURES else ""
    heading = "".join(f"<th>{one}</th>" for one in ("key", "place", "status", "code", "failure"))
    return f"<h2>Failed and refused</h2>{more}<table><tr>{heading}</tr>{''.join(rows)}</table>"


def _sheet(journal: Journal, most: int) -> str:
    folder = journal.output
    if folder is None:
        return ""
    pictures = (
        (entry, folder / file.name)
        for entry in journal.entries("done")
        for file in journal.files(entry.key)
        if file.bytes is not None
    )
    tiles = [_tile(entry, path) for entry, path in islice(pictures, most)]
    more = f"<p>The first {most}.</p>" if next(pictures, None) is not None else ""
    return f'<h2>Contact sheet</h2>{more}<div class="sheet">{"".join(tiles)}</div>'


def _tile(entry: Entry, path: Path) -> str:
    prompt = prompt_of(entry) or ""
    address = _thumbnail(path)
    shown = (
        f'<img src="{address}" alt="{escape(prompt or entry.key)}" loading="lazy">'
        if address
        else f'<span class="file">{escape(path.suffix or path.name)}</span>'
    )
    cost = "" if entry.cost is None else f"${entry.cost:f}"
    title = f"{prompt}\n{path}\n{cost}"
    return (
        f'<figure title="{escape(title)}">{shown}<figcaption>{escape(entry.key)}</figcaption>'
        "</figure>"
    )


def _thumbnail(path: Path) -> str | None:
    """Return a small picture as a data URI; None for what is no picture, or is gone."""
    image: Any = load("PIL.Image", NEEDED)
    small = io.BytesIO()
    try:
        with image.open(path) as picture:
            picture.thumbnail((THUMBNAIL, THUMBNAIL))
            picture.convert("RGBA").save(small, "WEBP", quality=70)
    except (OSError, ValueError, image.DecompressionBombError):
        return None
    return "data:image/webp;base64," + base64.b64encode(small.getvalue()).decode()


_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: #222; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code { white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
dt { color: #666; font-size: .85rem; } dd { margin: 0; font-size: 1.3rem; }
figure { margin: 0; } #plots svg { width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; }
td, th { border-bottom: 1px solid #ddd; padding: .2rem .6rem .2rem 0; overflow-wrap: anywhere; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: .8rem; }
.sheet img, .sheet .file { width: 100%; height: 160px; object-fit: contain; background: #f3f3f3; }
.sheet .file { display: flex; align-items: center; justify-content: center; }
figcaption { font-size: .8rem; overflow-wrap: anywhere; color: #555; }
"""

_PAGE: Final = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Bulk run of $model</title>
<style>$style</style>
</head>
<body>
<h1>Bulk run of $model</h1>
<p><code>$template</code></p>
<dl>$figures</dl>
$plots
$failures
$sheet
</body>
</html>
"""
)
