"""Values of many kinds, and which of them a public parameter takes."""

import io
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from runflow_client import bulk

MODEL, INPUT = "google/nano-banana-pro", {"prompt": "x"}
BATCH_MODEL = "runflow/background-removal"
NEEDED = {"api_key", "input", "values", "client_ref"}
ID = "0198c0de-0000-7000-8000-000000000000"
SECRET = "whsec_" + "a" * 40
EVENT = b'{"event":"run.completed","run_id":"0198c0de-0000-7000-8000-000000000000"}'


async def coroutine_function(*values: Any) -> None:
    """A synchronous caller would never await it."""


class Awaiting:
    """Its call is a coroutine."""

    async def __call__(self, *values: Any) -> None:
        """Do nothing."""


class SecretStore:
    """Takes secrets for receivers."""

    def add(self, secret: object) -> None:
        """Deploy it."""

    def remove(self, secret: object) -> None:
        """Forget it."""


def generator_function(*values: Any) -> Iterator[None]:
    """A call of it runs nothing."""
    yield


class Unshowable:
    """Its repr fails."""

    def __repr__(self) -> str:
        raise ValueError("no repr")


VALUES: Final[Mapping[str, object]] = {
    "none": None,
    "bool": True,
    "integer": 7,
    "zero": 0,
    "negative": -1,
    "beyond floats": 10**400,
    "float": 1.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "decimal": Decimal("1.5"),
    "number in text": "7",
    "empty text": "",
    "text with a line end": "a\n",
    "bytes": b"7",
    "timedelta": timedelta(seconds=5),
    "timeout": httpx.Timeout(5),
    "list": ["x"],
    "empty list": [],
    "list of numbers": [7],
    "dict": {"a": 1},
    "set": {"x"},
    "path": Path("x.png"),
    "uuid": uuid.UUID(ID),
    "url": httpx.URL("https://a.test"),
    "moment": datetime(2026, 1, 1, tzinfo=UTC),
    "naive moment": datetime(2026, 1, 1),  # the point
    "function": lambda *values: None,
    "coroutine function": coroutine_function,
    "awaiting object": Awaiting(),
    "part of a coroutine function": partial(coroutine_function, 1),
    "generator function": generator_function,
    "class": dict,
    "object": object(),
    "unshowable object": Unshowable(),
}

NONE = {"none"}
TEXT = {"number in text"}
NUMBER = {"integer", "float"}
POSITIVE = {"integer", "beyond floats"}
COUNT = {"integer", "zero", "beyond floats"}
FLAG = {"bool"}
MAPPING = {"dict"}
ANY_TEXT = TEXT | {"empty text", "text with a line end"}
FUNCTION = {"function"}
AWAITED = FUNCTION | {"coroutine function", "awaiting object", "part of a coroutine function"}
MONEY = {"integer", "zero", "beyond floats", "float", "decimal", "number in text"}
PATH = ANY_TEXT | {"path"}
REF = NONE | TEXT
SECRETS = ANY_TEXT | {"none", "bytes", "list", "set", "empty list", "list of numbers", "function"}

