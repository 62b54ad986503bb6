"""`runflow bulk report`: one page that holds all it shows, looked at in a real browser.

Without Chromium the tests in the browser are skipped: `make test-browser` installs it.
"""

from pathlib import Path

import pytest
from runflow_client import bulk
from runflow_mock import MockRunflow
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from ..chromium import complaints, in_a_browser
from ..cli.conftest import Run

MODEL = "google/nano-banana-pro"
HOSTILE = "<script>document.title = 'broken'</script>"


@pytest.fixture
def journal(runflow: Run, mock: MockRunflow, tmp_path: Path) -> str:
    """Make six items: pictures, one of which is gone and one broken, a failure and a refusal."""
    rows = ["key,prompt,seed", f'"{HOSTILE}","{HOSTILE}",1', "bad,A cat,x"]
    rows += [f"k{number},A cat {number},{number}" for number in range(5)]
    (tmp_path / "x.csv").write_text("\n".join(rows))
    mock.next_outcome("failed", count=2, failure_code="boom", failure_message="It <b>broke</b>")
    runflow(*("bulk", "run", "x.csv", "--model", MODEL, "-o", "out", "--yes", "--concurrency", "1"))
    (tmp_path / "out" / "k1.png").unlink()
    (tmp_path / "out" / "k2.png").write_bytes(b"no picture")
    return "x.csv.journal.sqlite"


@in_a_browser
def test_the_page_shows_plots_failures_and_thumbnails(
    runflow: Run, journal: str, tmp_path: Path, chromium: Chrome
) -> None:
    done = runflow("bulk", "report", journal, "-o", "report.html")
    assert (done.code, done.out) == (0, "report.html\n"), done.err
    for path in (tmp_path / "out").iterdir():
        path.unlink()  # the page needs nothing but itself
    chromium.get((tmp_path / "report.html").as_uri())
    assert chromium.title == f"Bulk run of {MODEL}"
    text = chromium.find_element(By.TAG_NAME, "body").text
    for shown in ("$0.75", "Failed and refused", "It <b>broke</b>", "x.csv, line 3", HOSTILE):
        assert shown in text
    plots = chromium.find_elements(By.CSS_SELECTOR, "#plots svg")
    assert [plot.size["height"] > 150 for plot in plots] == [True, True, True]
    widths = chromium.execute_script(
        "return [...document.querySelectorAll('.sheet img')].map(one => one.naturalWidth)"
    )
    assert widths == [160, 160, 160], "three of five pictures can be shown"
    assert len(chromium.find_elements(By.CSS_SELECTOR, ".sheet .file")) == 2
    fetched = chromium.execute_script(
        "return performance.getEntriesByType('resource').map(one => one.name)"
        ".filter(name => !name.startsWith('data:'))"
    )
    assert fetched == []
    assert complaints(chromium) == []


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_legible_on_a_phone_by_day_and_night(
    runflow: Run, journal: str, tmp_path: Path, chromium: Chrome, scheme: str
) -> None:
    assert runflow("bulk", "report", journal, "-o", "report.html").code == 0
    feature = {"name": "prefers-color-scheme", "value": scheme}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    chromium.get((tmp_path / "report.html").as_uri())
    assert chromium.execute_script("return document.documentElement.scrollWidth") == 390
    page, text, axis = chromium.execute_script(
        "const light = color => color.match(/[0-9]+/g).slice(0, 3).map(Number);"
        "const body = getComputedStyle(document.body);"
        "const axis = document.querySelector('#plots [style*=currentColor]');"
        "return [light(body.backgroundColor), light(body.color),"
        " light(getComputedStyle(axis).stroke)]"
    )
    is_dark = scheme == "dark"
    assert (max(page) < 60, min(text) > 200, min(axis) > 200) == (is_dark, is_dark, is_dark)
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_sheet_has_as_many_thumbnails_as_asked_for(
    runflow: Run, journal: str, tmp_path: Path
) -> None:
    assert runflow("bulk", "report", journal, "--thumbnails", "1").code == 0
    page = (tmp_path / f"{journal}.html").read_text()
    assert page.count("<img ") == 1
    assert "The first 1." in page
    with bulk.Journal.read(tmp_path / journal) as read:
        page = bulk.report(read, thumbnails=5)
    assert page.count("<figure ") == 5
    assert "The first" not in page
    again = runflow("bulk", "report", journal)
    assert (again.code, "exists already" in again.err) == (2, True)


def test_a_journal_in_which_nothing_ended_has_a_page(tmp_path: Path) -> None:
    bulk.Journal.open(tmp_path / "j.sqlite", model=MODEL).close()
    with bulk.Journal.read(tmp_path / "j.sqlite") as journal:
        assert "No run has ended yet." in bulk.report(journal)


def test_without_matplotlib_the_extra_is_named(runflow: Run, journal: str, tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ModuleNotFoundError(name='matplotlib')")
    refused = runflow("bulk", "report", journal, PYTHONPATH=str(tmp_path))
    assert 'pip install "runflow-client[bulk]"' in refused.err
    assert not list(tmp_path.glob("*.html*"))
