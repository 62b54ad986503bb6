"""Write down what each command sends and prints, and how it ends.

Every command runs in a pipe, with and without --json, against a server that answers with the one
body of `client.calls`.
"""

import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final

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


def _files(folder: Path) -> Mapping[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _run(text: str, folder: Path, *, as_json: bool) -> list[str]:
    asked: list[str] = []

    def tell(one: Asked) -> Told:
        query = f"?{one.query}" if one.query else ""
        asked.append(f"{one.method} {one.path}{query}")
        if one.method in {"POST", "PATCH"}:
            asked.append(f"    {one.body.decode()}")
        if DENIED in one.path:
            return Told({"code": "DENIED", "message": "not yours"}, 403)
        if one.path == "/1.png":
            return Told(FILE, headers={"Content-Type": "image/png"})
        content = one.body if one.headers.get("Content-Type") == "application/json" else b""
        request = httpx.Request(one.method, f"{base}{one.path}{query}", content=content)
        return Told(body_of(request, base), 201 if one.method == "POST" else 200)

    out, err = io.StringIO(), io.StringIO()
    before = _files(folder)
    with answering(tell) as server:
        base = server.base_url
        with (
            _environment(RUNFLOW_BASE_URL=base, RUNFLOW_API_KEY="rf_live_x", COLUMNS="100"),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = main([*text.split(), *(["--json"] if as_json else [])])
    written = {name: size for name, size in _files(folder).items() if name not in before}
    lines = [f"runflow {text}{' --json' if as_json else ''}", *(f"    > {one}" for one in asked)]
    lines += [f"    {line}" for line in _shown(out.getvalue(), as_json=as_json)]
    lines += [f"    ! {line}" for line in err.getvalue().splitlines()]
    lines += [f"    = {int(code)}{f', written: {written}' if written else ''}"]
    return [unified(line.replace(base, "BASE").rstrip()) for line in lines]


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
            with chdir(folder):
                for text in COMMANDS:
                    found += _run(text, folder, as_json=as_json)
    return found
