"""Walking a list: every item once, a page only when it is wanted, no circle; against a scripted
server.
"""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any
from uuid import UUID, uuid4

import pytest
from runflow_api.types import RequestArguments
from runflow_client import (
    InvalidArgument,
    RetryPolicy,
    Runflow,
    RunflowError,
    UnreadableAnswer,
)
from runflow_client._flows.callback_secrets import list_all
from runflow_client._flows.commands import Context, Emit, Flow, SendRequest
from runflow_client._flows.paginate import (
    MAX_REPEATS,
    batch_items,
    model_inputs,
    run_logs,
    runs,
    runs_page,
    walk,
)
from runflow_client._flows.reconcile import Search, ended_runs
from runflow_client._responses import read_page

from .answering import Told, ask
from .scripted import Answer, answer, drive
from .stepped_time import SteppedTime

START = "start"


class Pages:
    """Serves the page of each cursor, and remembers the cursors that were asked for."""

    def __init__(self, pages: Mapping[str, Mapping[str, Any]]) -> None:
        self._pages = pages
        self.asked: list[str] = []

    def build(self, cursor: str | None) -> RequestArguments:
        return {"method": "GET", "url": "/v1/things", "params": {"pq": cursor or START}}

    def __call__(self, send: SendRequest) -> Answer:
        cursor = str(dict(send.arguments.get("params", {}))["pq"])
        self.asked.append(cursor)
        return answer(send, 200, dict(self._pages[cursor]))


def context(time: SteppedTime) -> Context:
    return Context(time.now, lambda: 0.5)


def told(pages: Pages, *, cursor: str | None = None, backward: bool = False) -> list[Any]:
    time, updates = SteppedTime(), list[Any]()
    flow: Flow[None] = walk(
        context(time),
        pages.build,
        lambda item: (item.get("id"), item["name"]),
        cursor=cursor,
        backward=backward,
    )
    drive(flow, time, pages, updates)
    return updates


def page(*names: str, **cursors: str | None) -> dict[str, Any]:
    return {"items": [{"id": name.lower(), "name": name} for name in names], **cursors}


def test_pages_follow_each_other_to_the_end() -> None:
    pages = Pages({START: page("A", "B", next="2"), "2": page(next="3"), "3": page("C", next=None)})
    assert told(pages) == ["A", "B", "C"]
    assert pages.asked == [START, "2", "3"]


def test_a_walk_begins_at_its_cursor_and_goes_back_by_the_previous_pages() -> None:
    pages = Pages(
        {
            "2": page("C", next="3", previous="1"),
            "1": page("B", next="2", previous="0"),
            "0": page("A"),
        }
    )
    assert told(pages, cursor="2", backward=True) == ["C", "B", "A"]
    assert pages.asked == ["2", "1", "0"]


def test_a_repeated_item_is_emitted_once_and_items_without_an_id_each_time() -> None:
    nameless = {"items": [{"name": "X"}, {"name": "Y"}, {"name": "X"}]}
    pages = Pages(
        {START: page("A", "B", next="2"), "2": page("B", "a", "C", next="3"), "3": nameless}
    )
    assert told(pages) == ["A", "B", "C", "X", "Y", "X"]


def test_cursors_that_lead_round_in_a_circle_end_the_walk() -> None:
    pages = Pages({START: page("A", next="2"), "2": page("B", next="3"), "3": page("C", next="2")})
    assert told(pages) == ["A", "B", "C"]
    assert pages.asked == [START, "2", "3"]


class EndlessPages(Pages):
    """Gives every page a new cursor, and after some pages nothing new."""

    def __init__(self, *pages: Mapping[str, Any]) -> None:
        super().__init__({})
        self._first = pages

    def __call__(self, send: SendRequest) -> Answer:
        number = len(self.asked)
        assert number < 100, "the list has no end"
        cursor = str(dict(send.arguments.get("params", {}))["pq"])
        self.asked.append(cursor)
        shown = self._first[min(number, len(self._first) - 1 - number % 2)]
        return answer(send, 200, {**shown, "next": f"{number}"})


@pytest.mark.parametrize("last", [[page("A")], [page("A", "B")], [page(), page("A")]])
def test_pages_that_bring_nothing_new_end_the_walk(last: list[dict[str, Any]]) -> None:
    pages = EndlessPages(page("A"), page("B"), *last, *last)
    assert told(pages) == ["A", "B"]
    assert len(pages.asked) <= 2 + MAX_REPEATS


