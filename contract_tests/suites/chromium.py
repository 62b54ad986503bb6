"""Chromium and its driver, where `make test-browser` or the system has installed them."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

WINDOW = (1400, 1600)
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

in_a_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER) and "RUNFLOW_BROWSER" not in os.environ,
    reason="chromium and chromedriver are not installed: make test-browser",
)


@contextmanager
def open_chromium() -> Generator[Chrome]:
    """Open a browser without a window, which keeps what it complains about."""
    options = ChromeOptions()
    options.binary_location = CHROMIUM or "chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, ChromeService(DRIVER or "chromedriver"))
    driver.set_window_size(*WINDOW)
    try:
        yield driver
    finally:
        driver.quit()


def leave(browser: Chrome) -> None:
    """Leave the page, and what a test has set of the browser."""
    browser.get("about:blank")
    browser.set_window_size(*WINDOW)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    complaints(browser)


def complaints(browser: Chrome) -> list[dict[str, Any]]:
    """Return what the browser complained about since it was asked last."""
    found: list[dict[str, Any]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return found
