"""`runflow bulk`: many runs of one model, each paid once."""

import os
import re
import shlex
import sys
from collections.abc import Generator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TypeAlias

import typer
from attrs import asdict

from ... import bulk
from ..._config import find_api_key
from ...bulk._rows import is_left_out
from ...errors import ApiError
from ..shared.catalog import find, meant, model_ids
from ..shared.command import command, new_app, terminal_of
from ..shared.exit_codes import ExitCode
from ..shared.failures import Failure, describe, sentence
from ..shared.options import Overwrite, Yes
from ..shared.prices import confirm, state
from ..shared.refusals import Refused
from ..shared.terminal import Terminal, dollars
from ..shared.values import read_document, read_money
from ..shared.whole_file import whole_file
from .bulk_progress import Progress

app = new_app("Thousands of runs of one model, each paid once: run, status, retry, export, report.")

JournalFile: TypeAlias = Annotated[str, typer.Argument(metavar="JOURNAL")]
_BREAKS = re.compile(r"[\t\n\v\f\r]+")
"""What would begin another line or cell."""

_STOPS = {
    "SIGINT": ExitCode.INTERRUPTED,
    "SIGTERM": ExitCode.INTERRUPTED,
    "outage": ExitCode.NO_ANSWER,
    "credit": ExitCode.API_REFUSED,
    "refused": ExitCode.API_REFUSED,
    "disk": ExitCode.OTHER,
    "items": ExitCode.OTHER,
    "error": ExitCode.OTHER,
}


