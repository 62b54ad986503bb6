"""The flows whose commands are written down, and the trouble that each of them meets."""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from runflow_api.http_library import httpx
from runflow_client._flows import callback_secrets, public_catalog, save
from runflow_client._flows.batches import NewBatch
from runflow_client._flows.callback_deliveries import batch_deliveries, redeliver_batch
from runflow_client._flows.create_run import create_of
from runflow_client._flows.evaluations import create_arguments
from runflow_client._flows.reconcile import Search, ended_runs
from runflow_client._transport.shared_polling import list_newest

from .calls import FILE, unified
from .flow_commands import ID, Flow, Scene, Trouble, artifact, run_of, short

ASSET: Final = "00000000-0000-7000-8000-000000000093"
"""The id of the first file that is uploaded."""
MODEL: Final = "google/nano-banana-pro"
EARLY: Final = datetime(2026, 1, 2, tzinfo=UTC)
LATE: Final = datetime(2027, 1, 2, tzinfo=UTC)
"""After what the server shows, which is of May 2026."""
EDIT: Final = "google/nano-banana-pro/edit"


def _lose(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("lost", request=request)


def _refuse(request: httpx.Request) -> httpx.Response:
    return httpx.Response(503, json={"code": "X", "message": "no"}, request=request)


def _missing(request: httpx.Request) -> httpx.Response:
    return httpx.Response(404, json={"code": "X", "message": "no"}, request=request)


def _too_many(request: httpx.Request) -> httpx.Response:
    headers = {"Retry-After": "7"}
    return httpx.Response(429, json={"code": "X"}, headers=headers, request=request)


def _with(**facts: object) -> Trouble:
    return lambda request: httpx.Response(201, json=facts, request=request)


def _endless(request: httpx.Request) -> httpx.Response:
    """Answer with a page of another's run, after which there is always one more."""
    cursor = request.url.params.get("pq", "")
    items = [{"id": ID, "client_ref": "another's"}]
    return httpx.Response(200, json={"items": items, "next": f"{cursor}+"}, request=request)


def _without_items(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"items": [], "next": None}, request=request)


def _mine(request: httpx.Request) -> httpx.Response:
    """Show the run that is looked for."""
    ref = request.url.params["q"].split("'")[1]
    items = [{"id": ID, "client_ref": ref, "status_code": "queued"}]
    return httpx.Response(200, json={"items": items, "next": None}, request=request)


def _running(request: httpx.Request) -> httpx.Response:
    body = {"id": ID, "status_code": "running", "created_at": "2026-05-06T07:08:09Z"}
    return httpx.Response(200, json=body, request=request)


def _elsewhere(request: httpx.Request) -> httpx.Response:
    return httpx.Response(302, headers={"Location": "https://cdn.test/2.png"}, request=request)


def _cut(request: httpx.Request) -> httpx.Response:
    headers = {"Content-Type": "image/png", "Content-Length": "99", "ETag": '"one"'}
    return httpx.Response(200, headers=headers, content=FILE, request=request)


def _create(scene: Scene, seconds: float | None = None, **options: Any) -> Flow:
    model = MODEL
    given: dict[str, Any] = {"prompt": "a lamp"}
    if options.pop("with_file", False):
        model, given["image_urls"] = EDIT, [FILE]
    look_first = options.pop("look_first", False)
    made = create_of(model, given, is_identified=look_first, **options)
    return scene.runs.create(made, scene.after(seconds) if seconds else None, look_first=look_first)


def _wait_for_new(scene: Scene, timeout: float | None) -> Flow:
    made = create_of(MODEL, {"prompt": "a lamp"}, client_ref="order-7")
    first = run_of({"id": ID, "status_code": "queued"}, MODEL)
    return scene.runs.wait_for_new(
        made, first, timeout=timeout, deadline=scene.after(timeout), raise_on_failure=True
    )


def _wait(flows: Any, timeout: float | None, **options: Any) -> Flow:
    options = {"raise_on_failure": True, **options}
    made: Flow = flows.wait(UUID(ID), None, timeout=timeout, **options)
    return made


