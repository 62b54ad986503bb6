"""Write down what each command sends and prints, and how it ends.

Every command runs in a pipe, with and without --json, against a server that answers with the one
body of `client.calls`. A scene has other answers, or a terminal in which something is typed.
"""

import io
import json
import os
import re
import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import frozen
from runflow_api.http_library import httpx
from runflow_client.cli.main import main

from ..client.answering import Asked, Told, answering
from ..client.calls import FILE, body_of, unified

ID: Final = "00000000-0000-7000-8000-000000000001"
DENIED: Final = "00000000-0000-7000-8000-000000000403"
"""The id of what the key may not read."""
MODEL: Final = "google/nano-banana-pro"
MANY: Final = 12
"""Fields. No object of the command's own has more."""

COMMANDS: Final = (
    f"run {MODEL} --prompt lamp",
    f"run {MODEL} --prompt lamp --num-images 9",
    f"run {MODEL} --prompt lamp --num-images 9 --yes -o made",
    f"run {MODEL}/edit --prompt lamp --image-urls lamp.png --client-ref order-7 -o saved.png",
    f"run {MODEL} --prompt lamp --max-cost 0.10",
    f"run {MODEL} --prompt lamp --metadata metadata.json --callback-url https://me.test/ --detach",
    f"run {MODEL} --prompt lamp --callback-url me.test",
    f"run {MODEL} --promt lamp",
    f"run {MODEL} --prompt lamp --resolution 3K",
    f"run {MODEL} - --input metadata.json",
    "run lamp --prompt lamp",
    "run acme/newer -i prompt=lamp -i count=7 --max-cost 1",
    "run acme/newer -i prompt=lamp --yes",
    f"estimate {MODEL} --prompt lamp --num-images 2 --resolution 4K",
    "models list --kind audio",
    "models search upscale image",
    "workflows list",
    "workflows get acme/poster",
    "runs list",
    "runs list --status failed --client-ref order-7 --since 2026-05-01T00:00Z --limit 3",
    "runs list --since yesterday",
    "runs list --status done",
    f"runs get {ID}",
    f"runs wait {ID} -o run.png",
    f"runs wait {ID} -o run.png",
    f"runs wait {ID} -o run.png --overwrite",
    *(f"{kind} {verb} {DENIED}" for kind in ("runs", "batches") for verb in ("get", "wait")),
    f"evaluations wait {DENIED}",
    f"runs logs {ID} --limit 5",
    f"runs save {ID} -o all/",
    "batches create runflow/background-removal inputs.jsonl --yes",
    "batches create runflow/background-removal inputs.jsonl --max-cost 0.01",
    "batches create runflow/background-removal inputs.jsonl --detach --yes",
    "batches list --status running",
    f"batches get {ID}",
    f"batches wait {ID}",
    f"batches items {ID} --limit 5",
    "assets upload lamp.png",
    "assets list",
    f"assets get {ID}",
    f"assets delete {ID}",
    "evaluations create --image-url https://a.test/1.png --task-type text_to_image --prompt x",
    "evaluations list",
    f"evaluations get {ID}",
    f"evaluations wait {ID}",
    f"callbacks deliveries {ID}",
    f"callbacks deliveries --batch {ID}",
    f"callbacks redeliver {ID}",
    f"callbacks redeliver --batch {ID}",
    "callbacks reconcile --client-ref order-7 --callback-url https://me.test/callbacks",
    "callbacks reconcile",
    "callbacks verify metadata.json --signature 00",
    "secrets list",
    "secrets create --label december",
    "secrets create --to secret",
    "balance",
    "whoami",
    "api list_runs limit=3 sort_by=created_at:desc",
    "api get_model owner=google id=nano-banana-pro",
    "api get_modle",
    "api get_model owner=google",
    "api get_run run_id=7",
    f"run {MODEL} --prompt lamp --resolution 3K --unchecked --timeout 60 -o saved.png --overwrite",
    f"estimate {MODEL} --input input.json",
    "estimate acme/newer -i prompt=lamp",
    f"models show {MODEL}",
    "workflows list -q poster",
    "runs list -q nodes_total>3 --status failed",
    f"runs wait {ID} --timeout 60",
    f"runs save {ID} -o all/ --overwrite",
    "batches create runflow/background-removal inputs.jsonl --yes --timeout 60 "
    "--callback-url https://me.test/",
    "batches list -q items_total>3 --limit 2",
    f"batches wait {ID} --timeout 60",
    "assets upload lamp.png --name lantern.png",
    "assets list -q size_bytes>3 --limit 2",
    "evaluations create --input evaluation.json --detach",
    "evaluations create --input evaluation.json --timeout 60",
    "evaluations list --status failed -q overall_passed:false --limit 2",
    f"evaluations wait {ID} --timeout 60",
    "callbacks verify metadata.json --headers headers.json --secret-file secrets.env",
    "callbacks reconcile --since 2026-05-01T00:00Z --callback-url https://me.test/callbacks",
    "api create_webhook --body webhook.json",
    "api --list",
)


ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {},
    "little is known": dict.fromkeys(
        (
            *("balance", "client_ref", "completed_at", "cost", "created_at", "duration_ms"),
            *("failure_code", "failure_message", "items_succeeded", "items_total", "key_prefix"),
            *("label", "last_used_at", "mime_type", "name", "nodes_completed", "nodes_total"),
            *("overall_passed", "size_bytes", "url", "weighted_pass_rate"),
        )
    ),
    "all is nought": {
        **dict.fromkeys(("balance", "cost"), "0"),
        **dict.fromkeys(("attempt_count", "duration_ms", "items_failed", "items_succeeded"), 0),
        **dict.fromkeys(("items_total", "nodes_completed", "nodes_total", "size_bytes"), 0),
        "overall_passed": False,
        "weighted_pass_rate": 0,
    },
    "there is nothing": {"items": []},
    "it has failed": {"status_code": "failed", "output": None, "cost": None},
    "it was canceled": {"status_code": "canceled", "output": None, "cost": None},
    "half of it was made": {
        "status_code": "partial_succeeded",
        "output": {
            "outputs": [{"url": f"FILES/{number}.png", "type": "image"} for number in (1, 2)]
        },
    },
    "it did not pass": {"overall_passed": False},
    "no answer to a callback": {"attempts": [{"error_message": "no answer"}]},
    "a late answer to a callback": {"attempts": [{"status_code": 503, "error_message": "late"}]},
    "a client_ref that was made up": {"client_ref": "runflow-cli-7"},
}
"""Fields that are otherwise in every answer."""


