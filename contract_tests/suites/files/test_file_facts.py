"""What the caller says of a file, and what the file says of itself, reaches Runflow; and what it
hears on the way is true.
"""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from attrs import evolve
from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, DownloadTooLarge, InvalidArgument, ServerError
from runflow_client._flows.save import artifact_source
from runflow_client._typed_inputs.local_file import MAX_TYPE, MAX_UPLOAD_BYTES
from runflow_mock import MockRunflow

from ..client.conftest import AsyncMockTime
from ..client.flow_commands import ID, Scene, artifact
from .conftest import INPUT, MODEL, pauses_of
from .pictures import PICTURE, Pipe
from .storage import PNG, Storage

FOLDER = "0198c0de-0000-7000-8000-000000000000"


class NamedPipe(Pipe):
    """A pipe that knows the name of its file, as one from a web framework does."""

    name = "folder/photo.jpg"


class NamedFile(io.BytesIO):
    """The same, with a way back."""

    name = "folder/photo.jpg"


class Numbered(io.BytesIO):
    """Its name is the number of a descriptor, as that of os.fdopen is."""

    name = 7


@pytest.mark.parametrize("make", [NamedPipe, NamedFile])
def test_an_open_file_has_a_name_and_the_caller_may_pass_another(
    client: Any, mock: MockRunflow, make: Callable[[bytes], BinaryIO]
) -> None:
    own = client.assets.upload(make(b"nobody knows" + PICTURE))
    assert (own.name, own.mime_type, own.size_bytes) == (
        "photo.jpg",
        "image/jpeg",
        len(PICTURE) + 12,
    )
    said = client.assets.upload(
        make(PICTURE), name="said.webp", mime_type="image/x-own", folder_id=FOLDER
    )
    assert (said.name, said.mime_type, said.size_bytes) == (
        "said.webp",
        "image/x-own",
        len(PICTURE),
    )
    assert str(said.raw.folder_id) == FOLDER
    assert client.assets.upload(Numbered(PICTURE)).name == "upload.png"


def test_the_same_bytes_of_another_type_or_in_another_folder_are_another_asset(client: Any) -> None:
    plain = client.assets.upload(PICTURE)
    typed = client.assets.upload(PICTURE, mime_type="image/x-own")
    placed = client.assets.upload(PICTURE, folder_id=FOLDER)
    assert len({plain.id, typed.id, placed.id}) == 3
    assert client.assets.upload(PICTURE).id == plain.id


def test_progress_grows_to_the_total_and_always_names_the_total(client: Any) -> None:
    heard: list[tuple[int, int | None]] = []
    client.assets.upload(PICTURE * 4, progress=lambda sent, total: heard.append((sent, total)))
    sent = [sent for sent, _ in heard]
    assert len(set(sent)) > 2
    assert sent == sorted(sent)
    assert {total for _, total in heard} == {sent[-1]} == {4 * len(PICTURE)}
    again: list[tuple[int, int | None]] = []
    client.assets.upload(PICTURE * 4, progress=lambda *told: again.append(told))
    assert again == [(sent[-1], sent[-1])], "it is there already"


@pytest.mark.parametrize("inside", [0, 1])
def test_progress_of_several_files_is_of_all_together(client: Any, inside: int) -> None:
    """So many of them go inside the input."""
    heard: list[tuple[int, int | None]] = []
    client.submit(
        "google/nano-banana-pro/edit",
        {"prompt": "x", "image_urls": [PICTURE, PICTURE * 2]},
        inline_below=inside * len(PICTURE) + 1,
        upload_progress=lambda sent, total: heard.append((sent, total)),
    )
    assert {total for _, total in heard} == {3 * len(PICTURE)}
    assert [sent for sent, _ in heard] == sorted(sent for sent, _ in heard)
    assert heard[-1][0] == 3 * len(PICTURE)


def test_each_step_of_an_upload_is_sent_once_a_try(client: Any, mock: MockRunflow) -> None:
    waited = pauses_of(client)
    mock.fail_next("create_asset_upload", fault="status", status=503, count=None)
    with pytest.raises(ServerError):
        client.assets.upload(PICTURE)
    assert len(mock.requests) == len(waited) + 1 == 3


@pytest.mark.parametrize("size", [1, 2])
def test_the_smallest_file_is_one_byte(client: Any, size: int) -> None:
    assert client.assets.upload(b"x" * size).size_bytes == size
    with pytest.raises(InvalidArgument, match=r"is empty$"):
        client.assets.upload(b"")


def test_a_media_type_that_runflow_cannot_take_is_refused_and_shown_in_part(client: Any) -> None:
    longest = "image/" + "x" * (MAX_TYPE - 6)
    assert client.assets.upload(PICTURE, mime_type=longest).mime_type == longest
    with pytest.raises(InvalidArgument, match=rf"^the file: '{longest[:80]}' is not a media type$"):
        client.assets.upload(PICTURE, mime_type=longest + "x")


