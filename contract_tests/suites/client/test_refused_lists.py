"""A list that cannot be right is refused before anything is sent, whatever is listed."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
from runflow_client import InvalidArgument
from runflow_client._flows import paginate, public_catalog
from runflow_client._flows.commands import Context, Flow, SendRequest

from .scripted import Answer, drive
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