@command(
    app,
    "runflow bulk run prompts.csv --model google/nano-banana-pro -o out/ --max-cost 20",
    "runflow bulk run animals.csv --model google/nano-banana-pro "
    '--template "prompt=A {animal} at dusk" -o out/',
    "runflow bulk run photos/ --model runflow/background-removal -o out/ --dry-run",
)
def run(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|FOLDER", help="A .csv, .jsonl or .parquet file, or a folder."),
    ],
    model: Annotated[
        str,
        typer.Option("--model", autocompletion=model_ids, metavar="MODEL", help="owner/name."),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FOLDER", help="Where the outputs are saved.")
    ],
    template: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=TEXT|JSON|FILE",
            help="A field with {column} in its text, or all fields as JSON.",
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Names an item. Default: key, id, or the row."),
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keeps what was made. Default: NAME.journal.sqlite."),
    ] = None,
    concurrency: Annotated[int, typer.Option(metavar="N", help="Items at once.", min=1)] = 50,
    rate: Annotated[
        float | None, typer.Option(metavar="N", help="Creates a second at most.")
    ] = None,
    max_cost: Annotated[
        str | None, typer.Option(metavar="USD", help="Stop before more is spent in all.")
    ] = None,
    max_cost_each: Annotated[
        str | None, typer.Option(metavar="USD", help="Refuse an item that may cost more.")
    ] = None,
    stop_after: Annotated[
        int | None, typer.Option(metavar="N", help="Stop after so many failures.", min=1)
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Start nothing if any row cannot be run.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would cost. Nothing is sent.")
    ] = False,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Send the inputs even if the catalog refuses them.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Run a model for each row of a table or each file of a folder, and save what it makes.

    The same command continues after Ctrl-C, a kill or a failure: what exists is not paid again.
    Each column is a field of the model, or goes into --template as {column}.
    """
    terminal = terminal_of(ctx)
    limit = read_money("--max-cost", max_cost)
    each = read_money("--max-cost-each", max_cost_each)
    if rate is not None and not 0 < rate < inf:  # NaN among the refused
        raise Refused(f"--rate is {rate:g}, expected creates a second above 0")
    file = Path(journal or f"{_real(Path(source)).name}.journal.sqlite")
    _check_folders(Path(source), Path(output), file)
    fields = _template(template or ())
    mark = "" if fields is None else bulk.template_mark(fields)
    items = bulk.read_items(source, model, template=fields, key=key, unchecked=unchecked)
    if not dry_run:
        find_api_key(None)  # a key that is missing is told before a journal is made
    planned = bulk.plan(model, items, journal=file, template=mark)
    if find(model) is None:
        terminal.note(f"The catalog of this version has no model {model!r}.{meant(model)}")
    _say(terminal, planned, strict=strict)
    if limit is not None and planned.unpriced:
        raise Refused(
            f"the price of {planned.unpriced} items is not known before, so --max-cost cannot be "
            "kept",
            "Nothing was sent.",
        )
    if dry_run:
        terminal.result({"plan": _plan(planned)})
        return
    if not planned.to_run + planned.under_way + planned.ended:
        raise Refused(f"there is nothing to run in {source}", "Nothing was sent.")
    if planned.to_run and limit is None and not yes:
        confirm(terminal, planned.price, "Run them?")
    started = bulk.run(
        model,
        items,
        journal=file,
        output=output,
        template=mark,
        concurrency=concurrency,
        rate=rate,
        max_cost=limit,
        max_cost_each=each,
        stop_after_failures=stop_after,
    )
    _work(terminal, started, planned, file)


@command(app, "runflow bulk status prompts.csv.journal.sqlite")
def status(ctx: typer.Context, journal: JournalFile) -> None:
    """Show how a bulk run stands, while it works, too."""
    with bulk.Journal.read(journal) as opened:
        document = {
            "model": opened.model,
            "template": opened.template or None,
            "output": None if opened.output is None else str(opened.output),
            "is_working": opened.is_in_use(),
            **_summary(opened.summary()),
        }
    terminal_of(ctx).result(
        document, (f"{name}: {value}" for name, value in document.items() if value is not None)
    )


@command(app, "runflow bulk retry prompts.csv.journal.sqlite")
def retry(ctx: typer.Context, journal: JournalFile) -> None:
    """Let failed and refused items be run again by the next `runflow bulk run`.

    A run that ended well stays the item's, and one that is gone is looked for once more.
    """
    terminal = terminal_of(ctx)
    with bulk.Journal.reopen(journal) as opened:
        count = opened.retry()
    terminal.result({"to_retry": count}, [f"{count} items will be tried again"])
    if count:
        terminal.note("Start them with the same `runflow bulk run` as before.")


@command(
    app,
    "runflow bulk export prompts.csv.journal.sqlite -o results.csv",
    "runflow bulk export prompts.csv.journal.sqlite --format jsonl | jq .failure",
)
def export(
    ctx: typer.Context,
    journal: JournalFile,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="A .csv, .jsonl or .parquet file; - for stdout."
        ),
    ] = "-",
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="csv|jsonl|parquet", help="Default: by the file, or csv."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write every item with its prompt, files, cost and failure."""
    chosen = form or ("csv" if output == "-" else bulk.form_of(output))
    with bulk.Journal.read(journal) as opened, _target(output, overwrite=overwrite) as target:
        bulk.export(opened, target, chosen)
    if output != "-":
        terminal_of(ctx).result({"file": output}, [output])


@command(app, "runflow bulk report prompts.csv.journal.sqlite -o report.html")
def report(
    ctx: typer.Context,
    journal: JournalFile,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Default: JOURNAL.html."),
    ] = None,
    thumbnails: Annotated[
        int, typer.Option(metavar="N", help="Pictures on the contact sheet at most.", min=0)
    ] = 500,
    overwrite: Overwrite = False,
) -> None:
    """Write one HTML file: figures, plots over time, failures, and a contact sheet."""
    target = output or f"{Path(journal).name}.html"
    with bulk.Journal.read(journal) as opened, _target(target, overwrite=overwrite) as file:
        file.write(bulk.report(opened, thumbnails=thumbnails).encode())
    if target != "-":
        terminal_of(ctx).result({"file": target}, [target])


def _check_folders(source: Path, output: Path, journal: Path) -> None:
    is_folder = os.path.isdir(source)
    if is_folder and _real(output).is_relative_to(_real(source)):
        raise Refused(
            f"the outputs in {output} would become inputs: {source} is read with all its folders",
            "Give another folder with -o. Nothing was sent.",
        )
    if is_folder and _real(journal).is_relative_to(_real(source)):
        inside = _real(journal).relative_to(_real(source))
        if not any(is_left_out(part) for part in inside.parts):
            raise Refused(
                f"the journal {journal} would become an input: {source} is read with all its "
                "folders",
                "Give another place with --journal. Nothing was sent.",
            )
    if os.path.exists(output) and not os.path.isdir(output):  # False for a name that is too long
        raise Refused(f"{output} is a file, and the outputs need a folder")


