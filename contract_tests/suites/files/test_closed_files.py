"""What is kept of a pipe that is uploaded is given up, however the call ends."""

import io
import tempfile
from collections.abc import Callable
from typing import Any, Final

import pytest
from runflow_api.http_library import httpx
from runflow_client import RunflowError
from runflow_client._flows.batches import NewBatch
from runflow_client._flows.create_run import create_of

from ..client.flow_commands import Flow, Scene
from .storage import PNG

EDIT: Final = "google/nano-banana-pro/edit"


def _refuse(request: httpx.Request) -> httpx.Response:
    return httpx.Response(403, json={"code": "X", "message": "no"}, request=request)


def _create(scene: Scene, *files: object, **options: Any) -> Flow:
    look_first = options.pop("look_first", False)
    made = create_of(
        EDIT, {"prompt": "x", "image_urls": [*files]}, is_identified=look_first, **options
    )
    return scene.runs.create(made, look_first=look_first)


def _batch(scene: Scene, *files: object) -> Flow:
    inputs = [{"image_url": file} for file in files]
    made = NewBatch.of(
        "runflow/background-removal",
        inputs,
        callback_url=None,
        metadata=None,
        idempotency_key=None,
    )
    return scene.batches.create(made)


class Pipe(io.BytesIO):
    """A file that cannot be read from its beginning again."""

    def seekable(self) -> bool:
        return False


def _picture() -> Pipe:
    return Pipe(PNG + bytes(1000))


FLOWS: Final[dict[str, Callable[[Scene], Flow]]] = {
    "an upload": lambda scene: scene.assets.upload(_picture()),
    "a run": lambda scene: _create(scene, _picture()),
    "a run with the file inside": lambda scene: _create(scene, _picture(), inline_below=9000),
    "a run that is there": lambda scene: _create(
        scene, _picture(), look_first=True, client_ref="order-of-the-server"
    ),
    "a run with an empty file beside it": lambda scene: _create(scene, _picture(), Pipe()),
    "a run with a file of another kind": lambda scene: _create(scene, _picture(), b"ID3\3\0"),
    "a batch": lambda scene: _batch(scene, _picture(), _picture()),
    "a batch with an empty file": lambda scene: _batch(scene, _picture(), Pipe()),
}
ENDS: Final = ("well", "POST /asset-uploads", "PUT /put", "POST /confirmations", "POST /runs")
"""What is refused."""


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The copies that were made of pipes."""
    made: list[Any] = []
    real = tempfile.SpooledTemporaryFile

    def make(**options: Any) -> Any:
        made.append(real(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", make)
    return made


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", FLOWS)
def test_a_copy_is_closed_however_the_call_ends(name: str, end: str, kept: list[Any]) -> None:
    scene = Scene({} if end == "well" else {end: [_refuse] * 9})
    ended: list[object] = []
    try:
        ended.append(scene.carry_out(FLOWS[name](scene)))
    except RunflowError as error:  # whose frames are kept
        ended.append(error)
    assert kept
    assert [one.closed for one in kept] == [True] * len(kept)


@pytest.mark.parametrize("name", ["an upload", "a run", "a batch"])
def test_a_copy_is_closed_where_the_call_is_left(name: str, kept: list[Any]) -> None:
    flow = FLOWS[name](Scene())
    flow.send(flow.send(None).function())
    assert [one.closed for one in kept] == [False]
    flow.close()
    assert [one.closed for one in kept] == [True]