def test_a_few_pages_that_bring_nothing_new_do_not_end_it() -> None:
    between = {str(number): page("A", next=str(number + 1)) for number in range(1, MAX_REPEATS - 1)}
    last = {str(MAX_REPEATS - 1): page("B", next=None)}
    assert told(Pages({START: page("A", next="1"), **between, **last})) == ["A", "B"]


def test_a_list_of_many_pages_is_read_to_its_end() -> None:
    names = [f"run {number}" for number in range(2 * MAX_REPEATS)]
    pages = {str(number): page(name, next=str(number + 1)) for number, name in enumerate(names)}
    last = {str(len(names)): page("last", next=None)}
    assert told(Pages({START: page("first", next="0"), **pages, **last})) == [
        "first",
        *names,
        "last",
    ]


def test_a_page_is_asked_for_only_when_it_is_wanted() -> None:
    pages = Pages({START: page("A", next="2"), "2": page("B")})
    flow: Flow[None] = walk(
        context(SteppedTime()),
        pages.build,
        lambda item: (item["id"], item["name"]),
        cursor=None,
        backward=False,
    )
    command = flow.send(None)
    assert isinstance(command, SendRequest)
    assert flow.send(pages(command)) == Emit("A")
    assert pages.asked == [START]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("begin", [0, 1, 2, 3])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_circle_is_read_once_wherever_the_walk_begins(
    begin: int, length: int, backward: bool
) -> None:
    way = "previous" if backward else "next"
    ring = {str(n): page(f"N{n}", **{way: str((n + 1) % length)}) for n in range(length)}
    pages = Pages({**ring, START: page("S", **{way: "0"})})
    cursor = str(begin) if begin < length else None
    if backward and cursor is None:
        return
    found = told(pages, cursor=cursor, backward=backward)
    assert len(found) == len(set(found)) == length + (cursor is None)
    assert len(pages.asked) == len(set(pages.asked)) == len(found)


@pytest.mark.parametrize(
    ("cursors", "following", "previous"),
    [
        ({"next": "n", "previous": "p"}, "n", "p"),
        ({"next_pq": "n", "prev_pq": "p"}, "n", "p"),
        ({"next": None, "next_pq": "n", "previous": "", "prev_pq": "p"}, "n", "p"),
        ({"next": "n", "next_pq": "older", "previous": "p", "prev_pq": "older"}, "n", "p"),
        ({"next": 3, "previous": 0}, "3", "0"),
        ({"next": None, "previous": {}}, None, None),
        ({"next": "n", "previous": True}, "n", None),
        ({}, None, None),
    ],
)
def test_the_cursors_are_read_in_both_spellings(
    cursors: dict[str, Any], following: str | None, previous: str | None
) -> None:
    response = answer(SendRequest({"method": "GET", "url": "/"}), 200, {"items": [], **cursors})
    assert not isinstance(response, BaseException)
    found = read_page(response, dict)
    assert (found.items, found.next, found.previous) == ([], following, previous)


@pytest.mark.parametrize("cursor", [True, False, {}, {"after": "x"}, [], ["x"], 1.5])
@pytest.mark.parametrize("backward", [False, True])
def test_a_list_whose_next_page_cannot_be_asked_for_does_not_end_there(
    cursor: object, backward: bool
) -> None:
    pages = {"items": [RUNS], "previous" if backward else "next": cursor}

    def read(client: Runflow) -> list[object]:
        return list(client.runs.list(cursor="c", backward=backward))

    with pytest.raises(UnreadableAnswer, match="a page with a cursor that is no text"):
        ask(lambda asked: Told(pages), read)


def test_a_page_needs_a_list_and_keeps_the_objects_in_it() -> None:
    for body in ({}, {"items": None}, {"items": {"id": "x"}}):
        response = answer(SendRequest({"method": "GET", "url": "/v1/things"}), 200, body)
        with pytest.raises(UnreadableAnswer, match="a page without a list of items") as caught:
            read_page(response, dict)
        assert caught.value.path == "/v1/things"
    response = answer(
        SendRequest({"method": "GET", "url": "/"}),
        200,
        {"items": [{"id": 1}, "x", None, {"id": 2}]},
    )
    assert read_page(response, dict).items == [{"id": 1}, {"id": 2}]


RUNS = {"id": "0198c0de-0000-7000-8000-000000000000", "status_code": "queued"}