def _real(path: Path) -> Path:
    """Return what a path leads to; itself, where links lead in a circle."""
    return Path(os.path.realpath(path))


def _template(given: Any) -> dict[str, Any] | None:
    """Return the fields of --template: JSON, a file of it, or texts field by field."""
    fields: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not text.strip():
            raise Refused("--template is empty")
        if text.lstrip().startswith("{"):
            part = _inline(text)
        elif sign and not Path(text).is_file():
            part = {name: value}
        else:
            part = read_document(text)
        twice = next((one for one in part if one in fields), None)
        if twice is not None:
            raise Refused(f"--template sets {twice!r} twice")
        fields |= part
    return fields or None


def _inline(text: str) -> dict[str, Any]:
    import json

    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"--template is not JSON: {error}") from None
    return dict(value)


def _say(terminal: Terminal, planned: bulk.Plan, *, strict: bool) -> None:
    """Say what would be made and cost, and which rows cannot be run."""
    for item in planned.first_refused:
        terminal.note(f"{item.place}: {item.reason}")
    if planned.refused > len(planned.first_refused):
        terminal.note(f"... and {planned.refused - len(planned.first_refused)} more")
    if planned.refused and strict:
        first = planned.first_refused[0]
        raise Refused(
            f"{planned.refused} items cannot be run, the first in {first.place}: {first.reason}",
            "Without --strict the others are run. Nothing was sent.",
        )
    told = [f"{planned.to_run} to run"]
    told += [f"{planned.under_way} under way"] if planned.under_way else []
    told += [f"{planned.ended} ended before"] if planned.ended else []
    told += [f"{planned.refused} refused"] if planned.refused else []
    least = f", at least {dollars(planned.amount)}" if planned.unpriced and planned.amount else ""
    terminal.note(f"{', '.join(told)}. The price {state(planned.price)}{least}")


def _plan(planned: bulk.Plan) -> dict[str, Any]:
    document = asdict(planned)
    return {**document, "price": planned.price}


def _work(terminal: Terminal, started: bulk.BulkRun, planned: bulk.Plan, file: Path) -> None:
    progress = Progress(planned, started)
    try:
        with progress.shown(terminal):
            for result in started:
                progress.note(result)
                _print(terminal, progress, result)
    except bulk.BulkStopped as stopped:
        code = _STOPS.get(stopped.reason, ExitCode.STOPPED)
        facts = {"reason": stopped.reason, **_summary(stopped.summary)}
        cause = stopped.__cause__
        remedy = describe(cause).remedy if isinstance(cause, ApiError) else ""
        terminal.failure(Failure("BulkStopped", code, sentence(stopped), remedy, facts))
        raise typer.Exit(code) from None
    summary = started.summary
    bad = summary.failed + progress.refused
    document = {**_summary(summary), "refused": progress.refused, "journal": str(file)}
    terminal.result(document)
    terminal.note(f"{summary.done} done, {bad} failed or refused, {dollars(summary.spent)} in all")
    if bad:
        terminal.note(f"Why: runflow bulk export {shlex.quote(str(file))}")
        raise typer.Exit(ExitCode.RUN_FAILED)


def _print(terminal: Terminal, progress: Progress, result: bulk.ItemResult) -> None:
    told = result.failure or ", ".join(str(path) for path in result.paths)
    cost = "" if result.cost is None else dollars(result.cost)
    if not terminal.json and not sys.stdout.isatty():
        cells = (result.key, result.status, cost, told)
        terminal.result(None, ["\t".join(_BREAKS.sub(" ", cell) for cell in cells)])
    elif result.status != "done":
        progress.say(terminal, f"{result.key} {result.status}: {told}")


def _summary(summary: bulk.Summary) -> dict[str, Any]:
    return {**asdict(summary), "total": summary.total}


@contextmanager
def _target(output: str, *, overwrite: bool) -> Generator[BinaryIO]:
    """Open stdout, or a file that appears when it is whole."""
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    if path.is_file() and not overwrite:
        raise Refused(f"{path} exists already", "Give --overwrite to replace it.")
    with whole_file(path) as file:
        yield file
