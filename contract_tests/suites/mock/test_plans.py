"""Planned faults and outcomes: at random, who takes which plan is what a list would say."""

from random import Random
from typing import Any

import httpx
import pytest
from attrs import define, field
from runflow_mock import Fault, MockRunflow
from runflow_mock.api.handlers import operation_names
from runflow_mock.contract.document import Document
from runflow_mock.contract.requests import IncomingRequest
from runflow_mock.faults.plan import IN_THE_BODY, TO_A_CALLBACK, Faults
from runflow_mock.simulation.catalog import Catalog
from runflow_mock.simulation.outcomes import Outcome, Outcomes

SEEDS = range(5)
RUN, RUNS = ("GET", "/v1/runs/{}"), ("GET", "/v1/runs")
SIGNATURES = {"get_run": RUN, "GET /v1/runs": RUNS}
FIELDS: dict[str, Any] = {
    "operation": "get_run",
    "contains": "x",
    "count": 3,
    "probability": 0.5,
    "status": 503,
    "code": "C",
    "message": "m",
    "retry_after": "9",
    "delay": 2.5,
    "field": "a.b",
    "value": "v",
    "skew": -5.5,
}
MODEL, OTHER = "google/nano-banana-pro", "openai/gpt-image-2"
REASONS = {"failure_code": "C", "failure_message": "m"}
OUTCOMES: tuple[dict[str, Any], ...] = (
    {},
    *({name: text} for name, text in REASONS.items()),
    {"count": 2},
    {"model": MODEL},
    {"model": MODEL, "count": 3, **REASONS},
)
KINDS = ("status", "null", "truncate", "lost_callback")
NAMES = operation_names()
DOCUMENT = Document.read()


@define
class Planned:
    """A planned fault as the test sees it."""

    fault: Fault
    left: int | None
    applied: int = 0
    source: Random = field(factory=Random)

    def takes(self, where: str, text: str) -> bool:
        """Whether it takes what comes; if so, it is used up by one."""
        operation = self.fault.operation
        place = "storage" if where == "storage" else "*"
        fits = operation in (where, place) and (operation != "*" or where != "storage")
        if (self.fault.kind in TO_A_CALLBACK) != (where == "callback") or not fits:
            return False
        if self.left == 0 or self.fault.contains not in text:
            return False
        if self.source.random() >= self.fault.probability:
            return False
        self.left = None if self.left is None else self.left - 1
        self.applied += 1
        return True

    @property
    def is_unused(self) -> bool:
        """Whether it has changed nothing, and could have."""
        changed = self.applied and self.fault.kind not in IN_THE_BODY
        return not changed and self.fault.probability == 1


