"""The forms of the page: plan a fault or an outcome, advance the time, cancel a run."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import parse_qsl

from ...faults.plan import Fault
from ...simulation.outcomes import Outcome
from ...simulation.simulation import Simulation

Form: TypeAlias = dict[str, str]
Action: TypeAlias = Callable[[Simulation, Form], Awaitable[None]]


def read_form(body: bytes) -> Form:
    """Return the fields of a form that are filled in."""
    fields = parse_qsl(body.decode(errors="replace"), keep_blank_values=False)
    return {name: value.strip() for name, value in fields if value.strip()}


async def _plan_fault(simulation: Simulation, form: Form) -> None:
    fields: dict[str, object] = dict(form)
    for name in ("status", "count"):
        if name in form:
            fields[name] = int(form[name])
    if "always" in fields:
        del fields["always"]
        fields["count"] = None
    for name in ("delay", "probability", "skew"):
        if name in form:
            fields[name] = float(form[name])
    simulation.faults.add(Fault.read(fields))


async def _clear_faults(simulation: Simulation, form: Form) -> None:
    simulation.faults.clear()


async def _plan_outcome(simulation: Simulation, form: Form) -> None:
    outcome = Outcome(form["status"], form.get("failure_code"), form.get("failure_message"))
    simulation.outcomes.plan(outcome, form.get("model"), int(form.get("count", "1")))


async def _advance(simulation: Simulation, form: Form) -> None:
    simulation.advance(float(form["seconds"]))


async def _settle(simulation: Simulation, form: Form) -> None:
    await simulation.settle()


async def _cancel(simulation: Simulation, form: Form) -> None:
    row = simulation.state.runs.get(form["run_id"])
    if row is not None:
        simulation.runs.cancel(row, simulation.state.now())


ACTIONS: dict[str, Action] = {
    "faults": _plan_fault,
    "clear-faults": _clear_faults,
    "outcomes": _plan_outcome,
    "advance": _advance,
    "settle": _settle,
    "cancel": _cancel,
}
