"""The parts of the page that change, as HTML. Every value is escaped."""

import contextlib
import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from html import escape

from ...contract.json_types import JsonObject, as_object, public
from ...faults.plan import Fault
from ...simulation.outputs import extension_of
from ...simulation.runs import TERMINAL
from ...simulation.simulation import Simulation
from ...state.clock import api_instant
from ...state.keys import DEFAULT_ORGANIZATION
from ...state.money import decimal_text
from ..answered import AnsweredRequest

MAX_RUNS = 40
MAX_REQUESTS = 100
MAX_DELIVERIES = 60
MAX_ENTRIES = 100
MAX_TEXT = 4000
# The files of runs for the page: nothing is signed, recorded or stepped for them.
OUTPUTS = "/_mock/page/outputs/"

Section = Callable[[Simulation, Sequence[AnsweredRequest]], str]


def render_sections(simulation: Simulation, answered: Sequence[AnsweredRequest]) -> dict[str, str]:
    """Return the HTML of each section by the id of its element."""
    return {name: section(simulation, answered) for name, section in SECTIONS.items()}


def _status(simulation: Simulation, answered: Sequence[AnsweredRequest]) -> str:
    state = simulation.state
    runs = list(state.runs)
    open_runs = sum(row["status_code"] not in TERMINAL for row in runs)
    balance = state.ledger.account(DEFAULT_ORGANIZATION).balance
    spent = sum((entry.amount for entry in state.ledger.entries), Decimal(0))
    facts = (
        ("time", _clock_text(api_instant(state.now()))),
        ("balance", f"${decimal_text(balance)}"),
        ("billed", f"${decimal_text(spent)}"),
        ("runs", f"{len(runs)}, {open_runs} unfinished"),
        ("requests", str(len(answered))),
    )
    return "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in facts)


def _runs(simulation: Simulation, answered: Sequence[AnsweredRequest]) -> str:
    rows = list(simulation.state.runs)[::-1]
    cards = [_run_card(simulation, row) for row in rows[:MAX_RUNS]]
    return _list(cards, "No run yet. Point a client here and run a model.", len(rows))


def _run_card(simulation: Simulation, row: JsonObject) -> str:
    status, run_id = str(row["status_code"]), str(row["id"])
    ended = status in TERMINAL
    facts = [_clock_text(row["created_at"])]
    if row["duration_ms"] is not None:
        facts.append(f"{row['duration_ms'] / 1000:g} s")
    if row["cost"] is not None:
        facts.append(f"${row['cost']}")
    if row["client_ref"] is not None:
        facts.append(f"ref {row['client_ref']}")
    done = row["nodes_completed"]
    failure = (
        f"<p class=failure><b>{escape(str(row['failure_code']))}</b> "
        f"{escape(str(row['failure_message']))}</p>"
        if row["failure_code"] is not None
        else ""
    )
    cancel = (
        ""
        if ended
        else '<form method=post action="/_mock/page/cancel">'
        f'<input type=hidden name=run_id value="{escape(run_id)}">'
        "<button class=quiet>Cancel</button></form>"
    )
    return (
        f'<article class="run {escape(status)}">'
        f"<div class=media>{_media(simulation, row)}</div><div class=text>"
        f"<header><b>{escape(row['_model'])}</b>{_badge(status)}{cancel}</header>"
        f'<progress max="{row["nodes_total"]}" value="{done}" '
        f'aria-label="{done} of {row["nodes_total"]} nodes"></progress>'
        f"<p class=prompt>{escape(_prompt(row['input']))}</p>{failure}"
        f"<p class=facts>{escape(' · '.join(facts))}</p>"
        f"{_details(f'run-{run_id}', run_id, public(row))}</div></article>"
    )


def _media(simulation: Simulation, row: JsonObject) -> str:
    """Return the outputs of the run as elements: pictures, sounds, videos."""
    output = as_object(row["output"])
    count = len(output.get("outputs") or output.get("image_urls") or ())
    model = simulation.catalog.get(row["_model"])
    if not count or model is None:
        return "<span class=empty></span>"
    extension = extension_of(model, row["input"])
    elements: list[str] = []
    for index in range(count):
        source = escape(f"{OUTPUTS}{row['id']}/{index}.{extension}")
        if extension == "mp4":
            elements.append(f'<video src="{source}" controls muted preload=metadata></video>')
        elif extension == "mp3":
            elements.append(f'<audio src="{source}" controls preload=none></audio>')
        else:
            elements.append(
                f'<a href="{source}" target=_blank><img src="{source}" loading=lazy '
                f'alt="output {index + 1} of run {escape(str(row["id"]))}"></a>'
            )
    return "".join(elements)


def _requests(simulation: Simulation, answered: Sequence[AnsweredRequest]) -> str:
    rows = [_request_row(entry) for entry in list(answered)[::-1][:MAX_REQUESTS]]
    return _list(rows, "No request yet.", len(answered))


def _request_row(entry: AnsweredRequest) -> str:
    request = entry.request
    query = "&".join(f"{name}={value}" for name, value in request.query if "X-Amz" not in name)
    target = request.raw_path + (f"?{query}" if query else "")
    status = "broken" if entry.status is None else str(entry.status)
    kind = "bad" if entry.status is None or entry.status >= 400 else "good"
    fault = "" if entry.fault is None else f" {_badge('fault: ' + entry.fault)}"
    key = f"request-{entry.number}"
    headers = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    return (
        f'<details class=request data-key="{key}"><summary><code class=method>'
        f"{escape(request.method)}</code> <code class=target>{escape(target[:300])}</code> "
        f"<span class={kind}>{status}</span>{fault}"
        f"<time>{escape(_clock_text(entry.at))}</time></summary>"
        f"<h4>Request</h4><pre>{escape(headers)}</pre>{_body(request.body, len(request.body))}"
        f"<h4>Answer</h4>{_body(entry.body, entry.size, entry.media_type)}</details>"
    )


