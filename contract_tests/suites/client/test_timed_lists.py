"""A list of a time ends where all that follows is too old, and nowhere else; what is outside of the
time, or has other values, is left out.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._flows.paginate import runs

from .scripted import Answer, answer, drive
from .stepped_time import SteppedTime

NOON: Final = datetime(2026, 5, 6, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)


def listed(pages: list[list[int | None]], **query: Any) -> tuple[list[str], int]:
    """The names of the runs that are given, and how many pages were asked for. A page has runs by
    the hours after noon at which they were created.
    """
    time, asked, given = SteppedTime(), list[SendRequest](), list[Any]()

    def serve(send: SendRequest) -> Answer:
        number = len(asked)
        asked.append(send)
        items = [
            {
                "id": f"{hours}@{number}",
                "created_at": None if hours is None else (NOON + hours * HOUR).isoformat(),
                "status_code": "running" if hours is None or hours % 2 else "failed",
            }
            for hours in pages[number]
        ]
        cursor = None if number == len(pages) - 1 else f"{number + 1}"
        return answer(send, 200, {"items": items, "next": cursor, "previous": cursor})

    usual = {"q": None, "sort_by": None, "page_size": 100, "cursor": None, "backward": False}
    context = Context(time.now, lambda: 0.5)
    flow = runs(context, lambda run: run["id"], **{**usual, **query})
    drive(flow, time, serve, given)
    sort = dict(asked[0].arguments.get("params", {})).get("sort_by")
    is_timed = {"created_after", "created_before"} & query.keys()
    assert sort == (query.get("sort_by") or ("created_at:desc" if is_timed else None))
    return given, len(asked)


OLD: Final[list[list[int | None]]] = [[5, 4], [3, 2], [1, 0], [-1, -2], [-3]]
LATER: Final = ["5@0", "4@0", "3@1", "2@1", "1@2"]
NEW: Final[list[list[int | None]]] = [[-3], [-2, -1], [0, 1], [2, 3], [4, 5]]
TO_COME: Final = ["1@2", "2@3", "3@3", "4@4", "5@4"]


@pytest.mark.parametrize(
    ("pages", "query", "found"),
    [
        (OLD, {}, (["5@0", "4@0", "3@1", "2@1", "1@2", "0@2", "-1@3", "-2@3", "-3@4"], 5)),
        (OLD, {"created_after": NOON}, (LATER, 4)),
        (OLD, {"created_after": NOON - HOUR}, (["5@0", "4@0", "3@1", "2@1", "1@2", "0@2"], 4)),
        (OLD, {"created_before": NOON}, (["-1@3", "-2@3", "-3@4"], 5)),
        (OLD, {"created_after": NOON, "created_before": NOON + 3 * HOUR}, (["2@1", "1@2"], 4)),
        (OLD, {"created_after": NOON, "sort_by": "id:desc"}, (LATER, 5)),
        (NEW, {"created_after": NOON, "sort_by": "created_at:asc"}, (TO_COME, 5)),
        (NEW, {"created_after": NOON, "backward": True, "cursor": "c"}, (TO_COME, 5)),
        ([[5], [None], [-1], [5]], {"created_after": NOON}, (["5@0", "None@1"], 3)),
        ([[5, -1], [4]], {"created_after": NOON}, (["5@0", "4@1"], 2)),
        ([[-1, 5], [4]], {"created_after": NOON}, (["5@0", "4@1"], 2)),
        ([[], [4]], {"created_after": NOON}, (["4@1"], 2)),
        (OLD, {"status": "failed"}, (["4@0", "2@1", "0@2", "-2@3"], 5)),
        (OLD, {"status": "failed", "created_after": NOON}, (["4@0", "2@1"], 4)),
    ],
)
def test_a_list_gives_what_is_of_its_time_and_ends_there(
    pages: list[list[int | None]], query: dict[str, Any], found: tuple[list[str], int]
) -> None:
    assert listed(pages, **query) == found
