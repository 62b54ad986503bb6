"""The server's own addresses under `/_mock/`, for tests in another process or language.

They need no key. A web page must not reach them through a browser on this machine, so requests of
another origin are refused, and those for a host that could be somebody's domain (DNS rebinding).
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias, cast

from attrs import asdict

from ..contract.answers import Refusal, Reply, invalid
from ..contract.json_types import JsonObject
from ..contract.requests import IncomingRequest, RecordedRequest
from ..faults.plan import Fault
from ..simulation.outcomes import Outcome
from ..simulation.simulation import Simulation
from ..state.keys import DEFAULT_ORGANIZATION
from ..state.money import decimal_text, read_balance
from .web_pages import host_in, is_of_another_origin, is_private_name

CONTROL_PREFIX = "/_mock/"
Control: TypeAlias = Callable[[Simulation, JsonObject], Awaitable[object]]


async def answer_control(
    simulation: Simulation, request: IncomingRequest, requests: list[RecordedRequest]
) -> Reply:
    """Answer a control request. Refusals are in the API's error envelope."""
    _check_caller(request.headers)
    path = request.raw_path.removeprefix(CONTROL_PREFIX)
    if (request.method, path) == ("GET", "requests"):
        return Reply({"requests": [_request_fields(recorded) for recorded in requests]}, 200)
    control = CONTROLS.get((request.method, path))
    if control is None:
        routes = ", ".join(f"{method} {CONTROL_PREFIX}{name}" for method, name in sorted(CONTROLS))
        raise Refusal(
            404,
            f"there is no {request.method} {request.raw_path[:100]}; "
            f"there is GET {CONTROL_PREFIX}requests, {routes}",
        )
    try:
        fields: object = json.loads(request.body) if request.body else {}
        if not isinstance(fields, dict):
            raise ValueError("send a JSON object")
        return Reply(await control(simulation, cast(JsonObject, fields)), 200)
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as problem:
        raise invalid(["body"], f"{type(problem).__name__}: {problem}", "value_error") from None


def _check_caller(headers: Mapping[str, str]) -> None:
    """Refuse what a web page may have sent. Sec-Fetch-Site counts where there is no Origin."""
    site = headers.get("sec-fetch-site", "none").lower()
    if is_of_another_origin(headers) or site not in {"none", "same-origin"}:
        sender = headers.get("origin", site)[:100]
        raise Refusal(403, f"{CONTROL_PREFIX} is not for web pages: the Origin is {sender!r}")
    if not is_private_name(host_in(headers)):
        raise Refusal(
            403,
            f"{CONTROL_PREFIX} is reached by an IP address, localhost, a name without a dot or one "
            f"in .internal, and not by the Host {headers.get('host', '')[:100]!r}",
        )


async def _ledger(simulation: Simulation, fields: JsonObject) -> object:
    entries = [
        {**asdict(entry), "amount": decimal_text(entry.amount)}
        for entry in simulation.state.ledger.entries
    ]
    balance = simulation.state.ledger.account(DEFAULT_ORGANIZATION).balance
    return {"entries": entries, "balance": decimal_text(balance)}


async def _list_faults(simulation: Simulation, fields: JsonObject) -> object:
    return {"faults": [fault.describe() for fault in simulation.faults]}


async def _unused(simulation: Simulation, fields: JsonObject) -> object:
    return {"unused": simulation.unused()}


async def _add_fault(simulation: Simulation, fields: JsonObject) -> object:
    return simulation.faults.add(Fault.read(fields)).describe()


async def _clear_faults(simulation: Simulation, fields: JsonObject) -> object:
    simulation.faults.clear()
    return {"faults": []}


async def _advance(simulation: Simulation, fields: JsonObject) -> object:
    simulation.advance(float(fields["seconds"]))
    return {"now": simulation.state.now().isoformat()}


async def _settle(simulation: Simulation, fields: JsonObject) -> object:
    await simulation.settle()
    return {"now": simulation.state.now().isoformat()}


async def _plan_outcome(simulation: Simulation, fields: JsonObject) -> object:
    model, count = fields.pop("model", None), int(fields.pop("count", 1))
    outcome = Outcome(**fields)
    simulation.outcomes.plan(outcome, model, count)
    return asdict(outcome)


async def _cancel(simulation: Simulation, fields: JsonObject) -> object:
    row = simulation.state.runs.get(str(fields["run_id"]))
    if row is None:
        raise KeyError(fields["run_id"])
    return {
        "canceled": simulation.runs.cancel(
            row, simulation.state.now(), str(fields.get("status", "canceled"))
        )
    }


async def _set_balance(simulation: Simulation, fields: JsonObject) -> object:
    account = simulation.state.ledger.account(DEFAULT_ORGANIZATION)
    account.balance = read_balance(fields["balance"])
    return {"balance": decimal_text(account.balance)}


async def _add_key(simulation: Simulation, fields: JsonObject) -> object:
    key = simulation.state.keys.add(str(fields.pop("key")), **fields)
    return {"organization_id": key.organization_id}


CONTROLS: dict[tuple[str, str], Control] = {
    ("GET", "ledger"): _ledger,
    ("GET", "faults"): _list_faults,
    ("GET", "unused"): _unused,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "advance"): _advance,
    ("POST", "settle"): _settle,
    ("POST", "outcomes"): _plan_outcome,
    ("POST", "cancellations"): _cancel,
    ("POST", "balance"): _set_balance,
    ("POST", "keys"): _add_key,
}


def _request_fields(recorded: RecordedRequest) -> JsonObject:
    return {
        "method": recorded.method,
        "raw_path": recorded.raw_path,
        "query": [list(pair) for pair in recorded.query],
        "headers": recorded.headers,
        "body": recorded.body.decode(errors="replace"),
    }
