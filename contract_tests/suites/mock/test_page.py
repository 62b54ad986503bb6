"""The page at `/_mock/`, over HTTP: what it contains, its forms, its events, and who may see it."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow, RealClock, SteppedClock
from runflow_mock.contract.requests import RecordedRequest
from runflow_mock.server.answered import MAX_BODY, AnsweredRequest
from runflow_mock.server.page.sections import (
    MAX_DELIVERIES,
    MAX_ENTRIES,
    MAX_REQUESTS,
    MAX_RUNS,
    MAX_TEXT,
    render_sections,
)

from ..snapshot import check_snapshot
from .calling import RUN_SECONDS, create_run, error_of, get_run
from .receiver import Receiver
from .stories.world import World


@pytest.fixture
def browser(mock: MockRunflow) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mock.base_url, trust_env=False, timeout=30) as client:
        yield client


def page(browser: httpx.Client) -> str:
    response = browser.get("/_mock/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def submit(browser: httpx.Client, form: str, **fields: str) -> httpx.Response:
    return browser.post(f"/_mock/page/{form}", data=fields)


def part(html: str, name: str) -> str:
    """Return the page from the element with that id on."""
    return html.partition(f"<div id={name}>")[2].partition("</section>")[0]


def test_it_shows_what_the_application_did(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client, receiver: Receiver
) -> None:
    create_run(api, callback_url=receiver.url, client_ref="cover-1")
    mock.next_outcome("failed", failure_code="CONTENT_POLICY", failure_message="refused")
    create_run(api, callback_url="http://example.com/x")
    mock.advance(RUN_SECONDS)
    mock.settle()
    unfinished = create_run(api)
    html = page(browser)
    runs = part(html, "runs")
    for text in ("succeeded", "failed", "queued", "CONTENT_POLICY", "ref cover-1", "$0.15"):
        assert text in runs
    [source] = re.findall(r'<img src="([^"]*)"', runs)
    picture = browser.get(source.replace("&amp;", "&"))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert f'value="{unfinished["id"]}"' in runs
    requests = part(html, "requests")
    assert requests.count("/v1/models/google/nano-banana-pro/runs") == 3
    assert mock.api_key not in html
    callbacks = part(html, "callbacks")
    assert receiver.url in callbacks
    assert "run.completed" in callbacks
    assert "loopback only" in callbacks
    assert "$0.15" in part(html, "ledger")


@pytest.mark.parametrize("model", ["runflow/tag-removal", "runflow/background-removal"])
def test_pictures_are_shown_whatever_field_they_are_in(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client, model: str
) -> None:
    create_run(api, model, input={"image_url": "https://a.test/a.png"})
    mock.advance(RUN_SECONDS)
    [source] = re.findall(r'<img src="([^"]*)"', part(page(browser), "runs"))
    assert browser.get(source.replace("&amp;", "&")).headers["content-type"].startswith("image/")


def test_the_status_has_the_balance_of_one_organization_and_the_bills_of_all(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client
) -> None:
    other = mock.keys.add("rf_live_other", balance="5").key
    for headers in ({}, {"Authorization": f"Bearer {other}"}, {"Authorization": f"Bearer {other}"}):
        create_run(api, headers=headers)
    mock.advance(RUN_SECONDS)
    facts = dict(
        re.findall(r"<dt>(\w+)</dt><dd>([^<]*)</dd>", page(browser).partition("<dl id=status>")[2])
    )
    balance = api.get("/v1/billing/balance").json()["balance"]
    assert (facts["billed"], facts["balance"]) == ("$0.45", f"${Decimal(balance).normalize():f}")
    assert facts["runs"] == "3, 0 unfinished"


def deliveries(world: World) -> dict[str, str]:
    """Return the status and the answers that the page shows of each delivery, by its path."""
    found: dict[str, str] = {}
    for article in render_sections(world.simulation, [])["callbacks"].split("<article")[1:]:
        [status] = re.findall(r"class=\"badge \w+\">(\w+)<", article)
        [path] = re.findall(r"<code>http://localhost/([\d-]+)</code>", article)
        answers = re.findall(r"<tr><td>\d+<td>[^<]*<td>([^<]*)<td>", article)
        found[path] = f"{status}: {', '.join(answers)}"
    return found


def test_a_delivery_is_pending_until_it_arrived_or_was_given_up(tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    for answers in ("0-500-200", "0-0-0", "404"):
        world.call("POST", "/v1/webhooks", {"url": f"http://localhost/{answers}"})
    called_back = {"input": {}, "callback_url": "http://localhost/0-503-204"}
    world.call("POST", "/v1/models/acme/free/runs", called_back)
    found: list[dict[str, str]] = []
    for seconds in (0.75, 1, 2):  # the run ends, and the retries come
        world.advance(seconds)
        found.append(deliveries(world))
    world.end()
    assert found == [
        {
            "0-503-204": "pending: no answer",
            "0-500-200": "pending: no answer",
            "0-0-0": "pending: no answer",
            "404": "failed: 404",
        },
        {
            "0-503-204": "pending: no answer, 503",
            "0-500-200": "pending: no answer, 500",
            "0-0-0": "pending: no answer, no answer",
            "404": "failed: 404",
        },
        {
            "0-503-204": "succeeded: no answer, 503, 204",
            "0-500-200": "succeeded: no answer, 500, 200",
            "0-0-0": "failed: no answer, no answer, no answer",
            "404": "failed: 404",
        },
    ]


def test_the_ledger_shows_the_latest_and_sums_all(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client
) -> None:
    count = MAX_ENTRIES + 1
    for number in range(count):
        create_run(api, client_ref=str(number))
    mock.advance(RUN_SECONDS)
    ledger = part(page(browser), "ledger")
    assert ledger.count("<code>") == MAX_ENTRIES
    shown = [one["id"] for one in mock.runs if one["id"] in ledger]
    assert len(shown) == MAX_ENTRIES
    assert mock.ledger[0].run_id not in shown
    total = sum((entry.amount for entry in mock.ledger), Decimal(0))
    assert f"{count} runs" in ledger
    assert f"${total.normalize():f}" in ledger


BODIES: dict[bytes, str] = {
    b"": "no body",
    b"\xff": "7 bytes of image/png",
    b'{"a":"\\u00fc <b>","n":null}': '{\n  "a": "ü <b>",\n  "n": null\n}',
    "grün\n{".encode(): "grün\n{",
    b"x" * MAX_TEXT: "x" * MAX_TEXT,
    b"x" * (MAX_TEXT + 1): "x" * MAX_TEXT + f"\n… {MAX_TEXT + 1} characters",
}
"""What is shown of a body."""


def test_a_body_is_shown_so_that_it_can_be_read(tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    recorded = RecordedRequest("POST", "/", (), {}, b"")
    for body, shown in BODIES.items():
        entry = AnsweredRequest(1, "", recorded, 200, "image/png", body, 7)
        html = render_sections(world.simulation, [entry])["requests"]
        answer = html.partition("<h4>Answer</h4>")[2].partition("</details>")[0]
        assert unescape(re.sub("</?(?:p|pre)(?: class=none)?>", "", answer)) == shown
    for status, kind in ((None, "bad"), (200, "good"), (399, "good"), (400, "bad"), (500, "bad")):
        entry = AnsweredRequest(1, "", recorded, status, "", b"", 0)
        html = render_sections(world.simulation, [entry])["requests"]
        assert f"<span class={kind}>{status or 'broken'}</span>" in html
    world.call("POST", "/v1/models/acme/free/runs", {"input": {"prompt": "ü"}})
    [row] = world.state.runs
    row["duration_ms"] = 0
    html = unescape(render_sections(world.simulation, [])["runs"])
    assert "· 0 s" in html
    spoken = {"input": {"prompt": "", "text": "spoken"}}
    world.call("POST", "/v1/models/acme/free/runs", spoken)
    assert "<p class=prompt>spoken</p>" in render_sections(world.simulation, [])["runs"]
    assert '\n  "input": {\n    "prompt": "ü"\n  },\n' in html
    world.end()


def test_of_more_than_it_shows_the_newest_are_shown(tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    body = {"input": {}, "callback_url": "http://localhost/200"}
    for _ in range(MAX_DELIVERIES + 2):
        world.call("POST", "/v1/models/acme/free/runs", body)
    world.advance(10)
    shown = render_sections(world.simulation, [])
    for section, kind, rows, most in (
        ("runs", "run", world.state.runs, MAX_RUNS),
        ("callbacks", "delivery", world.state.deliveries, MAX_DELIVERIES),
    ):
        newest = [row["id"] for row in rows][::-1][:most]
        assert re.findall(f'data-key="{kind}-(.+?)"', shown[section]) == newest
        assert f"and {len(rows) - most} older" in shown[section]
    world.end()


def test_an_output_is_found_by_its_number(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client
) -> None:
    outputs = f"/_mock/page/outputs/{create_run(api)['id']}"
    assert browser.get(f"{outputs}/0.png").status_code == 200
    for name in (f"{'9' * 5000}.png", "-1.png", "x.png", ""):
        assert browser.get(f"{outputs}/{name}").status_code == 404


def test_requests_are_counted_and_say_what_was_answered(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client
) -> None:
    create_run(api)
    mock.advance(RUN_SECONDS)
    picture = httpx.get(mock.runs[0]["output"]["outputs"][0]["url"]).content
    assert len(picture) > MAX_BODY
    mock.fail_next("get_balance", status=503)
    api.get("/v1/billing/balance")
    for number in range(MAX_REQUESTS):
        shown = part(page(browser), "requests") if number in (0, MAX_REQUESTS - 3) else ""
        if number == 0:
            assert f"{len(picture)} bytes of image/png" in shown
            assert "fault: status" in shown
        elif shown:
            assert "older" not in shown
        api.get("/v1/health")
    shown = part(page(browser), "requests")
    assert "and 3 older" in shown
    keys = re.findall(r'data-key="request-(\d+)"', shown)
    assert keys == [str(number) for number in range(MAX_REQUESTS + 3, 3, -1)]


def test_looking_at_it_leaves_no_trace(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client
) -> None:
    create_run(api)
    mock.advance(RUN_SECONDS)
    before, now = mock.requests, mock.clock.now()
    [source] = re.findall(r'<img src="([^"]*)"', page(browser))
    assert browser.get(source).status_code == 200
    assert mock.requests == before
    assert mock.clock.now() == now


def test_what_users_send_is_escaped(api: httpx.Client, browser: httpx.Client) -> None:
    evil = "<script>alert(1)</script>\"'"
    create_run(api, input={"prompt": evil}, client_ref=evil, metadata={evil: evil})
    api.get("/v1/runs", params={"q": evil})
    html = page(browser)
    assert "<script>alert" not in html
    assert html.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in html


def test_time_that_passes_by_itself_cannot_be_advanced_and_callbacks_can_be_waited_for() -> None:
    forms: list[set[str]] = []
    for clock in (RealClock(), SteppedClock()):
        with MockRunflow(clock) as mock:
            html = httpx.get(f"{mock.base_url}/_mock/", trust_env=False).text
        time = html.partition("<div class=time>")[2].partition("<nav>")[0]
        assert ("time passes by itself" in time) is isinstance(clock, RealClock)
        forms.append(set(re.findall(r'action="/_mock/page/(\w+)"', time)))
    assert forms == [{"settle"}, {"settle", "advance"}]


def test_only_its_own_script_runs(browser: httpx.Client) -> None:
    response = browser.get("/_mock/")
    policy = response.headers["content-security-policy"]
    nonce = re.findall(r"script-src 'nonce-([^']+)'", policy)
    assert re.findall(r'<script nonce="([^"]+)"', response.text) == nonce
    again = browser.get("/_mock/").headers["content-security-policy"]
    assert nonce[0] not in again
    assert len(nonce[0]) >= 22  # 16 bytes that nobody foresees
    assert "default-src 'none'" in policy
    assert not re.findall(r'(?:src|href)="?https?://', response.text)


def test_its_forms_take_what_they_took_before(browser: httpx.Client) -> None:
    submit(browser, "faults", kind="status", status="500", operation="get_run", count="1")
    tags = re.findall(r"<(?:form|input|select)\b[^>]*>|<(?:option|button)\b[^<]*", page(browser))
    shown = [tag for tag in tags if not re.match("<option>.*/", tag)]  # those of the catalog
    submit(browser, "clear-faults")
    check_snapshot(Path(__file__).with_name("tables") / "page-forms.txt", "\n".join(shown) + "\n")


def test_faults_are_planned_and_removed(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client
) -> None:
    answer = submit(browser, "faults", kind="status", operation="list_runs", status="503")
    assert (answer.status_code, answer.headers["location"]) == (303, "/_mock/")
    plans = part(page(browser), "plans")
    assert "list_runs" in plans
    assert "not used yet" in plans
    error_of(api.get("/v1/runs"), 503)
    submit(browser, "faults", kind="null", field="items", always="1", count="3")
    assert [fault.count for fault in mock.faults] == [None]
    submit(browser, "clear-faults")
    assert list(mock.faults) == []
    submit(browser, "faults", kind="clock_skew", skew="-60.5", delay="0.5", probability="0.25")
    assert [(one.skew, one.delay, one.probability) for one in mock.faults] == [(-60.5, 0.5, 0.25)]


def test_the_end_of_a_retired_model_can_be_planned_as_it_still_runs(
    mock: MockRunflow, browser: httpx.Client
) -> None:
    mock.models.retire("google/veo3.1")
    assert "<option>google/veo3.1</option>" in page(browser)


def test_outcomes_time_and_cancellation(
    mock: MockRunflow, api: httpx.Client, browser: httpx.Client
) -> None:
    given = {"failure_code": " X ", "failure_message": "it was too dark", "model": " "}
    submit(browser, "outcomes", status="failed", count="2", **given)
    assert "outcome &#x27;failed&#x27;" in part(page(browser), "plans")
    first, second = create_run(api)["id"], create_run(api)["id"]
    submit(browser, "cancel", run_id=second)
    submit(browser, "advance", seconds=str(RUN_SECONDS))
    submit(browser, "settle")
    run = get_run(api, first)
    assert (run["failure_code"], run["failure_message"]) == ("X", "it was too dark")
    assert get_run(api, second)["status_code"] == "canceled"


@pytest.mark.parametrize(
    ("form", "fields", "says"),
    [
        ("faults", {"kind": "explode"}, "no fault 'explode'"),
        ("faults", {"kind": "null", "operation": "get_rum"}, "get_run"),
        ("faults", {"kind": "status", "status": "many"}, "many"),
        ("outcomes", {"status": "happy"}, "no outcome 'happy'"),
        ("outcomes", {"status": "failed", "model": "acme/none"}, "acme/none"),
        ("outcomes", {}, "see errors"),
        ("advance", {"seconds": "-1"}, "go back"),
        ("advance", {"seconds": "1e12"}, "out of range"),
        ("advance", {}, "see errors"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(
    browser: httpx.Client, form: str, fields: dict[str, str], says: str
) -> None:
    error = error_of(submit(browser, form, **fields), 422)
    assert says in str(error) or "Field required" in str(error)


def test_forms_and_methods_that_do_not_exist(browser: httpx.Client) -> None:
    error_of(submit(browser, "nothing"), 404)
    error_of(browser.get("/_mock/page/faults"), 404)
    error_of(browser.put("/_mock/"), 405)
    assert browser.get("/_mock").headers["location"] == "/_mock/"


def test_changes_are_sent_as_they_happen(api: httpx.Client, browser: httpx.Client) -> None:
    with browser.stream("GET", "/_mock/events") as events:
        assert events.headers["content-type"] == "text/event-stream"
        lines = events.iter_lines()

        def following() -> dict[str, Any]:
            data = next(line for line in lines if line.startswith("data: "))
            found: dict[str, Any] = json.loads(data.removeprefix("data: "))
            return found

        assert set(following()) == {
            "status",
            "runs",
            "requests",
            "callbacks",
            "ledger",
            "plans",
        }
        run_id = create_run(api)["id"]
        changed: dict[str, Any] = {}
        while not {"runs", "requests", "status"} <= set(changed):
            changed.update(following())
        assert run_id in changed["runs"]
        assert not {"ledger", "callbacks", "plans"} & set(changed)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "mock.example.com"}, 403),
        ({"Host": "127.0.0.1.example.com"}, 403),
        ({"Host": "localhost:80"}, 200),
        ({"Host": "[::1]:80"}, 200),
        ({"Host": "localhost", "Origin": "https://example.com"}, 403),
        ({"Host": "localhost", "Origin": "null"}, 403),
        ({"Host": "localhost", "Origin": "http://localhost"}, 200),
    ],
)
def test_it_is_for_this_machine_only(
    browser: httpx.Client, headers: dict[str, str], status: int
) -> None:
    assert browser.get("/_mock/", headers=headers).status_code == status
    if status == 403:
        error_of(browser.get("/_mock/events", headers=headers), 403)
        error_of(browser.post("/_mock/page/clear-faults", headers=headers), 403)


def test_a_stopped_server_ends_the_events(mock: MockRunflow, browser: httpx.Client) -> None:
    with browser.stream("GET", "/_mock/events") as events:
        lines = events.iter_lines()
        next(lines)
        mock.stop()
        with pytest.raises(httpx.TransportError):
            list(lines)
