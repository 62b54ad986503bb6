"""`runflow bulk report`: one page that holds all it shows, looked at in a real browser.

Without Chromium the tests in the browser are skipped: `make test-browser` installs it.
"""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from runflow_client import bulk
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from ..chromium import complaints, in_a_browser
from ..cli.conftest import Run
from ..cli.in_process import run_here

MODEL = "google/nano-banana-pro"
HOSTILE = "<script>document.title = 'broken'</script>"


def made(folder: Path) -> Path:
    """Make a journal of pictures, one of which is gone and one broken, a failure and a refusal."""
    path, out = folder / "j.sqlite", folder / "out"
    out.mkdir()
    with bulk.Journal.open(path, model=MODEL) as journal:
        journal.keep_output(out)
        for number, key in enumerate((HOSTILE, *(f"k{number}" for number in range(5)))):
            shown = json.dumps({"prompt": HOSTILE if key == "k0" else "A cat"})
            journal.add(key, number, "", shown, "mark")
            journal.intend(key, 1, f"ref-{number}", Decimal("0.15"))
            journal.created(key, 1, f"run-{number}")
            state, cost = ("failed", None) if key == HOSTILE else ("ended", Decimal("0.15"))
            journal.ended(key, 1, state, status=state, cost=cost, duration_ms=9)
            if key == HOSTILE:
                journal.settle(key, "failed", "boom", "It <b>broke</b>")
                continue
            Image.new("RGB", (400, 300), (40 * number, 90, 90)).save(out / f"{key}.png")
            journal.expect_file(key, 0, f"{key}.png")
            journal.saved(key, 0, 9)
            journal.settle(key, "done")
        journal.refuse("bad", 9, "x.csv, line 3", "seed is 'x', expected a whole number")
    (out / "k1.png").unlink()
    (out / "k2.png").write_bytes(b"no picture")
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of such a journal, whose pictures are not there any more."""
    folder = tmp_path_factory.mktemp("report")
    with bulk.Journal.read(made(folder)) as journal:
        text = bulk.report(journal)
    for path in (folder / "out").iterdir():
        path.unlink()  # the page needs nothing but itself
    (folder / "report.html").write_text(text, "utf-8")
    return folder / "report.html"


@in_a_browser
def test_the_page_shows_plots_failures_and_thumbnails(page: Path, chromium: Chrome) -> None:
    chromium.get(page.as_uri())
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
    page: Path, chromium: Chrome, scheme: str
) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    chromium.get(page.as_uri())
    assert chromium.execute_script("return document.documentElement.scrollWidth") == 390
    paper, text, axis = chromium.execute_script(
        "const light = color => color.match(/[0-9]+/g).slice(0, 3).map(Number);"
        "const body = getComputedStyle(document.body);"
        "const axis = document.querySelector('#plots [style*=currentColor]');"
        "return [light(body.backgroundColor), light(body.color),"
        " light(getComputedStyle(axis).stroke)]"
    )
    is_dark = scheme == "dark"
    assert (max(paper) < 60, min(text) > 200, min(axis) > 200) == (is_dark, is_dark, is_dark)
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_sheet_has_as_many_thumbnails_as_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    journal = made(tmp_path).name
    assert run_here("bulk", "report", journal, "--thumbnails", "1").code == 0
    page = (tmp_path / f"{journal}.html").read_text()
    assert page.count("<img ") == 1
    assert "The first 1." in page
    with bulk.Journal.read(journal) as read:
        page = bulk.report(read, thumbnails=5)
    assert page.count("<figure ") == 5
    assert "The first" not in page
    again = run_here("bulk", "report", journal)
    assert (again.code, "exists already" in again.err) == (2, True)


def test_a_journal_in_which_nothing_ended_has_a_page(tmp_path: Path) -> None:
    bulk.Journal.open(tmp_path / "j.sqlite", model=MODEL).close()
    with bulk.Journal.read(tmp_path / "j.sqlite") as journal:
        assert "No run has ended yet." in bulk.report(journal)


def test_without_matplotlib_the_extra_is_named(runflow: Run, tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ModuleNotFoundError(name='matplotlib')")
    made(tmp_path)
    refused = runflow("bulk", "report", "j.sqlite", PYTHONPATH=str(tmp_path))
    assert 'pip install "runflow-client[bulk]"' in refused.err
    assert not list(tmp_path.glob("*.html*"))
