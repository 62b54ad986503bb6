"""All that the page of a report says, of a journal whose moments, files and failures are known."""

import re
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from runflow_client.bulk import Journal, report

from ..cli.in_process import run_here
from ..snapshot import check_snapshot

MODEL: Final = "google/nano-banana-pro"
LIST: Final = Path(__file__).with_name("report_page.txt")
RUNNING: Final = ("run 1", "run 2", "run 3", "run 4")
WAITING: Final = ("wait 1", "wait 2", "wait 3", "wait 4", "wait 5")
"""So many that no two figures of the page are the same."""
ENDED: Final = {
    "a": (1000.0, 1010.0),
    "b": (900.0, 1130.0),
    "<c>": (1020.0, 1050.0),
    "broken": (1000.0, 1040.0),
}
"""From the create to the end of each run."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a journal with three items that ended well, and others of each state."""
    path, out = tmp_path / "j.sqlite", tmp_path / "out"
    out.mkdir()
    Image.new("RGB", (400, 100), "orange").save(out / "a+1.png")
    (out / "a+2.webm").write_bytes(b"a video")
    (out / "bare").write_bytes(b"no picture")
    with Journal.open(path, model=MODEL, template='{"prompt": "<{key}>"}') as journal:
        journal.keep_output(out)
        keys = ("a", "b", "<c>", "broken", *RUNNING, *WAITING)
        for number, key in enumerate(keys, start=1):
            prompt = '"prompt": "a <lamp>"' if key != "b" else '"seed": 7'
            journal.add(key, number, f"line {number + 1}", f"{{{prompt}}}", "mark")
            if key not in WAITING:
                journal.intend(key, 1, f"ref-{number}", Decimal("0.15"))
                journal.created(key, 1, f"run-{number}")
        for key, cost in (("a", "0.15"), ("b", "0.30"), ("<c>", "0")):
            amount = None if cost is None else Decimal(cost)
            journal.ended(key, 1, "ended", status="succeeded", cost=amount, duration_ms=9)
            journal.settle(key, "done")
        journal.ended("broken", 1, "failed", status="failed", cost=None, duration_ms=None)
        journal.settle("broken", "failed", "CO<DE", "it <b>broke</b>")
        journal.refuse("unread", 98, "line 99", "no & such column")
        journal.refuse("unread, too", 99, "", "it is <empty>")
        for key, number, name, size in (
            *(("a", 0, "a+1.png", 400), ("a", 1, "a+2.webm", 7), ("<c>", 0, "bare", 0)),
            ("b", 0, "gone.png", 7),
            ("broken", 0, "broken.png", 7),
        ):
            journal.expect_file(key, number, name)
            journal.saved(key, number, size)
        journal.expect_file("b", 1, "half.png")
    with closing(sqlite3.connect(path)) as connection, connection:
        for key, moments in ENDED.items():
            connection.execute(
                "UPDATE runs SET intended_at = ?, ended_at = ? WHERE key = ?", (*moments, key)
            )
    return path