def _batch(**options: Any) -> NewBatch:
    given: dict[str, Any] = {"callback_url": None, "metadata": None, "idempotency_key": "key-7"}
    inputs = options.pop("inputs", [{"image_url": FILE}])
    return NewBatch.of("runflow/background-removal", inputs, **{**given, **options})


def _twice(scene: Scene, later: float, **options: Any) -> Flow:
    first = yield from scene.assets.upload(FILE, **options)
    scene.time.seconds += later
    files = yield from scene.assets.inspect_files({"input": {"image_urls": [FILE]}})
    yield from scene.assets.upload_files(files)
    return first


def _stored(scene: Scene) -> Flow:
    """Take an asset that was uploaded before, whose file is in an input."""
    yield from scene.assets.upload(FILE)
    return (yield from scene.assets.upload(FILE))


def _locked(scene: Scene) -> Scene:
    scene.is_locked = True
    return scene


def _deleted(scene: Scene) -> Flow:
    first = yield from scene.assets.upload(FILE)
    yield from scene.assets.delete(UUID(first.id))
    return (yield from scene.assets.upload(FILE))


def _secret(scene: Scene) -> Flow:
    return callback_secrets.rotate(scene.context, "of a test", quiet=10.0, longest=30.0)


LOST: Final = "POST /runs"
LISTS: Final = "GET /runs"

