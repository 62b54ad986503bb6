"""A file of another kind than the model takes is refused, unless the caller says that it is right:
for runs and batches, with a dict and with a typed input.
"""

from collections.abc import Callable
from typing import Any, Final

import pytest
from runflow_client import InvalidArgument, inputs
from runflow_client._flows.batches import NewBatch
from runflow_client._flows.create_run import create_of

from ..client.flow_commands import Flow, Scene

FILM: Final = b"\0\0\0\x18ftypmp42" + bytes(48)
BATCH: Final[dict[str, Any]] = {"callback_url": None, "metadata": None, "idempotency_key": "k"}


def _run(scene: Scene, strict: bool) -> Flow:
    given = {"prompt": "a lamp", "image_urls": [FILM]}
    return scene.runs.create(create_of("google/nano-banana-pro/edit", given, strict=strict))


def _typed(scene: Scene, strict: bool) -> Flow:
    given = inputs.GoogleNanoBananaProEdit(prompt="a lamp", image_urls=[FILM])
    return scene.runs.create(create_of(given, None, strict=strict))


def _of_its_own(scene: Scene, strict: bool) -> Flow:
    given = inputs.GoogleNanoBananaProEdit(prompt="a lamp", image_urls=[FILM], strict=strict)
    return scene.runs.create(create_of(given, None))


def _looked_for(scene: Scene, strict: bool) -> Flow:
    given = {"prompt": "a lamp", "image_urls": [FILM]}
    model = "google/nano-banana-pro/edit"
    made = create_of(model, given, client_ref="order-7", strict=strict, is_identified=True)
    return scene.runs.create(made, look_first=True)


def _batch_of(scene: Scene, *given: Any, strict: bool = True) -> Flow:
    made = NewBatch.of("runflow/background-removal", given, strict=strict, **BATCH)
    return scene.batches.create(made)


def _batch(scene: Scene, strict: bool) -> Flow:
    return _batch_of(scene, {"image_url": FILM}, strict=strict)


def _typed_batch(scene: Scene, strict: bool) -> Flow:
    return _batch_of(scene, inputs.RunflowBackgroundRemoval(image_url=FILM), strict=strict)


def _batch_of_its_own(scene: Scene, strict: bool) -> Flow:
    return _batch_of(scene, inputs.RunflowBackgroundRemoval(image_url=FILM, strict=strict))


CREATES: Final[dict[str, Callable[[Scene, bool], Flow]]] = {
    "run": _run,
    "typed": _typed,
    "typed, of its own": _of_its_own,
    "looked for": _looked_for,
    "batch": _batch,
    "typed batch": _typed_batch,
    "typed batch, of its own": _batch_of_its_own,
}


@pytest.mark.parametrize("name", CREATES)
def test_a_file_of_another_kind_is_sent_only_if_the_caller_says_so(name: str) -> None:
    scene = Scene()
    with pytest.raises(InvalidArgument, match="video/mp4, not image"):
        scene.carry_out(CREATES[name](scene, True))
    assert not any("POST" in line or "GET" in line for line in scene.lines), "nothing is sent"
    scene.carry_out(CREATES[name](scene, False))
    sent = [line.split()[0] for line in scene.lines if "POST" in line or "put" in line]
    assert sent == ["POST", "put", "POST", "POST"]


@pytest.mark.parametrize("number", [0, 1])
def test_in_a_batch_each_input_says_for_itself(number: int) -> None:
    own = inputs.RunflowBackgroundRemoval(image_url=FILM, strict=False)
    given: list[Any] = [own, own]
    given[number] = {"image_url": FILM + b"more"}
    scene = Scene()
    with pytest.raises(InvalidArgument, match=rf"^inputs\[{number}\]\.image_url is video/mp4"):
        scene.carry_out(_batch_of(scene, *given))
    assert not any("POST" in line for line in scene.lines), "nothing is sent"
