"""The outputs of a run: one list whatever shape came, names that are safe, all saved or each
failure told.
"""

import asyncio
import base64
import pickle
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import pytest
from runflow_api.models.run import Run as RunModel
from runflow_client import (
    AddressRefused,
    AsyncRunflow,
    DownloadTooLarge,
    InvalidArgument,
    Run,
    Runflow,
    RunflowError,
    WrongContent,
)
from runflow_client._time import SystemClock
from runflow_client._transport.api import ApiRequests
from runflow_client._transport.driver import Driver
from runflow_mock import MockRunflow

from ..client.conftest import AsyncMockTime, MockTime
from ..http_library import httpx
from .conftest import INPUT, MODEL, output_at
from .storage import PNG, Storage, answering, breaking

RUN_ID = "0198c0de-0000-7000-8000-000000000000"
A, B = "https://cdn.example/a.png", "https://cdn.example/film.mp4"
INLINE = "data:image/webp;base64," + base64.b64encode(b"RIFF\0\0\0\0WEBPVP8 ").decode()


def run_with(output: object) -> Run:
    """A run with this output, as an answer has it."""
    driver = Driver(
        httpx.Client(trust_env=False), SystemClock(), ApiRequests("https://api.runflow.io", {})
    )
    with driver.http:
        return Run.of(
            RunModel.from_dict({"id": RUN_ID, "status_code": "succeeded", "output": output}), driver
        )


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (
            {"outputs": [{"url": A, "type": "image"}, {"url": B}]},
            [(A, "image", "a.png"), (B, "video", "film.mp4")],
        ),
        ({"outputs": [A, None, 7, {"type": "image"}]}, [(A, "image", "a.png")]),
        ({"image_urls": [A, A], "seed": 1}, [(A, "image", "a.png"), (A, "image", "a-2.png")]),
        ({"outputs": [], "image_urls": [A]}, [(A, "image", "a.png")]),
        (
            {"IMAGE_URL": "https://cdn.example/x", "Video": {"url": "https://cdn.example/y"}},
            [("https://cdn.example/x", "image", "x"), ("https://cdn.example/y", "video", "y")],
        ),
        (
            {"node-7": [A], "film": B, "text": "no file: it says so"},
            [(A, "image", "a.png"), (B, "video", "film.mp4")],
        ),
        ({"audio": {"url": "https://cdn.example/x"}}, [("https://cdn.example/x", "audio", "x")]),
        (
            {"images": [{"url": "https://cdn.example/x", "content_type": "image/png"}]},
            [("https://cdn.example/x", "image", "x.png")],
        ),
        ({"image_urls": [INLINE]}, [(INLINE, "image", "output-1.webp")]),
        (
            {"outputs": [{"url": "https://cdn.example/%2e%2e/%2F..%5C.evil%00%0A.png"}]},
            [(None, "image", "evil.png")],
        ),
        (
            {
                "outputs": [
                    {"url": "https://cdn.example/日本.png"},
                    {"url": "https://x.example/.png"},
                ]
            },
            [(None, "image", "output-1.png"), (None, "image", "output-2.png")],
        ),
        (
            {"outputs": [{"url": "https://cdn.example/CON.png"}, {"url": "https://cdn.example/"}]},
            [(None, "image", "output-1.png"), (None, None, "output-2")],
        ),
        (
            {"outputs": [{"url": "https://cdn.example/A.png"}, {"url": A}]},
            [(None, "image", "A.png"), (A, "image", "a-2.png")],
        ),
        ({"outputs": [{"url": "https://[::1"}]}, [("https://[::1", None, "output-1")]),
        ({"outputs": "none", "model_data": {"url": A}}, []),
        ({}, []),
        (None, []),
    ],
)
def test_every_shape_of_output_is_read(
    output: object, found: list[tuple[str | None, str | None, str]]
) -> None:
    outputs = run_with(output).outputs
    assert [(artifact.type, artifact.name) for artifact in outputs] == [
        (kind, name) for _, kind, name in found
    ]
    for artifact, (url, _, _) in zip(outputs, found, strict=True):
        assert url is None or artifact.url == url
    assert "RIFF" not in repr(outputs)
    assert len(repr(outputs)) < 800