FLOWS: Final[dict[str, tuple[Callable[[], dict[str, list[Trouble]]], Callable[[Scene], Flow]]]] = {
    "create": (dict, _create),
    "create by a deadline": (dict, lambda scene: _create(scene, 30.0)),
    "create with a ref": (dict, lambda scene: _create(scene, client_ref="order-7")),
    "create with a ref by a deadline": (
        dict,
        lambda scene: _create(scene, 3.0, client_ref="order-7"),
    ),
    "create, lost": (lambda: {LOST: [_lose], LISTS: [_without_items] * 20}, _create),
    "create, lost, by a deadline": (
        lambda: {LOST: [_lose], LISTS: [_without_items] * 20},
        lambda scene: _create(scene, 20.0),
    ),
    "create, lost, by a near deadline": (
        lambda: {LOST: [_lose], LISTS: [_without_items] * 20},
        lambda scene: _create(scene, 4.0),
    ),
    "create, lost and found": (
        lambda: {LOST: [_lose], LISTS: [_without_items, _refuse, _mine]},
        _create,
    ),
    "create, lost and found, with a ref": (
        lambda: {LOST: [_lose], LISTS: [_without_items, *[_mine] * 20]},
        lambda scene: _create(scene, client_ref="order-7"),
    ),
    "create, lost, with a ref that others carry": (
        lambda: {LOST: [_lose], LISTS: [_mine] * 20},
        lambda scene: _create(scene, client_ref="order-7"),
    ),
    "create, lost, not sent again": (
        lambda: {LOST: [_lose], LISTS: [_without_items] * 20},
        lambda scene: _create(scene, on_unknown_outcome="raise"),
    ),
    "create, lost, with a ref": (
        lambda: {LOST: [_lose], LISTS: [_without_items] * 20},
        lambda scene: _create(scene, client_ref="order-7"),
    ),
    "create, lost with a ref, and lists refused": (
        lambda: {LOST: [_lose, _lose], LISTS: [_without_items, *[_refuse] * 40]},
        lambda scene: _create(scene, client_ref="order-7"),
    ),
    "create, no credit": (
        lambda: {
            LOST: [
                lambda request: httpx.Response(
                    402, json={"code": "X", "message": "no"}, request=request
                )
            ],
            "GET /balance": [_refuse, _refuse],
        },
        _create,
    ),
    "create with a file": (dict, lambda scene: _create(scene, with_file=True)),
    "create with a file by a deadline": (dict, lambda scene: _create(scene, 30.0, with_file=True)),
    "create with a file by a near deadline": (
        dict,
        lambda scene: _create(scene, 2.5, with_file=True),
    ),
    "create with a file that another uploads": (
        dict,
        lambda scene: _create(_locked(scene), 30.0, with_file=True),
    ),
    "create with a file inside": (
        dict,
        lambda scene: _create(scene, with_file=True, inline_below=22),
    ),
    "get or create, there": (
        dict,
        lambda scene: _create(scene, look_first=True, client_ref="order-of-the-server"),
    ),
    "get or create, not there": (
        lambda: {LISTS: [_without_items]},
        lambda scene: _create(scene, look_first=True, client_ref="order-7"),
    ),
    "get or create, a list without end": (
        lambda: {LISTS: [_endless] * 20},
        lambda scene: _create(scene, look_first=True, client_ref="order-7"),
    ),
    "get or create, with a file": (
        lambda: {LISTS: [_without_items]},
        lambda scene: _create(scene, look_first=True, client_ref="order-7", with_file=True),
    ),
    "wait": (lambda: {f"GET /{ID}": [_running, _running]}, lambda scene: _wait(scene.runs, 600.0)),
    "wait without a limit": (
        lambda: {f"GET /{ID}": [_running]},
        lambda scene: _wait(scene.runs, None),
    ),
    "wait through trouble": (
        lambda: {f"GET /{ID}": [_refuse, _running, _lose, _running]},
        lambda scene: _wait(scene.runs, 600.0),
    ),
    "wait for too long": (
        lambda: {f"GET /{ID}": [_running] * 20},
        lambda scene: _wait(scene.runs, 4.0),
    ),
    "wait for a new run": (
        lambda: {f"GET /{ID}": [_missing, _running]},
        lambda scene: _wait_for_new(scene, 600.0),
    ),
    "wait for a new run that stays away": (
        lambda: {f"GET /{ID}": [_missing] * 40},
        lambda scene: _wait_for_new(scene, None),
    ),
    "wait for a batch": (
        lambda: {f"GET /{ID}": [_running, _refuse]},
        lambda scene: _wait(scene.batches, 600.0),
    ),
    "wait for an evaluation": (
        lambda: {f"GET /{ID}": [_running, _missing]},
        lambda scene: _wait(scene.evaluations, 600.0, fresh=True),
    ),
    "create a batch": (dict, lambda scene: scene.batches.create(_batch())),
    "create a batch, refused once": (
        lambda: {"POST /batches": [_refuse]},
        lambda scene: scene.batches.create(_batch()),
    ),
    "create a batch of 101": (
        dict,
        lambda scene: scene.batches.create(_batch(inputs=[{"image_url": FILE}] * 101)),
    ),
    "create an evaluation": (
        lambda: {"POST /evaluations": [_lose]},
        lambda scene: scene.evaluations.create(
            create_arguments(
                {
                    "generated_image_url": "https://a.test/1.png",
                    "task_type": "text_to_image",
                    "client_ref": "order-of-the-server",
                },
                "key-7",
            )
        ),
    ),
    "upload into a folder": (dict, lambda scene: scene.assets.upload(FILE, folder_id=UUID(ID))),
    "upload through trouble": (
        lambda: {
            "POST /asset-uploads": [_refuse],
            "PUT /put": [_lose],
            "POST /confirmations": [_lose, _missing],
        },
        lambda scene: scene.assets.upload(FILE),
    ),
    "upload, confirmed too often": (
        lambda: {"POST /confirmations": [_lose, _too_many]},
        lambda scene: scene.assets.upload(FILE),
    ),
    "upload, confirmation refused at once": (
        lambda: {"POST /confirmations": [_missing]},
        lambda scene: scene.assets.upload(FILE),
    ),
    "upload, a session without its id": (
        lambda: {"POST /asset-uploads": [_with(upload_url="https://storage.test/put")]},
        lambda scene: scene.assets.upload(FILE),
    ),
    "upload, a session without its URL": (
        lambda: {"POST /asset-uploads": [_with(asset_id=ID)]},
        lambda scene: scene.assets.upload(FILE),
    ),
    "upload, kept in part": (
        lambda: {"POST /confirmations": [_with(id=ASSET, size_bytes=len(FILE) - 1)]},
        lambda scene: scene.assets.upload(FILE),
    ),
    "upload, delete and upload again": (dict, _deleted),
    "delete what is gone": (
        lambda: {f"DELETE /{ID}": [_missing]},
        lambda scene: scene.assets.delete(UUID(ID)),
    ),
    "delete, lost and gone": (
        lambda: {f"DELETE /{ID}": [_lose, _missing]},
        lambda scene: scene.assets.delete(UUID(ID)),
    ),
    "upload again within an hour": (dict, lambda scene: _twice(scene, 3590.0)),
    "upload again after an hour": (dict, lambda scene: _twice(scene, 3600.0)),
    "upload again after an hour, deleted": (
        lambda: {f"GET /assets/{ASSET}": [_missing]},
        lambda scene: _twice(scene, 3600.0),
    ),
    "upload to another folder": (dict, lambda scene: _twice(scene, 1.0, folder_id=UUID(ID))),
    "upload the same": (dict, _stored),
    "read a file": (
        dict,
        lambda scene: save.read(artifact(), scene.context, 7000, None),
    ),
    "read a file that is elsewhere and breaks off": (
        lambda: {"GET /1.png": [_cut, _elsewhere]},
        lambda scene: save.read(artifact(), scene.context, 7000, None),
    ),
    "read a file that is refused": (
        lambda: {"GET /1.png": [_missing, _refuse, _refuse]},
        lambda scene: save.read(artifact(), scene.context, 7000, None),
    ),
    "stream a file": (
        dict,
        lambda scene: save.stream(artifact(), scene.context, 7000, None),
    ),
    "compare the catalogs": (
        lambda: {"GET /models-catalog.json": [_missing], "GET /models": [_refuse]},
        lambda scene: public_catalog.compare(scene.context, "https://api.runflow.io"),
    ),
    "rotate a secret": (dict, _secret),
    "look for runs that ended": (
        dict,
        lambda scene: ended_runs(scene.context, Search(created_after=EARLY)),
    ),
    "look for runs that ended later": (
        dict,
        lambda scene: ended_runs(scene.context, Search(created_after=LATE)),
    ),
    "list deliveries, which are none": (
        lambda: {"GET /callback": [_with(items=[])]},
        lambda scene: batch_deliveries(scene.context, UUID(ID)),
    ),
    "redeliver, in trouble": (
        lambda: {"POST /callback-redeliveries": [_refuse]},
        lambda scene: redeliver_batch(scene.context, UUID(ID)),
    ),
    "list the newest for all": (
        dict,
        lambda scene: list_newest(scene.context, {ID}, None, 3, scene.after(5.0)),
    ),
}
"""Each flow, and the trouble that it meets."""


