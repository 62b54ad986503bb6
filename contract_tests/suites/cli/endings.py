"""Write down how a command ends when one of its requests is refused, or Ctrl-C is pressed at it."""

import os
import signal
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import frozen

from ..client.answering import NOTHING, Asked, Told, answering
from ..client.calls import FILE, unified
from .command_list import ID, MODEL, RUN
from .in_process import run_here
from .one_body import answer_to

REMOVAL: Final = "batches create runflow/background-removal inputs.jsonl --yes"
EDIT: Final = f"run {MODEL}/edit --prompt x --image-urls lamp.png --client-ref order-7"
COMMANDS: Final = (
    f"{RUN} -o made.png",
    f"{RUN} -o out/ --client-ref order-7",
    f"{RUN} --client-ref order-7 --detach",
    f"{EDIT} --detach",
    f"{EDIT} -o made.png",
    f"runs wait {ID} -o made.png",
    f"runs save {ID} -o out/",
    REMOVAL,
    f"{REMOVAL} --detach",
    "evaluations create --input evaluation.json",
    "evaluations create --input evaluation.json --detach",
    "assets upload lamp.png",
    "secrets create --to made",
)
FILES: Final = {
    "lamp.png": FILE,
    "inputs.jsonl": b'{"image_url": "https://a.test/a.png"}\n',
    "evaluation.json": b'{"generated_image_url": "https://a.test/1.png", "task_type": "edit"}',
}
REFUSED: Final = Told({"code": "DENIED", "message": "not yours"}, 403)


@frozen
class End:
    """What a command asked for, and how it ended."""

    asked: list[str]
    said: str


def _end(command: str, number: int = 0, *, interrupted: bool = False) -> End:
    """Run the command; the request of this number is refused, or not answered before Ctrl-C."""
    asked: list[str] = []

    def tell(one: Asked) -> Told:
        asked.append(f"{one.method} {one.path}")
        if len(asked) == number and interrupted:
            os.kill(os.getpid(), signal.SIGINT)
            return NOTHING
        if len(asked) == number:
            return REFUSED
        return answer_to(one, server.base_url)

    with answering(tell) as server:
        done = run_here(
            *command.split(),
            "--json",
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    made = [path for path in sorted(Path().rglob("*")) if path.is_file() and path.name not in FILES]
    for path in made:
        path.unlink()
    error = done.document.get("error", {})
    facts = [error.get(name) or "" for name in ("kind", "message", "remedy")]
    told = " | ".join(" ".join(str(fact).split()) for fact in facts if fact)
    left = f"; it leaves {', '.join(map(str, made))}" if made else ""
    text = f"{done.code} {told}{left}{done.err}".replace(server.base_url, "BASE")
    return End(asked, unified(text))


def lines() -> Iterator[str]:
    """Give the list."""
    with TemporaryDirectory() as name, chdir(name):
        for file, content in FILES.items():
            Path(file).write_bytes(content)
        for command in COMMANDS:
            whole = _end(command)
            yield f"runflow {command}: {whole.said}"
            for number, request in enumerate(whole.asked, start=1):
                yield f"    {request}"
                yield f"        refused: {_end(command, number).said}"
                yield f"        Ctrl-C: {_end(command, number, interrupted=True).said}"
