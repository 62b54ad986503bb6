"""The list that is read for all waits at once: how far it goes back, and what it gives."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from runflow_client import RetryPolicy, ServerError
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._time import Deadline
from runflow_client._transport.shared_polling import list_newest, max_pages, shown_progress

from ..scripted import Answer, answer, drive
from ..stepped_time import SteppedTime

NOON: Final = datetime(2026, 5, 6, 12, tzinfo=UTC)
PAGES: Final = 4


def listed(name: str, minutes: int | None = 0, **more: Any) -> dict[str, Any]:
    """A run that was created so many minutes after noon."""
    created = None if minutes is None else (NOON + timedelta(minutes=minutes)).isoformat()
    return {"id": name, "status_code": "running", "created_at": created, **more}


Page = list[dict[str, Any]] | int | str
"""The runs of a page, the status of a refusal, or a text that cannot be read."""


def read(
    *pages: Page, wanted: str = "ab", oldest: datetime | None = None, most: int = PAGES
) -> tuple[str, int]:
    """The names of the runs that are found, and how many pages were asked for."""
    time, asked = SteppedTime(), list[SendRequest]()

    def serve(send: SendRequest) -> Answer:
        told = pages[min(len(asked), len(pages) - 1)]
        asked.append(send)
        params = dict(send.arguments.get("params", {}))
        assert params["sort_by"] == "created_at:desc"
        assert params["limit"] == "500"
        assert "input" not in str(params["fields"]).split(",")
        assert params.get("pq") == (str(len(asked) - 1) if len(asked) > 1 else None)
        assert send.timeout == 5.0
        if isinstance(told, int):
            return answer(send, told, {"code": "X", "message": "no"})
        if isinstance(told, str):
            found = answer(send, 200)
            return type(found)(200, text=told, request=found.request)
        return answer(send, 200, {"items": told, "next": str(len(asked))})

    context = Context(time.now, lambda: 0.5, RetryPolicy(attempts=1))
    flow = list_newest(context, set(wanted), oldest, most, Deadline.after(time.now, 5.0))
    runs = drive(flow, time, serve)
    assert all(run["id"] == name for name, run in runs.items())
    return "".join(sorted(runs)), len(asked)


OTHER: Final = [listed("x", 9), listed("y", 8)]


@pytest.mark.parametrize(
    ("pages", "options", "found"),
    [
        ([[listed("a"), listed("b")], OTHER], {}, ("ab", 1)),
        ([[listed("a")], [listed("b")]], {}, ("ab", 2)),
        ([OTHER, [listed("a"), *OTHER], [listed("b")]], {}, ("ab", 3)),
        ([OTHER], {}, ("", PAGES)),
        ([OTHER], {"most": 1}, ("", 1)),
        ([[listed("a")], [], [listed("b")]], {}, ("a", 2)),
        ([[listed("a", status_code=None), listed("b")], []], {}, ("b", 2)),
        ([[listed("a", 5)], [listed("x", 1)], [listed("b")]], {"oldest": NOON}, ("ab", 3)),
        ([[listed("a", 5)], [listed("x", 0)], [listed("b")]], {"oldest": NOON}, ("ab", 3)),
        ([[listed("a", 5)], [listed("x", -1)], [listed("b")]], {"oldest": NOON}, ("a", 2)),
        ([[listed("x", -1), listed("a", 5)], [listed("b")]], {"oldest": NOON}, ("ab", 2)),
        ([[listed("x", None)], [listed("a"), listed("b")]], {"oldest": NOON}, ("ab", 2)),
        ([[listed("a")], "<html>"], {}, ("a", 2)),
        (["<html>"], {}, ("", 1)),
        ([[listed("a")]], {"wanted": "a"}, ("a", 1)),
    ],
)
def test_a_list_goes_back_as_far_as_a_run_may_be(
    pages: list[Page], options: dict[str, Any], found: tuple[str, int]
) -> None:
    assert read(*pages, **options) == found


@pytest.mark.parametrize("status", [500, 502])
def test_a_server_in_trouble_is_told(status: int) -> None:
    with pytest.raises(ServerError):
        read([listed("a")], status)


@pytest.mark.parametrize(
    ("waiters", "pages"),
    [
        (0, 0),
        (1, 1),
        (7, 1),
        (8, 2),
        (15, 2),
        (16, 3),
        (127, 16),
        (128, 17),
        (500, 17),
        (501, 18),
        (1000, 18),
        (1001, 19),
    ],
)
def test_a_list_has_room_for_all_and_for_some_others(waiters: int, pages: int) -> None:
    assert max_pages(waiters) == pages


def test_what_is_compared_is_status_and_progress() -> None:
    run = listed("a", nodes_completed=2, nodes_total=5)
    assert shown_progress(run) == ("running", 2, 5)
    assert shown_progress({}) == (None, None, None)