@pytest.fixture
def unplotted(path: Path) -> Path:
    """Return the same journal as if no run had ended, so that no time goes into plots."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET ended_at = NULL")
    return path


def claiming(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that says that it is so large."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(header))
    pixels = struct.pack(">I", 100) + b"IDAT"  # without which it is no picture to Pillow
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + check + pixels


def drawn(plot: str) -> Iterator[str]:
    """Give what is drawn in colour: how high each bar and each step is, in parts of the highest."""
    for colour, name in (("fill: #4c78a8", "bars"), ("stroke: #54a24b", "steps")):
        paths = re.findall(f'<path d="([^"]+)"[^>]*style="[^"]*{colour}', plot)
        heights = [[float(y) for y in re.findall(r"[ML] \S+ (\S+)", path)] for path in paths]
        if name == "bars":
            levels = [max(ys) - min(ys) for ys in heights]
        else:
            levels = [max(ys) - y for ys in heights for y in dict.fromkeys(ys)]
        if levels:
            yield f"{name} {' '.join(f'{level / max(levels):.2f}' for level in levels)}"


def icon_of(picture: bytes) -> bytes:
    """Return an Apple icon that holds this picture, whose reader has errors of its own."""
    parts = b"ic07" + struct.pack(">I", 8 + len(picture)) + picture
    return b"icns" + struct.pack(">I", 8 + len(parts)) + parts


def told(page: str) -> Iterator[str]:
    """Give the lines of a page; of a plot its title and labels, and how much is drawn."""
    body = page.partition("</head>")[2]
    assert "prefers-color-scheme" in page
    yield re.sub("\\s+", " ", page.partition("<style>")[0])
    for plot in re.findall("<svg.*?</svg>", body, re.DOTALL):
        texts = [one.strip() for one in re.findall("<!--(.*?)-->", plot)]
        assert "currentColor" in plot
        assert "#123456" not in plot
        assert "#ffffff" not in plot, "the page is seen through it"
        dots = ["in dots"] if "<image " in plot else []
        yield f"plot: {', '.join([*texts, *dots, *drawn(plot)])}"
    plain = re.sub("<svg.*?</svg>", "PLOT", body, flags=re.DOTALL)
    plain = re.sub('base64,[^"]+', "base64,...", plain)
    for line in re.sub("(?=<(?:tr|h2|div|figure|p)\\b)", "\n", plain).splitlines():
        if line.strip():
            yield line


def test_what_a_page_says_is_that_of_the_list(path: Path) -> None:
    with Journal.read(path) as journal:
        lines = [*told(report(journal)), "", *list(told(report(journal, thumbnails=2)))[-5:]]
    check_snapshot(LIST, "\n".join(line.replace(str(path.parent), "FOLDER") for line in lines))


def figures(page: str) -> dict[str, str]:
    """Return the figures of a page by their names."""
    return dict(re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", page))


MOMENTS: Final[dict[str, tuple[tuple[tuple[float, float], ...], dict[str, str]]]] = {
    "no run": ((), {}),
    "one that took no time": (((60.0, 60.0),), {"median seconds": "0.0"}),
    "two that ended at once": (((60.0, 90.0), (80.0, 90.0)), {"median seconds": "30.0"}),
    "two that ended apart": (
        ((60.0, 90.0), (80.0, 120.0)),
        {"runs a minute": "2.0", "median seconds": "40.0"},
    ),
}
"""From the create to the end of each run, and what is said of it."""


@pytest.mark.parametrize("name", MOMENTS)
def test_figures_of_nought_are_shown_and_those_of_nothing_are_not(
    tmp_path: Path, name: str
) -> None:
    moments, said = MOMENTS[name]
    with Journal.open(tmp_path / "j.sqlite", model=MODEL) as journal:
        for number, _ in enumerate(moments):
            journal.add(f"k{number}", number, "", "{}", "mark")
            journal.intend(f"k{number}", 1, "ref", None)
            journal.ended(f"k{number}", 1, "failed", status="x", cost=None, duration_ms=None)
    with closing(sqlite3.connect(tmp_path / "j.sqlite")) as connection, connection:
        for number, pair in enumerate(moments):
            values = (*pair, f"k{number}")
            connection.execute(
                "UPDATE runs SET intended_at = ?, ended_at = ? WHERE key = ?", values
            )
    with Journal.read(tmp_path / "j.sqlite") as journal:
        page = report(journal)
    assert figures(page) == {
        **dict.fromkeys(("done", "refused", "under way", "waiting"), "0"),
        "failed": str(len(moments)),
        "spent": "$0",
        **said,
    }
    assert page.count("<svg ") == (3 if moments else 0)


def test_failures_end_where_the_page_says_so(tmp_path: Path) -> None:
    for count in (199, 200, 201):
        path = tmp_path / f"{count}.sqlite"
        with Journal.open(path, model=MODEL) as journal:
            for number in range(count):
                journal.refuse(f"k{number:03}", number, "", "no")
            page = report(journal)
        assert page.count("<tr>") == 1 + min(count, 200)
        assert ("The first 200." in page) == (count >= 200)
        assert "k198" in page
        assert "Contact sheet" not in page


@pytest.mark.parametrize(("count", "bars"), [(39, 39), (41, 40)])
def test_a_plot_has_no_more_bars_than_can_be_told_apart(
    tmp_path: Path, count: int, bars: int
) -> None:
    path = tmp_path / "j.sqlite"
    with Journal.open(path, model=MODEL) as journal:
        for number in range(count):
            journal.add(f"k{number}", number, "", "{}", "mark")
            journal.intend(f"k{number}", 1, "ref", None)
            journal.ended(f"k{number}", 1, "ended", status="x", cost=None, duration_ms=None)
        page = report(journal)
    assert page.count("fill: #4c78a8") == bars


def test_pictures_are_small_and_their_colours_are_kept(unplotted: Path) -> None:
    import base64
    import io

    with Journal.read(unplotted) as journal:
        page = report(journal)
    (address,) = re.findall('src="data:image/webp;base64,([^"]+)"', page)
    with Image.open(io.BytesIO(base64.b64decode(address))) as small:
        assert small.size == (160, 40)
        red, green, blue = small.convert("RGB").crop((80, 20, 81, 21)).tobytes()
    assert (red > 240, 150 < green < 180, blue < 20) == (True, True, True)


def page_of_one(folder: Path, key: str, name: str) -> str:
    """Return the page of a bulk run that has saved this file for one item without a prompt."""
    with Journal.open(folder / "j.sqlite", model=MODEL) as journal:
        journal.keep_output(folder)
        journal.add(key, 1, "", "{}", "mark")
        journal.expect_file(key, 0, name)
        journal.saved(key, 0, 9)
        journal.settle(key, "done")
        return report(journal)


def test_what_is_transparent_stays_so(tmp_path: Path) -> None:
    import base64
    import io

    Image.new("RGBA", (4, 2), (200, 0, 0, 0)).save(tmp_path / "a.png")
    page = page_of_one(tmp_path, "a", "a.png")
    (address,) = re.findall('src="data:image/webp;base64,([^"]+)"', page)
    with Image.open(io.BytesIO(base64.b64decode(address))) as small:
        assert not any(small.convert("RGBA").getchannel("A").tobytes())


def test_a_picture_without_a_prompt_is_named_by_its_key(tmp_path: Path) -> None:
    Image.new("CMYK", (4, 2)).save(tmp_path / "a.jpg")
    page = page_of_one(tmp_path, '"a>', "a.jpg")
    assert re.findall("<img .*? (alt=[^ ]+)", page) == ['alt="&quot;a&gt;"']


def test_a_picture_that_cannot_be_shown_is_told_by_its_kind(unplotted: Path) -> None:
    files = {
        "a+1.png": b"\x89PNG\r\n\x1a\n",
        "a+2.webm": claiming(100_000, 100_000),
        "bare": claiming(40, 30),
        "gone.png": icon_of(claiming(128, 128).replace(b"IHDR", b"I?DR")),
    }
    for name, content in files.items():
        (unplotted.parent / "out" / name).write_bytes(content)
    with Journal.read(unplotted) as journal:
        page = report(journal)
    assert re.findall('<span class="file">([^<]+)</span>', page) == [
        *(".png", ".webm", ".png", "bare")
    ]
    assert "<img" not in page


def test_the_command_writes_the_page_where_it_is_asked_to(
    unplotted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = unplotted.parent
    monkeypatch.chdir(folder)
    with Journal.reopen(unplotted) as journal:
        journal.refuse("\u6f22", 100, "", "no")
    page, small = folder / "page.html", folder / "j.sqlite.html"
    page.write_text("mine")
    refused = run_here("bulk", "report", "j.sqlite", "-o", "page.html")
    assert (refused.code, page.read_text()) == (2, "mine")
    assert "page.html exists already\nGive --overwrite to replace it." in refused.err
    done = run_here("bulk", "report", "j.sqlite", "-o", "page.html", "--overwrite", "--json")
    assert (done.code, done.document) == (0, {"file": "page.html"})
    done = run_here("bulk", "report", str(folder / "j.sqlite"), "--thumbnails", "1")
    assert (done.code, done.out) == (0, "j.sqlite.html\n")
    shown = run_here("bulk", "report", "j.sqlite", "-o", "-", "--thumbnails", "0")
    pages = (page.read_text("utf-8"), small.read_text("utf-8"), shown.out)
    assert [text.count("<figure title=") for text in pages] == [4, 1, 0]
    assert all(text.startswith("<!doctype html>") for text in pages)
    assert all(text.rstrip().endswith("</html>") for text in pages)
    assert all("<td>\u6f22</td>" in text for text in pages)
