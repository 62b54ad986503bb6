"""`runflow batches`: many runs of one model."""

import warnings
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

import typer

from ... import Batch, ModelInput, Runflow, UnknownInput
from ..._estimate import check_takes_batches
from ..._progress import status_of
from ..._typed_inputs.text import read_json
from ..shared.catalog import find
from ..shared.command import command, new_app, terminal_of
from ..shared.listing import Filter, Limit, first, newest
from ..shared.options import Detach, Model, Timeout, WholeTimeout, Yes, check_detached
from ..shared.prices import confirm, state
from ..shared.refusals import Refused
from ..shared.session import connect
from ..shared.terminal import Terminal, dollars
from ..shared.values import read_money, read_text, read_url
from ..shared.waiting import deadline_of, wait as wait_for

app = new_app("Many runs of one model: create, list, get, wait, items.")

BatchId: TypeAlias = Annotated[str, typer.Argument(metavar="BATCH_ID")]


@command(
    app,
    "runflow batches create runflow/background-removal inputs.jsonl --max-cost 5",
    "runflow batches create runflow/background-removal - --detach < inputs.jsonl",
)
def create(
    ctx: typer.Context,
    model: Model,
    inputs: Annotated[
        str, typer.Argument(metavar="FILE", help="One JSON object a line; - for standard input.")
    ],
    max_cost: Annotated[
        str | None, typer.Option(metavar="USD", help="Refuse a batch that may cost more.")
    ] = None,
    timeout: WholeTimeout = 600,
    detach: Detach = False,
    callback_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where Runflow posts the ended batch.")
    ] = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Send the inputs even if the catalog refuses them.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Create a batch of 1 to 100 inputs and wait until it has ended."""
    from ..._flows.batches import NewBatch  # which `--help` does not need

    terminal = terminal_of(ctx)
    check_detached(ctx, detach=detach)
    if not unchecked:
        check_takes_batches(model)
    read_url("--callback-url", callback_url)
    given = _typed(terminal, model, _read_inputs(inputs), strict=not unchecked)
    # what the client would refuse is refused before anybody is asked about the price
    NewBatch.of(
        model,
        given,
        callback_url=callback_url,
        metadata=None,
        idempotency_key=None,
        strict=not unchecked,
    ).arguments()
    with connect() as client:
        _say_price(terminal, client, model, given, max_cost, asks=not yes)
        deadline = deadline_of(timeout)
        handle = client.batches.create(
            model,
            given,
            callback_url=callback_url,
            strict=not unchecked,
            timeout=None if detach else deadline.remaining(),
        )
        if detach:
            terminal.result({"batch": handle.state and handle.state.raw}, [handle.id])
            return
        _print(terminal, wait_for(terminal, "batch", handle, timeout, deadline=deadline))


@command(app, "runflow batches list --status running", name="list")
def list_batches(
    ctx: typer.Context,
    status: Annotated[str | None, typer.Option(help="Such as running, succeeded.")] = None,
    expression: Filter = None,
    limit: Limit = 20,
) -> None:
    """List batches, the newest first."""
    with connect() as client:
        batches = newest(client.batches.list, expression, limit, status=status)
    terminal_of(ctx).table(
        {"batches": [batch.raw for batch in batches]},
        ("BATCH", "STATUS", "ITEMS", "FAILED", "USD"),
        ((one.id, one.status, one.items_total, one.items_failed, one.cost) for one in batches),
    )


@command(app, "runflow batches get 0198...")
def get(ctx: typer.Context, batch_id: BatchId) -> None:
    """Show a batch."""
    with connect() as client:
        _print(terminal_of(ctx), client.batches.get(batch_id))


@command(app, "runflow batches wait 0198...")
def wait(
    ctx: typer.Context,
    batch_id: BatchId,
    timeout: Timeout = 600,
) -> None:
    """Wait until a batch has ended."""
    terminal = terminal_of(ctx)
    with connect() as client:
        _print(terminal, wait_for(terminal, "batch", client.batches.attach(batch_id), timeout))


@command(app, "runflow batches items 0198... --json")
def items(ctx: typer.Context, batch_id: BatchId, limit: Limit = 100) -> None:
    """List the items of a batch with their runs."""
    with connect() as client:
        found = first(client.batches.items, limit, batch_id)
    terminal_of(ctx).table(
        {"items": [one.raw for one in found]},
        ("NUMBER", "STATUS", "RUN", "USD"),
        ((one.index, one.status, one.run_id, one.cost) for one in found),
    )


def _print(terminal: Terminal, batch: Batch) -> None:
    counts = f"{batch.items_succeeded or 0} of {batch.items_total or 0} succeeded"
    cost = "" if batch.cost is None else f", {dollars(batch.cost)}"
    terminal.result({"batch": batch.raw}, [f"{batch.id}  {status_of(batch)}, {counts}{cost}"])


def _read_inputs(source: str) -> list[dict[str, Any]]:
    text, shown = read_text(source)
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        value = read_json(f"{shown}, line {number}", line)
        if not isinstance(value, dict):
            raise Refused(f"{shown}, line {number} is no JSON object")
        found.append(value)  # pyright: ignore[reportUnknownArgumentType]
    if not found:
        raise Refused(f"{shown} holds no input, expected one JSON object a line")
    return found


def _typed(
    terminal: Terminal, model: str, values: Sequence[dict[str, Any]], *, strict: bool
) -> list[ModelInput | dict[str, Any]]:
    """Return the inputs as the catalog knows them, and say what it does not know."""
    page = find(model)
    if page is None:
        return [*values]
    with warnings.catch_warnings(record=True) as unknown:
        warnings.simplefilter("always", UnknownInput)
        typed = [page.input_class.from_input(one, strict=strict) for one in values]
    told = [str(one.message) for one in unknown if issubclass(one.category, UnknownInput)]
    for text in dict.fromkeys(told):
        terminal.note(text)
    return [*typed]


def _say_price(
    terminal: Terminal,
    client: Runflow,
    model: str,
    given: Sequence[ModelInput | dict[str, Any]],
    max_cost: str | None,
    *,
    asks: bool,
) -> None:
    """Say what the batch will cost, and refuse what may cost more than allowed."""
    limit = read_money("--max-cost", max_cost)
    amounts = [
        (
            client.estimate(one) if isinstance(one, ModelInput) else client.estimate(model, one)
        ).amount
        for one in given
    ]
    known = [amount for amount in amounts if amount is not None]
    total = sum(known, Decimal(0)) if len(known) == len(amounts) else None
    terminal.note(f"The price of {len(given)} runs {state(total)}")
    if limit is not None:
        if total is None or total > limit:
            raise Refused(
                f"the price {state(total)}, and --max-cost is {dollars(limit)}", "Nothing was sent."
            )
    elif asks:
        confirm(terminal, total, "Create the batch?")
