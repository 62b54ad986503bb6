"""The page of figures and its chart come from the results of the benchmarks."""

from xml.etree import ElementTree

from docs._build.figures import chart, figures_page

START = {
    "date": "2026-11-29",
    "python": "3.11.7",
    "cores": 2,
    "measured": {
        "import": 0.25,
        "first answer": 1.4,
        "Runflow, first answer, ms": 140.0,
        "httpx, first answer, ms": 100.0,
    },
}
FOUND = {"start": START}


def test_the_page_has_a_line_for_each_row_and_says_when_it_was_measured() -> None:
    page = figures_page(FOUND)
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in page.splitlines()}
    met = lines["CPU of the import of Runflow over that of httpx"]
    assert met.split(" | ")[1] == "0.25"
    assert "| 1 or less | 0.25 | met |" in met
    missed = lines["CPU until the first answer over bare httpx"]
    assert missed.split(" | ")[1] == "1.40"
    assert "| 1.15 or less | 1.22 | missed | 140 ms, httpx 100 ms |" in missed
    assert "start on 2026-11-29 (CPython 3.11.7, 2 cores)" in page


def test_the_chart_has_a_bar_for_each_goal_in_parts_of_it() -> None:
    root = ElementTree.fromstring(chart(FOUND))
    name = "{http://www.w3.org/2000/svg}"
    bars = list(root.iter(f"{name}rect"))
    lengths = [float(bar.get("width", "0")) for bar in bars]
    goal = float(next(root.iter(f"{name}line")).get("x1", "0")) - float(bars[0].get("x", "0"))
    assert [round(length / goal, 2) for length in lengths] == [0.25, 1.22]
