"""Every setting changes something that is seen."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import fields
from runflow_mock import Settings, SteppedClock, Timings
from runflow_mock.contract.document import Document
from runflow_mock.faults.plan import Faults
from runflow_mock.server.service import Service, listen
from runflow_mock.simulation.outcomes import Outcome
from runflow_mock.simulation.sender import AttemptResult
from runflow_mock.simulation.simulation import Simulation
from runflow_mock.state.state import State

from .stories.world import CONTRACT, World

SOON: Final = 5.0
"""Seconds: a hundred times the timeout that is set, and half of the one that is usual."""

ABSENT: Final = "runflow://assets/0190aaaa-0000-7000-8000-000000000001"
INLINE: Final = "data:image/png,x"


def run(world: World, **body: Any) -> Any:
    """Create a run; return status and body of the answer, and the run at its end."""
    given = {"input": {"prompt": "x"}, **body}
    status, answer = world.call("POST", "/v1/models/google/nano-banana-pro/runs", given)
    world.advance(20)
    return status, answer, world.get(f"/v1/runs/{answer['id']}") if status == 201 else None


def lifetime(url: str) -> int:
    """Return for how many seconds a URL is signed."""
    return int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0])


def upload(world: World, media_type: str) -> Any:
    """Begin an upload; return the answer."""
    body = {"filename": "a", "mime_type": media_type, "size_bytes": 1}
    return world.call("POST", "/v1/asset-uploads", body)


def asset(world: World) -> Any:
    """Return an asset."""
    run(world, input={"prompt": "x", "more": INLINE})
    return world.get("/v1/assets")["items"][0]


def failed_callback(world: World) -> Any:
    """Return the output that the callback of a failed run has."""
    world.simulation.outcomes.plan(Outcome("failed"))
    _, answer, _ = run(world, callback_url="http://localhost/200")
    output = world.get(f"/v1/runs/{answer['id']}/callback")[0]["payload"]["output"]
    return output and output["code"]


def workflow(world: World) -> Any:
    """Return status and ids of the answer to the run of a workflow."""
    world.simulation.catalog.add("acme/flow", is_workflow=True)
    status, answer = world.call("POST", "/v1/comfyui-workflows/acme/flow/runs", {"input": {}})
    return status, [name for name in ("run_id", "id") if answer.get(name)]


SEEN: Final[dict[str, tuple[Callable[[World], Any], Any, Any, Any]]] = {
    # the setting: how it is looked at, what is seen by default, another value, what is seen then
    "seed": (lambda world: world.state.identifiers.new(world.state.now())[-12:], None, 7, None),
    "timings": (lambda w: run(w)[2]["duration_ms"], 6000, Timings(0, 0, 0.5), 500),
    "opening_balance": (lambda w: w.get("/v1/billing/balance")["balance"], "100", "7.50", "7.50"),
    "output_url_lifetime": (
        lambda w: lifetime(run(w)[2]["output"]["outputs"][0]["url"]),
        86400,
        60,
        60,
    ),
    "upload_url_lifetime": (
        lambda w: lifetime(upload(w, "image/png")[1]["upload_url"]),
        3600,
        9,
        9,
    ),
    "asset_url_lifetime": (lambda w: lifetime(asset(w)["url"]), 7 * 86400, 0, 0),
    "error_in_failed_callback": (failed_callback, "PROVIDER_ERROR", False, None),
    "strict": (lambda w: run(w, more=1)[0], 201, True, 422),
    "asset_media_types": (lambda w: upload(w, "image/png")[0], 201, ("image/gif",), 422),
    "unknown_assets": (
        lambda w: run(w, metadata={}, input={"prompt": ABSENT})[0],
        201,
        "refuse",
        422,
    ),
    "unknown_fields": (lambda w: w.call("GET", "/v1/runs?fields=nothing")[0], 422, "warn", 200),
    "comfyui_beta": (workflow, (201, ["run_id", "id"]), False, (403, [])),
    "comfyui_run_id": (workflow, (201, ["run_id", "id"]), "id", (201, ["id"])),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_setting_changes_what_is_seen(name: str, tmp_path: Path) -> None:
    look, usual, value, changed = SEEN[name]
    found: list[Any] = []
    for number, given in enumerate(({}, {name: value}, {name: value})):
        folder = tmp_path / str(number)
        folder.mkdir()
        chosen = {"opening_balance": 100, **given}
        seed = chosen.pop("seed", None)
        world = World(folder, seed, **chosen)
        found.append(look(world))
        world.end()
    if name == "seed":
        assert found[0] != found[1] == found[2]
    else:
        assert found == [usual, changed, changed]


NONE: Final[dict[str, tuple[Any, Callable[[World], Any], Any]]] = {
    # the setting: an empty value, how it is looked at, what is seen
    "asset_media_types": (
        (),
        lambda w: (w.get("/v1/assets/types"), upload(w, "image/png")[0]),
        ([], 422),
    ),
    "opening_balance": (
        0,
        lambda w: (w.get("/v1/billing/balance")["balance"], run(w)[0]),
        ("0", 402),
    ),
    "output_url_lifetime": (0, lambda w: lifetime(run(w)[2]["output"]["outputs"][0]["url"]), 0),
    "upload_url_lifetime": (0, lambda w: lifetime(upload(w, "image/png")[1]["upload_url"]), 0),
}


def test_an_empty_setting_is_not_the_default(tmp_path: Path) -> None:
    for name, (value, look, seen) in NONE.items():
        (tmp_path / name).mkdir()
        world = World(tmp_path / name, 0, **{"opening_balance": 100, name: value})
        assert look(world) == seen
        world.end()


def test_the_id_of_the_run_of_a_workflow_is_where_the_setting_says(tmp_path: Path) -> None:
    for place, names in (("both", ["run_id", "id"]), ("run_id", ["run_id"]), ("id", ["id"])):
        (tmp_path / place).mkdir()
        world = World(tmp_path / place, 0, comfyui_run_id=place)
        world.simulation.catalog.add("acme/flow", is_workflow=True)
        path = "/v1/comfyui-workflows/acme/flow/runs"
        answer = world.call("POST", path, {"input": {}})[1]
        assert [name for name in ("run_id", "id") if name in answer] == names
        for name in names:
            assert world.get(f"/v1/runs/{answer[name]}")["id"] == answer[name]
        world.end()


def sent(**settings: Any) -> list[AttemptResult | str | None]:
    """Return what becomes of a callback that is never answered, and who may be called."""
    results: list[AttemptResult | str | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        state = State(SteppedClock(), Settings(**settings), "http://mock")
        sender = Simulation(state, CONTRACT, Faults({}, ())).sender
        results.append(sender.refusal("http://hooks.test/x"))
        if "callback_timeout" in settings:
            port = server.sockets[0].getsockname()[1]
            sender.send(f"http://127.0.0.1:{port}/", b"", {}, results.append)
            await sender.wait()
        await sender.close()
        server.close()

    asyncio.run(asyncio.wait_for(main(), SOON))
    return results


def test_who_is_called_and_how_long_is_waited_can_be_set() -> None:
    [refused] = sent()
    assert refused == "the mock server sends to loopback only; allow hooks.test by name"
    [allowed, result] = sent(callback_hosts=["hooks.test"], callback_timeout=0.05)
    assert allowed is None
    assert isinstance(result, AttemptResult)
    assert (result.error_message or "").startswith("ReadTimeout")


def served(**settings: Any) -> Any:
    """Return what a server that does not yet listen is made of."""

    async def main() -> Any:
        service = Service(listen("127.0.0.1", 0), SteppedClock(), Settings(**settings))
        state, requests = service.simulation.state, service.app.requests
        secured = service.certificate is not None and service.base_url.startswith("https://")
        found = state.api_url, requests.maxlen, secured, len(service.differences)
        await service.stop()
        return found

    return asyncio.run(main())


def test_what_the_server_itself_is_made_of_can_be_set(tmp_path: Path) -> None:
    address, kept, secured, differences = served()
    assert address.startswith("http://127.0.0.1:")
    assert (address.endswith("/v1"), kept, secured, differences) == (True, 20_000, False, 0)
    assert served(public_url="https://mock.test/")[0] == "https://mock.test/v1"
    assert served(kept_requests=0)[1] == 0
    assert served(tls=True)[2] is True
    content = Document.read().content
    paths = {path: one for path, one in content["paths"].items() if "batches" not in path}
    document = tmp_path / "other.json"
    document.write_text(json.dumps({**content, "paths": paths}), encoding="utf-8")
    assert served(document=document)[3] > 0
    assert not (tmp_path / "state.sqlite").exists()
    served(state_file=tmp_path / "state.sqlite")
    assert (tmp_path / "state.sqlite").exists()


def test_every_setting_is_looked_at() -> None:
    """The size of bodies is that of `test_assets`."""
    elsewhere = {"callback_hosts", "callback_timeout", "public_url", "kept_requests", "tls"}
    elsewhere |= {"document", "state_file", "largest_body"}
    assert {one.name for one in fields(Settings)} == {*SEEN, *elsewhere}
