"""What the simulation makes of values, as tables: callbacks, progress, files, outputs.

Each function is tried with every member of a few lists, and the table of what it gave is stored.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_mock.faults.plan import Faults
from runflow_mock.simulation.assets import REFERENCE, Assets, read_data_uri
from runflow_mock.simulation.audio import silence
from runflow_mock.simulation.callbacks import Callbacks, payload_of, retry_at, sign
from runflow_mock.simulation.catalog import FILE_TYPES, Catalog, CatalogModel, ModelInput
from runflow_mock.simulation.evaluations import Evaluations
from runflow_mock.simulation.outputs import (
    SEEN_FIELDS,
    extension_of,
    fields_of,
    make_media,
    output_of,
    sign_again,
)
from runflow_mock.simulation.progress import log_rows, node_run_rows
from runflow_mock.simulation.sender import AttemptResult, Sender
from runflow_mock.simulation.webhooks import secret_fields, subscriptions
from runflow_mock.state.clock import STEPPED_START, SteppedClock
from runflow_mock.state.settings import Settings
from runflow_mock.state.signed_urls import SignedUrls
from runflow_mock.state.state import State

from ..snapshot import check_snapshot
from .stories.world import CONTRACT, Receiver

NOW: Final = STEPPED_START
US, OTHERS = "org-us", "org-others"
RUN: Final = "0190aaaa-0000-7000-8000-0000000000ff"


def tried(act: Callable[..., object], *arguments: Any, **named: Any) -> str:
    """Return what the call gives, or what it refuses."""
    try:
        return str(act(*arguments, **named))
    except (ValueError, TypeError, LookupError) as problem:
        return f"{type(problem).__name__}: {problem}"


def short(value: Any) -> str:
    """Return the value as JSON, in which long text is cut."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 400 else f"{text[:300]}… {hashlib.md5(text.encode()).hexdigest()}"


def sending() -> Iterator[str]:
    """Which places are called, which attempts are repeated, and what is signed."""
    places = (
        "http://127.0.0.1/x",
        "https://127.8.9.1:8443",
        "http://[::1]:80/",
        "http://localhost",
        "http://LOCALHOST:1",
        "http://a.b.localhost/",
        "http://notlocalhost",
        "http://localhost.example.com",
        "http://128.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
        "http://hooks.example.com/x",
        "http://HOOKS.example.com:8080",
        "http://hooks.example.com.test",
        "http://x.hooks.example.com",
        "http://example.com/hooks.example.com",
        "http://example.com",
        "http://user@127.0.0.1@example.com",
        "ftp://127.0.0.1",
        "//127.0.0.1",
        "http://",
        "http:///x",
        "",
        "http://[::1",
        "http://127.0.0.1:70000",
        "http://127.0.0.1:port",
    )
    senders = Sender((), 1.0), Sender(["Hooks.Example.com"], 1.0)
    for place in places:
        yield f"{place!r}: {[sender.refusal(place) for sender in senders]}"
    for status in (None, 100, 199, 200, 204, 299, 300, 302, 404, 429, 499, 500, 503, 599, 600):
        result = AttemptResult(status)
        again = [retry_at(number, NOW, result) for number in (1, 2, 3, 4)]
        waits = [None if one is None else (one - NOW).total_seconds() for one in again]
        yield f"{status}: {result.succeeded} {result.should_retry} {waits}"
    for message in ("", "ConnectError: ", "ReadTimeout: "):
        result = AttemptResult(error_message=message)
        yield f"{message!r}: {result.succeeded} {retry_at(1, NOW, result)}"
    yield f"{sign('', b'')} {sign('whsec_é', 'ü'.encode())}"
    row = {"id": "the id", "status_code": "failed", "duration_ms": 0, "metadata": {}}
    row |= {"created_at": "2026-01-01T00:00:00Z", "completed_at": "2026-01-01T00:00:01.5Z"}
    for subject, output in (("run_id", None), ("batch_id", {"a": 0}), ("evaluation_id", [])):
        yield short(payload_of("an.event", subject, row, output))
    row |= {"completed_at": None, "metadata": None}
    yield short(payload_of("an.event", "run_id", row, 0))
    yield short(secret_fields("whsec_x"))
    yield short([subscriptions("w", events) for events in ([], ["run.failed", "run.completed"])])