@frozen
class Scene:
    """A command, what the server answers, and where it runs."""

    text: str
    answers: str = ""
    """One of ANSWERS."""
    typed: str | None = None
    """What is typed in a terminal; None for a pipe."""
    piped: str = ""
    """What comes through a pipe."""
    columns: int = 120
    """Of the terminal."""
    term: str = "dumb"
    """Its kind. A dumb one shows bars as they are in the end."""

    def __str__(self) -> str:
        """Name it in the list."""
        facts = [f"runflow {self.text}"]
        facts += [self.answers] if self.answers else []
        facts += [] if self.typed is None else [f"in a terminal of {self.columns} columns"]
        facts += [f"typed {self.typed!r}"] if self.typed else []
        facts += [f"piped {self.piped!r}"] if self.piped else []
        return ", ".join(facts)


READ: Final = (
    *("runs list", f"runs get {ID}", "batches list", f"batches get {ID}", "balance"),
    *("assets list", f"assets get {ID}", "evaluations list", f"evaluations get {ID}"),
    *(f"callbacks deliveries {ID}", "secrets list", "workflows list", f"runs logs {ID}"),
)
"""Commands that show what they read."""

ASK: Final = f"run {MODEL} --prompt lamp --num-images 9"
BULK: Final = f"bulk run rows.csv --model {MODEL}"
ANIMALS: Final = f"bulk run animals.csv --model {MODEL}"
JOURNAL: Final = "rows.csv.journal.sqlite"

