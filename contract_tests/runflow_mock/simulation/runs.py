"""The life cycle of a run on the server's clock: queued, dispatching, running, terminal."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from attrs import asdict, evolve, frozen

from ..contract.json_types import JsonObject
from ..state.clock import api_instant, parse_instant
from ..state.ledger import LedgerEntry
from ..state.money import decimal_text
from ..state.state import State
from ..state.timings import Timings
from .assets import Assets
from .callbacks import Callbacks, payload_of
from .catalog import Catalog, CatalogModel
from .outcomes import (
    CANCELED,
    CANCELLATIONS,
    CANCELLED,
    DISPATCH,
    FAILED,
    NEVER,
    PARTIAL,
    SUCCEEDED,
    Outcome,
    Outcomes,
)
from .outputs import output_of
from .pricing import output_count, price_of
from .progress import NODES
from .webhooks import Webhooks

QUEUED, DISPATCHING, RUNNING = "queued", "dispatching", "running"
TERMINAL = frozenset({SUCCEEDED, PARTIAL, FAILED, CANCELED})
STATUSES = (QUEUED, DISPATCHING, RUNNING, SUCCEEDED, PARTIAL, FAILED, CANCELED)
EVENTS = {
    SUCCEEDED: "run.completed",
    FAILED: "run.failed",
    CANCELED: "run.cancelled",
    PARTIAL: "run.partial_succeeded",
}
CREATE_RUN = ("POST", "/v1/models/{}/{}/runs")


@frozen(kw_only=True)
class NewRun:
    """A run to create."""

    model: CatalogModel
    values: JsonObject
    organization_id: str
    callback_url: str | None = None
    metadata: JsonObject | None = None
    client_ref: str | None = None
    batch_id: str | None = None


class Runs:
    """Creates runs and takes them through their states.

    The instants of a run are decided when it is created, and kept in its row.
    """

    def __init__(
        self,
        state: State,
        catalog: Catalog,
        outcomes: Outcomes,
        assets: Assets,
        callbacks: Callbacks,
        webhooks: Webhooks,
    ) -> None:
        self._state = state
        self._catalog = catalog
        self._outcomes = outcomes
        self._assets = assets
        self._callbacks = callbacks
        self._webhooks = webhooks
        # Called with the run and the instant of its end, after its callback and webhooks.
        self.on_end: list[Callable[[JsonObject, datetime], None]] = []
        self._timings: dict[str | None, Timings] = {None: state.settings.timings}

    def set_timings(self, timings: Timings, model_id: str | None = None) -> None:
        """Set how long new runs take (of that model, of all others when None).

        Raise ValueError if the catalog has no such model.
        """
        self._catalog.check(model_id)
        self._timings[model_id] = timings

    def create(self, new: NewRun, now: datetime) -> JsonObject:
        """Create a run and return its row.

        The caller has checked the input and the balance.
        """
        run_id = self._state.identifiers.new(now)
        outcome = self._outcomes.take(new.model.model_id)
        timings = self._timings.get(new.model.model_id, self._timings[None])
        source = random.Random(f"{self._state.settings.seed}/{run_id}")
        dispatching = now + timedelta(seconds=timings.queued.draw(source))
        running = dispatching + timedelta(seconds=timings.dispatching.draw(source))
        ends = running + timedelta(seconds=timings.running.draw(source))
        price = price_of(new.model, new.values, output_count(new.values))
        row: JsonObject = dict.fromkeys(_FIELDS)
        row.update(
            id=run_id,
            model_id=None if new.model.is_workflow else new.model.id,
            comfyui_workflow_id=new.model.id if new.model.is_workflow else None,
            org_id=new.organization_id,
            target_type="comfyui_workflow" if new.model.is_workflow else "model",
            status_code=QUEUED,
            source_code="api",
            input=self._assets.keep_inline(new.values, new.organization_id, now),
            context={},
            metadata=None
            if new.metadata is None
            else self._assets.keep_inline(new.metadata, new.organization_id, now),
            links={"self": f"{self._state.api_url}/runs/{run_id}"},
            nodes_total=len(NODES),
            nodes_completed=0,
            request_id=f"req_{run_id.replace('-', '')}",
            callback_url=new.callback_url,
            client_ref=new.client_ref,
            batch_id=new.batch_id,
            created_at=api_instant(now),
            has_logs=True,
            has_node_runs=False,
            _model=new.model.model_id,
            _outcome=asdict(outcome),
            _price=decimal_text(price),
            _unit=[decimal_text(new.model.price), new.model.unit],
            _plan=[api_instant(instant) for instant in (dispatching, running, ends)],
            _history=[[api_instant(now), QUEUED]],
        )
        self._state.ledger.hold(new.organization_id, run_id, price)
        self._state.runs.put(row)
        self._state.schedule.at(dispatching, partial(self._dispatch, row))
        return row

    def cancel(self, row: JsonObject, at: datetime, status: str = CANCELED) -> bool:
        """End the run as canceled; return False if it was terminal already.

        Raise ValueError for a status that is not a cancellation's.
        """
        if status not in CANCELLATIONS:
            words = " or ".join(CANCELLATIONS)
            raise ValueError(f"a run is not canceled with the status {status!r}: expected {words}")
        if row["status_code"] in TERMINAL:
            return False
        self._end(row, Outcome(status), at)
        return True

    def resume(self, row: JsonObject) -> None:
        """Schedule the next step of a run that a server left unfinished when it stopped."""
        dispatching, running, _ = (parse_instant(instant) for instant in row["_plan"])
        self._state.ledger.hold(row["org_id"], row["id"], Decimal(row["_price"]))
        if row["status_code"] == QUEUED:
            self._state.schedule.at(dispatching, partial(self._dispatch, row))
        elif row["status_code"] == DISPATCHING:
            self._state.schedule.at(running, partial(self._run, row))
        elif row["status_code"] == RUNNING:
            self._schedule_progress(row)

    def _dispatch(self, row: JsonObject, at: datetime) -> None:
        if self._enter(row, DISPATCHING, at):
            self._state.schedule.at(parse_instant(row["_plan"][1]), partial(self._run, row))

    def _run(self, row: JsonObject, at: datetime) -> None:
        outcome = Outcome(**row["_outcome"])
        missing = self._assets.missing(row["input"], row["org_id"])
        if missing is not None:
            outcome = Outcome(
                FAILED,
                "ASSET_NOT_FOUND",
                f"the input refers to {missing}, which does not exist",
                DISPATCH,
            )
        if outcome.fails_at_dispatch:
            self._end(row, outcome, at)
        elif self._enter(row, RUNNING, at):
            row.update(started_at=api_instant(at), has_node_runs=True)
            self._state.runs.put(row)
            self._schedule_progress(row)

    def _schedule_progress(self, row: JsonObject) -> None:
        """Schedule the completion of the next node.

        The last one ends the run, unless its outcome is `never`.
        """
        starts, ends = parse_instant(row["_plan"][1]), parse_instant(row["_plan"][2])
        number = row["nodes_completed"] + 1
        if number < len(NODES):
            self._state.schedule.at(
                starts + (ends - starts) * number / len(NODES), partial(self._progress, row)
            )
        elif row["_outcome"]["status"] != NEVER:
            self._state.schedule.at(ends, partial(self._finish, row))

    def _progress(self, row: JsonObject, at: datetime) -> None:
        if row["status_code"] == RUNNING:
            row["nodes_completed"] += 1
            row["_history"].append([api_instant(at), NODES[row["nodes_completed"] - 1]])
            self._state.runs.put(row)
            self._schedule_progress(row)

    def _finish(self, row: JsonObject, at: datetime) -> None:
        self._end(row, Outcome(**row["_outcome"]), at)

    def _enter(self, row: JsonObject, status: str, at: datetime) -> bool:
        if row["status_code"] in TERMINAL:
            return False
        row["status_code"] = status
        row["_history"].append([api_instant(at), status])
        self._state.runs.put(row)
        return True

    def _end(self, row: JsonObject, outcome: Outcome, at: datetime) -> None:
        status = CANCELED if outcome.status == CANCELLED else outcome.status
        started = row["started_at"] is not None
        if not self._enter(row, status, at):
            return
        row.update(
            outcome.failure(), completed_at=api_instant(at), cost="0", _spelling=outcome.status
        )
        row["duration_ms"] = round((at - parse_instant(row["created_at"])).total_seconds() * 1000)
        if status in (SUCCEEDED, PARTIAL):
            self._make_output(row, status, at)
        elif status == CANCELED and started:
            self._bill(row, output_count(row["input"]), at)
        self._state.ledger.release(row["id"])
        self._state.runs.put(row)
        if row["callback_url"] is not None:
            self.deliver(row, at, automatic=True)
        self._webhooks.notify(row["org_id"], self._payload(row), at)
        for listener in self.on_end:
            listener(row, at)

    def _make_output(self, row: JsonObject, status: str, at: datetime) -> None:
        asked = output_count(row["input"])
        made = asked if status == SUCCEEDED else max(asked // 2, 1)
        row["nodes_completed"] = len(NODES)
        taken = round((at - parse_instant(row["started_at"])).total_seconds() * 1000)
        row["output"] = output_of(
            self._model(row),
            row["id"],
            row["input"],
            made,
            taken,
            self._state.urls,
            at,
            self._state.settings.output_url_lifetime,
        )
        self._bill(row, made, at)

    def _bill(self, row: JsonObject, outputs: int, at: datetime) -> None:
        # The price is that of the run's creation: no more than was held back.
        price, unit = row["_unit"]
        priced = evolve(self._model(row), price=price, unit=unit)
        amount = price_of(priced, row["input"], outputs)
        self._state.ledger.bill(
            LedgerEntry(row["id"], row["_model"], amount, row["org_id"], api_instant(at))
        )
        row["cost"] = decimal_text(amount)

    def deliver(self, row: JsonObject, at: datetime, *, automatic: bool) -> JsonObject:
        """Deliver the run's callback with its present state; return the delivery."""
        return self._callbacks.begin(
            "run_id", row, self._payload(row), CREATE_RUN, at, automatic=automatic
        )

    def _payload(self, row: JsonObject) -> JsonObject:
        output = row["output"]
        if row["status_code"] == FAILED and self._state.settings.error_in_failed_callback:
            output = {
                "code": row["failure_code"],
                "message": row["failure_message"],
                "errors": None,
            }
        payload = payload_of(EVENTS[row["status_code"]], "run_id", row, output)
        return {**payload, "status": row["_spelling"]}

    def _model(self, row: JsonObject) -> CatalogModel:
        model = self._catalog.get(row["_model"])
        return model if model is not None else CatalogModel(row["_model"], row["_model"])


_FIELDS = (
    "id",
    "flow_id",
    "model_id",
    "comfyui_workflow_id",
    "org_id",
    "flow_version_id",
    "created_by",
    "target_type",
    "target_version",
    "status_code",
    "source_code",
    "input",
    "output",
    "context",
    "metadata",
    "links",
    "duration_ms",
    "nodes_total",
    "nodes_completed",
    "cost",
    "jurisdiction_code",
    "request_id",
    "callback_url",
    "created_at",
    "started_at",
    "completed_at",
    "has_logs",
    "has_node_runs",
    "cost_breakdown",
    "resolved_template_id",
    "batch_id",
    "client_ref",
    "failure_code",
    "failure_message",
    "failure_stage_code",
    "feedback_is_positive",
    "feedback_reason",
    "source_chat_message_id",
    "current_evaluation_summary",
)