STEPS: Final = ("queued", "dispatching", "running", "prepare", "generate", "store")


def progress() -> Iterator[str]:
    """Log lines and node runs of a run in each state, and after each end."""
    for count, end in product(range(1, 6), (None, "succeeded", "failed", "canceled")):
        steps = [*STEPS[:count], *([] if end is None else [end])]
        history = [[f"t{number}", step] for number, step in enumerate(steps)]
        run: dict[str, Any] = {
            "id": RUN,
            "input": {"prompt": "x"},
            "started_at": "t2" if count > 2 else None,
            "completed_at": None if end is None else f"t{len(steps) - 1}",
            "nodes_completed": 3 if end == "succeeded" else max(count - 3, 0),
            "failure_message": "it failed" if end == "failed" else None,
            "_history": history,
        }
        logs, nodes = list(log_rows(run)), list(node_run_rows(run))
        yield f"{' '.join(steps)}"
        yield f"    {[(one['level_code'], one['message'], one['timestamp']) for one in logs]}"
        names = ("state_code", "started_at", "completed_at", "error_message", "output")
        yield from (f"    {[node[name] for name in names]}" for node in nodes)
        assert len({one["id"] for one in (*logs, *nodes)}) == len(logs) + len(nodes)
        assert [one["meta"]["sequence"] for one in logs] == list(range(len(logs)))
        if count == 5 and end == "failed":
            yield from (short(one) for one in (logs[0], *nodes))


def files() -> Iterator[str]:
    """What is kept of inline files, which references are found, and how assets are shown."""
    uris = (
        "data:image/png;base64,aGk=",
        "data:;base64,aGk=",
        "data:a/b;base64;charset=utf-8,aGk=",
        "data:image/png,a,b",
        "data:image/png;base64,a,b",
        "data:image/png;base64,aGk",
        "data:image/png;base64,aG k=",
        "data:image/png;BASE64,aGk=",
        "data:text/plain;charset=utf-8;base64,",
        "data:,",
        "data:image,x",
        "data:image/p ng,x",
        "data:image/svg+xml,%zz%41",
        "data:image/png;base64",
        "data:data:a/b,c",
        "data:a/b\n,c",
        "",
    )
    for uri in uris:
        yield f"{uri!r}: {read_data_uri(uri)}"
    state = State(SteppedClock(), Settings(seed=3), "http://mock")
    assets = Assets(state)
    given: dict[str, Any] = {
        "none": None,
        "no": False,
        "zero": 0,
        "text": "",
        "list": [[], {}, [uris[0]], None, {"deep": [uris[7], uris[4], "x"]}],
        "data:image/png,name": "data:text/plain,value",
        "upper": "DATA:image/png,x",
        "no URI": "image/png,x",
        "no picture": "data:video/image,x",
    }
    kept = assets.keep_inline(given, US, NOW)
    yield short(kept)
    for row in state.assets:
        yield short({name: value for name, value in row.items() if name != "id"})
        yield f"    {state.files.get(row['id'])!r} {short(assets.view(row, NOW))}"
    yield short(assets.signed(kept, US, NOW))
    assert assets.signed(kept, OTHERS, NOW) == kept
    first, second = (f"{REFERENCE}{row['id']}" for row in list(state.assets)[:2])
    absent = f"{REFERENCE}none"
    others = {"id alone": first.removeprefix(REFERENCE), "within": f"x {first}", first: absent}
    assert assets.signed(others, US, NOW) == others
    for values in (
        {},
        {"a": first, "b": [second]},
        {"a": [first, {"b": absent}], "c": f"{REFERENCE}later"},
        {absent: "only a name"},
        {"a": f" {absent}"},
        {"a": first.upper()},
        {"a": REFERENCE},
    ):
        yield f"{[assets.missing(values, one) for one in (US, OTHERS)]}"
    for fields in ({"filename": "ü/b.MP4", "mime_type": "video/mp4", "size_bytes": 2}, given):
        session = assets.begin_upload(US, fields, NOW)
        yield short(session)
        upload = state.uploads.get(session["asset_id"])
        assert upload is not None
        assert upload == {"id": session["asset_id"], "org_id": US, **fields}
        if "filename" in fields:
            state.files.put(session["asset_id"], b"ab")
            made = assets.confirm(upload, "a folder", NOW)
            yield short(made)
            yield short(assets.view(made, NOW))
            assert assets.confirm(upload, "another folder", NOW) is made