def lines() -> list[str]:
    """Return the list."""
    found: list[str] = []
    for name, (troubles, make) in FLOWS.items():
        random.seed(7)
        scene, notes = Scene(troubles()), list[str]()
        try:
            outcome = short(scene.carry_out(make(scene)))
        except Exception as error:
            outcome = f"{type(error).__name__}: {str(error).splitlines()[0][:110]}{_facts(error)}"
            notes = [f"    note: {note[:90]}" for note in getattr(error, "__notes__", ())]
        refs = scene.refs
        left = [f"{len(refs.owners)} owned"] if refs.owners else []
        left += [f"lost {', '.join(refs.lost)}"] if refs.lost else []
        left += [f"open {dict(refs.open)}"] if refs.open else []
        told = [f"    = {outcome}", *notes, *(f"    {one}" for one in left)]
        found += [f"{name}:", *_counted(scene.lines), *told]
    return [unified(line) for line in found]


def _facts(error: Exception) -> str:
    """Return what the error says beside its text."""
    names = ("attempts", "client_ref", "idempotency_key", "retry_after", "status", "seconds")
    given = [f"{name} {value}" for name in names if (value := getattr(error, name, None))]
    cause = "" if error.__cause__ is None else f", from {type(error.__cause__).__name__}"
    return f" ({', '.join(given)}{cause})"


def _counted(items: Iterable[str]) -> list[str]:
    counts = [(one, len(list(same))) for one, same in groupby(items)]
    return [one if times == 1 else f"{one} ({times} times)" for one, times in counts]
