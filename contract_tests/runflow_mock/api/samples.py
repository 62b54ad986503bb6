"""An answer of every handler, from one short life of a server: what the server's answers are."""

from functools import cache
from typing import Any

from attrs import frozen

from ..contract.answers import Reply
from ..contract.json_types import JsonObject
from ..contract.recognition import Signature
from ..contract.validation import contract_of
from ..faults.plan import Faults
from ..simulation.outcomes import FAILED, Outcome
from ..simulation.simulation import Simulation
from ..state.clock import SteppedClock
from ..state.keys import DEFAULT_KEY
from ..state.settings import Settings
from ..state.state import State
from .calls import Call
from .handlers import HANDLERS

# The server sends nothing to this host: deliveries to it fail at once.
_ADDRESS = "https://mock.invalid/callbacks"
_PICTURE = "https://mock.invalid/picture.png"


@frozen
class Sample:
    """What a handler was asked, and what it answered."""

    signature: Signature
    body: JsonObject
    answer: object


class _Caller:
    """Calls handlers by their names, without a document between."""

    def __init__(self) -> None:
        state = State(SteppedClock(), Settings(seed=0), "http://mock.invalid")
        self.simulation = Simulation(state, contract_of(), Faults({}, ()))
        self.samples: list[Sample] = []
        self._by_name = {handler.name: one for one, handler in HANDLERS.items()}

    def __call__(self, name: str, /, *path_values: str, **body: Any) -> Any:
        signature = self._by_name[name]
        key = self.simulation.state.keys.authenticate(f"Bearer {DEFAULT_KEY}")
        now = self.simulation.state.now()
        call = Call(self.simulation, path_values, {}, {}, body, key, key.organization_id, now)
        answer = HANDLERS[signature].handle(call)
        answer = answer.body if isinstance(answer, Reply) else answer
        self.samples.append(Sample(signature, body, answer))
        return answer


@cache
def samples() -> tuple[Sample, ...]:
    """Return what each handler answers, at least once; the same each time."""
    call = _Caller()
    model, batched = ("google", "nano-banana-pro"), ("runflow", "background-removal")
    run = call("create_run", *model, input={"prompt": "A cathedral"}, callback_url=_ADDRESS)
    call.simulation.outcomes.plan(Outcome(FAILED))
    failed = call("create_run", *model, input={"prompt": "A cathedral"})
    workflow = next(iter(call.simulation.catalog.workflows()), None)
    if workflow is not None:
        call("list_comfyui_workflows")
        call("get_comfyui_workflow", workflow.owner, workflow.slug)
        call("create_comfyui_run", workflow.owner, workflow.slug, input={})
    items = [{"image_url": _PICTURE, "client_ref": "one"}]
    batch = call("create_batch", *batched, input=items, callback_url=_ADDRESS)
    evaluation = call(
        "create_evaluation",
        generated_image_url=_PICTURE,
        task_type="text_to_image",
        run_id=run["id"],
    )
    webhook = call("create_webhook", url=_ADDRESS)
    call.simulation.advance(600)
    _read_models(call, model)
    _read_runs(call, run["id"], failed["id"])
    _read_batches(call, batch["id"])
    _read_evaluations(call, evaluation["id"], run["id"])
    _use_assets(call)
    _use_secrets(call)
    _use_webhooks(call, webhook["id"])
    for name in ("get_current_user", "get_balance", "get_health", "get_readiness"):
        call(name)
    call("update_balance", low_balance_threshold=2)
    return tuple(call.samples)


def _read_models(call: _Caller, model: tuple[str, str]) -> None:
    call("list_models")
    call("list_public_models")
    creator = call("list_model_creators")["items"][0]
    call("get_model_creator", creator["id"])
    found = call("get_model", *model)
    for what in ("input", "output", "example"):
        rows = call(f"list_model_{what}s", found["id"])["items"]
        call(f"get_model_{what}", found["id"], rows[0]["id"])


def _read_runs(call: _Caller, *runs: str) -> None:
    call("list_runs")
    call("list_run_statuses")
    for run_id in runs:
        call("get_run", run_id)
        log = call("list_run_logs", run_id)["items"][0]
        call("get_run_log", run_id, log["id"])
        node = call("list_node_runs", run_id)["items"][0]
        call("get_node_run", run_id, node["id"])
    call("redeliver_run_callback", runs[0])
    call("list_run_callback_deliveries", runs[0])


def _read_batches(call: _Caller, batch_id: str) -> None:
    call("list_batches")
    call("get_batch", batch_id)
    item = call("list_batch_items", batch_id)["items"][0]
    call("get_batch_item", batch_id, item["id"])
    call("redeliver_batch_callback", batch_id)
    call("list_batch_callback_deliveries", batch_id)


def _read_evaluations(call: _Caller, evaluation_id: str, run_id: str) -> None:
    call("list_evaluations")
    call("get_evaluation", evaluation_id)
    call("set_evaluation_feedback", evaluation_id, is_positive=True)
    call("list_run_evaluations", run_id)
    call("set_run_evaluation_feedback", run_id, evaluation_id, is_positive=True)
    call("list_evaluation_job_classes")
    call("list_evaluation_statuses")


def _use_assets(call: _Caller) -> None:
    upload = call("create_asset_upload", filename="a.png", mime_type="image/png", size_bytes=1)
    call.simulation.state.files.put(upload["asset_id"], b"a")
    asset = call("confirm_asset_upload", upload["asset_id"])
    call("list_assets")
    call("list_asset_types")
    call("get_asset", asset["id"])
    call("update_asset", asset["id"], name="b.png")
    call("delete_asset", asset["id"])


def _use_secrets(call: _Caller) -> None:
    secret = call("create_callback_secret", label="one")
    call("list_callback_secrets")
    call("get_callback_secret", secret["id"])
    call("update_callback_secret", secret["id"], label="two")
    call("delete_callback_secret", secret["id"])


def _use_webhooks(call: _Caller, webhook_id: str) -> None:
    call("list_webhooks")
    call("get_webhook", webhook_id)
    call("update_webhook", webhook_id, url=_ADDRESS)
    kinds = call("list_webhook_event_types")
    call("get_webhook_event_type", kinds[0]["code"])
    delivery = call("list_webhook_deliveries", webhook_id)["items"][0]["id"]
    call("get_webhook_delivery", webhook_id, delivery)
    attempt = call("list_webhook_delivery_attempts", webhook_id, delivery)["items"][0]["id"]
    call("get_webhook_delivery_attempt", webhook_id, delivery, attempt)
    call("delete_webhook", webhook_id)