def test_what_the_server_says_of_a_file_is_there() -> None:
    entry = {
        "url": A,
        "type": "video",
        "width": 1,
        "height": 2,
        "duration": 8,
        "file_size": 9,
        "content_type": "video/mp4",
        "new": True,
    }
    (artifact,) = run_with({"outputs": [entry]}).outputs
    assert (artifact.width, artifact.height, artifact.duration, artifact.size_bytes) == (
        1,
        2,
        8.0,
        9,
    )
    assert artifact.media_type == "video/mp4"
    assert artifact.details["new"] is True
    assert (artifact.type, artifact.name) == ("video", "a.png")
    newer = {
        "url": A,
        "type": "hologram",
        "content_type": "binary/octet-stream",
        "width": 0,
        "duration": 0,
    }
    (artifact,) = run_with({"outputs": [newer]}).outputs
    assert (artifact.type, artifact.media_type) == ("hologram", "image/png")
    assert (artifact.width, artifact.duration) == (0, 0.0)
    (long,) = run_with(
        {"outputs": [{"url": f"https://cdn.example/{'n' * 300}.{'s' * 30}"}]}
    ).outputs
    assert long.name == "n" * 100 + "." + "s" * 19
    (odd,) = run_with(
        {"outputs": [{"url": A, "width": "1", "duration": None, "size": True, "type": 7}]}
    ).outputs
    assert (odd.width, odd.duration, odd.size_bytes, odd.type) == (None, None, None, "image")
    for duration in (2**63, 10**400, float("inf"), float("nan"), -1):
        assert run_with({"outputs": [{"url": A, "duration": duration}]}).outputs[0].duration is None


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (
            {
                "seed": 7,
                "nsfw_detected": False,
                "timing": {"inference": 1.5},
                "model_data": {"a": 1},
            },
            (7, False, {"inference": 1.5}, {"a": 1}),
        ),
        (
            {"seed": "7", "nsfw_detected": [False, True], "timing": None, "model_data": []},
            (None, True, None, None),
        ),
        ({"seed": True, "nsfw_detected": "no"}, (None, None, None, None)),
        (None, (None, None, None, None)),
    ],
)
def test_what_the_model_says_of_the_run_is_there(output: object, told: tuple[object, ...]) -> None:
    run = run_with(output)
    assert (run.seed, run.nsfw_detected, run.timing, run.model_data) == told


def test_the_mock_servers_run_has_its_seed_and_timing(client: Any) -> None:
    run = client.run(MODEL, {**INPUT, "seed": 42})
    assert run.seed == 42
    assert run.nsfw_detected is False
    assert "inference_ms" in run.timing
    assert run.model_data["prompt"] == INPUT["prompt"]


def test_inline_outputs_are_saved_like_the_others(client: Any, tmp_path: Path) -> None:
    run = client.run(MODEL, {**INPUT, "sync_mode": True, "num_images": 2})
    first, second = run.save_all(tmp_path / "new" / "folder")
    assert [first.name, second.name] == ["output-1.png", "output-2.png"]
    assert first.read_bytes().startswith(PNG)
    heard: list[tuple[int, int | None]] = []
    content = run.outputs[0].read(progress=lambda received, total: heard.append((received, total)))
    assert heard == [(len(content), len(content))]
    assert b"".join(run.outputs[1].stream()) == second.read_bytes()
    with pytest.raises(DownloadTooLarge):
        run.outputs[0].read(max_bytes=100)