SCENES: Final = (
    *(Scene(text, "little is known") for text in READ),
    *(Scene(text, "there is nothing") for text in READ if text.endswith(" list")),
    *(
        Scene(text, typed="", term="xterm")
        for text in (*READ, "models list --kind audio", "whoami")
    ),
    *(
        Scene(text, typed="", columns=40, term="xterm")
        for text in ("runs list", "secrets list", f"run {MODEL}", f"models show {MODEL}")
    ),
    Scene("models search unheard of"),
    *(Scene(ASK, typed=typed) for typed in ("y\n", "n\n", "")),
    Scene("run acme/newer -i prompt=lamp", typed="y\n"),
    Scene("batches create runflow/background-removal inputs.jsonl", typed="n\n"),
    Scene(f"run {MODEL} --prompt lamp --show", typed=""),
    Scene(f"run {MODEL} --prompt lamp -o -", typed=""),
    Scene(f"run {MODEL} --prompt lamp -o piped.png", typed=""),
    Scene(f"run {MODEL} - --yes", piped='{"prompt": "piped"}'),
    Scene("batches create runflow/background-removal - --yes", piped='\n{"image_url": "x"}\n[]'),
    *(
        Scene(text, answers)
        for answers in ("it has failed", "it was canceled", "half of it was made")
        for text in (f"run {MODEL} --prompt lamp", f"runs wait {ID} -o two.png", f"runs get {ID}")
    ),
    Scene(f"runs save {ID} -o two/", "half of it was made"),
    Scene(f"runs save {ID}", "it has failed"),
    Scene(f"runs open {ID}", "it has failed"),
    Scene(f"runs open {ID}", "half of it was made"),
    Scene(f"batches wait {ID}", "it has failed"),
    Scene(f"batches wait {ID}", "half of it was made"),
    Scene(f"evaluations wait {ID}", "it has failed"),
    Scene(f"evaluations wait {ID}", "it did not pass"),
    Scene(f"callbacks deliveries {ID}", "no answer to a callback"),
    Scene(f"callbacks deliveries {ID}", "a late answer to a callback"),
    Scene("runs list", "a client_ref that was made up"),
    Scene(f"{BULK} -o bulk/ --dry-run"),
    Scene(f"{BULK} -o bulk/"),
    Scene(f"{BULK} -o bulk/ --strict --yes"),
    Scene(f"{BULK} -o bulk/ --max-cost 0.20 --concurrency 1"),
    Scene(f"bulk status {JOURNAL}"),
    Scene(f"{BULK} -o bulk/ --yes --concurrency 1"),
    Scene(f"{BULK} -o bulk/ --yes --concurrency 1 --json"),
    Scene(f"bulk status {JOURNAL}"),
    Scene(f"bulk status {JOURNAL} --json"),
    Scene(f"bulk retry {JOURNAL}"),
    Scene(f"bulk export {JOURNAL}"),
    Scene(f"bulk export {JOURNAL} -o of-the-journal.jsonl"),
    Scene(f"bulk export {JOURNAL} -o of-the-journal.jsonl"),
    Scene(f"bulk export {JOURNAL} -o of-the-journal.jsonl --overwrite --format csv --json"),
    Scene("bulk export rows.csv"),
    Scene(f"{BULK} -o rows.csv"),
    Scene(f"bulk run . --model {MODEL} -o bulk/"),
    Scene(f"{BULK} -o bulk/ --rate 0"),
    Scene(f"{BULK} -o bulk/ --template "),
    Scene(f"{BULK} -o b/ --template prompt=x --template prompt=y"),
    Scene(f"{BULK} -o b/ --template {{"),
    Scene(
        f"{BULK} -o o/ --journal journal-3 --max-cost-each 0.1 --unchecked --yes --concurrency 1"
    ),
    Scene(f"{ANIMALS} -o b/ --template prompt=A-{{animal}} --dry-run"),
    Scene(f"{ANIMALS} -o b/ --key animal --journal journal-2 --stop-after 1 --yes"),
    Scene("bulk run animals.csv --model acme/newer -o b/ --dry-run"),
    Scene("bulk run animals.csv --model acme/newer -o b/ --max-cost 1"),
    Scene(f"bulk run empty.csv --model {MODEL} -o b/ --yes"),
    *(
        Scene(f"{BULK} -o more/ --concurrency 1 --journal {journal}", typed=typed)
        for typed, journal in (("n\n", "journal-1"), ("y\n", "journal-1"))
    ),
    Scene(f"{BULK} -o none/ --concurrency 1 --journal none", typed="y\n"),  # which is a folder then
    Scene(
        f"{ANIMALS} -o b/ --template prompt={{animal}} --journal journal-4 --yes --concurrency 1",
        "it has failed",
    ),
    *(Scene(text, "all is nought") for text in READ),
    Scene(f"run {MODEL} --prompt lamp --callback-url http://me.test/ --detach"),
)
"""What the list has besides, one after another in one folder."""


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("RUNFLOW_")]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _files(folder: Path) -> Mapping[str, int | None]:
    """Return the files by name: the bytes of each, None for a journal and what is made of it."""
    return {
        path.relative_to(folder).as_posix(): None if "journal" in path.name else path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-lock", "-shm", "-wal"))  # SQLite's
    }


