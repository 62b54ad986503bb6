"""Write down what each command sends and prints, and how it ends.

Every command runs in a pipe, with and without --json, against a server that answers with the one
body of `client.calls`. A scene has other answers, or a terminal in which something is typed.
"""

import json
import re
import sys
import tempfile
import webbrowser
from collections.abc import Iterable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client.cli.main import main

from ..client.answering import Asked, Told, answering
from ..client.calls import FILE, unified
from .command_list import COMMANDS, DENIED, GONE, IN_WORDS, SILENT
from .in_process import Stream, environment
from .one_body import answer_to
from .scenes import ANSWERS, ONE_LESS, ROWS, SCENES, Scene

MANY: Final = 12
"""Fields. An object that the server sent has more, and an id."""
MANY_CREATES: Final = 1000
"""More than a scene has. Each scene's runs have ids of their own: its server may get the port of
an earlier one, whose runs are known in this process as those of other creates.
"""


def _files(folder: Path) -> Mapping[str, int | None]:
    """Return the files by name: the bytes of each, None for a journal and what is made of it."""
    return {
        path.relative_to(folder).as_posix(): None if "journal" in path.name else path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-lock", "-shm", "-wal"))  # SQLite's
    }


def _run(scene: Scene, folder: Path, number: int, *, as_json: bool) -> list[str]:
    asked: list[str] = []
    opened: list[str] = []
    is_bulk = scene.text.startswith("bulk")
    created = number * MANY_CREATES

    def tell(one: Asked) -> Told:
        nonlocal created
        query = f"?{one.query}" if one.query else ""
        asked.append(f"{one.method} {one.path}{query}")
        if one.method in {"POST", "PATCH"}:
            asked.append(f"    {one.body.decode()}")
        if DENIED in one.path:
            return Told({"code": "DENIED", "message": "not yours"}, 403)
        if GONE in one.path:
            return Told({"code": "GONE", "message": "no such thing"}, 404)
        if SILENT in one.path:
            return Told(status=204)
        if IN_WORDS in one.path:
            return Told(b"as it is: \xc3\xa9", headers={"Content-Type": "text/plain"})
        change = partial(_changed, scene=scene, base=base)
        told = answer_to(one, base, query=query, created=created, change=change)
        created += is_bulk and one.method == "POST"  # its runs have ids of their own
        return told

    def open_page(url: str) -> bool:
        opened.append(url)
        if scene.interrupted:
            interruption = KeyboardInterrupt()
            interruption.add_note("A page was opened.")
            interruption.add_note("It is the first one.")
            raise interruption
        return scene.browser

    stream = partial(Stream, is_terminal=scene.typed is not None)
    out, err = stream(), stream()
    before = _files(folder)
    with answering(tell) as server:
        base = server.base_url
        with (
            environment(
                RUNFLOW_BASE_URL=base,
                HOME=str(folder),
                **({"RUNFLOW_API_KEY": "rf_live_x"} if scene.key else {}),
                COLUMNS=str(scene.columns),
                LINES="40",  # without it a dumb terminal has 80 columns for rich
                TERM=scene.term,
                PATH="",  # no program opens pages
            ),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(sys, "stdin", stream(scene.typed or scene.piped))
            patch.setattr(webbrowser, "open", open_page)
            code = main([*scene.text.split(" "), *(["--json"] if as_json else [])])
    written = {name: size for name, size in _files(folder).items() if name not in before}
    lines = [f"{scene}{' --json' if as_json else ''}"]
    lines += [f"    > {one}" for one in asked]
    lines += [f"    {line}" for line in _shown(out.text, as_json=as_json or "--json" in scene.text)]
    lines += [f"    ! {line}" for line in err.text.splitlines()]
    lines += [f"    opens {url}" for url in opened]
    lines += [f"    = {int(code)}{f', written: {written}' if written else ''}"]
    return [_alike(line.replace(base, "BASE"), scene, folder) for line in lines]


def _with_less(names: Iterable[str], objects: Iterable[Any]) -> list[Any]:
    """Return each object once for each of these fields, without it and with an id of its own."""
    return [
        {**one, "id": f"{one['id'][:-2]}{number:02}", name: None}
        for one in objects
        for number, name in enumerate(names, start=1)
        if name in one
    ]


def _changed(body: Any, scene: Scene, base: str) -> Any:
    """Return a body, and each object of its list, with the answers of the scene."""
    rows = partial(_with_less, ROWS[scene.text]) if scene.answers == ONE_LESS else list
    if isinstance(body, list):
        return [_changed(one, scene, base) for one in rows(body)]
    answers = ANSWERS[scene.answers]
    listed = {"items": [{**one, **answers} for one in rows(body.get("items", ()))]}
    text = json.dumps({**body, **(listed if "items" in body else {}), **answers})
    if scene.typed is not None:  # moments of another year are shown without their time of day
        text = text.replace("2026-05", f"{datetime.now(UTC).year}-05")
    return json.loads(text.replace("FILES", base))


_STYLE: Final = r"\x1b\[[\d;]*m"
_VARYING: Final = r"(?<=runflow-bulk-)[0-9a-f]{40}|(?<=,,,)0\.\d+(?=,)"
"""A client_ref, and the seconds that a run took."""
_END_OF_ID: Final = r"\b000\d{9}\b"
"""Of what a scene created: which scene it was is left out."""
_VARYING_IN_A_TERMINAL: Final = (
    r"(?<=RATE ) +|\b\d+/min\b|\b\d+:\d\d:\d\d$"
    r"|\b\d{4}(?=-05-0)|(?<=May 0)\d \d\d:\d\d|(?<=  )\d\d:\d\d$"
)
"""The rate and the time left of a bulk run, this year, and what depends on the zone."""


def _alike(line: str, scene: Scene, folder: Path) -> str:
    """Put a sign in place of what is another with each run."""
    plain = re.sub(_VARYING, "*", unified(line).replace(str(folder), "FOLDER"))
    plain = re.sub(_END_OF_ID, lambda end: f"{int(end[0]) % (1000 * MANY_CREATES):012}", plain)
    if scene.typed is None:
        return plain.rstrip()
    return re.sub(_VARYING_IN_A_TERMINAL, "*", re.sub(_STYLE, "", plain)).rstrip()


def _shown(text: str, *, as_json: bool) -> list[str]:
    """Return the lines that were printed, a JSON document on one line."""
    if as_json:
        with suppress(ValueError):
            return [json.dumps(_shortened(json.loads(text)))]
    return text.splitlines()


def _shortened(value: Any) -> Any:
    """Name of an object that the server sent its id alone."""
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if isinstance(value, dict):
        is_sent = len(value) > MANY and value.get("id") is not None
        return (
            f"{len(value)} fields of {value.get('id')}"
            if is_sent
            else {name: _shortened(one) for name, one in value.items()}
        )
    return value


def lines() -> list[str]:
    """Return the list."""
    found: list[str] = []
    numbers = count(1)
    with tempfile.TemporaryDirectory() as name:
        for as_json in (False, True):
            folder = Path(name, str(as_json))
            folder.mkdir()
            (folder / "lamp.png").write_bytes(FILE)
            (folder / "metadata.json").write_text('{"order": 7, "note": null}', "utf-8")
            (folder / "input.json").write_text('{"prompt": "lamp", "num_images": 3}', "utf-8")
            (folder / "evaluation.json").write_text(
                '{"generated_image_url": "https://a.test/1.png", "task_type": "edit"}', "utf-8"
            )
            (folder / "webhook.json").write_text('{"url": "https://me.test/"}', "utf-8")
            (folder / "headers.json").write_text('{"Runflow-Signature": "00"}', "utf-8")
            (folder / "secrets.env").write_text("RUNFLOW_CALLBACK_SECRET=whsec_x\n", "utf-8")
            (folder / "inputs.jsonl").write_text('{"image_url": "https://a.test/a.png"}\n', "utf-8")
            (folder / "rows.csv").write_text(
                "key,prompt,resolution\na,A cat,\nb,A dog,2K\nc,A bird,5K\n", "utf-8"
            )
            (folder / "animals.csv").write_text("animal\ncat\ndog\n", "utf-8")
            (folder / "circle").symlink_to("circle")
            (folder / "nowhere").symlink_to("none/x.png")
            (folder / "empty").touch()
            (folder / "unknown.jsonl").write_text(
                2 * '{"image_url": "https://a.test/a.png", "size": 7}\n', "utf-8"
            )
            (folder / "nothing.json").write_text("{}", "utf-8")
            (folder / "empty.csv").write_text("prompt\n", "utf-8")
            (folder / "prompts.jsonl").write_text(2 * '{"prompt": "lamp"}\n', "utf-8")
            (folder / "lengths.jsonl").write_text(
                '{"prompt": "lamp", "duration": 5}\n{"prompt": "lamp"}\n', "utf-8"
            )
            for bad in (20, 22):
                rows = "prompt,seed\nA cat,1\n" + bad * "A dog,x\n"
                (folder / f"{bad}.csv").write_text(rows, "utf-8")
            scenes = [Scene(text) for text in COMMANDS]
            with chdir(folder):
                for scene in scenes if as_json else (*scenes, *SCENES):
                    found += _run(scene, folder, next(numbers), as_json=as_json)
    return found
