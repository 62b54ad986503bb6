"""Reading and writing: a page of 500 runs beside `json.loads`, pydantic and msgspec.

`python -m benchmarks.decoding` prints it alone. All tasks take turns in one process and CPU time
counts; a ratio is the median of the ratios within one turn. The page is what the mock server shows
of a run that has ended, 500 times, each with an id of its own.
"""

import gc
import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs
import httpx
import msgspec
import pydantic
import runflow_api.models
from runflow_api.free_form import FreeFormObject
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_page import RunPage
from runflow_api.types import Unset
from runflow_client import Run, Runflow
from runflow_mock import MockRunflow, SteppedClock

from benchmarks.measuring import in_turns, median, median_ratio

RUNS: Final = 500
TURNS: Final = 40
BODY: Final = {"prompt": "A cathedral made entirely of stained glass"}
MODEL: Final = "google/nano-banana-pro"

Make = Callable[[str, Mapping[str, Any]], type]
Task = Callable[[], object]


def page() -> bytes:
    """The page as it comes over the wire."""
    with MockRunflow(SteppedClock()) as mock, mock.client() as client:
        client.submit(MODEL, BODY, client_ref="order-1", metadata={"order": 1})
        mock.advance(1_000)
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        answer: dict[str, Any] = httpx.get(f"{mock.base_url}/v1/runs", headers=headers).json()
    (run,) = answer["items"]
    items = [{**run, "id": str(uuid.uuid4()), "client_ref": f"order-{n}"} for n in range(RUNS)]
    return json.dumps({**answer, "items": items}, separators=(",", ":")).encode()


def declared(make: Make, model: type) -> Any:
    """The same class in another library: the fields of a generated one. What stands within a run is
    a dict there, which spares the others work.
    """
    names = {name: getattr(runflow_api.models, name) for name in runflow_api.models.__all__}
    hints = get_type_hints(model, None, names)
    fields = {
        attribute.name.removesuffix("_"): _type_in(make, hints[attribute.name])
        for attribute in attrs.fields(model)
        if attribute.name != "additional_properties"
    }
    return make(model.__name__, fields)


def _type_in(make: Make, hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        kinds = [_type_in(make, kind) for kind in get_args(hint) if kind is not Unset]
        return Union[tuple(kinds)]  # noqa: UP007 # they are known at run time only
    if get_origin(hint) is list:
        return list[_type_in(make, get_args(hint)[0])]  # type: ignore[misc]
    if hint is RunModel:
        return declared(make, hint)
    kind: type[object] = hint if isinstance(hint, type) else object
    if attrs.has(kind) or issubclass(kind, FreeFormObject):
        return dict[str, Any]
    # Their enums are closed, and ours take what is newer than the document.
    return str if issubclass(kind, Enum) else hint


def tasks(body: bytes) -> dict[str, Task]:
    """What is measured, by name."""
    typed: Any = declared(_pydantic, RunPage)
    struct: Any = declared(_msgspec, RunPage)
    adapter = pydantic.TypeAdapter(typed)
    decoder: Any = msgspec.json.Decoder(struct)
    encoder = msgspec.json.Encoder()
    ours = RunPage.from_dict(json.loads(body))
    theirs = adapter.validate_python(json.loads(body))
    structs = decoder.decode(body)
    plain = json.loads(body)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    client = Runflow("benchmark", http_client=http)

    def runs() -> list[Run]:
        return list(client.runs.list(page_size=RUNS))

    return {
        "json.loads": lambda: json.loads(body),
        "ours": lambda: RunPage.from_dict(json.loads(body)),
        "ours, the list": runs,
        "ours, the list and four fields": lambda: [
            (run.id, run.status, run.created_at, run.cost) for run in runs()
        ],
        "ours, the list and all fields": lambda: [
            [getattr(run, name) for name in _FIELDS] for run in runs()
        ],
        "ours, the list, all fields and raw": lambda: [
            [getattr(run, name) for name in (*_FIELDS, "raw")] for run in runs()
        ],
        "httpx and json.loads": lambda: json.loads(http.get("https://x.test/").content),
        "pydantic": lambda: adapter.validate_python(json.loads(body)),
        "pydantic, from bytes": lambda: adapter.validate_json(body),
        "msgspec": lambda: decoder.decode(body),
        "msgspec, of json.loads": lambda: msgspec.convert(json.loads(body), struct),
        "json.dumps": lambda: json.dumps(plain),
        "ours, written": lambda: json.dumps(ours.to_dict()),
        "pydantic, written": lambda: json.dumps(
            adapter.dump_python(theirs, mode="json", by_alias=True, exclude_unset=True)
        ),
        "pydantic, written as bytes": lambda: adapter.dump_json(theirs, exclude_unset=True),
        "msgspec, written": lambda: encoder.encode(structs),
    }


_FIELDS: Final = [
    attribute.name for attribute in attrs.fields(Run) if attribute.name not in ("raw", "_driver")
]


def _pydantic(name: str, fields: Mapping[str, Any]) -> type:
    required = {"items": (fields["items"], ...)} if "items" in fields else {}
    optional = {key: (hint, None) for key, hint in fields.items() if key != "items"}
    made: Any = pydantic.create_model
    return made(  # type: ignore[no-any-return]
        name,
        __config__=pydantic.ConfigDict(protected_namespaces=()),
        **required,
        **optional,
    )


def _msgspec(name: str, fields: Mapping[str, Any]) -> type:
    return msgspec.defstruct(
        name,
        [(key, hint) if key == "items" else (key, hint, None) for key, hint in fields.items()],
        omit_defaults=True,
        kw_only=True,
    )


def _cpu(task: Task) -> float:
    """Milliseconds of this process's CPU for the task, without letting go of what it gave."""
    gc.collect()
    began = time.process_time()
    kept = task()
    spent = (time.process_time() - began) * 1e3
    del kept
    return spent


def measure(turns: int = TURNS) -> dict[str, Any]:
    """The median milliseconds of each task."""
    body = page()
    times = in_turns({name: partial(_cpu, task) for name, task in tasks(body).items()}, turns)
    ratios = {name: median_ratio(spent, times["pydantic"]) for name, spent in times.items()}
    return {
        "bytes": len(body),
        "versions": {"pydantic": pydantic.VERSION, "msgspec": msgspec.__version__},
        "milliseconds": {name: median(spent) for name, spent in times.items()},
        "to pydantic": ratios,
    }


if __name__ == "__main__":
    json.dump(measure(), sys.stdout, indent=2)
