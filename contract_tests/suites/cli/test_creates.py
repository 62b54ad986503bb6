"""What cannot become a batch or an evaluation is refused before anybody is asked about its price,
and what can is sent as it is given; each file that is uploaded has a reference of its own.
"""

import json
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from runflow_api.models.evaluation_create import EvaluationCreate

from ..client.answering import Asked, Told, answering
from .command_list import ID
from .conftest import MODEL, Done
from .in_process import run_here
from .one_body import answer_to

REMOVAL: Final = "runflow/background-removal"
LINE: Final = '{"image_url": "https://a.test/1.png"}\n'
FILES: Final = {
    "one": LINE,
    "most": 100 * LINE + "\n",
    "more": 101 * LINE,
    "none": "\n \n",
    "list": "[]\n",
    "half": f"{LINE}{{",
    "wrong": '{"image_url": 7}\n',
    "ref": '{"client_ref": "order-7"}\n{"client_ref": 7}\n',
}
EVALUATION: Final[dict[str, Any]] = {
    "generated_image_url": "https://a.test/1.png",
    "task_type": "edit",
    "callback_url": "https://me.test/",
    "client_ref": "order-7",
    "evaluation_instructions": "strictly",
    "generation_prompt": "a lamp",
    "input_attributes": {"colour": "red", "size": None},
    "job_class": "batch",
    "reference_images": [{"url": "https://a.test/of.png", "role": "product"}],
    "run_id": ID,
    "task_description": "a picture of a lamp",
}
"""Every field of the request."""
REFUSED: Final = {
    f"{REMOVAL} more": "a batch has 1 to 100 inputs, not 101",
    f"{REMOVAL} more --unchecked": "a batch has 1 to 100 inputs, not 101",
    f"{REMOVAL} none": "none holds no input",
    f"{REMOVAL} list": "list, line 1 is no JSON object",
    f"{REMOVAL} half": "half, line 2",
    f"{REMOVAL} wrong": "image_url",
    f"{REMOVAL} one --callback-url me.test": "--callback-url is 'me.test'",
    f"{REMOVAL} one --max-cost x": "--max-cost is 'x'",
    f"{REMOVAL} one --max-cost 0": "--max-cost is $0.00",
    f"{REMOVAL} one --detach --timeout 3": "--detach",
    f"{MODEL} one": "takes no batches",
    "nobody one": "model is 'nobody'",
    "nobody one --unchecked": "model is 'nobody'",
    "comfyui-workflows/acme/poster one": "is a ComfyUI workflow",
    "acme/newer ref": "inputs[1].client_ref 7: expected 1 to 255 printable characters",
    "acme/newer one --max-cost 9": "is not known before, and --max-cost is $9.00",
}
"""Arguments of `runflow batches create`, and what is said then."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_text(content)


def create(command: str) -> tuple[Done, list[bytes]]:
    """Create something in a terminal, and say yes; what was sent."""
    with answering(lambda one: answer_to(one, server.base_url)) as server:
        done = run_here(
            *command.split(),
            typed="y\n",
            terminal=True,
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    return done, [one.body for one in server.asked if one.method == "POST"]


def test_what_is_refused_is_not_asked_about() -> None:
    for arguments, told in REFUSED.items():
        done, sent = create(f"batches create {arguments}")
        assert (done.code, sent, "[y/N]" in done.err) == (2, [], False), (arguments, done.err)
        assert told in " ".join(done.err.split()), arguments


def test_as_many_as_a_batch_takes_are_asked_about_and_sent() -> None:
    done, (sent,) = create(f"batches create {REMOVAL} most --detach")
    assert (done.code, "[y/N]" in done.err) == (0, True), done.err
    assert sent.count(b"https://a.test/1.png") == 100


def test_each_field_of_an_evaluation_may_stand_in_the_file() -> None:
    assert EVALUATION.keys() == {one.name for one in attrs.fields(EvaluationCreate) if one.init}
    Path("evaluation").write_text(json.dumps(EVALUATION))
    done, (sent,) = create("evaluations create --input evaluation --detach")
    assert (done.code, json.loads(sent)) == (0, EVALUATION), done.err


def test_nothing_else_may_stand_in_it() -> None:
    for names in (
        ["additional_properties"],
        ["timeout"],
        ["idempotency_key"],
        ["prompt"],
        ["zoom", "", "Task_type"],
    ):
        Path("evaluation").write_text(json.dumps({**EVALUATION, **dict.fromkeys(names)}))
        done, sent = create("evaluations create --input evaluation --detach")
        assert (done.code, sent) == (2, []), done.err
        assert f"an evaluation has no {', '.join(sorted(names))}" in done.err


def test_each_file_has_its_reference_in_the_order_of_the_files() -> None:
    begun: list[str] = []

    def tell(one: Asked) -> Told:
        if one.path == "/v1/asset-uploads":
            begun.append(one.fields["filename"])
        return answer_to(one, server.base_url, created=len(begun))

    with answering(tell) as server:
        client: dict[str, Any] = {
            "RUNFLOW_BASE_URL": server.base_url,
            "RUNFLOW_API_KEY": "rf_live_x",
        }
        plain = run_here("assets", "upload", "wrong", "list", "half", **client)
        document = run_here("assets", "upload", "none", "one", "--json", **client).document
    refs = [f"runflow://assets/00000000-0000-7000-8000-00000000{one}093" for one in range(1, 6)]
    assert begun == ["wrong", "list", "half", "none", "one"]
    assert (plain.code, plain.out.splitlines()) == (0, refs[:3])
    assert [one["ref"] for one in document["assets"]] == refs[3:]