def outputs() -> Iterator[str]:
    """The outputs of models of each kind for each input."""
    urls = SignedUrls("http://mock", b"key")
    models = [
        CatalogModel("acme/plain", "p"),
        CatalogModel("acme/named", "n", output_fields=("image_urls", "model_data", "seed", "new")),
        CatalogModel("acme/film", "f", output_kind="video"),
        CatalogModel("acme/song", "s", output_kind="audio"),
        CatalogModel("runflow/smart-resize", "r"),
        CatalogModel(next(iter(SEEN_FIELDS)), "b"),
    ]
    inputs: tuple[dict[str, Any], ...] = (
        {},
        {"prompt": "p", "text": "t", "seed": 0, "output_format": "jpeg", "duration": "8s"},
        {"prompt": None, "text": "t", "seed": "7", "output_format": "gif", "sync_mode": "yes"},
        {"image_size": {"width": 16, "height": 24}, "sync_mode": True, "output_format": "webp"},
    )
    for model, values in product(models, inputs):
        made = [
            output_of(model, RUN, values, count, 1500, urls, NOW, 60)
            for count in (() if values.get("sync_mode") is True else (0, 2))
        ]
        yield f"{model.model_id} {values}: {extension_of(model, values)} {fields_of(model)}"
        yield from (f"    {short(one)}" for one in made)
        if values.get("sync_mode") is True and model.output_kind == "image":
            inline = output_of(model, RUN, values, 2, 0, urls, NOW, 60)
            links = inline.get("image_urls") or [one["url"] for one in inline["outputs"]]
            yield f"    {[link[:24] for link in links]}"
            contents = [read_data_uri(link) for link in links]
            drawn = [make_media(model, values, index) for index in range(2)]
            assert contents == [(one.media_type, one.content) for one in drawn]
            yield f"    {[{**one, 'url': ''} for one in inline.get('outputs', ())]}"
            assert len({*contents}) == 2
    shown = output_of(models[0], RUN, {}, 1, 0, urls, NOW, 60)
    empty: dict[str, Any] = {"null": None, "no": False, "zero": 0, "text": "", "list": []}
    empty["object"] = {}
    others = ("http://else/_outputs/x", "http://mock/_assets/x", "/_outputs/x")
    more = {**empty, "of": [*others, *empty.values(), empty]}
    later = sign_again({**shown, **more}, urls, NOW, 100_000)
    assert {name: later[name] for name in more} == more
    yield short(later)
    for text, seconds in (("", 0), ("é" * 600, 1), ("a\ud800", 3)):
        sound = silence(text, seconds)
        yield f"{len(sound)} {sound[:40]!r} {hashlib.md5(sound).hexdigest()}"
    heard: tuple[dict[str, Any], ...] = ({}, {"prompt": "", "text": "\ud800"}, {"duration": 2})
    heard += ({"prompt": "p", "text": "t"},)
    for model, values in ((models[2], {}), *((models[3], values) for values in heard)):
        media = make_media(model, values, 1)
        yield f"{media.media_type} {media.extension} {len(media.content)} {media.content[20:60]!r}"