class Lines(Pipe):
    """Opened as bytes to look at, but text comes out."""

    def read(self, size: int = -1) -> Any:
        return "text"


def test_what_gives_text_when_it_is_read_is_named(client: Any) -> None:
    with pytest.raises(
        InvalidArgument,
        match=r"^the file returns str when read, not bytes: open it in mode 'rb'",
    ):
        client.assets.upload(Lines(PICTURE))


class Endless(Pipe):
    """A pipe that nobody closes."""

    given = 0

    def readinto(self, buffer: Any) -> int:
        self.given += len(buffer)
        return len(buffer)


def test_a_pipe_without_end_is_read_as_far_as_the_largest_file(
    client: Any, mock: MockRunflow
) -> None:
    pipe = Endless(b"")
    with pytest.raises(InvalidArgument, match=r"^the file is larger than 52428800 bytes"):
        client.assets.upload(pipe)
    assert MAX_UPLOAD_BYTES < pipe.given < MAX_UPLOAD_BYTES * 1.1
    assert mock.requests == []


@pytest.mark.parametrize("make", [bytes, io.BytesIO, Pipe])
def test_an_empty_file_is_named_however_it_is_held(
    client: Any, make: Callable[[bytes], object]
) -> None:
    with pytest.raises(InvalidArgument, match=r"^the file is empty"):
        client.assets.upload(make(b""))
    with pytest.raises(InvalidArgument, match=r"^input\.image_urls\[0\] is empty"):
        client.submit("google/nano-banana-pro/edit", {"prompt": "x", "image_urls": [make(b"")]})


def test_all_outputs_are_saved_as_the_caller_says(
    client: Any, tmp_path: Path, storage: Storage
) -> None:
    run = client.run(MODEL, {**INPUT, "num_images": 2})
    run.save_all(tmp_path)
    with pytest.raises(FileExistsError):
        run.save_all(tmp_path)
    assert len(run.save_all(tmp_path, overwrite=True)) == 2
    with pytest.raises(DownloadTooLarge, match=r"max_bytes is 10"):
        run.save_all(tmp_path / "none", max_bytes=10)
    heard: list[int] = []
    run.save_all(tmp_path, overwrite=True, progress=lambda received, total: heard.append(received))
    assert heard
    del heard[:]
    list(run.outputs[0].stream(progress=lambda received, total: heard.append(received)))
    assert heard[-1] == len(run.outputs[0].read())


def test_an_asynchronous_artifact_is_kept_from_overwriting(
    mock: MockRunflow, tmp_path: Path
) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(PNG)

    async def scenario() -> None:
        async with AsyncRunflow(
            mock.api_key, base_url=mock.base_url, clock=AsyncMockTime(mock)
        ) as client:
            artifact = (await client.run(MODEL, INPUT)).outputs[0]
            with pytest.raises(FileExistsError):
                await artifact.save(target)
            assert target.read_bytes() == PNG
            await artifact.save(target, overwrite=True)

    asyncio.run(scenario())
    assert target.read_bytes() != PNG


@pytest.mark.parametrize("size", [None, 0, 700])
@pytest.mark.parametrize(
    ("kind", "media_type", "kinds"),
    [
        ("image", None, ("image", None)),
        (None, "video/mp4", (None, "video")),
        ("audio", "video/mp4", ("audio", "video")),
        (None, None, (None, None)),
    ],
)
def test_a_file_is_fetched_as_the_run_describes_it(
    kind: Any, media_type: str | None, kinds: tuple[str | None, ...], size: int | None
) -> None:
    one = evolve(artifact(), type=kind, media_type=media_type, size_bytes=size)
    for queued in (True, False):
        source = artifact_source(one, Scene().context, queued=queued)
        assert (source.url, source.kinds, source.size, source.queued) == (
            one.url,
            kinds,
            size,
            queued,
        )


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_fresh_url_is_that_of_the_same_output_if_the_run_still_has_it(
    number: int, count: int
) -> None:
    urls = [f"https://storage.test/fresh-{one}.png" for one in range(count)]

    def show(request: httpx.Request) -> httpx.Response:
        outputs = [{"url": url, "type": "image"} for url in urls]
        return httpx.Response(200, json={"id": ID, "output": {"outputs": outputs}}, request=request)

    scene = Scene({f"GET /{ID}": [show]})
    source = artifact_source(evolve(artifact(), number=number), scene.context)
    found = scene.carry_out(source.renew())
    assert found == (urls[number] if number < count else None)
    assert scene.lines == [f"    GET /v1/runs/{ID}?add_signature=true"]


def test_the_file_of_a_run_that_is_not_named_has_no_fresh_url() -> None:
    scene = Scene()
    source = artifact_source(evolve(artifact(), run_id=""), scene.context)
    assert scene.carry_out(source.renew()) is None
    assert scene.lines == []
