"""Lists that have no end, or show a thing twice, where the client reads all of a list itself."""

from collections.abc import Callable
from itertools import count
from typing import Any, Final

import pytest
from runflow_api.http_library import httpx
from runflow_client import OutcomeUnknown, RunflowError
from runflow_client._flows.callback_secrets import list_all
from runflow_client._flows.commands import Context
from runflow_client._flows.create_run import create_of
from runflow_client._flows.find_lost_run import list_by_client_ref
from runflow_client._flows.public_catalog import compare
from runflow_client._flows.reconcile import Search, ended_runs

from .flow_commands import Flow, Scene, Trouble
from .scripted import answer, drive
from .stepped_time import SteppedTime

IDS: Final = [f"00000000-0000-7000-8000-{number:012}" for number in range(3)]


def _pages() -> Trouble:
    """Answer with one thing on each page, after which there is one more."""
    numbers = count()

    def answer(request: httpx.Request) -> httpx.Response:
        number = next(numbers)
        item = {"id": f"00000000-0000-7000-8000-{number:012}", "client_ref": "order-7"}
        return httpx.Response(200, json={"items": [item], "next": f"{number}"}, request=request)

    return answer


def _get_or_create(scene: Scene) -> Flow:
    made = create_of("a/b", {}, client_ref="order-8", is_identified=True)
    return scene.runs.create(made, look_first=True)


ENDLESS: Final[dict[str, tuple[Callable[[Scene], Flow], int, type[RunflowError], str]]] = {
    "GET /callback-secrets": (
        lambda scene: list_all(scene.context),
        20,
        RunflowError,
        "^the list of callback secrets does not come to an end",
    ),
    "GET /public/models": (
        lambda scene: compare(scene.context, "https://api.test"),
        100,
        RunflowError,
        "^the list of public models does not come to an end",
    ),
    "GET /v1/runs": (
        lambda scene: ended_runs(scene.context, Search(client_ref="order-7")),
        2000,
        RunflowError,
        "^the list of runs does not come to an end",
    ),
    "GET /runs": (_get_or_create, 10, OutcomeUnknown, "the list of runs does not come to an end"),
}
"""By what is asked for: how many pages are read, and the error."""


@pytest.mark.parametrize("place", ENDLESS)
def test_a_list_without_end_is_left(place: str) -> None:
    make, pages, kind, told = ENDLESS[place]
    scene = Scene({place: [_pages()] * (pages + 5)})
    with pytest.raises(kind, match=told):
        scene.carry_out(make(scene))
    assert len(scene.troubles[place]) == 5


def test_a_run_that_two_pages_show_is_taken_as_the_first_shows_it() -> None:
    shown: list[list[tuple[str, str]]] = [
        [(IDS[0], "succeeded"), (IDS[1], "running")],
        [(IDS[1], "queued"), (IDS[2], "queued")],
    ]

    def page(number: int) -> Trouble:
        items = [
            {"id": one, "status_code": status, "client_ref": "order-7"}
            for one, status in shown[number]
        ]
        body: dict[str, Any] = {"items": items, "next": "more" if number == 0 else None}
        return lambda request: httpx.Response(200, json=body, request=request)

    scene = Scene({"GET /runs": [page(0), page(1)]})
    listing = scene.carry_out(list_by_client_ref(scene.context, "order-7", scene.after(60.0)))
    found = [(str(run.id), run.status_code) for run in listing.runs]
    assert found == [(IDS[0], "succeeded"), (IDS[1], "running"), (IDS[2], "queued")]
    assert listing.is_whole


def test_of_many_runs_that_may_be_a_lost_creates_five_are_named() -> None:
    ids = [f"00000000-0000-7000-8000-{number:012}" for number in range(7)]

    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("lost", request=request)

    def listed(*those: str) -> Trouble:
        items = [{"id": one, "client_ref": "order-7"} for one in those]
        return lambda request: httpx.Response(200, json={"items": items}, request=request)

    scene = Scene({"POST /runs": [lose], "GET /runs": [listed(), *[listed(*ids)] * 20]})
    made = create_of("a/b", {}, client_ref="order-7")
    with pytest.raises(OutcomeUnknown) as caught:
        scene.carry_out(scene.runs.create(made))
    assert f"it is not known which is this create's: {', '.join(ids[:5])}. " in str(caught.value)


def test_a_secret_that_two_pages_show_is_taken_as_the_first_shows_it() -> None:
    pages: list[dict[str, Any]] = [
        {"items": [{"id": IDS[0], "is_current": True}, {"id": IDS[1]}], "next": "more"},
        {"items": [{"id": IDS[0], "is_current": False}, {"id": IDS[2], "is_current": False}]},
    ]
    time = SteppedTime()
    context = Context(time.now, lambda: 0.5)
    found = drive(list_all(context), time, lambda send: answer(send, 200, pages.pop(0)))
    shown = [(str(secret.id), secret.is_current) for secret in found]
    assert shown == [(IDS[0], True), (IDS[1], False), (IDS[2], False)]
