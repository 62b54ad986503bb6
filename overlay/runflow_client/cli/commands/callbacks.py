"""`runflow callbacks`: verify, receive, look up, redeliver and reconcile callbacks."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import typer

from ... import callbacks
from ...callbacks import CallbackEvent
from ..shared.command import command, new_app, terminal_of
from ..shared.listing import joined, plain, read_moment
from ..shared.refusals import Refused
from ..shared.session import connect
from ..shared.terminal import dump
from ..shared.values import read_document, read_url
from .receiver import read_secrets, serve

app = new_app("Verify, receive, look up, redeliver and reconcile callbacks.")

SIGNATURE: Final = "Runflow-Signature"
SecretFile: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Secrets, one a line. Default: RUNFLOW_CALLBACK_SECRET."),
]
SubjectId: TypeAlias = Annotated[str, typer.Argument(metavar="ID")]
OfBatch: TypeAlias = Annotated[bool, typer.Option("--batch", help="The id is a batch's.")]


@command(
    app,
    "runflow callbacks verify body.json --signature 5257a869e7...",
    "runflow callbacks verify - --headers headers.json < body.json",
)
def verify(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The raw body; - for a pipe.")],
    signature: Annotated[str | None, typer.Option(help=f"The header {SIGNATURE}.")] = None,
    headers: Annotated[
        str | None, typer.Option(metavar="FILE", help="The request's headers as a JSON object.")
    ] = None,
    secret_file: SecretFile = None,
) -> None:
    """Prove that Runflow sent this body, and show what it says."""
    if (signature is None) == (headers is None):
        raise Refused("give the signature in one way: --signature, or --headers")
    secrets = read_secrets(secret_file)
    body = _read_bytes(file)
    given = {SIGNATURE: signature} if signature is not None else _read_headers(str(headers))
    event = callbacks.verify(body, given, secrets)
    terminal_of(ctx).result({"event": event.payload}, [_line(event)])


@command(
    app,
    "runflow callbacks listen --forward-to http://localhost:8000/runflow",
    "runflow callbacks listen --port 9000 --secret-file callback-secrets --json",
)
def listen(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = 8799,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    forward_to: Annotated[
        str | None, typer.Option(metavar="URL", help="Hand each verified callback on to this.")
    ] = None,
    secret_file: SecretFile = None,
) -> None:
    """Receive callbacks on this machine: verify, print, and hand them on.

    Runflow must reach it from the internet: open a tunnel with an https address to this port, and
    give that address as --callback-url. With --json the first line is this machine's address, and
    each event is one line.
    """
    read_secrets(secret_file)
    read_url("--forward-to", forward_to)
    terminal = terminal_of(ctx)
    if not host:  # which would be every address of this machine
        raise Refused("--host is empty, expected an address such as 127.0.0.1")
    if port == 0 and terminal.quiet and not terminal.json:
        raise Refused("--port 0 takes any free port, and --quiet does not say which one")

    def show(event: CallbackEvent) -> None:
        line = dump(event.payload, indent=None) if terminal.json else _line(event)
        print(f"{line}\n", end="", flush=True)  # whole: others arrive at the same time

    server = serve(host, port, lambda: read_secrets(secret_file), show, terminal.note, forward_to)
    address = server.url
    with server:
        if terminal.json:
            print(dump({"listening": address}, indent=None), flush=True)
        terminal.note(
            f"Listening on {address}. Runflow must reach this from the internet: open a tunnel "
            "with an https address to it, and give that address as --callback-url. Stop with "
            "Ctrl-C."
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


@command(
    app, "runflow callbacks deliveries 0198...", "runflow callbacks deliveries --batch 0198..."
)
def deliveries(ctx: typer.Context, subject_id: SubjectId, batch: OfBatch = False) -> None:
    """List the deliveries of a run's callback, with what the receiver answered."""
    with connect() as client:
        found: list[Any] = (
            list(client.callbacks.batch_deliveries(subject_id))
            if batch
            else list(client.callbacks.deliveries(subject_id))
        )
    terminal_of(ctx).table(
        {"deliveries": found},
        ("DELIVERY", "STATUS", "ATTEMPTS", "LAST ANSWER", "URL"),
        (
            (
                plain(one.id),
                plain(one.status_code),
                plain(one.attempt_count),
                _last_answer(one),
                plain(one.callback_url),
            )
            for one in found
        ),
    )


@command(app, "runflow callbacks redeliver 0198...")
def redeliver(ctx: typer.Context, subject_id: SubjectId, batch: OfBatch = False) -> None:
    """Ask Runflow to deliver the callback of a run once more."""
    with connect() as client:
        made: Any = (
            client.callbacks.redeliver_batch(subject_id)
            if batch
            else client.callbacks.redeliver(subject_id)
        )
    terminal_of(ctx).result({"delivery": made}, [joined(plain(made.id), plain(made.status_code))])


@command(app, "runflow callbacks reconcile --since 2h --json > events.json")
def reconcile(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Runs created after: 30m, 2h, or a date.")
    ] = None,
    client_ref: Annotated[str | None, typer.Option(help="Runs with this reference.")] = None,
    callback_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Runs that call back to this URL.")
    ] = None,
) -> None:
    """List what ended, as the events that its callbacks would have been."""
    moment = None if since is None else read_moment(since)
    with connect() as client:
        events = client.callbacks.reconcile(
            lambda event, body: True,
            created_after=moment,
            client_ref=client_ref,
            callback_url=callback_url,
        )
    terminal_of(ctx).result(
        {"events": [event.payload for event in events]}, [_line(event) for event in events]
    )


def _line(event: CallbackEvent) -> str:
    return joined(event.event, event.subject_id, event.status)


def _last_answer(delivery: Any) -> object:
    attempts: list[Any] | None = plain(delivery.attempts)
    if not attempts:
        return None
    return plain(attempts[-1].status_code) or plain(attempts[-1].error_message)


def _read_bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None


def _read_headers(file: str) -> Mapping[str, str]:
    return {name: str(value) for name, value in read_document(file).items()}
