"""`runflow evaluations`: judged pictures."""

from typing import Annotated, Any, TypeAlias

import typer
from attrs import fields
from runflow_api.models.evaluation_create import EvaluationCreate

from ... import Evaluation
from ..._progress import status_of
from ..shared.command import command, new_app, terminal_of
from ..shared.listing import Filter, Limit, newest
from ..shared.options import Detach, Timeout, WholeTimeout, check_detached
from ..shared.refusals import Refused
from ..shared.session import connect
from ..shared.terminal import Terminal
from ..shared.values import read_document
from ..shared.waiting import deadline_of, wait as wait_for

app = new_app("Judged pictures: create, list, get, wait.")

EvaluationId: TypeAlias = Annotated[str, typer.Argument(metavar="EVALUATION_ID")]


@command(
    app,
    "runflow evaluations create --image-url https://... --task-type text_to_image",
    "runflow evaluations create --input evaluation.json --detach",
)
def create(
    ctx: typer.Context,
    image_url: Annotated[str | None, typer.Option(help="The picture.")] = None,
    task_type: Annotated[str | None, typer.Option(help="What the picture was made for.")] = None,
    prompt: Annotated[str | None, typer.Option(help="The prompt it was made with.")] = None,
    input_file: Annotated[
        str | None,
        typer.Option("--input", metavar="FILE", help="The whole request as JSON; - for a pipe."),
    ] = None,
    timeout: WholeTimeout = 600,
    detach: Detach = False,
) -> None:
    """Submit a picture and wait for the verdict."""
    given: dict[str, Any] = {} if input_file is None else read_document(input_file)
    options = {
        "generated_image_url": image_url,
        "task_type": task_type,
        "generation_prompt": prompt,
    }
    given |= {name: value for name, value in options.items() if value is not None}
    for name, option in (("generated_image_url", "--image-url"), ("task_type", "--task-type")):
        if not given.get(name):
            raise Refused(f"{option} is missing")
    terminal = terminal_of(ctx)
    check_detached(ctx, detach=detach)
    unknown = set(given) - {one.name for one in fields(EvaluationCreate) if one.init}
    if unknown:
        raise Refused(f"an evaluation has no {', '.join(sorted(unknown))}")
    with connect() as client:
        deadline = deadline_of(timeout)
        handle = client.evaluations.submit(
            **given, timeout=None if detach else deadline.remaining()
        )
        if detach:
            terminal.result({"evaluation": handle.state and handle.state.raw}, [handle.id])
            return
        ended = wait_for(terminal, "evaluation", handle, timeout, deadline=deadline)
        _print(terminal, ended)


@command(app, "runflow evaluations list --status completed", name="list")
def list_evaluations(
    ctx: typer.Context,
    status: Annotated[str | None, typer.Option(help="Such as completed, failed.")] = None,
    expression: Filter = None,
    limit: Limit = 20,
) -> None:
    """List evaluations, the newest first."""
    with connect() as client:
        evaluations = newest(client.evaluations.list, expression, limit, status=status)
    terminal_of(ctx).table(
        {"evaluations": [one.raw for one in evaluations]},
        ("EVALUATION", "STATUS", "PASSED", "RATE", "CREATED"),
        (
            (one.id, one.status, one.overall_passed, one.weighted_pass_rate, one.created_at)
            for one in evaluations
        ),
    )


@command(app, "runflow evaluations get 0198... --json")
def get(ctx: typer.Context, evaluation_id: EvaluationId) -> None:
    """Show an evaluation."""
    with connect() as client:
        _print(terminal_of(ctx), client.evaluations.get(evaluation_id))


@command(app, "runflow evaluations wait 0198...")
def wait(
    ctx: typer.Context,
    evaluation_id: EvaluationId,
    timeout: Timeout = 600,
) -> None:
    """Wait until an evaluation has ended."""
    terminal = terminal_of(ctx)
    with connect() as client:
        handle = client.evaluations.attach(evaluation_id)
        _print(terminal, wait_for(terminal, "evaluation", handle, timeout))


def _print(terminal: Terminal, evaluation: Evaluation) -> None:
    passed = {True: "passed", False: "did not pass", None: "no verdict"}[evaluation.overall_passed]
    rate = evaluation.weighted_pass_rate
    shown = "" if rate is None else f", {rate:.0%} of the weighted criteria"
    terminal.result(
        {"evaluation": evaluation.raw},
        [f"{evaluation.id}  {status_of(evaluation)}, {passed}{shown}"],
    )
