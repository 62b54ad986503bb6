"""`runflow secrets`: the secrets that sign callbacks."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from ... import CallbackSecret, NewCallbackSecret
from ..shared.command import command, new_app, terminal_of
from ..shared.options import finite
from ..shared.refusals import Refused
from ..shared.secret_file import SecretFile, write_new
from ..shared.session import connect

app = new_app("The secrets that sign callbacks: list, create, rotate.")


@command(app, "runflow secrets list", name="list")
def list_secrets(ctx: typer.Context) -> None:
    """List the secrets, without the secrets themselves."""
    with connect() as client:
        found = client.callbacks.secrets.list()
    terminal_of(ctx).table(
        {"secrets": [_facts(secret) for secret in found]},
        ("SECRET", "LABEL", "PREFIX", "SIGNS", "LAST USED"),
        (
            (
                secret.id,
                secret.label,
                secret.key_prefix,
                "yes" if secret.is_current else "",
                secret.last_used_at,
            )
            for secret in found
        ),
    )


@command(app, "runflow secrets create --label staging --to callback-secret")
def create(
    ctx: typer.Context,
    label: Annotated[str | None, typer.Option(help="A name for it.")] = None,
    to: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write it to this file, mode 0600.")
    ] = None,
) -> None:
    """Make a secret and print it, this once. The first one signs at once."""
    terminal = terminal_of(ctx)
    if to is not None:
        secret = _create_into(Path(to), label)
        terminal.result({"secret": _facts(secret), "file": to}, [to])
        return
    with connect() as client:
        secret = client.callbacks.secrets.create(label)
    try:
        terminal.result(
            {"secret": {**_facts(secret), "plain_secret": secret.plain_secret}},
            [secret.plain_secret],
        )
    except OSError as error:
        error.add_note(
            f"Callback secret {secret.id} was made, and its value is lost: rotate if it signs, and "
            "delete it if not."
        )
        raise
    terminal.note("It is not shown again.")


def _create_into(path: Path, label: str | None) -> NewCallbackSecret:
    """Make the file before the secret, whose value is told once."""
    descriptor = write_new(path)
    try:
        # Nothing is kept back, which the end of the block would try to write once more.
        with os.fdopen(descriptor, "wb", buffering=0) as file, connect() as client:
            secret = client.callbacks.secrets.create(label)
            left = f"{secret.plain_secret}\n".encode()
            try:
                while left:
                    left = left[file.write(left) :]
            except OSError as error:
                client.callbacks.secrets.delete(secret.id)
                raise Refused(f"{path} cannot be written: {error.strerror}") from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return secret


@command(app, "runflow secrets rotate --file callback-secrets --label 2026-12")
def rotate(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Option(
            "--file", metavar="FILE", help="Where the receivers read secrets, one a line."
        ),
    ],
    label: Annotated[str | None, typer.Option(help="A name for the new one.")] = None,
    quiet_for: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="How long the old one must have signed nothing.",
            callback=finite,
        ),
    ] = 300,
) -> None:
    """Replace the secret that signs, so that callbacks can be verified at every moment.

    The new secret is written into FILE first, then promoted; the old one is deleted and taken out
    of FILE when it has been quiet. The receivers must read FILE at each delivery, as
    `runflow callbacks listen --secret-file FILE` does.
    """
    from ..._flows.callback_secrets import MAX_CUTOVER  # which `--help` does not need

    if not 0 < quiet_for < MAX_CUTOVER:
        raise Refused(
            f"--quiet-for is {quiet_for:g}, expected seconds above 0 and below {MAX_CUTOVER:g}"
        )
    store = SecretFile(file)
    terminal = terminal_of(ctx)
    terminal.note("Rotating; this takes some minutes, and Ctrl-C leaves both secrets valid.")
    with connect() as client:
        secret = client.callbacks.secrets.rotate(store, label=label, quiet=quiet_for)
    facts = {**_facts(secret), "is_current": True}  # it was read before it was promoted
    terminal.result({"secret": facts, "file": file}, [f"{secret.id} signs now"])


def _facts(secret: CallbackSecret) -> dict[str, Any]:
    return {
        "id": secret.id,
        "label": secret.label,
        "key_prefix": secret.key_prefix,
        "is_current": secret.is_current,
        "created_at": secret.created_at,
        "last_used_at": secret.last_used_at,
        "disabled_at": secret.disabled_at,
    }
