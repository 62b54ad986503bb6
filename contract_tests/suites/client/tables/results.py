"""What the JSON of runs, batches, items, evaluations and assets becomes, field by field."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import attrs
from runflow_api.http_library import httpx
from runflow_api.models.asset import Asset as AssetModel
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.batch_item import BatchItem as ItemModel
from runflow_api.models.evaluation import Evaluation as EvaluationModel
from runflow_api.models.run import Run as RunModel
from runflow_client import RunflowError
from runflow_client._models import artifact, asset, batch, evaluation, run, statuses
from runflow_client._models.callback_secret import NewCallbackSecret
from runflow_client.callbacks import CallbackEvent

from .rows import Plain, behind, table

ID: Final = "0198c0de-0000-7000-8000-00000000000a"
OTHER: Final = "0198c0de-0000-7000-8000-00000000000b"
WHEN: Final = datetime(2026, 1, 1, tzinfo=UTC)

VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 7, -1, 7.0, 0.5, "", "a", "7", "0.50", "NaN", "rf_live_a", [], ["a"]),
    *({}, {"a": 1}, ID, "2026-01-01T00:00:00Z"),
)

STATUSES: Final = (
    *(None, "", "pending", "queued", "dispatching", "running", "succeeded", "partial_succeeded"),
    *("failed", "canceled", "cancelled", "completed", "paused", "Succeeded"),
)

URL: Final = "https://cdn.test/a.png"
NUMBERS: Final = (None, 0, -1, True, 1.5, "7", float("nan"), float("inf"), 2**63, 2**63 - 1)
OUTPUTS: Final[tuple[Any, ...]] = (
    *(None, {}, {"outputs": None}, {"outputs": {}}, {"outputs": [URL, None, 7, {}, {"url": 7}]}),
    *({"outputs": [], "image": URL}, {"outputs": [URL], "image": URL}, {"outputs": URL}),
    {"image": URL, "Video_url": URL, "AUDIOS": [URL], "images_url": URL, "other": URL},
    {
        "image": "a.png",
        "video": "//cdn.test/a",
        "audio": "DATA:audio/mpeg;base64,AA==",
        "x": "s3:a",
    },
    {"model_data": URL, "seed": URL, "timing": URL, "nsfw_detected": URL, "text": "no file"},
    {"image": [{"url": URL, "type": "video"}, {"url": URL, "type": ""}, {"href": URL}]},
    {"outputs": [{"url": "https://cdn.test/x", "mime_type": "image/PNG; a=b"}]},
    {"outputs": [{"url": "https://cdn.test/x", "mime_type": "x"}]},
    {"outputs": [{"url": URL, "content_type": "audio/mpeg", "mime_type": "image/gif"}]},
    {"outputs": [{"url": "https://cdn.test/x", "mime_type": None, "content_type": "audio/mpeg"}]},
    {"outputs": [{"url": "data:,x", "mime_type": "image/gif"}, "data:image/webp;base64,QUJD"]},
    {
        "outputs": [
            {"url": URL, "size": 1, "file_size": 2, "size_bytes": 3},
            {"url": URL, "size": 0},
        ]
    },
)
REPORTED: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    7,
    "7",
    [],
    [False],
    [False, True],
    [1, "true"],
    7.5,
    {},
    {"a": 1},
)


def failed_or(call: Callable[[Any], object], value: Any) -> object:
    """Return what the call gives, or class and beginning of what it raises."""
    try:
        return call(value)
    except RunflowError as error:
        said = str(error).partition(" (status")[0]
        return Plain(f"{type(error).__name__}: {said}{behind(error)}")


def run_of(item: Mapping[str, Any]) -> run.BaseRun:
    """Return the run that the JSON shows."""
    return run.BaseRun(**run.fields_of(RunModel.from_part(item)))


def _batch(item: Mapping[str, Any]) -> batch.BaseBatch:
    return batch.BaseBatch(**batch.batch_fields(BatchModel.from_part(item)))


def _item(item: Mapping[str, Any]) -> batch.BaseBatchItem:
    return batch.BaseBatchItem(**batch.item_fields(ItemModel.from_part(item)))


def _evaluation(item: Mapping[str, Any]) -> evaluation.Evaluation:
    return evaluation.Evaluation.of(EvaluationModel.from_part(item))


def _asset(item: Mapping[str, Any]) -> asset.Asset:
    return asset.asset_of(AssetModel.from_part(item))


KINDS: Final[Mapping[str, tuple[Callable[[Mapping[str, Any]], Any], dict[str, str]]]] = {
    "run": (run_of, {"status_code": "status", "failure_stage_code": "failure_stage"}),
    "batch": (_batch, {"status_code": "status", "items_cancelled": "items_canceled"}),
    "item": (_item, {"status_code": "status", "sequence_index": "index"}),
    "evaluation": (_evaluation, {"status_code": "status"}),
    "asset": (_asset, {}),
}


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    for kind, (read, other) in KINDS.items():
        made = read({"id": ID})
        same = [one.name for one in attrs.fields(type(made)) if one.name not in other.values()]
        names = {**{one: one for one in same if one not in ("raw", "model_name")}, **other}
        for key, name in names.items():
            yield from table(
                f"{kind}.{name}",
                lambda one, read=read, key=key, name=name: getattr(
                    read({"id": ID, key: one}), name
                ),
                VALUES,
            )
        yield from table(
            f"what a field of {kind} shows alone",
            lambda key, read=read, names=names: _alone(read, names, key),
            {key: key for key in names},
        )
    yield from _ends()
    yield from _items()
    yield from table("a run is equal, whatever its model", _of_model, (None, "a/b"))
    yield from _outputs()
    yield from _answers()
    yield from _callbacks()
    yield from _reprs()


def _alone(read: Callable[[Mapping[str, Any]], Any], names: Mapping[str, str], key: str) -> Plain:
    """Say which attributes are there where the JSON has this field alone, with a value it takes."""
    made = [read({"id": ID, key: one}) for one in VALUES]
    found = [one for one in made if getattr(one, names[key]) is not None] or made
    shown = [one for one in names.values() if one != "id" and getattr(found[-1], one) is not None]
    return Plain("itself" if shown == [names[key]] else ", ".join(shown) or "nothing")


def _ends() -> Iterator[str]:
    for kind, (read, _) in KINDS.items():
        if kind == "asset":
            continue
        for when in (None, "2026-01-01T00:00:00Z"):
            yield from table(
                f"{kind} completed at {when}: what is true, and its progress",
                partial(_truths, read=read, when=when),
                STATUSES,
            )
    for status in ("running", "paused", None):
        yield from table(
            f"is_terminal {status}",
            lambda kind, status=status: [
                statuses.is_terminal(status, when, kind) for when in (None, WHEN)
            ],
            (None, "run", "batch", "evaluation"),
        )
    every: tuple[statuses.Kind, ...] = ("run", "batch", "evaluation")
    for kind in every:
        yield f"* names of {kind}: {', '.join(sorted(statuses.names(kind)))}"


def _truths(
    status: str | None, *, read: Callable[[Mapping[str, Any]], Any], when: str | None
) -> Plain:
    counts = {"items_succeeded": 1, "items_failed": 2, "items_cancelled": 3, "items_total": 9}
    nodes = {"nodes_completed": 4, "nodes_total": 8}
    made = read({"id": ID, "status_code": status, "completed_at": when, **counts, **nodes})
    asked = ("has_ended", "has_output", "is_partial")
    told = [name for name in asked if getattr(made, name, False)]
    progress = repr(getattr(made, "progress", ())).replace(repr(status), "it")
    return Plain(f"{', '.join(told) or 'nothing'}; {progress}")


def _items() -> Iterator[str]:
    nested = {"output": {"outputs": [URL]}, "id": OTHER}
    items = {
        "a run inside": {"id": ID, "run": nested},
        "a run inside and an output": {"id": ID, "run": nested, "output": {}},
        "a run inside and null": {"id": ID, "run": nested, "output": None},
        "a run of another kind": {"id": ID, "run": "x", "run_id": OTHER},
        "a run and an output": {"id": ID, "run_id": OTHER, "output": {"outputs": [URL]}},
        "an error": {"id": ID, "error": {"code": "C", "message": "m"}},
        "an error of other kinds": {"id": ID, "error": {"code": 7, "message": ["m"]}},
        "an error in words": {"id": ID, "error": "m"},
    }
    shown = ("run_id", "output", "outputs", "failure_code", "failure_message")
    yield from table("item", lambda one: [getattr(_item(one), name) for name in shown], items)


def _outputs() -> Iterator[str]:
    yield from table("read_output", run.read_output, [(), (1,), b"x"])
    yield from table("read_money", run.read_money, ["1e3", "inf", "-Infinity", " 1 ", 10**30])
    for output in OUTPUTS:
        yield f"* artifacts of {output!r}"
        for one in artifact.read_artifacts(output):
            facts = {key: value for key, value in one.items() if value is not None}
            details = facts.pop("details")
            yield f"    {facts}" + ("" if details == {"url": one["url"]} else f" {details}")
    entry = {"url": URL, "type": "image", "more": 0}
    found = artifact.read_artifacts({"outputs": [entry]})[0]["details"]
    yield f"* the details are a copy\n    {found == entry and found is not entry}"
    for key in ("width", "height", "duration", "size_bytes", "file_size", "size"):
        name = "size_bytes" if "size" in key else key
        yield from table(
            f"{key} of an output",
            lambda one, key=key, name=name: artifact.read_artifacts(
                {"outputs": [{"url": URL, key: one}]}
            )[0][name],
            NUMBERS,
        )
    for name in ("seed", "nsfw_detected", "timing", "model_data"):
        yield from table(
            f"{name} that is reported",
            lambda one, name=name: getattr(run_of({"id": ID, "output": {name: one}}), name),
            REPORTED,
        )


def _answers() -> Iterator[str]:
    def answered(body: object) -> httpx.Response:
        return httpx.Response(200, json=body, request=httpx.Request("GET", "https://api.test/v1"))

    bodies: tuple[Any, ...] = (
        {"id": ID},
        {"id": ID.upper()},
        {"id": OTHER},
        {"id": None},
        {"id": 7},
        {},
        [],
    )
    workflows: tuple[Any, ...] = (
        *({"run_id": ID}, {"id": ID}, {"id": OTHER, "run_id": ID}, {"id": ID, "run_id": None}),
        *({"id": ID, "run_id": ""}, {"id": ID, "run_id": 7}, {}, {"run_id": ID.upper()}),
    )
    parse = partial(_parsed, RunModel)
    wanted = UUID(ID)
    reads: dict[str, Callable[[httpx.Response], Any]] = {
        "read_run": lambda one: run.read_run(one, parse).id,
        "read_run_object": lambda one: run.read_run_object(one, wanted)["id"],
        "read_batch": lambda one: batch.read_batch(one, wanted).id,
        "read_batch, any": lambda one: batch.read_batch(one).id,
        "read_evaluation": lambda one: evaluation.read_evaluation(one, wanted).id,
        "read_asset": lambda one: asset.read_asset(one, wanted).ref,
        "listed": lambda one: run.listed(run.BaseRun, one.json(), model_name="m").model_name,
    }
    for name, read in reads.items():
        yield from table(name, lambda one, read=read: failed_or(read, answered(one)), bodies)
    workflow = partial(run.read_workflow_run, parse=parse)
    yield from table(
        "read_workflow_run",
        lambda one: failed_or(lambda got: workflow(got).id, answered(one)),
        workflows,
    )


EVENT: Final[dict[str, Any]] = {
    "event": "run.completed",
    "status": "succeeded",
    "output": {"code": "C", "message": "m"},
    "duration_ms": 7,
    "created_at": None,
    "completed_at": WHEN,
    "metadata": None,
    "request_id": None,
    "payload": {},
}


def _callbacks() -> Iterator[str]:
    model = RunModel.from_part(
        {"id": ID, "status_code": "running", "cost": "0.5", "failure_code": "OLD", "odd": 1}
    )
    events: tuple[dict[str, Any], ...] = (
        *({}, {"status": "failed"}, {"status": "failed", "output": None}, {"status": None}),
        *({"status": "failed", "output": {"code": 7, "message": ["m"]}}, {"status": "canceled"}),
        {"output": None, "duration_ms": None, "completed_at": None},
        {"created_at": WHEN, "completed_at": None},
    )

    def after(changes: dict[str, Any]) -> object:
        return run.model_after(model, CallbackEvent(**{**EVENT, **changes})).to_dict()

    yield from table("after a callback", after, events)


def _reprs() -> Iterator[str]:
    secret = "key rf_live_a"
    given = {"id": ID, "failure_message": secret, "input": {"a": secret}, "output": [secret]}
    more = {"metadata": {"a": secret}, "error": {"message": secret}, "url": "https://a.test?b"}
    yield from table("repr of a secret", _secret, [secret])
    for kind, (read, _) in KINDS.items():
        yield from table(
            f"repr of {kind}",
            lambda one, read=read: read(one),
            {"it": {**given, **more}, "what has an id alone": {"id": ID}},
        )
        same = {"the same": {}, "another cost": {"cost": "9"}, "another odd field": {"odd": 1}}
        yield from table(
            f"{kind} is equal, and hashes like it",
            lambda one, read=read: _alike(read({"id": ID}), read({"id": ID, **one})),
            same,
        )


def _of_model(name: str | None) -> tuple[bool, bool]:
    """Say whether a run of this model equals one whose model is not known."""
    bare = run_of({"id": ID})
    return _alike(bare, attrs.evolve(bare, model_name=name))


def _secret(plain: str) -> NewCallbackSecret:
    times = dict.fromkeys(("created_at", "last_used_at", "disabled_at"))
    return NewCallbackSecret(
        id=UUID(ID), label="l", key_prefix="whsec_a", is_current=True, plain_secret=plain, **times
    )


def _alike(first: object, second: object) -> tuple[bool, bool]:
    return first == second, hash(first) == hash(second)


def _parsed(model: Any, response: httpx.Response) -> object:
    return model.from_part(response.json())
