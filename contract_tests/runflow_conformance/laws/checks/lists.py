"""Laws of lists: page size, cursors, order, filters and fields."""

from datetime import UTC, datetime
from uuid import uuid4

from runflow_api.api.batches import list_batches
from runflow_api.api.runs import list_runs
from runflow_api.api.webhooks import (
    create_callback_secret,
    create_webhook,
    list_callback_secrets,
    list_webhooks,
)
from runflow_api.models.callback_secret_create import CallbackSecretCreate
from runflow_api.models.webhook_create import WebhookCreate
from runflow_api.types import RequestArguments

from ..invariants import require
from ..target import Target
from ._requests import ended_run, expect_refusal, get_json, ids_of, items_of, new_run
from .batches import new_batch

MAX_PAGES = 200
EARLIEST = datetime.min.replace(tzinfo=UTC)
CREATE_INTERVAL = 2.0  # seconds between two runs, so that created_at orders them


def pages_have_the_size_asked_for(target: Target) -> None:
    """`limit` holds, and the pages list every run once, in order, while new runs arrive."""
    made = [_run(target, f"page-{number}") for number in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    for step in range(MAX_PAGES):
        page = get_json(target.http, list_runs.build_request(limit=2, pq=cursor))
        require(len(items_of(page)) <= 2, f"a page of at most 2 runs has {len(page['items'])}")
        seen += ids_of(page)
        _run(target, f"arrival-{step}")
        cursor = page.get("next")
        if cursor is None:
            break
    require(cursor is None, f"the list of runs has no end after {MAX_PAGES} pages")
    require(len(seen) == len(set(seen)), "pages read while runs arrive give a run twice")
    require(
        [run for run in seen if run in made] == made[::-1],
        "pages read while runs arrive lose a run, or their order",
    )


def an_invalid_limit_is_refused(target: Target) -> None:
    """`limit` is 1 to 500. Both ends are accepted, other values are refused."""
    for right in (1, 500):
        get_json(target.http, list_runs.build_request(limit=right))
    for wrong in ("0", "501", "-1", "many", "1.5"):
        arguments: RequestArguments = {**list_runs.build_request(), "params": {"limit": wrong}}
        expect_refusal(target.http, arguments, f"for limit={wrong}", 400, 422)


def pages_can_be_read_backward(target: Target) -> None:
    """`previous` with from_prev leads back over the same pages to the first one."""
    for number in range(5):
        _run(target, f"back-{number}")
    first = get_json(target.http, list_runs.build_request(limit=2))
    second = get_json(target.http, list_runs.build_request(limit=2, pq=first["next"]))
    third = get_json(target.http, list_runs.build_request(limit=2, pq=second["next"]))
    require(first.get("previous") is None, "the first page has a previous one")
    for here, before, name in ((third, second, "second"), (second, first, "first")):
        back = get_json(
            target.http, list_runs.build_request(limit=2, pq=here["previous"], from_prev=True)
        )
        require(
            ids_of(back) == ids_of(before),
            f"read backward the {name} page is {ids_of(back)}, expected {ids_of(before)}",
        )


def sort_by_sorts(target: Target) -> None:
    """`sort_by` sorts up and down, by time and by text, within a page and across pages."""
    for name in ("b", "c", "a"):
        _run(target, name)
    for field in ("created_at", "client_ref", "id"):
        for direction in ("asc", "desc"):
            order = f"{field}:{direction}"
            page = get_json(target.http, list_runs.build_request(limit=500, sort_by=order))
            values = [item[field] for item in items_of(page) if item[field] is not None]
            require(
                values == sorted(values, key=_rank, reverse=direction == "desc"),
                f"sort_by={order} gives {values}",
            )
            first = get_json(target.http, list_runs.build_request(limit=2, sort_by=order))
            second = get_json(
                target.http, list_runs.build_request(limit=2, sort_by=order, pq=first["next"])
            )
            together = ids_of(first) + ids_of(second)
            require(
                together == ids_of(page)[: len(together)],
                f"sort_by={order}: two pages have another order than one",
            )


def _rank(text: str) -> tuple[datetime, str]:
    """Return what orders a text: of an instant the time, whatever it says of a second."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return EARLIEST, text
    return (instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)), text


def a_filter_matches_exactly(target: Target) -> None:
    """A filter returns exactly the runs with that value, case-sensitive; AND combines filters."""
    name = f"a{uuid4()}"
    wanted, other = (
        ended_run(target, client_ref=name.upper())["id"],
        new_run(target, client_ref=name)["id"],
    )
    answers = {
        f"client_ref.EQ:'{name.upper()}'": [wanted],
        f"client_ref.EQ:'{name}'": [other],
        f"client_ref.EQ:'{uuid4()}'": [],
        f"client_ref.EQ:'{name}' AND status_code.EQ:'succeeded'": [],
        f"id.EQ:'{wanted}'": [wanted],
    }
    for q, expected in answers.items():
        found = ids_of(get_json(target.http, list_runs.build_request(q=q, limit=500)))
        require(found == expected, f"q={q} finds {found}, expected {expected}")


def every_operator_works(target: Target) -> None:
    """Comparisons, AND, OR, NOT and parentheses work, in both spellings of the operators."""
    name = f"b{uuid4()}"
    ids = [_run(target, f"{name}-{letter}") for letter in "abc"]
    a, b, c = (f"{name}-{letter}" for letter in "abc")
    middle = get_json(target.http, list_runs.build_request(q=f"id.EQ:'{ids[1]}'"))["items"][0][
        "created_at"
    ]
    ours = _one_of(a, b, c)
    answers = {
        f"client_ref:'{b}'": "b",
        f"client_ref='{b}'": "b",
        f"client_ref.eq:'{a}' OR client_ref.EQ:'{c}'": "ac",
        f"{ours} AND NOT client_ref.EQ:'{b}'": "ac",
        f"(client_ref:'{a}' OR client_ref:'{b}') AND NOT client_ref:'{a}'": "b",
        f"client_ref:'{a}' OR client_ref:'{b}' AND client_ref:'{c}'": "a",
        f"{ours} AND created_at>'{middle}'": "c",
        f"{ours} AND created_at>='{middle}'": "bc",
        f"{ours} AND created_at<'{middle}'": "a",
        f"{ours} AND created_at<='{middle}'": "ab",
    }
    for q, expected in answers.items():
        shown = items_of(
            get_json(target.http, list_runs.build_request(q=q, sort_by="client_ref:asc"))
        )
        found = "".join(str(item["client_ref"])[-1] for item in shown)
        require(
            found == expected,
            f"q={q} finds {found or 'nothing'} of a, b and c, expected {expected}",
        )
    for wrong in ("client_ref.EQ:", "AND", f"(client_ref:'{a}'", f"client_ref:'{a}')"):
        expect_refusal(target.http, list_runs.build_request(q=wrong), f"for q={wrong}", 400, 422)


def _one_of(*client_refs: str) -> str:
    """Return the filter for runs with one of these references, which are compared by equality."""
    return f"({' OR '.join(f'client_ref.EQ:{one!r}' for one in client_refs)})"


def several_sort_keys_work(target: Target) -> None:
    """A second sort key decides among equals, and `first` leads to the first page from any page."""
    name = f"c{uuid4()}"
    for letter in "bac":
        _run(target, f"{name}-{letter}")
    q = _one_of(*(f"{name}-{letter}" for letter in "abc"))
    for direction, expected in (("asc", "abc"), ("desc", "cba")):
        order = f"has_logs:asc,client_ref:{direction}"
        first = get_json(target.http, list_runs.build_request(q=q, sort_by=order, limit=2))
        second = get_json(
            target.http, list_runs.build_request(q=q, sort_by=order, limit=2, pq=first["next"])
        )
        found = "".join(
            str(item["client_ref"])[-1] for item in (*items_of(first), *items_of(second))
        )
        require(found == expected, f"sort_by={order} gives {found}, expected {expected}")
        back = get_json(
            target.http, list_runs.build_request(q=q, sort_by=order, limit=2, pq=second["first"])
        )
        require(
            ids_of(back) == ids_of(first), f"`first` of the second page leads to {ids_of(back)}"
        )
        require(second.get("next") is None, "the last page has a next one")
    other = list_runs.build_request(q=q, sort_by="created_at:asc", limit=2, pq=first["next"])
    expect_refusal(target.http, other, "for a cursor of another order", 400, 422)


def fields_selects_properties(target: Target) -> None:
    """`fields` returns the named properties and no others."""
    _run(target, "fields")
    for names in ({"id", "status_code"}, {"client_ref"}):
        fields = ",".join(sorted(names))
        shown = items_of(get_json(target.http, list_runs.build_request(fields=fields)))[0]
        require(set(shown) == names, f"fields={fields} shows {sorted(shown)}")


def every_list_is_complete(target: Target) -> None:
    """Callback secrets, webhooks and batches are in their lists, each once, across pages."""
    http = target.http
    body = WebhookCreate.from_dict({"url": "https://example.com/laws"})
    secrets = [
        get_json(
            http,
            create_callback_secret.build_request(
                body=CallbackSecretCreate.from_dict({"label": label})
            ),
        )["id"]
        for label in ("one", "two", "three")
    ]
    webhooks = [get_json(http, create_webhook.build_request(body=body))["id"] for _ in range(3)]
    batches = [new_batch(target, "x")["id"] for _ in range(3)]
    for what, build, made in (
        ("callback secrets", list_callback_secrets.build_request, secrets),
        ("webhooks", list_webhooks.build_request, webhooks),
        ("batches", list_batches.build_request, batches),
    ):
        seen: list[str] = []
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = get_json(http, build(limit=2, pq=cursor))
            seen += ids_of(page)
            cursor = page.get("next")
            if cursor is None:
                break
        found = sorted(one for one in seen if one in made)
        require(
            found == sorted(made), f"the pages of {what} give {found}, created were {sorted(made)}"
        )


def _run(target: Target, client_ref: str) -> str:
    run_id: str = new_run(target, client_ref=client_ref)["id"]
    target.pass_time(CREATE_INTERVAL)
    return run_id


CHECKS = (
    pages_have_the_size_asked_for,
    an_invalid_limit_is_refused,
    pages_can_be_read_backward,
    sort_by_sorts,
    a_filter_matches_exactly,
    every_operator_works,
    several_sort_keys_work,
    fields_selects_properties,
    every_list_is_complete,
)
