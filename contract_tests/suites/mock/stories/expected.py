"""What a server must show of what was created, computed anew from a few facts and the moment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from attrs import define, field
from runflow_mock.state.clock import STEPPED_START, parse_instant

from .world import MODELS, TIMINGS, answers_of

RETRY_DELAYS: Final = (1.0, 2.0)
NEVER: Final = float("inf")
EVENTS: Final = {
    "succeeded": "completed",
    "failed": "failed",
    "canceled": "cancelled",
    "partial_succeeded": "partial_succeeded",
}


def seconds_of(instant: str | None) -> float | None:
    """Return the seconds since the start of the clock."""
    return None if instant is None else (parse_instant(instant) - STEPPED_START).total_seconds()


def price_of(model: str, outputs: int) -> Decimal:
    """Return what a run of the model costs that has made so many outputs."""
    price, unit = MODELS[model]
    amount = Decimal(price) * (outputs if unit == "image" else min(outputs, 1))
    return round(amount, 6).normalize() + 0


@define
class Delivery:
    """One delivery: when it began, to where, and with which secret."""

    began: float
    url: str
    secret: str | None
    secret_id: str | None = None
    automatic: bool = True
    event: str = ""

    def attempts(self, now: float) -> list[tuple[float, int]]:
        """Return moment and answer of each attempt until now."""
        made: list[tuple[float, int]] = []
        at = self.began
        for number, answer in enumerate(answers_of(self.url)[:3]):
            if at > now:
                break
            made.append((at, answer))
            if 0 < answer < 500 or number == len(RETRY_DELAYS):
                break
            at += RETRY_DELAYS[number]
        return made

    def is_over(self, now: float) -> bool:
        """Whether no attempt follows."""
        made = self.attempts(now)
        return len(made) == 3 or 0 < made[-1][1] < 500

    def next_attempt(self, now: float) -> float | None:
        """Return when the next attempt is made, None for never."""
        made = self.attempts(now)
        return None if self.is_over(now) else made[-1][0] + RETRY_DELAYS[len(made) - 1]


@define
class Run:
    """The facts of one run."""

    id: str
    model: str
    created: float
    images: int
    outcome: str
    values: dict[str, Any]
    metadata: dict[str, Any] | None = None
    client_ref: str | None = None
    callback_url: str | None = None
    batch: str | None = None
    lost_asset: float | None = None
    """When an asset of its input was deleted."""
    canceled: float | None = None
    told: list[Delivery] = field(factory=list[Delivery])
    feedback: tuple[bool | None, str | None] = (None, None)

    @property
    def begins(self) -> float:
        """When it starts to run."""
        queued, dispatching, _ = TIMINGS[self.model]
        return self.created + queued + dispatching

    @property
    def _misses_its_asset(self) -> bool:
        return self.lost_asset is not None and self.lost_asset < self.begins

    @property
    def natural_end(self) -> float:
        """When it ends unless it is canceled."""
        if self._misses_its_asset or self.outcome == "failed at dispatch":
            return self.begins
        return NEVER if self.outcome == "never" else self.begins + TIMINGS[self.model][2]

    @property
    def ends(self) -> float:
        """When it ends."""
        return self.natural_end if self.canceled is None else self.canceled

    @property
    def end(self) -> str:
        """How it ends."""
        if self.canceled is not None:
            return "canceled"
        if self._misses_its_asset or self.outcome.startswith("failed"):
            return "failed"
        return self.outcome

    @property
    def most(self) -> Decimal:
        """The most that it can cost."""
        return price_of(self.model, self.images)

    def has_started(self, now: float) -> bool:
        """Whether it was running at any time until now."""
        if self.canceled is not None:
            return self.begins <= min(self.canceled, now)
        return self.begins <= now and self.natural_end > self.begins

    def has_ended(self, now: float) -> bool:
        """Whether it has ended."""
        return self.ends <= now

    def status(self, now: float) -> str:
        """Return its status."""
        if self.has_ended(now):
            return self.end
        if self.has_started(now):
            return "running"
        return "dispatching" if now >= self.created + TIMINGS[self.model][0] else "queued"

    def made(self, now: float) -> int:
        """Return how many outputs it has made."""
        if self.status(now) == "succeeded":
            return self.images
        return max(self.images // 2, 1) if self.status(now) == "partial_succeeded" else 0

    def cost(self, now: float) -> Decimal:
        """Return what it has cost."""
        if self.status(now) == "canceled" and self.has_started(now):
            return self.most
        return price_of(self.model, self.made(now))

    def nodes(self, now: float) -> int:
        """Return how many nodes are completed."""
        if self.made(now):
            return 3
        until = min(self.ends, now)
        third = TIMINGS[self.model][2] / 3
        done = sum(self.begins + third * number <= until for number in (1, 2))
        return done if self.has_started(now) else 0

    def history(self, now: float) -> list[tuple[float, str]]:
        """Return when what was logged of it."""
        until = min(self.ends, now)
        dispatched = self.created + TIMINGS[self.model][0]
        steps = [(self.created, "run is queued")]
        steps += [(dispatched, "run is dispatching")] * (dispatched <= until)
        if self.has_started(now):
            third = TIMINGS[self.model][2] / 3
            steps += [(self.begins, "run is running")]
            done = min(self.nodes(now), 2)
            steps += [
                (self.begins + third * number, f"node {name} completed")
                for number, name in ((1, "prepare"), (2, "generate"))[:done]
            ]
        return steps + [(self.ends, f"run is {self.end}")] * self.has_ended(now)

    def is_billed(self, now: float) -> bool:
        """Whether the ledger has an entry of it, if only of nothing."""
        return self.made(now) > 0 or (self.status(now) == "canceled" and self.has_started(now))

    def shown(self, now: float) -> dict[str, Any]:
        """Return what the API shows of it."""
        over = self.has_ended(now)
        reason = "ASSET_NOT_FOUND" if self._misses_its_asset else "PROVIDER_ERROR"
        stage = "dispatch" if self.natural_end == self.begins else "execution"
        failed = self.status(now) == "failed"
        return {
            "id": self.id,
            "status_code": self.status(now),
            "metadata": self.metadata,
            "client_ref": self.client_ref,
            "callback_url": self.callback_url,
            "batch_id": self.batch,
            "created_at": self.created,
            "started_at": self.begins if self.has_started(now) else None,
            "completed_at": self.ends if over else None,
            "duration_ms": round((self.ends - self.created) * 1000) if over else None,
            "nodes_completed": self.nodes(now),
            "nodes_total": 3,
            "cost": self.cost(now) if over else None,
            "failure_code": reason if failed else None,
            "failure_stage_code": stage if failed else None,
            "feedback_is_positive": self.feedback[0],
            "feedback_reason": self.feedback[1],
            "has_node_runs": self.has_started(now),
        }


@define
class Batch:
    """The facts of one batch."""

    id: str
    created: float
    runs: list[Run]
    metadata: dict[str, Any] | None
    callback_url: str | None
    told: list[Delivery] = field(factory=list[Delivery])

    @property
    def ends(self) -> float:
        """When its last run ends."""
        return max(run.ends for run in self.runs)

    def status(self, now: float) -> str:
        """Return its status."""
        statuses = {run.status(now) for run in self.runs}
        if self.ends <= now:
            return statuses.pop() if len(statuses) == 1 else "partial_succeeded"
        return "queued" if statuses == {"queued"} else "running"

    def shown(self, now: float) -> dict[str, Any]:
        """Return what the API shows of it."""
        statuses = [run.status(now) for run in self.runs]
        started = [run.begins for run in self.runs if run.has_started(now)]
        over = self.ends <= now
        return {
            "id": self.id,
            "status_code": self.status(now),
            "items_total": len(self.runs),
            "items_succeeded": sum(one.endswith("succeeded") for one in statuses),
            "items_failed": statuses.count("failed"),
            "items_cancelled": statuses.count("canceled"),
            "metadata": self.metadata,
            "callback_url": self.callback_url,
            "created_at": self.created,
            "started_at": min(started, default=None),
            "completed_at": self.ends if over else None,
            "duration_ms": round((self.ends - self.created) * 1000) if over else None,
            "cost": sum((run.cost(now) for run in self.runs), Decimal(0)),
        }


@define
class Evaluation:
    """The facts of one evaluation."""

    id: str
    created: float
    run: Run | None
    callback_url: str | None
    told: list[Delivery] = field(factory=list[Delivery])
    feedback: tuple[bool | None, str | None] = (None, None)

    @property
    def ends(self) -> float:
        """When it is completed."""
        return self.created + 3.0

    def shown(self, now: float) -> dict[str, Any]:
        """Return what the API shows of it."""
        over, running = self.ends <= now, self.created + 1.0 <= now
        return {
            "id": self.id,
            "status_code": "completed" if over else "running" if running else "pending",
            "run_id": None if self.run is None else self.run.id,
            "target_type_code": None if self.run is None else "model",
            "created_at": self.created,
            "completed_at": self.ends if over else None,
            "eval_duration_ms": 2000 if over else None,
            "feedback_is_positive": self.feedback[0],
            "feedback_reason": self.feedback[1],
        }


@define
class Webhook:
    """The facts of one webhook."""

    id: str
    url: str
    secret: str
    events: list[str]
    enabled: bool = True
    told: list[Delivery] = field(factory=list[Delivery])


@define
class Secret:
    """The facts of one secret of callbacks."""

    id: str
    plain: str
    current: bool
    label: str | None