@pytest.mark.parametrize("page_size", [1, 500])
def test_the_query_goes_to_the_server_as_it_is(page_size: int) -> None:
    time, sent = SteppedTime(), list[dict[str, Any]]()

    def serve(send: SendRequest) -> Answer:
        sent.append(dict(send.arguments.get("params", {})))
        return answer(send, 200, {"items": [RUNS]})

    query: dict[str, Any] = {
        "q": "status_code.EQ:'failed'",
        "sort_by": "created_at:asc",
        "page_size": page_size,
    }
    seen = drive(runs_page(context(time), str, **query, cursor="c", backward=True), time, serve)
    drive(runs(context(time), str, **query, cursor="c", backward=True), time, serve)
    assert len(seen.items) == 1
    assert sent[0] == sent[1]
    assert sent[0] == {
        "q": query["q"],
        "sort_by": query["sort_by"],
        "limit": str(page_size),
        "pq": "c",
        "from_prev": "true",
    }


def test_runs_are_walked_backward_each_once() -> None:
    time, sent = SteppedTime(), list[Any]()
    ids = [f"0198c0de-0000-7000-8000-00000000000{number}" for number in range(3)]

    def serve(send: SendRequest) -> Answer:
        sent.append(dict(send.arguments.get("params", {}))["pq"])
        items = [
            {"id": one, "status_code": "queued"}
            for one in (ids[1:] if sent[-1] == "2" else ids[:2])
        ]
        return answer(
            send,
            200,
            {"items": items, "next": "9", "previous": {"2": "1", "1": None}[str(sent[-1])]},
        )

    seen: list[Any] = []
    query: dict[str, Any] = {
        "q": None,
        "sort_by": None,
        "page_size": 2,
        "cursor": "2",
        "backward": True,
    }
    drive(runs(context(time), itemgetter("id"), **query), time, serve, seen)
    assert seen == [ids[1], ids[2], ids[0]]
    assert sent == ["2", "1"]


def test_what_is_below_something_is_asked_for_there_with_the_query() -> None:
    time, sent = SteppedTime(), list[SendRequest]()

    def serve(send: SendRequest) -> Answer:
        sent.append(send)
        return answer(send, 200, {"items": []})

    query: dict[str, Any] = {
        "q": "x",
        "sort_by": None,
        "page_size": 7,
        "cursor": "c",
        "backward": False,
    }
    subject = UUID(RUNS["id"])
    for flow in (
        run_logs(context(time), subject, **query),
        batch_items(context(time), str, subject, **query),
        model_inputs(context(time), subject, **query),
    ):
        drive(flow, time, serve)
    assert [send.arguments["url"] for send in sent] == [
        f"/v1/runs/{subject}/logs",
        f"/v1/batches/{subject}/items",
        f"/v1/models/{subject}/inputs",
    ]
    for send in sent:
        assert (
            dict(send.arguments.get("params", {})).items()
            >= {"q": "x", "limit": "7", "pq": "c"}.items()
        )


@pytest.mark.parametrize("page_size", [0, 501])
def test_a_page_that_cannot_be_is_refused_with_its_bounds(page_size: int) -> None:
    time = SteppedTime()
    options: dict[str, Any] = {"q": None, "sort_by": None}

    def serve(send: SendRequest) -> Answer:
        raise AssertionError("nothing is sent")

    for flow in (runs_page, runs):
        with pytest.raises(InvalidArgument, match=f"page_size is {page_size}: expected 1 to 500"):
            drive(
                flow(
                    context(time), str, **options, page_size=page_size, cursor=None, backward=False
                ),
                time,
                serve,
            )
        with pytest.raises(InvalidArgument, match="backward needs the cursor to go back from"):
            drive(
                flow(context(time), str, **options, page_size=5, cursor=None, backward=True),
                time,
                serve,
            )


@pytest.mark.parametrize(
    "flow", [list_all, lambda context: ended_runs(context, Search(client_ref="order-7"))]
)
def test_a_list_that_is_read_whole_does_not_go_on_for_ever(flow: Any) -> None:
    def endless(send: SendRequest) -> Answer:
        return answer(send, 200, {"items": [{"id": str(uuid4())}], "next": str(uuid4())})

    time = SteppedTime()
    context = Context(time.now, lambda: 0.5, RetryPolicy())
    with pytest.raises(RunflowError, match="does not come to an end"):
        drive(flow(context), time, endless)