def _callbacks(simulation: Simulation, answered: Sequence[AnsweredRequest]) -> str:
    state = simulation.state
    rows = [_delivery(row, row["callback_url"], row["attempts"]) for row in state.deliveries]
    for row in state.webhook_deliveries:
        attempts = state.webhook_attempts.where(delivery_id=row["id"])
        succeeded = any(attempt["succeeded"] for attempt in attempts)
        status = "pending" if row["_next"] else "succeeded" if succeeded else "failed"
        rows.append(_delivery({**row, "status_code": status}, row["_url"], attempts))
    return _list(rows[::-1][:MAX_DELIVERIES], "No callback yet.", len(rows))


def _delivery(row: JsonObject, url: str, attempts: Iterable[JsonObject]) -> str:
    tried = "".join(
        f"<tr><td>{attempt['attempt_number']}<td>{escape(_clock_text(attempt['created_at']))}"
        f"<td>{escape(str(attempt['status_code'] or 'no answer'))}"
        f"<td>{escape(str(attempt.get('error_message') or attempt['response_body'] or '')[:300])}"
        for attempt in attempts
    )
    table = (
        f"<table><thead><tr><th>attempt<th>time<th>answer<th></thead>{tried}</table>"
        if tried
        else ""
    )
    detail = row.get("failure_detail")
    return (
        f"<article class=delivery><header><b>{escape(str(row['payload']['event']))}</b>"
        f"{_badge(str(row['status_code']))}<code>{escape(str(url))}</code></header>"
        f"{'' if detail is None else f'<p class=failure>{escape(str(detail))}</p>'}{table}"
        f"{_details('delivery-' + str(row['id']), 'payload', row['payload'])}</article>"
    )


def _ledger(simulation: Simulation, answered: Sequence[AnsweredRequest]) -> str:
    entries = simulation.state.ledger.entries[::-1]
    if not entries:
        return "<p class=none>Nothing was billed yet.</p>"
    rows = "".join(
        f"<tr><td>{escape(_clock_text(entry.at))}<td>{escape(entry.model_id)}"
        f"<td><code>{escape(entry.run_id)}</code><td class=money>${decimal_text(entry.amount)}"
        for entry in entries[:MAX_ENTRIES]
    )
    total = decimal_text(sum((entry.amount for entry in entries), Decimal(0)))
    return (
        "<table><thead><tr><th>time<th>model<th>run<th class=money>amount</thead>"
        f"<tbody>{rows}</tbody><tfoot><tr><td colspan=3>{len(entries)} runs"
        f"<td class=money>${total}</tfoot></table>"
    )


def _plans(simulation: Simulation, answered: Sequence[AnsweredRequest]) -> str:
    rows = [_fault_row(fault) for fault in simulation.faults]
    rows += [
        f"<li>{escape(text)} <small>not used yet</small></li>"
        for text in simulation.outcomes.unused()
    ]
    return f"<ul>{''.join(rows)}</ul>" if rows else "<p class=none>Nothing is planned.</p>"


def _fault_row(fault: Fault) -> str:
    usual = Fault(kind=fault.kind).describe()
    further = ", ".join(
        f"{name} {value}"
        for name, value in fault.describe().items()
        if name not in ("kind", "operation", "count") and value != usual[name]
    )
    left = "always" if fault.count is None else f"{fault.count} left"
    used = f"used {fault.applied} x" if fault.applied else "not used yet"
    return (
        f"<li><b>{escape(fault.kind)}</b> for <code>{escape(fault.operation)}</code> "
        f"{escape(further)} <small>{left}, {used}</small></li>"
    )


SECTIONS: dict[str, Section] = {
    "status": _status,
    "runs": _runs,
    "requests": _requests,
    "callbacks": _callbacks,
    "ledger": _ledger,
    "plans": _plans,
}


def _list(items: Sequence[str], nothing: str, total: int) -> str:
    if not items:
        return f"<p class=none>{escape(nothing)}</p>"
    older = total - len(items)
    return "".join(items) + (f"<p class=none>and {older} older</p>" if older > 0 else "")


def _badge(text: str) -> str:
    return f'<span class="badge {escape(text.partition(":")[0])}">{escape(text)}</span>'


def _details(key: str, title: str, value: object) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return (
        f'<details data-key="{escape(key)}"><summary>{escape(title)}</summary>'
        f"<pre>{escape(_short(text))}</pre></details>"
    )


def _body(body: bytes, size: int, media_type: str | None = None) -> str:
    if not body:
        return "<p class=none>no body</p>"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"<p class=none>{size} bytes of {escape(media_type or 'data')}</p>"
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return f"<pre>{escape(_short(text))}</pre>"


def _short(text: str) -> str:
    clean = text.encode(errors="replace").decode()
    return clean if len(clean) <= MAX_TEXT else f"{clean[:MAX_TEXT]}\n… {len(clean)} characters"


def _prompt(values: JsonObject) -> str:
    text = str(values.get("prompt") or values.get("text") or "")
    return text.encode(errors="replace").decode()[:200]


def _clock_text(instant: str) -> str:
    return instant.replace("T", " ").removesuffix("Z").partition(".")[0]
