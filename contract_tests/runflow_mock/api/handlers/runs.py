"""Create, read and list runs, and read their callbacks."""

from collections.abc import Callable, Iterable

from ...contract.answers import Refusal
from ...contract.json_types import JsonObject, public
from ...contract.vocabulary import spelled
from ...simulation.catalog import CatalogModel
from ...simulation.outputs import sign_again
from ...simulation.pricing import output_count, price_of
from ...simulation.progress import log_rows, node_run_rows
from ...simulation.runs import STATUSES, TERMINAL, NewRun
from ...state.settings import REFUSE
from ..calls import Call, handles
from ..legacy_spelling import shown_status
from ..lists import embeds_of, page, project
from .models import model_of
from .nested import below, pick


@handles("create_run", "POST", "/v1/models/{owner}/{slug}/runs", scope="runs:create")
def create_run(call: Call) -> JsonObject:
    """Create a run.

    The model must exist, the input be valid, and the balance cover the price.
    """
    return public(new_run(call, model_of(call, *call.path_values)))


def new_run(call: Call, model: CatalogModel) -> JsonObject:
    """Create a run of the model, or of the ComfyUI workflow, and return its row."""
    values: JsonObject = call.fields["input"]
    errors = input_problems(call, model, values, ["body", "input"])
    if errors:
        raise Refusal(
            422, f"the input is not what {model.model_id} takes: see errors", errors=errors
        )
    call.state.ledger.admit(call.organization_id, price_of(model, values, output_count(values)))
    return call.simulation.runs.create(
        NewRun(
            model=model,
            values=values,
            organization_id=call.organization_id,
            callback_url=call.fields.get("callback_url"),
            metadata=call.fields.get("metadata"),
            client_ref=call.fields.get("client_ref"),
        ),
        call.now,
    )


def input_problems(
    call: Call, model: CatalogModel, values: JsonObject, place: list[str | int]
) -> list[JsonObject]:
    """Return the entries of `errors[]` for an input at that place of the body.

    A reference to an asset that does not exist is among them if the settings say so.
    """
    errors = model.problems(values, strict=call.state.settings.strict)
    found = [{**entry, "loc": [*place, entry["loc"][-1]]} for entry in errors]
    if call.state.settings.unknown_assets == REFUSE:
        missing = call.simulation.assets.missing(values, call.organization_id)
        if missing is not None:
            message = f"asset not found or expired: {missing}"
            found.append({"loc": place, "msg": message, "type": "asset_not_found"})
    return found


@handles("list_runs", "GET", "/v1/runs", scope="runs:read")
def list_runs(call: Call) -> JsonObject:
    """Return a page of the organization's runs."""
    return page(call.owned(call.state.runs), call.query, render=lambda row: _view(call, row))


@handles("get_run", "GET", "/v1/runs/{id}", scope="runs:read")
def get_run(call: Call) -> JsonObject:
    """Return one run. With `add_signature=true` its output URLs are signed anew."""
    view = _view(call, own_run(call, call.path_values[0]))
    if call.query.get("add_signature") is True and isinstance(view.get("output"), dict):
        lifetime = call.state.settings.output_url_lifetime
        view["output"] = sign_again(view["output"], call.state.urls, call.now, lifetime)
    return view


@handles("list_run_statuses", "GET", "/v1/runs/statuses", scope="runs:read")
def list_run_statuses(call: Call) -> list[JsonObject]:
    """Return the statuses that runs can have."""
    document = call.simulation.contract.document
    one = document.operation(("GET", "/v1/runs/{}"))
    words = [] if one is None else document.statuses_of(one)
    ended = dict[str, bool]()
    for status in STATUSES:
        ended.setdefault(spelled(status, words) or status, status in TERMINAL)
    return [{"code": word, "is_terminal": is_over} for word, is_over in ended.items()]


@handles("list_run_callback_deliveries", "GET", "/v1/runs/{run_id}/callback", scope="runs:read")
def list_run_callback_deliveries(call: Call) -> list[JsonObject]:
    """Return the delivery history of the run's callback, oldest first."""
    row = own_run(call, call.path_values[0])
    return [public(delivery) for delivery in call.simulation.callbacks.history("run_id", row["id"])]


@handles(
    "redeliver_run_callback",
    "POST",
    "/v1/runs/{run_id}/callback-redeliveries",
    scope="runs:execute",
)
def redeliver_run_callback(call: Call) -> JsonObject:
    """Deliver the run's callback again, from its present state."""
    row = own_run(call, call.path_values[0])
    if row["status_code"] not in TERMINAL:
        raise Refusal(
            404, f"run {row['id']} is still {row['status_code']}: there is nothing to deliver yet"
        )
    if row["callback_url"] is None:
        raise Refusal(404, f"run {row['id']} has no callback_url: there is nothing to deliver")
    return public(call.simulation.runs.deliver(row, call.now, automatic=False))


def own_run(call: Call, identifier: str) -> JsonObject:
    """Return the organization's run with that id. Raise the 404 if there is none."""
    return call.own(call.state.runs, identifier, "run", "RUN_NOT_FOUND")


@handles("list_run_logs", "GET", "/v1/runs/{run_id}/logs", scope="runs:read")
def list_run_logs(call: Call) -> JsonObject:
    """Return a page of the run's log lines, oldest first by default."""
    return page(_below(call, log_rows), call.query, "timestamp:asc")


@handles("get_run_log", "GET", "/v1/runs/{run_id}/logs/{id}", scope="runs:read")
def get_run_log(call: Call) -> JsonObject:
    """Return one log line."""
    return pick(_below(call, log_rows), call.path_values[1], "log line")


@handles("list_node_runs", "GET", "/v1/runs/{run_id}/node-runs", scope="runs:read")
def list_node_runs(call: Call) -> JsonObject:
    """Return a page of the run's node runs."""
    return page(_below(call, node_run_rows), call.query, "started_at:asc")


@handles("get_node_run", "GET", "/v1/runs/{run_id}/node-runs/{id}", scope="runs:read")
def get_node_run(call: Call) -> JsonObject:
    """Return one node run."""
    return pick(_below(call, node_run_rows), call.path_values[1], "node run")


def _view(call: Call, row: JsonObject) -> JsonObject:
    """Return the run as the API returns it.

    Assets of its input and metadata are signed URLs, and what the query embeds is added.
    """
    embedded: JsonObject = {
        name: None
        if row[name] is None
        else call.simulation.assets.signed(row[name], row["org_id"], call.now)
        for name in ("input", "metadata")
    }
    for name, rows in (("node_runs", node_run_rows), ("logs", log_rows)):
        if name in embeds_of(call.query):
            embedded[name] = list(rows(row))
    return project({**row, **embedded, "status_code": shown_status(row)}, call.query)


def _below(
    call: Call, children: Callable[[JsonObject], Iterable[JsonObject]]
) -> Iterable[JsonObject]:
    return below(
        call.path_values[0],
        lambda: call.owned(call.state.runs),
        lambda identifier: own_run(call, identifier),
        children,
    )