def accepted() -> Iterator[str]:
    """What the inputs of models take."""
    values: tuple[Any, ...] = (None, True, False, 0, -1, 3, 2.5, "", "a", "0", [], ["a"], {})
    values += ({"a": 0}, "https://a.test/1", "HTTP://a", "data:,x", "runflow://assets/x")
    values += ("runflow://x",)
    values += (["https://a.test/1", "data:,x"], ["https://a.test/1", 3], [[]])
    declared = [
        *(ModelInput("in", kind) for kind in ("string", "integer", "number", "boolean", "object")),
        *(ModelInput("in", kind) for kind in ("array", *sorted(FILE_TYPES), "image|image_list")),
        *(ModelInput("in", kind) for kind in ("file|string", "unheard of", "string|object")),
        ModelInput("in", "integer", limits={"min": 0, "max": 2}),
        ModelInput("in", "number|string", allowed=[2.5, "a", 0]),
        ModelInput("in", "integer", required=True, default=0),
    ]
    for one in declared:
        model = CatalogModel("a/b", "b", inputs=(one,), inputs_complete=True)
        refused = [short(value) for value in values if model.problems({"in": value})]
        yield f"{one.type} {one.limits} {list(one.allowed)} {one.required} refuses {refused}"
        kinds = {short(model.problems({"in": value})) for value in values}
        yield from (f"    {kind}" for kind in sorted(kinds))
        yield f"    {short([model.problems({'o': 1}, strict=strict) for strict in (False, True)])}"
    catalog = Catalog()
    chosen: tuple[dict[str, Any], ...] = (
        {},
        {"price": "0.5", "unit": "image", "output_kind": "audio"},
    )
    for given in chosen:
        yield f"{catalog.add('acme/x/y', **given)}"
    own = catalog.add("acme/x", batches=True, is_workflow=True, inputs=(declared[0],))
    yield f"{own} {own.owner} {own.slug} {own.id}"
    for model_id in ("acme/x", "acme/x/y", "acme/z", None):
        found = None if model_id is None else catalog.get(model_id)
        by_id = None if found is None else catalog.by_uuid(found.id.upper())
        yield f"{model_id}: {found == by_id} {tried(catalog.check, model_id)}"
    wrong: tuple[dict[str, Any], ...] = (
        *({"price": price} for price in ("nan", float("inf"), "-0.01", "much", None)),
        *({"unit": unit} for unit in ("imgae", "", None)),
        *({"output_kind": kind} for kind in ("picture", "unknown")),
    )
    for given in wrong:
        said = tried(catalog.add, "acme/wrong", **given).partition(", Attribute(")[0]
        yield f"{given}: {said} {catalog.get('acme/wrong')}"
    yield f"{catalog.retire('acme/x/y').is_active} {tried(catalog.retire, 'acme/nothing')}"
    yield f"added again: {catalog.add('acme/x/y').is_active}"
    assert len(catalog) == len([*catalog])


JUDGED: Final[dict[int, dict[str, Any]]] = {
    2: {"target_type": "model", "model_id": "m", "comfyui_workflow_id": None},
    3: {"target_type": "comfyui_workflow", "model_id": None, "comfyui_workflow_id": "w"},
}
"""The runs whose pictures are judged."""


def judged() -> Iterator[str]:
    """The verdicts on a few pictures, step by step."""
    world = State(SteppedClock(), Settings(seed=3), "http://mock")
    faults = Faults({}, CONTRACT.document.operations)
    evaluations = Evaluations(world, Callbacks(world, CONTRACT, Receiver(), faults))
    for number in range(12):
        fields: dict[str, Any] = {"generated_image_url": f"https://a.test/{number}"}
        fields |= {"generated_image_url": "\ud800"} if number == 11 else {}
        fields |= {"job_class": "quick", "reference_images": []} if number == 1 else {}
        row = evaluations.create(US, fields, JUDGED.get(number), NOW)
        if number < 4:
            yield short(row)
        for seconds in (1, 2, 3):
            before = {**row}
            world.schedule.run_due(NOW + timedelta(seconds=seconds))
            after = world.evaluations.get(row["id"])
            assert after is row
            assert after is not None
            changed = {name: after[name] for name in after if after[name] != before[name]}
            yield f"{number} after {seconds} s: {json.dumps(changed)}"
            judges = evaluations.judges(after)
            passed = [(one["name"], one["passed"], one["confidence"]) for one in judges]
            yield from [f"    {passed}"] * bool(judges)
        if number < 2:
            yield from (short(one) for one in judges)


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "sending": sending,
    "progress": progress,
    "files": files,
    "outputs": outputs,
    "accepted": accepted,
    "judged": judged,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_it_was_before(name: str) -> None:
    lines = list(TABLES[name]())
    check_snapshot(Path(__file__).with_name("tables") / f"{name}.txt", "\n".join(lines) + "\n")
