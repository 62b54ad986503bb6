"""Write down what the small rules of the client decide: which error may be passed over, which run a
filter lets through, when a list ends.

A line has what is asked and the answer, so that a rule that changes shows in each of its cases.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any, Final
from uuid import UUID

from runflow_api.http_library import httpx
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.run import Run as RunModel
from runflow_client import (
    AddressRefused,
    ConnectFailed,
    ConnectionLost,
    OutcomeUnknown,
    RequestTimeout,
    RetryPolicy,
    RunflowError,
)
from runflow_client._errors import SendFailed
from runflow_client._flows.batches import NewBatch
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._flows.evaluations import create_arguments
from runflow_client._flows.filters import TimeRange, is_wanted, joined, time_range, wanted_values
from runflow_client._flows.paginate import Pages
from runflow_client._flows.poll import PollSchedule, requested_pause
from runflow_client._flows.public_catalog import file_address, read_price
from runflow_client._flows.reconcile import Search, as_callback
from runflow_client._flows.retry import TRANSIENT, may_have_acted, may_pass
from runflow_client._flows.runs import RunFlows, RunWaiter
from runflow_client._flows.transfer_retries import may_be_repeated
from runflow_client._models.run import BaseRun, fields_of
from runflow_client._responses import Page, check, storage_refused, unreadable
from runflow_client.callbacks import CallbackEvent

from ..snapshot import in_sections
from .scripted import Answer, answer, drive
from .stepped_time import SteppedTime
from .tables.rows import behind

ID: Final = "00000000-0000-7000-8000-000000000001"
NOON: Final = datetime(2026, 5, 6, 12, tzinfo=UTC)
STATUSES: Final = (307, 400, 401, 402, 403, 404, 408, 409, 418, 422, 425, 429, 499, 500, 502, 503)


def _told(ask: Callable[[], object]) -> str:
    try:
        return str(ask())
    except Exception as error:
        return f"{type(error).__name__}: {error}{behind(error)}"


def _response(status: int, **headers: str) -> httpx.Response:
    request = httpx.Request("POST", "https://api.test/v1/runs")
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return httpx.Response(status, json={"code": "X"}, headers=named, request=request)


def _refused(status: int, **headers: str) -> BaseException:
    try:
        check(_response(status, **headers))
    except RunflowError as error:
        return error
    raise AssertionError(f"{status} is a success")


def errors() -> Iterator[tuple[str, BaseException]]:
    """Each kind of error that may end a request."""
    for status in STATUSES:
        yield str(status), _refused(status, Location="https://other.test/")
        yield (
            f"the storage's {status}",
            storage_refused("GET", "https://a.test", _response(status), b""),
        )
        yield f"unreadable {status}", unreadable(_response(status), "no JSON")
    yield "unreadable 200", unreadable(_response(200), "no JSON")
    for kind in (ConnectFailed, ConnectionLost, RequestTimeout, SendFailed):
        yield kind.__name__, kind("trouble", method="GET", path="/")
    facts = {"model": "a/b", "client_ref": "c", "idempotency_key": "k", "reason": "r"}
    yield "OutcomeUnknown", OutcomeUnknown(**facts)
    yield "AddressRefused", AddressRefused("https://a.test/", "no")
    yield "RunflowError", RunflowError("this client is closed")
    for plain in (ValueError(), KeyboardInterrupt(), GeneratorExit(), SystemExit()):
        yield type(plain).__name__, plain


def _errors() -> Iterator[str]:
    for name, error in errors():
        rules = {
            "may have acted": may_have_acted(error),
            "may pass": may_pass(error),
            "is waited out": isinstance(error, TRANSIENT),
            "step again": isinstance(error, RunflowError) and may_be_repeated(error),
        }
        yield f"{name}: {', '.join(rule for rule, holds in rules.items() if holds) or 'final'}"


def _pauses() -> Iterator[str]:
    context = Context(lambda: 0.0, lambda: 0.5, RetryPolicy(longest_retry_after=60.0))
    yield f"no error: {requested_pause(context, None):g}"
    for status, asked in product((404, 429, 503), ("", "0", "7", "60", "61")):
        headers = {"Retry_After": asked} if asked else {}
        error = _refused(status, **headers)
        assert isinstance(error, RunflowError)
        yield f"{status} asks for {asked or 'nothing'}: {requested_pause(context, error):g}"


def _run(model: Any, name: str | None = None) -> BaseRun:
    return BaseRun(**fields_of(model))


def _woken() -> Iterator[str]:
    context = Context(lambda: 0.0, lambda: 0.5)
    flows = RunFlows(context, PollSchedule(), _run)
    ends: dict[str | None, dict[str, Any] | None] = {
        "succeeded": {"outputs": []},
        "failed": {"code": "C", "message": "m"},
        "canceled": None,
        None: None,
    }
    for status, output in ends.items():
        facts = dict.fromkeys(("created_at", "metadata", "request_id"))
        event = CallbackEvent(
            event="run.x",
            status=status,
            output=output,
            duration_ms=7,
            completed_at=NOON,
            payload={},
            **facts,
        )
        told: list[str] = []
        for known in (_run(RunModel.from_part({"id": ID})), None):
            waiter = RunWaiter(flows, ID, None, run_flows=flows)
            waiter.state = known
            seen: Any = waiter.state_in(event)
            told.append(f"{seen and [seen.status, seen.output, seen.failure_code, seen.has_ended]}")
        yield f"{status}: {told[0]}; where nothing was seen: {told[1]}"


MOMENTS: Final = {
    "before": "2026-05-06T11:59:59Z",
    "at": "2026-05-06T12:00:00Z",
    "after": "2026-05-06T12:00:01+00:00",
    "no moment": "noon",
    "none": None,
}


def _ranges() -> Iterator[str]:
    hour = timedelta(hours=1)
    ranges = {
        "any": TimeRange(),
        "after noon": TimeRange(after=NOON),
        "before noon": TimeRange(before=NOON),
        "around noon": TimeRange(after=NOON - hour, before=NOON + hour),
        "never": TimeRange(after=NOON + hour, before=NOON - hour),
    }
    for name, one in ranges.items():
        held = [what for what, moment in MOMENTS.items() if one.holds({"created_at": moment})]
        yield f"{name} holds {', '.join(held)}"
    orders = {
        "nothing": [],
        "one before": ["before"],
        "one at": ["at"],
        "one after": ["after"],
        "newest first, the first after": ["after", "at", "before"],
        "newest first, all past": ["at", "at", "before"],
        "oldest first, all past": ["before", "at"],
        "without moments": ["none", "no moment"],
        "some without": ["none", "at", "no moment", "before"],
    }
    for name, order in orders.items():
        items = [{"created_at": MOMENTS[what]} for what in order]
        past = [what for what, one in ranges.items() if one.is_past(items)]
        yield f"{name} is past for {', '.join(past) or 'none'}"
    for moment in (datetime(2026, 1, 1), "noon", NOON.astimezone(timezone(hour))):
        yield f"after {moment}: {_told(lambda: time_range(moment, None).after)}"  # type: ignore[arg-type] # noqa: B023
        yield f"before {moment}: {_told(lambda: time_range(None, moment).before)}"  # type: ignore[arg-type] # noqa: B023


NAMED: Final[dict[str, tuple[Any, ...]]] = {
    "status": ("running", "canceled", "cancelled", "completed", "succeeded", "no such", "", 7),
    "client_ref": ("order-7", "it's", "", 7),
    "level": ("error", "it's", "a\\b", "a\nb", "", 7),
    "task_type": ("text_to_image",),
    "batch_id": (ID, UUID(ID), ID.upper(), "no id", 7),
    "slug": ("nano-banana-pro", None),
}


def _filters() -> Iterator[str]:
    kinds: tuple[Any, ...] = ("run", "batch", "evaluation")
    for name, values in NAMED.items():
        for value in values:
            for kind in kinds if name == "status" else kinds[:1]:
                told = _told(lambda: dict(wanted_values({name: value}, kind)))  # noqa: B023
                yield f"{kind} {name}={value!r}: {told[:150]}"
    wanted: dict[str, Mapping[str, Any]] = {
        "nothing": {},
        "one": {"client_ref": ["order-7"]},
        "either": {"status_code": ["canceled", "cancelled"]},
        "both": {"client_ref": ["order-7"], "status_code": ["canceled", "cancelled"]},
    }
    for name, given in wanted.items():
        for q in (None, "", "a.EQ:'1' OR b.EQ:'2'"):
            yield f"{q!r} and {name}: {joined(q, given)!r}"
        items: tuple[dict[str, Any], ...] = (
            {},
            {"client_ref": "order-7", "status_code": "canceled"},
            {"client_ref": "ORDER-7", "status_code": "Cancelled"},
            {"client_ref": "order-8", "status_code": "canceled"},
            {"client_ref": "order-7", "status_code": "running"},
            {"client_ref": None, "status_code": 7},
        )
        yield f"{name} lets through {[is_wanted(item, given) for item in items]}"


def _searches() -> Iterator[str]:
    given: dict[str, dict[str, Any]] = {
        "no limit": {},
        "a URL alone": {"callback_url": "https://me.test/"},
        "a time": {"created_after": NOON},
        "a time without a zone": {"created_after": datetime(2026, 1, 1)},
        "a ref": {"client_ref": "order-7"},
        "an empty ref": {"client_ref": ""},
        "a ref that cannot be": {"client_ref": "it's"},
        "all": {
            "created_after": NOON,
            "client_ref": "order-7",
            "callback_url": "https://me.test/",
        },
    }
    runs = [
        {"callback_url": url, "client_ref": ref, "created_at": MOMENTS[moment]}
        for url in ("https://me.test/", "https://other.test/", None)
        for ref in ("order-7", "order-8", None)
        for moment in ("after", "at", "none")
    ]
    for name, one in given.items():
        try:
            search = Search(**one)
        except RunflowError as error:
            yield f"{name}: {error}"
            continue
        wants = "".join("x" if search.wants(run) else "." for run in runs)
        past: list[bool] = []
        for what in ("after", "before"):
            items: list[Mapping[str, Any]] = [{"created_at": MOMENTS[what]}]
            past.append(search.is_past(Page(items, None, None)))
        yield f"{name}: filter {search.filter}, wants {wants}, past {past}"


def _callbacks() -> Iterator[str]:
    base = {
        "output": {"outputs": [{"url": "https://a.test/1.png"}]},
        "failure_code": "CODE",
        "failure_message": "said no",
        "duration_ms": 0,
        "created_at": "2026-05-06T07:08:09Z",
        "completed_at": "2026-05-06T07:08:10Z",
        "metadata": {},
    }
    statuses = ("succeeded", "partial_succeeded", "failed", "canceled", "cancelled", "running", 7)
    for status in statuses:
        ended = as_callback({"id": ID, "status_code": status, **base})
        if ended is None:
            yield f"{status}: none"
        else:
            yield f"{status}: {type(ended.event).__name__} {json.dumps(json.loads(ended.body))}"
    for run_id in (None, "", 7):
        made = as_callback({"id": run_id, "status_code": "succeeded"})
        yield f"id {run_id!r}: {made and made.body.decode()}"
    bare = as_callback({"id": ID, "status_code": "failed"})
    yield f"bare: {bare and bare.body.decode()}"


def _lists() -> Iterator[str]:
    pages: dict[str, list[tuple[int, str | None]]] = {
        "three pages": [(1, "2"), (1, "3"), (1, None)],
        "an empty one between": [(1, "2"), (0, "3"), (1, None)],
        "two empty ones": [(1, "2"), (0, "3"), (0, "4"), (1, None)],
        "a circle": [(1, "2"), (1, "3"), (1, "2")],
        "to itself": [(1, "1")],
        "none": [(0, None)],
    }
    for name, told in pages.items():
        for backward, limit in [(True, None), *product([False], (None, 0, 1, 2, 3, 4))]:
            yield f"{name}, {'back' if backward else 'on'}, at most {limit}: " + _read(
                told, backward, limit
            )


def _read(told: list[tuple[int, str | None]], backward: bool, limit: int | None) -> str:
    asked: list[str] = []

    def serve(send: SendRequest) -> Answer:
        asked.append(str(dict(send.arguments.get("params") or {}).get("pq")))
        count, cursor = told[len(asked) - 1]
        # a new list of requests is a list without end
        other = {"next" if backward else "previous": "other"}
        cursors = {"previous" if backward else "next": cursor, **other}
        return answer(send, 200, {"items": [{}] * count, **cursors})

    time = SteppedTime()
    pages = Pages(
        Context(time.now, lambda: 0.5),
        lambda cursor: {"method": "GET", "url": "/", "params": {"pq": cursor or "1"}},
        dict,
        cursor="1",
        backward=backward,
        max_pages=limit,
    )
    read = 0
    while len(asked) < len(told) and drive(pages.next(), time, serve) is not None:
        read += 1
    assert pages.at_end or limit is not None
    end = "enough"
    try:
        pages.require_end("runs")
    except RunflowError as error:
        end = str(error)
    told_of = f"at end {pages.at_end}, whole {pages.is_whole}, {end[:40]}"
    return f"{read} of {', '.join(asked) or 'none'}, {told_of}"


def _batch(**options: Any) -> NewBatch:
    given: dict[str, Any] = {"callback_url": None, "metadata": None, "idempotency_key": "key-7"}
    inputs = options.pop("inputs", [{}])
    return NewBatch.of("a/b", inputs, strict=False, **{**given, **options})


def _body(made: NewBatch) -> Any:
    return dict(made.arguments())["json"]


def _batches() -> Iterator[str]:
    for count in (0, 1, 100, 101):
        made = _batch(inputs=[{}] * count)
        yield f"{count} inputs: {_told(lambda: sorted(made.arguments()))}"  # noqa: B023
    for key in ("key-7", "", "k\n", None):
        made = _batch(idempotency_key=key)
        refs = _told(lambda: [ref.rpartition("-")[2] for ref in made.client_refs()])  # noqa: B023
        yield f"key {key!r}: {refs}"
    for ref in ("mine", "", "it's", 7, None):
        made = _batch(inputs=[{"client_ref": "first"}, {"client_ref": ref}])
        yield f"ref {ref!r}: {_told(made.client_refs)}"
    made = _batch(inputs=[{"client_ref": None}, {"client_ref": "b"}, {}])
    yield f"sends no ref, b and none as {[one['client_ref'] for one in _body(made)['input']]}"
    made = _batch(inputs=[{"client_ref": "a"}, {"client_ref": "a"}, {"client_ref": "b"}])
    for shown in ([], ["a"], ["a", "a", "b"], ["a", "a", "a"], ["b", "b"], ["c"], [None, None]):
        items = [{"id": ID, "client_ref": ref} for ref in shown]
        model = BatchModel.from_part({"id": ID, "items": items})
        yield f"shows {shown}: {made.is_shown(model)}"
    yield f"shows no items: {made.is_shown(BatchModel.from_part({'id': ID}))}"
    given: tuple[dict[str, Any], ...] = (
        {"callback_url": ""},
        {"metadata": {}},
        {"callback_url": "u", "metadata": {"a": None}},
    )
    for options in given:
        body = _body(_batch(**options))
        shown_body = {name: one for name, one in body.items() if name != "input"}
        yield f"{options}: {shown_body}"


PICTURE: Final = {"url": "https://a.test/1.png"}


def _evaluations() -> Iterator[str]:
    usual: dict[str, Any] = {"generated_image_url": "https://a.test/1.png", "task_type": "t"}
    given: dict[str, dict[str, Any]] = {
        "usual": {},
        "no picture": {"generated_image_url": None},
        "an empty picture": {"generated_image_url": ""},
        "no task": {"task_type": None},
        "an empty task": {"task_type": ""},
        "a ref": {"client_ref": "mine"},
        "an empty ref": {"client_ref": ""},
        "empty fields": {"task_description": "", "metadata": {}, "reference_images": []},
        "four references": {"reference_images": [PICTURE] * 4},
        "five references": {"reference_images": [PICTURE] * 5},
        "a reference of a kind that is no text": {"reference_images": [{**PICTURE, "kind": 3}]},
        "a reference in a tuple": {"reference_images": (PICTURE,)},
        "references that are none": {"reference_images": "https://a.test/1.png"},
        "a reference without a url": {"reference_images": [PICTURE, {"kind": "product"}]},
        "a reference with nothing": {"reference_images": [{}]},
        "a reference with an empty url": {"reference_images": [{"url": ""}]},
        "what no JSON has": {"metadata": {"a": object}},
    }
    for name, fields in given.items():
        told = _told(lambda: dict(create_arguments({**usual, **fields}, "key-7"))["json"])  # noqa: B023
        yield f"{name}: {told}"
    for key in ("", "k\n"):
        yield f"key {key!r}: {_told(lambda: create_arguments(usual, key))}"  # noqa: B023


PRICES: Final = (
    *("$0.05/megapixel", "$1 per image", "$ 2.50 / MP", "from $0.1/calls", "0.05/image"),
    *("$.5/image", "$3 /seconds each", "$1/month", "$1 permanently", "", None, 7),
)


def _catalog() -> Iterator[str]:
    for host in ("api.runflow.io", "runflow.io", "notrunflow.io", "runflow.io.test", "127.0.0.1:9"):
        yield f"{host}: {file_address(f'https://{host}')}"
    for label in PRICES:
        yield f"{label!r}: {read_price(label)}"


RULES: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "what an error says of its request": _errors,
    "seconds that an error asks for": _pauses,
    "what a callback shows of the run that is waited for": _woken,
    "times": _ranges,
    "filters by name": _filters,
    "searches for runs that ended": _searches,
    "the callback that a run would have had": _callbacks,
    "the end of a list": _lists,
    "a batch": _batches,
    "an evaluation": _evaluations,
    "the public catalog": _catalog,
}


def lines() -> list[str]:
    """Return the list."""
    return in_sections(RULES)
