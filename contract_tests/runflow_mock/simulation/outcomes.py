"""How runs end: successfully, unless a test plans otherwise for the next ones."""

from attrs import define, field, frozen

from ..contract.choices import one_of
from ..contract.json_types import JsonObject
from .catalog import Catalog

SUCCEEDED, PARTIAL, FAILED, CANCELED = "succeeded", "partial_succeeded", "failed", "canceled"
CANCELLED = "cancelled"  # the older spelling
CANCELLATIONS = (CANCELED, CANCELLED)
NEVER = "never"
OUTCOMES = (SUCCEEDED, PARTIAL, FAILED, CANCELED, CANCELLED, NEVER)
DISPATCH = "dispatch"


@frozen
class Outcome:
    """How a run ends.

    `status` is a terminal status (either spelling of canceled), or `never`.
    """

    status: str = field(default=SUCCEEDED, validator=one_of("outcome", OUTCOMES))
    failure_code: str | None = None
    failure_message: str | None = None
    failure_stage_code: str | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("failure_code", "failure_message", "failure_stage_code"):
            reason: object = getattr(self, name)
            if reason is None:
                continue
            if not isinstance(reason, str):
                raise TypeError(f"{name} is {reason!r}: expected a text")
            if self.status != FAILED:
                raise ValueError(f"only a failed run has a failure, not one that is {self.status}")

    @property
    def fails_at_dispatch(self) -> bool:
        """Whether the run fails before it starts."""
        return self.status == FAILED and self.failure_stage_code == DISPATCH

    def failure(self) -> JsonObject:
        """Return the failure fields of the run, null unless it failed."""
        if self.status != FAILED:
            return dict.fromkeys(("failure_code", "failure_message", "failure_stage_code"))
        return {
            "failure_code": self.failure_code or "PROVIDER_ERROR",
            "failure_message": self.failure_message or "the provider could not make this output",
            "failure_stage_code": self.failure_stage_code or "execution",
        }


@define
class _Planned:
    outcome: Outcome
    model_id: str | None
    left: int
    used: bool = False


class Outcomes:
    """The outcomes that tests have planned, used in that order."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._planned: list[_Planned] = []

    def plan(self, outcome: Outcome, model_id: str | None = None, count: int = 1) -> None:
        """Plan the end of the next `count` runs (of that model, of any when None).

        Raise ValueError if the catalog has no such model, and for a count below 1.
        """
        if count < 1:
            raise ValueError(f"count is {count}: expected 1 or more")
        self._catalog.check(model_id)
        self._planned.append(_Planned(outcome, model_id, count))

    def unused(self) -> list[str]:
        """Return a description of each planned outcome that no run has had."""
        return [
            f"outcome {planned.outcome.status!r} for {planned.model_id or 'any model'}"
            for planned in self._planned
            if not planned.used
        ]

    def take(self, model_id: str) -> Outcome:
        """Return how a new run of the model will end."""
        for planned in self._planned:
            if planned.model_id in (None, model_id):
                planned.left -= 1
                planned.used = True
                if planned.left <= 0:
                    self._planned.remove(planned)
                return planned.outcome
        return Outcome()
