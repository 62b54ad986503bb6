"""The API's catalog: each address, key and answer, and what is said of the public one."""

import json
from collections.abc import Iterator
from itertools import product
from types import SimpleNamespace
from typing import Any, Final

import pytest
from suites.snapshot import check_snapshot

from ...inputs.__main__ import main
from ...inputs._remote import (
    RemoteError,
    check_is_runflow,
    fetch_models,
    open_api,
    open_source,
)
from ...inputs._upstream import comparison_lines, upstream_lines
from ..catalog_server import KEY, PUBLIC, CatalogServer, listing
from ..every_word import SNAPSHOTS

ADDRESSES: Final = (
    *("https://api.runflow.io", "https://runflow.io/base/", "https://API.RUNFLOW.IO:8443"),
    *("http://api.runflow.io", "https://runflow.io.example.com", "https://notrunflow.io"),
    *(
        "https://io",
        "http://127.0.0.1:9",
        "http://localhost",
        "http://[::1]:9",
        "https://a.test?b=1",
    ),
    *("https://u@a.test", "https://u:p@api.runflow.io", "ftp://a.test", "/etc", "", "https://"),
    "https://api.runflow.io#part",
)
KEYS: Final = ("", " ", "a b", "rf_é", "rf\n", "rf\t", "\x7f", "rf_live_1")


def refusal(check: Any, *arguments: str) -> str:
    """Return why a check refuses, or nothing."""
    try:
        check(*arguments)
    except RemoteError as error:
        return f"refused: {error}"
    return "taken"


def addresses() -> Iterator[str]:
    for one in ADDRESSES:
        yield f"{one!r}: {refusal(open_source, one)}"
        yield f"    as Runflow's: {refusal(check_is_runflow, one)}"
    for key in KEYS:
        yield f"key {key!r}: {refusal(open_api, 'https://a.test', key)}"
    assert "rf_live_1" not in repr(open_api("https://a.test", "rf_live_1"))


@pytest.fixture(name="server", scope="module")
def fixture_server() -> Iterator[CatalogServer]:
    with listing() as server:
        yield server


STATUSES: Final = (201, 301, 401, 403, 404, 429, 500)
NO_ITEMS: Final[tuple[Any, ...]] = ({"items": []},)
PAGES: Final[tuple[Any, ...]] = (
    *({}, {"items": []}, {"items": None}, {"items": {}}, {"items": [{"id": 1}, 5, None]}, [], 1),
    *({"items": [{"slug": "a", "inputs": None}], "next": ""}, {"items": [], "next": 5}),
    {"items": [{"id": "x"}], "next": None},
)


def answers(server: CatalogServer) -> Iterator[str]:
    """Yield what comes of each answer, for the list of models and for the inputs of one."""
    rows: list[dict[str, Any]] = [{"id": "a b", "slug": "b"}]
    for place, status, page in (
        *product(("models",), STATUSES, NO_ITEMS),
        *product(("inputs",), (403, 404, 500), NO_ITEMS),
        *product(("models",), (200,), PAGES),
        *product(("inputs",), (200,), PAGES[-1:]),
    ):

        def spoil(
            target: str,
            own: dict[str, Any],
            place: str = place,
            status: int = status,
            page: Any = page,
        ) -> tuple[int, bytes]:
            spoiled = ("/inputs" in target) == (place == "inputs")
            return (
                (status, json.dumps(page).encode()) if spoiled else (200, json.dumps(own).encode())
            )

        server.models, server.inputs, server.spoil = rows, {"a%20b": []}, spoil
        server.asked.clear()
        try:
            found = json.dumps(fetch_models(open_api(f"{server.url}/", KEY)))
        except RemoteError as error:
            found = f"refused: {error}"
        yield f"{place} {status} {json.dumps(page)}: {found}"
        assert KEY not in found
    yield f"asked {server.asked}"
    server.spoil = None
    server.models = [{"id": 1, "n": 1}, {"id": "a", "inputs": []}, {"id": "none"}]
    yield json.dumps(fetch_models(open_api(server.url, KEY)))
    yield f"asked {server.asked}"