class _Stream(io.TextIOWrapper):
    """A stream of a process: a pipe, or that of a terminal."""

    def __init__(self, content: str = "", *, is_terminal: bool) -> None:
        self._content = io.BytesIO(content.encode())
        self._is_terminal = is_terminal
        super().__init__(self._content, encoding="utf-8", newline="", write_through=True)

    def isatty(self) -> bool:
        """Say which of both it is."""
        return self._is_terminal

    @property
    def text(self) -> str:
        """What was written."""
        return self._content.getvalue().decode(errors="replace")


def _run(scene: Scene, folder: Path, *, as_json: bool) -> list[str]:
    asked: list[str] = []
    opened: list[str] = []
    is_bulk = scene.text.startswith("bulk")
    created = 0

    def tell(one: Asked) -> Told:
        nonlocal created
        query = f"?{one.query}" if one.query else ""
        asked.append(f"{one.method} {one.path}{query}")
        if one.method in {"POST", "PATCH"}:
            asked.append(f"    {one.body.decode()}")
        if DENIED in one.path:
            return Told({"code": "DENIED", "message": "not yours"}, 403)
        if one.path.endswith(".png"):
            return Told(FILE, headers={"Content-Type": "image/png"})
        content = one.body if one.headers.get("Content-Type") == "application/json" else b""
        request = httpx.Request(one.method, f"{base}{one.path}{query}", content=content)
        body = _changed(body_of(request, base, created), scene, base)
        created += is_bulk and one.method == "POST"  # its runs have ids of their own
        return Told(body, 201 if one.method == "POST" else 200)

    stream = partial(_Stream, is_terminal=scene.typed is not None)
    out, err = stream(), stream()
    before = _files(folder)
    with answering(tell) as server:
        base = server.base_url
        with (
            _environment(
                RUNFLOW_BASE_URL=base,
                RUNFLOW_API_KEY="rf_live_x",
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
            patch.setattr(webbrowser, "open", opened.append)
            code = main([*scene.text.split(" "), *(["--json"] if as_json else [])])
    written = {name: size for name, size in _files(folder).items() if name not in before}
    lines = [f"{scene}{' --json' if as_json else ''}"]
    lines += [f"    > {one}" for one in asked]
    lines += [f"    {line}" for line in _shown(out.text, as_json=as_json)]
    lines += [f"    ! {line}" for line in err.text.splitlines()]
    lines += [f"    opens {url}" for url in opened]
    lines += [f"    = {int(code)}{f', written: {written}' if written else ''}"]
    return [_alike(line.replace(base, "BASE"), scene, folder) for line in lines]


def _changed(body: Any, scene: Scene, base: str) -> Any:
    """Return a body, and each object of its list, with the answers of the scene."""
    if isinstance(body, list):
        return [_changed(one, scene, base) for one in body]
    answers = ANSWERS[scene.answers]
    listed = {"items": [{**one, **answers} for one in body.get("items", ())]}
    text = json.dumps({**body, **(listed if "items" in body else {}), **answers})
    if scene.typed is not None:  # moments of another year are shown without their time of day
        text = text.replace("2026-05", f"{datetime.now(UTC).year}-05")
    return json.loads(text.replace("FILES", base))


_STYLE: Final = r"\x1b\[[\d;]*m"
_VARYING: Final = r"(?<=runflow-bulk-)[0-9a-f]{40}|(?<=,,,)0\.\d+(?=,)"
"""A client_ref, and the seconds that a run took."""
_VARYING_IN_A_TERMINAL: Final = (
    r"(?<=RATE ) +|\b\d+/min\b|\b\d+:\d\d:\d\d$"
    r"|\b\d{4}(?=-05-0)|(?<=May 0)\d \d\d:\d\d|(?<=  )\d\d:\d\d$"
)
"""The rate and the time left of a bulk run, this year, and what depends on the zone."""


def _alike(line: str, scene: Scene, folder: Path) -> str:
    """Put a sign in place of what is another with each run."""
    plain = re.sub(_VARYING, "*", unified(line).replace(str(folder), "FOLDER"))
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
        is_sent = len(value) > MANY
        return (
            f"{len(value)} fields of {value.get('id')}"
            if is_sent
            else {name: _shortened(one) for name, one in value.items()}
        )
    return value


def lines() -> list[str]:
    """Return the list."""
    found: list[str] = []
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
            (folder / "empty.csv").write_text("prompt\n", "utf-8")
            scenes = [Scene(text) for text in COMMANDS]
            with chdir(folder):
                for scene in scenes if as_json else (*scenes, *SCENES):
                    found += _run(scene, folder, as_json=as_json)
    return found
