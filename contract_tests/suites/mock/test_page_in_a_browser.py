"""The page at `/_mock/` in a real browser: `make test-browser` installs what this needs.

Without Chromium these tests are skipped, unless RUNFLOW_BROWSER asks for them.
"""

from collections.abc import Callable, Iterator

import httpx
import pytest
from runflow_mock import MockRunflow
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from ..chromium import complaints, in_a_browser
from .calling import RUN_SECONDS, create_run, get_run

DEADLINE = 30  # seconds

pytestmark = in_a_browser


@pytest.fixture
def page(chromium: Chrome, mock: MockRunflow) -> Iterator[Chrome]:
    """The page, open and connected. A test fails if the browser complains about the page."""
    chromium.get(f"{mock.base_url}/_mock/")
    yield chromium
    found = complaints(chromium)
    chromium.get("about:blank")
    assert [entry for entry in found if "status of 422" not in str(entry["message"])] == []


def until(page: Chrome, holds: Callable[[Chrome], object]) -> None:
    WebDriverWait(page, DEADLINE, poll_frequency=0.05).until(holds)


def text_of(page: Chrome, identifier: str) -> str:
    return page.find_element(By.ID, identifier).text


def button(page: Chrome, label: str) -> WebElement:
    found = page.find_elements(By.XPATH, f"//button[normalize-space()='{label}']")
    return found[0]


def test_a_run_appears_progresses_and_shows_its_picture(
    mock: MockRunflow, api: httpx.Client, page: Chrome
) -> None:
    assert "No run yet" in text_of(page, "runs")
    create_run(api, input={"prompt": "a cathedral"}, client_ref="cover-1")
    until(page, lambda _: "queued" in text_of(page, "runs"))
    button(page, "Advance").click()
    until(page, lambda _: "succeeded" in text_of(page, "runs"))
    until(
        page,
        lambda _: (
            page.execute_script(
                "const one = document.querySelector('#runs img');"
                "return one && one.complete && one.naturalWidth"
            )
            == 1024
        ),
    )
    assert "ref cover-1" in text_of(page, "runs")
    assert "$99.85" in text_of(page, "status")
    assert "$0.15" in text_of(page, "ledger")
    assert "/v1/models/google/nano-banana-pro/runs" in text_of(page, "requests")


@pytest.mark.plans_left
def test_a_planned_fault_is_seen_until_it_applies(
    mock: MockRunflow, api: httpx.Client, page: Chrome
) -> None:
    form = page.find_element(By.CSS_SELECTOR, "form.plan")
    Select(form.find_element(By.NAME, "kind")).select_by_visible_text("status")
    Select(form.find_element(By.NAME, "operation")).select_by_visible_text("list_runs")
    form.find_element(By.NAME, "status").send_keys("418")
    form.find_element(By.CSS_SELECTOR, "button").click()
    until(page, lambda _: "list_runs" in text_of(page, "plans"))
    assert api.get("/v1/runs").status_code == 418
    until(page, lambda _: "Nothing is planned" in text_of(page, "plans"))
    until(page, lambda _: "fault: status" in text_of(page, "requests"))
    button(page, "Next create: 429").click()
    until(page, lambda _: "create_run" in text_of(page, "plans"))
    assert [fault.status for fault in mock.faults] == [429]


def test_what_is_being_typed_and_what_is_unfolded_stays(
    mock: MockRunflow, api: httpx.Client, page: Chrome
) -> None:
    run_id = create_run(api)["id"]
    until(page, lambda _: run_id in text_of(page, "runs"))
    field = page.find_element(By.NAME, "contains")
    field.send_keys("half a wo")
    page.find_element(By.CSS_SELECTOR, "#runs details summary").click()
    mock.advance(RUN_SECONDS)
    until(page, lambda _: "succeeded" in text_of(page, "runs"))
    assert field.get_attribute("value") == "half a wo"
    details = page.find_element(By.CSS_SELECTOR, "#runs details")
    assert details.get_attribute("open")
    assert '"prompt"' in details.text


@pytest.mark.plans_left
def test_what_a_form_refuses_is_said(mock: MockRunflow, page: Chrome) -> None:
    form = page.find_element(By.CSS_SELECTOR, "form.plan")
    Select(form.find_element(By.NAME, "kind")).select_by_visible_text("lost_callback")
    Select(form.find_element(By.NAME, "operation")).select_by_visible_text("get_run")
    form.find_element(By.CSS_SELECTOR, "button").click()
    until(page, lambda _: page.find_elements(By.CSS_SELECTOR, "[role=alert]"))
    assert "callbacks" in page.find_element(By.CSS_SELECTOR, "[role=alert]").text
    button(page, "Next callback: lost").click()
    until(page, lambda _: not page.find_elements(By.CSS_SELECTOR, "[role=alert]"))


def test_a_run_is_cancelled(mock: MockRunflow, api: httpx.Client, page: Chrome) -> None:
    run_id = create_run(api)["id"]
    until(page, lambda _: run_id in text_of(page, "runs"))
    button(page, "Cancel").click()
    until(page, lambda _: "canceled" in text_of(page, "runs"))
    assert get_run(api, run_id)["status_code"] == "canceled"


def test_a_script_in_a_prompt_does_nothing(
    mock: MockRunflow, api: httpx.Client, page: Chrome
) -> None:
    create_run(api, input={"prompt": "<img src=x onerror=\"document.title='broken'\">"})
    until(page, lambda _: "onerror" in text_of(page, "runs"))
    assert page.title == "Runflow mock"


def test_it_says_when_the_server_is_gone(mock: MockRunflow, chromium: Chrome) -> None:
    chromium.get(f"{mock.base_url}/_mock/")
    until(chromium, lambda _: text_of(chromium, "connection") == "live")
    mock.stop()
    until(chromium, lambda _: text_of(chromium, "connection") == "not connected")
    complaints(chromium)
    chromium.get("about:blank")