def test_answers_are_read_as_before(server: CatalogServer) -> None:
    lines = [*addresses(), *answers(server), *comparisons()]
    check_snapshot(SNAPSHOTS / "catalog_answers.txt", "\n".join(lines) + "\n")


def test_so_many_pages_are_read_and_no_more(server: CatalogServer) -> None:
    def spoil(target: str, _: dict[str, Any], last: int = 200) -> tuple[int, bytes]:
        number = len(server.asked)
        following = None if number == last else f"{number}"
        return 200, json.dumps({"items": [{"id": number}], "next": following}).encode()

    server.spoil = spoil
    server.asked.clear()
    rows = fetch_models(open_api(server.url, KEY))
    assert [row["id"] for row in rows] == [*range(1, 201)]
    server.asked.clear()
    server.spoil = lambda target, own: spoil(target, own, 201)
    with pytest.raises(RemoteError, match="GET /v1/models: more than 200 pages"):
        fetch_models(open_api(server.url, KEY))
    assert len(server.asked) == 200


def test_pages_that_lead_back_are_not_read_again(server: CatalogServer) -> None:
    following = {"": "1", "1": "2", "2": "1"}

    def spoil(target: str, _: dict[str, Any]) -> tuple[int, bytes]:
        here = target.partition("&pq=")[2]
        return 200, json.dumps({"items": [], "next": following[here]}).encode()

    server.spoil = spoil
    server.asked.clear()
    with pytest.raises(RemoteError, match="GET /v1/models: the pages lead in a circle"):
        fetch_models(open_api(server.url, KEY))
    assert len(server.asked) == 3
    server.spoil = None


def test_the_key_is_needed_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: CatalogServer
) -> None:
    server.asked.clear()
    monkeypatch.setenv("RUNFLOW_BASE_URL", server.url)
    monkeypatch.setenv("ALLOW_OTHER_SOURCE", "yes")
    monkeypatch.setenv("RUNFLOW_API_KEY", KEY)
    assert main(["--refresh"]) == 2
    monkeypatch.setenv("ALLOW_OTHER_SOURCE", "1")
    monkeypatch.setenv("RUNFLOW_API_KEY", "")
    assert main(["--refresh"]) == 2
    monkeypatch.setenv("RUNFLOW_BASE_URL", "")  # which stands for Runflow's own
    monkeypatch.delenv("ALLOW_OTHER_SOURCE")
    assert main(["--refresh"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert "is not Runflow's" in told[0]
    assert [one.startswith("RUNFLOW_API_KEY is not set") for one in told[1:]] == [True, True]
    assert server.asked == []


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_the_public_catalog_is_asked_once(server: CatalogServer, status: int) -> None:
    server.public, server.missing = [], status
    server.asked.clear()
    [told] = upstream_lines(server.url)
    assert told.startswith("Not compared with the public catalog: ")
    assert str(status) in told
    assert sorted(target.partition("?")[0] for target in server.asked) == sorted(PUBLIC)
    assert server.keys_in_public == 0


def comparisons() -> Iterator[str]:
    """Yield what is said of each state and price of a model."""
    found: list[Any] = []
    for state, changed, price, known in product(
        ("listed", "retired", "newer"), (False, True), (None, "0", "1.50"), (None, "2")
    ):
        found.append(
            SimpleNamespace(
                id=f"a/{state}",
                state=state,
                is_price_changed=changed,
                price=price,
                price_unit="image" if price else None,
                known_price=known,
                known_unit="second" if known else None,
            )
        )
    for one in found:
        said: Any = SimpleNamespace(models=[one], sources=["GET /a"], unread=["b: 404"])
        yield from comparison_lines(said)
    every: Any = SimpleNamespace(models=found, sources=["GET /a", "b.json"], unread=[])
    yield from comparison_lines(every)
