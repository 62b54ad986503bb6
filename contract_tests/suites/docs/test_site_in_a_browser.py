"""The site in a real browser: `make test-browser` builds it and installs what this needs.

Without Chromium these tests are skipped, unless RUNFLOW_BROWSER asks for them. Screenshots are kept
in reports/browser/.
"""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from ..chromium import complaints, in_a_browser
from .blocks import ROOT

DEADLINE = 30  # seconds
PHONE, DESK = (390, 844), (1400, 1000)
SCREENSHOTS = ROOT / "reports" / "browser"
PATHS = (
    "",
    "start/five-minutes/",
    "guides/files/",
    "guides/money/",
    "recipes/fastapi/",
    "models/",
    "models/google/nano-banana-pro/",
    "reference/client/",
    "maintainers/rooms/",
)

pytestmark = in_a_browser


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base's name
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the site."""
    handler = partial(_Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def browser(chromium: Chrome) -> Iterator[Chrome]:
    """Return the browser; a test fails if the browser complains about a page."""
    chromium.set_window_size(*DESK)
    yield chromium
    found = complaints(chromium)
    chromium.get("about:blank")
    assert found == []


def until(browser: Chrome, holds: Callable[[Chrome], object]) -> None:
    WebDriverWait(browser, DEADLINE, poll_frequency=0.05).until(holds)


def keep(browser: Chrome, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))


def name_of(path: str) -> str:
    return path.strip("/").replace("/", "-") or "start"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_drawn_in_light_and_dark(
    browser: Chrome, address: str, path: str, scheme: str
) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    browser.get(address + path)
    browser.execute_script("localStorage.clear()")  # the choice of the page before
    browser.refresh()
    until(browser, lambda _: browser.find_elements(By.TAG_NAME, "h1"))
    color = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    red, green, blue, *_ = browser.execute_script(color)
    assert (red + green + blue > 384) == (scheme == "light")
    keep(browser, f"{name_of(path)}-{scheme}")
    broken = (
        "return [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
    )
    assert browser.execute_script(broken) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_phone_need_not_scroll_sideways(browser: Chrome, address: str, path: str) -> None:
    width, height = PHONE
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True},
    )
    try:
        browser.get(address + path)
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        keep(browser, f"{name_of(path)}-phone")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= width


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("billed twice", "guides/money/"),
        ("max_bytes", "reference/results/"),
        ("exit code", "guides/command-line/"),
        ("dead letter", "guides/callbacks/"),
        ("seedance", "models/bytedance/"),
        ("proxy", "guides/surroundings/"),
    ],
)
def test_search_finds(browser: Chrome, address: str, question: str, answer: str) -> None:
    browser.get(address)
    until(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".md-search__button"))
    browser.execute_script("document.querySelector('.md-search__button').click()")
    results = (
        "return [...document.querySelectorAll('*')].filter(e => e.shadowRoot)"
        ".flatMap(e => [...e.shadowRoot.querySelectorAll('a')]).map(a => a.href)"
    )
    inputs = (
        "return [...document.querySelectorAll('*')].filter(e => e.shadowRoot)"
        ".some(e => e.shadowRoot.activeElement)"
    )
    until(browser, lambda _: browser.execute_script(inputs))
    ActionChains(browser).send_keys(question).perform()
    until(browser, lambda _: any(answer in link for link in browser.execute_script(results) or ()))
    keep(browser, f"search-{question.replace(' ', '-')}")


def test_code_is_copied(browser: Chrome, address: str) -> None:
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": address},
    )
    browser.get(f"{address}guides/files/")
    until(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".md-code__button"))
    browser.find_element(By.CSS_SELECTOR, ".md-code__button").click()
    read = "navigator.clipboard.readText().then(arguments[0], e => arguments[0](String(e)))"
    until(
        browser,
        lambda _: str(browser.execute_async_script(read)).startswith("from pathlib import Path\n"),
    )


def test_screenshots_are_kept_where_the_workflow_looks() -> None:
    workflow = Path(ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert SCREENSHOTS.relative_to(ROOT).as_posix() in workflow
