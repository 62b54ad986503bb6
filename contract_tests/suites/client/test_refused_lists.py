"""A list that cannot be right is refused before anything is sent, whatever is listed; and what
comes of a list that the server refuses.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from runflow_client import InvalidArgument, ValidationFailed
from runflow_client._flows import paginate, public_catalog
from runflow_client._flows.commands import Context, Flow, SendRequest
from runflow_client._flows.find_lost_run import list_by_client_ref
from runflow_client._time import Deadline

from .scripted import Answer, answer, drive
from .stepped_time import SteppedTime

ID: Final = UUID("00000000-0000-7000-8000-000000000001")
LISTS: Final[dict[str, Callable[..., Flow[Any]]]] = {
    "runs": lambda context, **query: paginate.runs(context, dict, **query),
    "a page of runs": lambda context, **query: paginate.runs_page(context, dict, **query),
    "logs": lambda context, **query: paginate.run_logs(context, ID, **query),
    "assets": lambda context, **query: paginate.assets(context, repr, **query),
    "batches": lambda context, **query: paginate.batches(context, repr, **query),
    "items": lambda context, **query: paginate.batch_items(context, repr, ID, **query),
    "evaluations": lambda context, **query: paginate.evaluations(context, repr, **query),
    "models": paginate.models,
    "workflows": paginate.workflows,
    "inputs": lambda context, **query: paginate.model_inputs(context, ID, **query),
    "public models": public_catalog.models,
}
RIGHT: Final[dict[str, Any]] = {
    "q": None,
    "sort_by": None,
    "page_size": 100,
    "cursor": None,
    "backward": False,
}
WRONG: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"q": 7}, "q is of type int"),
    ({"q": b"a.EQ:'1'"}, "q is of type bytes"),
    ({"sort_by": 7}, "sort_by is of type int"),
    ({"sort_by": "created_at:down"}, "sort_by is 'created_at:down'"),
    ({"page_size": 0}, "page_size is 0: expected 1 to 500"),
    ({"page_size": 501}, "page_size is 501: expected 1 to 500"),
    ({"page_size": True}, "page_size is of type bool"),
    ({"page_size": 1.0}, "page_size is of type float"),
    ({"cursor": 7}, "cursor is of type int"),
    ({"cursor": "c", "backward": 1}, "backward is of type int"),
    ({"backward": True}, "backward needs the cursor to go back from"),
)


@pytest.mark.parametrize("what", LISTS)
def test_a_list_that_cannot_be_right_is_refused(what: str) -> None:
    time = SteppedTime()
    context = Context(time.now, lambda: 0.5)

    def serve(send: SendRequest) -> Answer:
        raise AssertionError("nothing is sent")

    for wrong, told in WRONG:
        with pytest.raises(InvalidArgument) as caught:
            drive(LISTS[what](context, **{**RIGHT, **wrong}), time, serve)
        assert str(caught.value).startswith(told)


@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_limit_is_left_out_from_then_on(status: int) -> None:
    ids = [str(uuid4()), str(uuid4())]
    limits: list[object] = []

    def serve(send: SendRequest) -> Answer:
        params = send.arguments.get("params", {})
        limits.append(params.get("limit"))
        if "limit" in params:
            errors = [{"loc": ["query", "limit"], "msg": "at most 100"}]
            return answer(send, status, {"code": "X", "message": "no", "errors": errors})
        is_first = "pq" not in params
        items = [{"id": ids[0 if is_first else 1]}]
        return answer(send, 200, {"items": items, "next": "second" if is_first else None})

    time, updates = SteppedTime(), list[Any]()
    query = {"q": None, "sort_by": None, "page_size": 500, "cursor": None, "backward": False}
    drive(
        paginate.runs(Context(time.now, lambda: 0.5), itemgetter("id"), **query),
        time,
        serve,
        updates,
    )
    assert updates == ids
    assert limits == ["500", None, None]


def test_a_page_that_is_asked_for_without_the_limit_keeps_the_deadline() -> None:
    time = SteppedTime()
    granted: list[float | None] = []

    def serve(send: SendRequest) -> Answer:
        granted.append(send.timeout)
        time.seconds += 3.0
        if "limit" not in send.arguments.get("params", {}):
            return answer(send, 200, {"items": []})
        errors = [{"loc": ["query", "limit"], "msg": "at most 100"}]
        return answer(send, 422, {"code": "X", "message": "no", "errors": errors})

    drive(
        list_by_client_ref(Context(time.now, lambda: 0.5), "mine", Deadline.after(time.now, 5.0)),
        time,
        serve,
    )
    assert granted == [5.0, 2.0]


@pytest.mark.parametrize("field", ["sort_by", "rate_limits"])
def test_another_refusal_of_a_list_is_raised_at_once(field: str) -> None:
    asked: list[SendRequest] = []

    def serve(send: SendRequest) -> Answer:
        asked.append(send)
        errors = [{"loc": ["query", field], "msg": "no such field"}]
        return answer(send, 422, {"code": "X", "message": "no", "errors": errors})

    time = SteppedTime()
    query = {"q": None, "sort_by": "a", "page_size": 500, "cursor": None, "backward": False}
    with pytest.raises(ValidationFailed):
        drive(
            paginate.runs(Context(time.now, lambda: 0.5), lambda run: run, **query), time, serve, []
        )
    assert len(asked) == 1