TAKEN: Final[Mapping[str, set[str]]] = {
    "api_key": NONE | ANY_TEXT,
    "asset_id": {"uuid"},
    "evaluation_id": {"uuid"},
    "seconds": NUMBER | {"zero"},
    "attempt": POSITIVE,
    "attempts": POSITIVE,
    "backward": FLAG,
    "base_url": NONE | ANY_TEXT,
    "batch_id": NONE | {"uuid"},
    "body": {"bytes"},
    "by_code": MAPPING,
    "callback": NONE,
    "callback_url": NONE,
    "client": NONE | FUNCTION | {"generator function", "class"},
    "client_ref": REF,
    "clock": NONE,
    "concurrency": POSITIVE,
    "created_after": NONE | {"moment"},
    "created_before": NONE | {"moment"},
    "cursor": NONE | ANY_TEXT,
    "database": {"path"},
    "dead_letters": FLAG,
    "directory": PATH,
    "error": set(),
    "evaluation_instructions": NONE | ANY_TEXT,
    "event": set(),
    "extra": MAPPING,
    "failed": {"integer", "zero"},
    "fields": MAPPING,
    "file": {"bytes", "path"},
    "first": NUMBER,
    "first_backoff": NUMBER | {"zero"},
    "form": set(),
    "folder_id": NONE | {"uuid"},
    "generated_image_url": ANY_TEXT,
    "generation_prompt": NONE | ANY_TEXT,
    "growth": NUMBER,
    "handler": FUNCTION,
    "headers": {"dict", "empty list"},
    "http_client": NONE,
    "idempotency_key": REF,
    "ids": NONE | {"list of numbers", "empty list"},
    "in_order": FLAG,
    "inline_below": COUNT,
    "input": NONE | MAPPING,
    "input_attributes": NONE | MAPPING,
    "inputs": {"empty list"},
    "insecure_hosts": {"list", "set", "empty list"},
    "items": {"list", "list of numbers", "empty list", "set"},
    "jitter": NUMBER | {"zero"},
    "job": ANY_TEXT,
    "job_class": NONE | ANY_TEXT,
    "journal": PATH,
    "keep": NUMBER,
    "key": ANY_TEXT,
    "label": NONE | ANY_TEXT,
    "lease": NUMBER,
    "level": NONE | TEXT,
    "longest": NUMBER,
    "longest_backoff": NUMBER | {"zero"},
    "longest_retry_after": NUMBER | {"zero"},
    "look_first": FLAG,
    "max_body_bytes": POSITIVE,
    "max_bytes": COUNT,
    "max_cost": NONE | MONEY,
    "max_cost_each": NONE | MONEY,
    "max_outage": NUMBER | {"zero"},
    "metadata": NONE | MAPPING,
    "mime_type": NONE,
    "model": set(),
    "monotonic": NONE | FUNCTION,
    "name": NONE | ANY_TEXT,
    "now": FUNCTION,
    "older_than": NONE | NUMBER | {"zero"},
    "on_run": NONE | AWAITED,
    "on_unknown_outcome": set(),
    "on_update": NONE | FUNCTION,
    "organization_id": NONE | {"uuid"},
    "output": NONE | PATH,
    "overwrite": FLAG,
    "page_size": POSITIVE,
    "path": PATH,
    "place": ANY_TEXT,
    "policy": NONE,
    "poll": NUMBER,
    "progress": NONE | FUNCTION,
    "put": FUNCTION,
    "q": NONE | ANY_TEXT,
    "quiet": NUMBER,
    "raise_on_failure": FLAG,
    "rate": NONE | NUMBER,
    "reason": NONE | ANY_TEXT,
    "receiver": set(),
    "reference_images": NONE | {"empty list"},
    "retries": NONE,
    "run_id": {"uuid"},
    "saving": {"integer", "zero"},
    "schedule": NONE,
    "secret_id": {"uuid"},
    "secret": ANY_TEXT | {"bytes"},
    "slug": NONE | TEXT,
    "sort_by": NONE,
    "source": PATH,
    "status": NONE,
    "stop": NONE,
    "stop_after_failures": NONE | POSITIVE,
    "store": FUNCTION,
    "strict": FLAG,
    "table": set(),
    "target": set(),
    "task_description": NONE | ANY_TEXT,
    "task_type": ANY_TEXT,
    "tasks": POSITIVE,
    "template": ANY_TEXT,
    "then": NONE | FUNCTION,
    "threads": POSITIVE,
    "thumbnails": COUNT,
    "timeout": NONE | NUMBER,
    "transactional": FLAG,
    "unchecked": FLAG,
    "upload_progress": NONE | FUNCTION,
    "url": set(),
    "values": NONE | MAPPING,
    "workflow": set(),
}
"""What a parameter of this name takes. Whether the value itself is right is tried elsewhere."""

