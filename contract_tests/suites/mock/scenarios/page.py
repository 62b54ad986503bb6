"""The page of the server: what each section shows, and what its forms do and refuse."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import httpx

from .deliveries import WEBHOOKS
from .recorder import RUNS, Recorder

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SECTIONS = ("status", "runs", "plans", "requests", "callbacks", "ledger")
VIDEO, SOUND = "alibaba/wan/v2.7/text-to-video", "elevenlabs/tts/eleven-v3"
EVIL = "<b onclick='x'>\"&"
MANY, MORE = 110, 300
COUNTED = {
    "runs": "<article class",
    "requests": "<details class=request",
    "callbacks": "<article class",
    "ledger": "<td class=money>",
}
_PIECES = re.compile(r"(?=<(?:article|details class=request|tr|tfoot|li|p class=none|div><dt)\b)")
_LONG = re.compile(r"<pre>(.{40}).*?</pre>", re.DOTALL)


def page(recorder: Recorder) -> None:
    """Play a life of which the page shows everything."""
    host = httpx.URL(recorder.mock.base_url).netloc.decode()
    recorder.places[host] = "mock:80"
    recorder.title("nothing yet")
    show(recorder, *SECTIONS)
    recorder.title("runs")
    mock, address = recorder.mock, recorder.receiver.url
    recorder.answers(503, 404)
    recorder.run(EVIL, client_ref=EVIL, callback_url=address, metadata={"a": EVIL})
    mock.next_outcome("failed", failure_code="CODE", failure_message=EVIL)
    recorder.run("it fails", callback_url="https://elsewhere.example/x")
    mock.next_outcome("partial_succeeded")
    body = {"input": {"prompt": "three\ud800" + "x" * 300, "num_images": 3}}
    recorder.call("POST", RUNS, headers=JSON, content=json.dumps(body).encode())
    mock.next_outcome("canceled")
    recorder.run(client_ref="")
    recorder.advance(60)
    show(recorder, "status", "runs", "callbacks", "ledger")
    recorder.title("other files, and webhooks")
    recorder.post(WEBHOOKS, {"url": address})
    recorder.answers(200, 500)
    recorder.post(f"/v1/models/{VIDEO}/runs", {"input": {"prompt": "a video"}})
    recorder.post(f"/v1/models/{SOUND}/runs", {"input": {"text": "a sound"}})
    mock.next_outcome("never")
    recorder.run("it goes on")
    mock.advance(30)
    mock.settle()
    show(recorder, "status", "runs", "callbacks")
    recorder.title("requests")
    recorder.get("/v1/runs", q=EVIL, limit="1")
    recorder.get("/v1/runs", fields="id", sort_by="x" * 400)
    recorder.call("HEAD", "/v1/runs")
    recorder.call("POST", RUNS, headers={"Content-Type": "text/plain"}, content=b"\xff\xfe")
    recorder.quiet("/v1/models", limit="500")  # more than is kept of an answer
    output = recorder.quiet(f"/v1/runs/{recorder.mock.runs[0]['id']}")["output"]
    picture = recorder.fetch(output["outputs"][0]["url"])
    recorder.places[f"{len(picture.content)} bytes"] = "its bytes"
    for fault in ("reset_before", "reset_after", "null"):
        mock.fail_next("get_balance", fault=fault)
        try:
            recorder.get("/v1/billing/balance")
        except httpx.TransportError:
            recorder.write(f"{fault}: broken")
    show(recorder, "requests")
    _forms(recorder)


def _forms(recorder: Recorder) -> None:
    recorder.title("forms")
    for fields in (
        {"kind": "status", "operation": "get_run", "status": "503", "count": "2", "field": " "},
        {"kind": "null", "field": "cost", "always": "1", "count": "3", "contains": EVIL},
        {"kind": "slow_headers", "delay": "0.5", "probability": "0.25", "operation": "storage"},
        {"kind": "lost_callback", "status": "500"},
        {"kind": "status", "status": "many"},
        {"kind": "status", "status": "199"},
        {"kind": "null", "count": "0"},
        {"kind": "null", "probability": "2"},
        {"kind": "null", "colour": "red"},
        {},
    ):
        _submit(recorder, "faults", fields)
    for fields in (
        {"status": "failed", "failure_code": "C", "failure_message": "m", "count": "2"},
        {"status": "partial_succeeded", "model": VIDEO, "count": ""},
        {"status": "succeeded", "failure_code": "C"},
        {"status": "failed", "model": "a/b"},
        {"status": "failed", "count": "0"},
        {},
    ):
        _submit(recorder, "outcomes", fields)
    recorder.write("outcomes with bytes that are no text")
    content = b"status=failed&failure_code=%FF\xff"
    recorder.call("POST", "/_mock/page/outcomes", headers=FORM, content=content)
    recorder.get("/v1/runs/any")
    show(recorder, "plans")
    going_on = recorder.mock.runs[-1]["id"]
    for form, fields in (
        ("cancel", {"run_id": going_on}),
        ("cancel", {"run_id": going_on}),
        ("cancel", {"run_id": "x"}),
        ("cancel", {}),
        ("clear-faults", {}),
        ("advance", {"seconds": "1.5"}),
        ("advance", {"seconds": "-1"}),
        ("advance", {"seconds": "x"}),
        ("advance", {}),
        ("settle", {}),
        ("nothing", {}),
    ):
        _submit(recorder, form, fields)
    show(recorder, "status", "plans")
    recorder.title("other ways")
    for method, path in (
        ("GET", "/_mock"),
        ("PUT", "/_mock/"),
        ("GET", "/_mock/page/cancel"),
        ("POST", "/_mock/events"),
        ("GET", "/_mock/page/outputs/x/0.png"),
        ("HEAD", f"/_mock/page/outputs/{recorder.mock.runs[0]['id']}/0.png"),
        ("POST", f"/_mock/page/outputs/{recorder.mock.runs[0]['id']}/0.png"),
    ):
        recorder.call(method, path, headers={"X-Why": "a way"})
    _whole(recorder)
    _many(recorder)


def _many(recorder: Recorder) -> None:
    """Write down how many of each kind the page shows, and how many it says that it leaves out."""
    recorder.title("more than it shows")
    for number in range(MANY):
        recorder.refusal(RUNS, {"input": {"prompt": str(number)}}, {})
    for _ in range(MORE):
        recorder.quiet("/v1/runs/statuses")
    recorder.mock.advance(30)
    recorder.mock.settle()
    html = recorder.page().text
    for name, piece in COUNTED.items():
        part = html.partition(f" id={name}>")[2].partition("</section>")[0]
        older = re.findall(r"and \d+ older|<td colspan=3>\d+ runs", part)
        recorder.write(f"{name}: {part.count(piece)} are shown {older}")
        numbers = re.findall(r'data-key="request-(\d+)"', part)
        recorder.write(f"    {numbers[:1]} to {numbers[-1:]}")


def _submit(recorder: Recorder, form: str, fields: dict[str, str]) -> None:
    recorder.write(f"{form} {fields}")
    content = urlencode(fields).encode()
    recorder.call("POST", f"/_mock/page/{form}", headers=FORM, content=content)


def show(recorder: Recorder, *names: str) -> None:
    """Write down these sections of the page, a line for each of their parts."""
    html = recorder.page().text
    for name in names:
        recorder.write(f"-- {name}")
        end = "</dl>" if name == "status" else "</section>"
        part = html.partition(f" id={name}>")[2].partition(end)[0]
        part = part.partition("<div class=quick>")[0]
        for piece in _PIECES.split(part):
            short = _LONG.sub(r"<pre>\1…</pre>", piece)
            recorder.write("   " + " ".join(short.split()))


def _whole(recorder: Recorder) -> None:
    """Write down the headers of the page, its forms, and how much it allows its script."""
    answer = recorder.page()
    nonce = re.findall(r"'nonce-([^']+)'", answer.headers["content-security-policy"])
    assert len(set(nonce)) == 1
    assert answer.text.count(f'nonce="{nonce[0]}"') == 2
    assert recorder.page().text.count(nonce[0]) == 0
    for name in ("cache-control", "content-security-policy", "content-type", "referrer-policy"):
        recorder.write(f"{name}: {answer.headers[name].replace(nonce[0], 'NONCE')}")
    recorder.write(f"x-content-type-options: {answer.headers['x-content-type-options']}")
    forms = answer.text.partition("<div class=quick>")[2].partition("</section>")[0]
    time = answer.text.partition("<div class=time>")[2].partition("<nav>")[0]
    for piece in re.split(r"(?=<(?:form|label|optgroup|button)\b)", time + forms):
        many = piece.count("<option>")
        recorder.write(f"   {piece[:160]}{f'… {many} options' if len(piece) > 160 else ''}")