@pytest.mark.parametrize("kind", ["audio", "video"])
@pytest.mark.parametrize("beginning", [b"\0\0\0\x18ftypisom", b"\x1aE\xdf\xa3", b"OggS"])
def test_what_holds_sound_as_well_as_film_is_taken_for_either(
    client: Any, mock: MockRunflow, storage: Storage, kind: str, beginning: bytes
) -> None:
    storage.content, storage.media_type = beginning + bytes(600), "application/octet-stream"
    told = {"url": f"{storage.base_url}/made", "type": kind}
    mock.fail_next(
        "get_run", fault="unknown_enum", field="output.outputs.0", value=told, count=None
    )
    (artifact,) = client.run(MODEL, INPUT).outputs
    assert artifact.read() == storage.content


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("data:image/png;base64,!!!", InvalidArgument),
        ("data:image/png", InvalidArgument),
        ("data:image/png;base64,iVBORw0KGgoé", InvalidArgument),
        ("data:image/png,\ud800", InvalidArgument),
        ("data:image/png;base64,", WrongContent),
        ("data:image/png;base64,PGh0bWw+", WrongContent),
    ],
)
def test_invalid_inline_outputs_are_refused(
    client: Any, mock: MockRunflow, tmp_path: Path, url: str, error: type[Exception]
) -> None:
    (artifact,) = output_at(client, mock, url).outputs
    with pytest.raises(error):
        artifact.save(tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_one_output_that_fails_keeps_no_other_from_being_saved(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    run = output_at(client, mock, "ftp://storage.example/a.png", num_images=3)
    with pytest.raises(AddressRefused) as caught:
        run.save_all(tmp_path)
    saved = sorted(tmp_path.iterdir())
    assert [path.name for path in saved] == ["1.png", "2.png"]
    assert all(str(path) in caught.value.__notes__[0] for path in saved)
    with pytest.raises((AddressRefused, FileExistsError)) as again:
        run.save_all(tmp_path)
    assert len(again.value.__notes__) == 2


def test_progress_is_of_one_file_after_the_other(client: Any, tmp_path: Path) -> None:
    heard: list[tuple[int, int | None]] = []
    run = client.run(MODEL, {**INPUT, "num_images": 3})
    saved = run.save_all(tmp_path, progress=lambda received, total: heard.append((received, total)))
    assert [path.name for path in saved] == ["0.png", "1.png", "2.png"]
    for path in saved:
        assert (path.stat().st_size, path.stat().st_size) in heard


class AllAtOnce(httpx.AsyncHTTPTransport):
    """Lets requests for outputs pass only when so many are there together."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self._missing = expected
        self._together = anyio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "outputs" in request.url.path:
            self._missing -= 1
            if self._missing == 0:
                self._together.set()
            with anyio.fail_after(30):
                await self._together.wait()
        return await super().handle_async_request(request)


def test_an_asynchronous_run_saves_its_outputs_all_at_once(
    mock: MockRunflow, tmp_path: Path
) -> None:
    async def scenario() -> list[Path]:
        async with (
            httpx.AsyncClient(transport=AllAtOnce(4)) as http,
            AsyncRunflow(
                mock.api_key, base_url=mock.base_url, http_client=http, clock=AsyncMockTime(mock)
            ) as client,
        ):
            return await (await client.run(MODEL, {**INPUT, "num_images": 4})).save_all(tmp_path)

    assert [path.name for path in asyncio.run(scenario())] == ["0.png", "1.png", "2.png", "3.png"]


def test_a_file_where_the_folder_should_be_is_an_error(client: Any, tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(b"mine")
    with pytest.raises(NotADirectoryError):
        client.run(MODEL, INPUT).save_all(tmp_path / "folder")
    assert (tmp_path / "folder").read_bytes() == b"mine"


def test_a_pickled_artifact_says_what_it_lacks(client: Any) -> None:
    (artifact,) = client.run(MODEL, INPUT).outputs
    copy = pickle.loads(pickle.dumps(getattr(artifact, "_awaited", artifact)))
    for use in (copy.stream, copy.read):
        with pytest.raises(RunflowError, match=r"client\.runs\.get"):
            asyncio.run(made) if asyncio.iscoroutine(made := use()) else made


def test_a_stream_that_is_left_gives_its_connection_back(
    mock: MockRunflow, storage: Storage
) -> None:
    limits = httpx.Limits(max_connections=1)
    with (
        httpx.Client(limits=limits, timeout=5) as http,
        Runflow(
            mock.api_key, base_url=mock.base_url, http_client=http, clock=MockTime(mock)
        ) as client,
    ):
        (artifact,) = output_at(client, mock, storage.url).outputs
        pieces = artifact.stream()
        assert next(pieces).startswith(PNG)
        pieces.close()
        assert artifact.read() == storage.content


def test_an_asynchronous_stream_that_is_left_gives_its_connection_back(
    mock: MockRunflow, storage: Storage
) -> None:
    async def scenario() -> bytes:
        limits = httpx.Limits(max_connections=1)
        async with (
            httpx.AsyncClient(limits=limits, timeout=5) as http,
            AsyncRunflow(
                mock.api_key, base_url=mock.base_url, http_client=http, clock=AsyncMockTime(mock)
            ) as client,
        ):
            mock.fail_next(
                "get_run",
                fault="unknown_enum",
                field="output.outputs.0.url",
                value=storage.url,
                count=None,
            )
            (artifact,) = (await client.run(MODEL, INPUT)).outputs
            async with aclosing(artifact.stream()) as pieces:  # type: ignore[type-var] # a generator is behind it
                async for piece in pieces:
                    assert piece.startswith(PNG)
                    break
            return await artifact.read()

    assert asyncio.run(scenario()) == storage.content


def test_a_cancelled_save_leaves_nothing_and_gives_its_place_back(
    mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with AsyncRunflow(
            mock.api_key, base_url=mock.base_url, clock=AsyncMockTime(mock)
        ) as client:
            mock.fail_next(
                "get_run",
                fault="unknown_enum",
                field="output.outputs.0.url",
                value=storage.url,
                count=None,
            )
            (artifact,) = (await client.run(MODEL, INPUT)).outputs
            tasks: list[asyncio.Task[Path]] = []
            for _ in range(40):  # more than there are places
                tasks.append(
                    asyncio.create_task(
                        artifact.save(tmp_path, progress=lambda *_: tasks[-1].cancel())
                    )
                )
                with pytest.raises(asyncio.CancelledError):
                    await tasks[-1]
                assert list(tmp_path.iterdir()) == []
            storage.acts = [breaking(1000), answering(503)]
            assert (await artifact.save(tmp_path)).read_bytes() == storage.content

    asyncio.run(scenario())