GIVEN: Final[Mapping[str, object]] = {
    "model": MODEL,
    "input": INPUT,
    "inputs": [{"image_url": "https://a.test/x.png"}],
    "values": INPUT,
    "seconds": 0.0,
    "run_id": ID,
    "batch_id": ID,
    "evaluation_id": ID,
    "asset_id": ID,
    "secret_id": ID,
    "label": "x",
    "client_ref": "order-1",
    "path": "x.png",
    "directory": "x",
    "file": b"x",
    "put": print,
    "generated_image_url": "https://a.test/x.png",
    "task_type": "text_to_image",
    "workflow": "acme/poster",
    "api_key": "rf_live_x",
    "body": EVENT,
    "headers": {"Runflow-Signature": "0" * 64},
    "secrets": SECRET,
    "secret": SECRET,
    "store": print,
    "url": "https://me.test/callbacks",
    "handler": print,
    "items": [bulk.Item("a", INPUT)],
    "journal": "j.sqlite",
    "source": "items.csv",
    "fields": INPUT,
    "form": "csv",
    "job": "x",
    "key": "a",
    "name": "x.csv",
    "reason": "x",
    "target": io.BytesIO(),
}
"""What the other parameters are given, where they have no default."""

TAKEN_THERE: Final[Mapping[str, set[str]]] = {
    "AsyncRunflow.timeout": NUMBER,
    "Runflow.timeout": NUMBER,
    "AsyncEvaluations.submit.run_id": NONE | {"uuid"},
    "Evaluations.submit.run_id": NONE | {"uuid"},
    "AsyncCallbackSecrets.rename.label": ANY_TEXT,
    "CallbackSecrets.rename.label": ANY_TEXT,
    "AsyncRuns.get_or_create.client_ref": TEXT,
    "Runs.get_or_create.client_ref": TEXT,
    "AsyncCallbackSecrets.rotate.store": {"set"},
    "CallbackSecrets.rotate.store": {"set"},
    "AsyncRunflow.run.on_update": NONE | AWAITED,
    "AsyncHandle.wait.on_update": NONE | AWAITED,
    "AsyncRunHandle.wait.on_update": NONE | AWAITED,
    "Inbox.working_async.handler": AWAITED,
    "AsyncEvaluations.list.run_id": NONE | {"uuid"},
    "Evaluations.list.run_id": NONE | {"uuid"},
    "AsyncEvaluations.list.task_type": NONE | TEXT,
    "Evaluations.list.task_type": NONE | TEXT,
    "AsyncRunflow.estimate.model": ANY_TEXT,
    "Runflow.estimate.model": ANY_TEXT,
    "estimate.model": ANY_TEXT,
    "callback_blueprint.path": set(),
    "callback_route.path": set(),
    "callback_blueprint.name": TEXT | {"text with a line end"},
    "callback_route.name": TEXT | {"text with a line end"},
    "GoogleNanoBananaPro.from_input.values": MAPPING,
    "Receiver.secrets": SECRETS,
    "verify.secrets": SECRETS,
    "PublicCatalog.timeout": NUMBER,
    "AsyncPublicCatalog.timeout": NUMBER,
    "bulk.BadItem.reason": ANY_TEXT,
    "bulk.Item.input": MAPPING,
    "bulk.export.journal": set(),
    "bulk.form_of.name": PATH,
    "bulk.plan.items": {"list", "list of numbers", "empty list", "set"},
    "bulk.plan.journal": NONE | PATH,
    "bulk.read_items.key": NONE | ANY_TEXT,
    "bulk.read_items.template": NONE | MAPPING,
    "bulk.report.journal": set(),
}
"""Parameters that take something else than their name does elsewhere."""

LEFT_OUT: Final = {
    "of": "the client makes runs, batches and evaluations",
    "backoff": "the client calculates its pauses",
    "pause": "the client calculates its pauses",
    "listen": "the client waits for events",
    "forget": "the client waits for events",
    "evolve": "the fields of each input are tried with the inputs",
    "event": "a property in the form of a method",
}
"""Methods that users do not call, or whose arguments have tests of their own."""