def new_fault(draw: Random) -> Planned:
    kind = draw.choice(KINDS)
    places = ["*", *SIGNATURES, "storage"] if kind in ("status", "truncate") else ["*", *SIGNATURES]
    details: dict[str, Any] = {
        "operation": "*" if kind in TO_A_CALLBACK else draw.choice(places),
        "contains": draw.choice(("", "", "x=1", "Body")),
        "count": draw.choice((None, 1, 2)),
        "probability": draw.choice((1.0, 1.0, 0.5)),
        "seed": draw.randint(0, 9),
    }
    return Planned(Fault(kind=kind, **details), details["count"], source=Random(details["seed"]))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fault_takes_what_it_is_planned_for_as_often_as_it_is_planned(seed: int) -> None:
    draw, faults = Random(seed), Faults(NAMES, DOCUMENT.operations)
    planned: list[Planned] = []
    for _ in range(120):
        if draw.random() < 0.25:
            planned.append(new_fault(draw))
            assert faults.add(planned[-1].fault) is planned[-1].fault
        if draw.random() < 0.02:
            faults.clear()
            planned.clear()
        where = draw.choice((*SIGNATURES, "storage", "callback"))
        query, body = draw.choice(("", "x=1", "x=2")), draw.choice((b"", b"a Body", b"a body"))
        request = IncomingRequest("GET", "/v1/runs", query, {}, body)
        if where == "callback":
            found, text = faults.for_callback(body.decode()), body.decode()
        elif where == "storage":
            found, text = faults.for_storage(request), request.text
        else:
            found, text = faults.for_request(SIGNATURES[where], request), request.text
        first = next((one for one in planned if one.takes(where, text)), None)
        assert found is (None if first is None else first.fault)
        assert list(faults) == [one.fault for one in planned if one.left != 0]
        assert [(one.fault.count, one.fault.applied) for one in planned] == [
            (one.left, one.applied) for one in planned
        ]
        assert faults.unused() == [one.fault for one in planned if one.is_unused]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_outcome_is_that_of_the_next_runs_of_its_model(seed: int) -> None:
    draw, catalog = Random(seed), Catalog()
    outcomes = Outcomes(catalog)
    models = [catalog.add(name).model_id for name in ("acme/a", "acme/b")]
    planned: list[tuple[Outcome, str | None, int, bool]] = []
    for number in range(120):
        if draw.random() < 0.3:
            status = draw.choice(("failed", "canceled", "never"))
            outcome = Outcome(status, f"CODE {number}" if status == "failed" else None)
            model, count = draw.choice((None, *models)), draw.choice((1, 1, 2, 3))
            if count > 1:
                outcomes.plan(outcome, model, count)
            else:
                outcomes.plan(outcome, model)
            planned.append((outcome, model, count, False))
        model = draw.choice(models)
        expected = Outcome()
        for index, (outcome, wanted, left, _) in enumerate(planned):
            if wanted in (None, model):
                expected = outcome
                planned[index : index + 1] = [(outcome, wanted, left - 1, True)] * (left > 1)
                break
        assert outcomes.take(model) == expected
        assert outcomes.unused() == [
            f"outcome {outcome.status!r} for {wanted or 'any model'}"
            for outcome, wanted, _, used in planned
            if not used
        ]
    for count in (0, -1):
        with pytest.raises(ValueError, match=f"count is {count}: expected 1 or more"):
            outcomes.plan(Outcome(), count=count)
    with pytest.raises(ValueError, match="no model 'acme/c'"):
        outcomes.plan(Outcome(), "acme/c")


def test_a_fault_is_the_same_whichever_way_it_is_planned(mock: MockRunflow) -> None:
    given = [{}, *({name: value} for name, value in FIELDS.items()), FIELDS]
    with httpx.Client(base_url=f"{mock.base_url}/_mock", trust_env=False) as http:
        for fields in given:
            kind = {"kind": "status", **fields}
            planned = [mock.fail_next(**{"operation": "*", **fields}).describe()]
            planned.append(http.post("/faults", json=kind).json())
            assert http.post("/page/faults", data=kind).status_code == 303
            assert planned == [{**planned[0], **fields}] * 2
            assert [fault.describe() for fault in mock.faults] == planned[:1] * 3
            mock.faults.clear()


def test_an_outcome_is_the_same_whichever_way_it_is_planned(mock: MockRunflow) -> None:
    def ends() -> list[Outcome]:
        """Take how runs of two models would end."""
        return mock._call(
            lambda service: [
                service.simulation.outcomes.take(model) for model in (OTHER, *[MODEL] * 4)
            ]
        )

    with httpx.Client(base_url=f"{mock.base_url}/_mock", trust_env=False) as http:
        for fields in OUTCOMES:
            outcome = {"status": "failed", **fields}
            mock.next_outcome(**outcome)
            found = ends()
            reasons = {name: value for name, value in fields.items() if name in REASONS}
            assert found.count(Outcome("failed", **reasons)) == fields.get("count", 1)
            assert (found[0] == Outcome()) == ("model" in fields)
            http.post("/outcomes", json=outcome).raise_for_status()
            assert ends() == found
            assert http.post("/page/outcomes", data=outcome).status_code == 303
            assert ends() == found
