"""`report`: one HTML page of a bulk run: figures, plots over time, and a contact sheet."""

import base64
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from itertools import accumulate, islice
from pathlib import Path
from string import Template
from typing import Any, Final

from attrs import frozen

from .._validation import check_arguments, check_instance
from ._export import prompt_of, seconds_of
from ._extras import load
from ._items import Entry
from ._journal import Journal

NEEDED: Final = 'the report needs matplotlib and Pillow: pip install "runflow-client[bulk]"'
THUMBNAIL: Final = 160
"""Pixels of the longer side."""
MAX_BARS: Final = 40
MAX_FAILURES: Final = 200
_INK: Final = "#123456"
"""Stands for the colour of the page's text while matplotlib draws."""


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
    check_instance("journal", journal, Journal, is_required=True)
    check_arguments(thumbnails=thumbnails)
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
        template=f"<p><code>{escape(journal.template)}</code></p>" if journal.template else "",
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
    spent = [float(amount) for amount in accumulate(end.cost for end in ends)]

    def throughput(axes: Any) -> None:
        axes.hist(minutes, bins=bars, range=(0, last), color="#4c78a8", rwidth=0.9)
        axes.set_ylabel(f"runs that ended in {60 * last / bars:.3g} s")

    def latency(axes: Any) -> None:
        seconds = [end.seconds for end in ends]
        axes.scatter(minutes, seconds, s=10, color="#f58518", linewidths=0, rasterized=True)
        axes.set_ylabel("seconds from create to end")

    def cost(axes: Any) -> None:
        axes.step([0, *minutes], [0, *spent], where="post", color="#54a24b")
        axes.set_ylabel("US dollars in all")

    since = f"minutes since {datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M} UTC"
    drawn = [
        _plot(title, draw, since, 1.02 * last)
        for title, draw in (("Throughput", throughput), ("Latency", latency), ("Cost", cost))
    ]
    return f'<div id="plots">{"".join(drawn)}</div>'


def _plot(title: str, draw: Callable[[Any], None], label: str, width: float) -> str:
    """Return one plot as SVG, whose ink is the colour of the page's text."""
    matplotlib = load("matplotlib", NEEDED)
    figure = load("matplotlib.figure", NEEDED).Figure(figsize=(5.2, 3.0), layout="constrained")
    axes = figure.subplots()
    draw(axes)
    axes.set_title(title, loc="left", color=_INK, fontsize=11)
    axes.set_xlabel(label, color=_INK)
    axes.yaxis.label.set_color(_INK)
    axes.tick_params(colors=_INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_INK)
    axes.set_xlim(0, width)
    axes.set_ylim(bottom=0)
    drawn = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": title}):  # alike each time
        figure.savefig(drawn, format="svg", dpi=150, transparent=True)
    svg = drawn.getvalue()
    return f"<figure>{svg[svg.index('<svg') :].replace(_INK, 'currentColor')}</figure>"


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
    table = f"<table><tr>{heading}</tr>{''.join(rows)}</table>"
    return f'<h2>Failed and refused</h2>{more}<div class="wide">{table}</div>'


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
    if not tiles:
        return ""
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
    caption = f"<b>{escape(entry.key)}</b><span>{escape(prompt)}</span><i>{cost}</i>"
    return f'<figure title="{escape(title)}">{shown}<figcaption>{caption}</figcaption></figure>'


def _thumbnail(path: Path) -> str | None:
    """Return a small picture as a data URI; None for what is no picture, or is gone."""
    image: Any = load("PIL.Image", NEEDED)
    small = io.BytesIO()
    try:
        with image.open(path) as picture:
            picture.thumbnail((THUMBNAIL, THUMBNAIL))
            picture.convert("RGBA").save(small, "WEBP", quality=70)
    except Exception:  # whatever the reader of its format is made of
        return None
    return "data:image/webp;base64," + base64.b64encode(small.getvalue()).decode()


_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2129; --soft: #5b6270; --page: #fff; --card: #f4f5f7;
  --line: #dcdfe4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ec; --soft: #a2a9b5; --page: #15171b; --card: #21242a; --line: #363b44; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem;
  color: var(--ink); background: var(--page); }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
code { color: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .6rem; }
dl div { background: var(--card); border-radius: .5rem; padding: .5rem .8rem; }
dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; font-size: 1.3rem; }
figure { margin: 0; }
#plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr));
  gap: 1rem; }
#plots svg { width: 100%; height: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th { text-align: left; color: var(--soft); font-weight: 600; white-space: nowrap; }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; vertical-align: top; }
td { overflow-wrap: break-word; min-width: 4rem; } td:last-child { min-width: 14rem; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .8rem; }
.sheet figure { background: var(--card); border-radius: .5rem; overflow: hidden; }
.sheet img, .sheet .file { display: block; width: 100%; height: 9.5rem; object-fit: contain; }
.sheet .file { display: flex; align-items: center; justify-content: center; color: var(--soft); }
figcaption { font-size: .8rem; line-height: 1.35; padding: .4rem .6rem .6rem; }
figcaption * { display: block; overflow-wrap: anywhere; font-style: normal; }
figcaption span { color: var(--soft); display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 2; overflow: hidden; }
"""

_PAGE: Final = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bulk run of $model</title>
<style>$style</style>
</head>
<body>
<h1>Bulk run of $model</h1>
$template
<dl>$figures</dl>
$plots
$failures
$sheet
</body>
</html>
"""
)
