"""`runflow secrets`: the secrets that sign callbacks."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from ... import CallbackSecret, NewCallbackSecret
from ..shared.command import command, new_app, terminal_of
from ..shared.refusals import Refused
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
    if to is not None and Path(to).exists():
        raise Refused(f"{to} exists already")
    with connect() as client:
        secret = client.callbacks.secrets.create(label)
    terminal = terminal_of(ctx)
    if to is not None:
        _write(Path(to), [secret.plain_secret])
        terminal.result({"secret": _facts(secret), "file": to}, [to])
        return
    terminal.result(
        {"secret": {**_facts(secret), "plain_secret": secret.plain_secret}}, [secret.plain_secret]
    )
    terminal.note("It is not shown again.")


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
        typer.Option(metavar="SECONDS", help="How long the old one must have signed nothing."),
    ] = 300,
) -> None:
    """Replace the secret that signs, so that callbacks can be verified at every moment.

    The new secret is written into FILE first, then promoted; the old one is deleted and taken out
    of FILE when it has been quiet. The receivers must read FILE at each delivery, as
    `runflow callbacks listen --secret-file FILE` does.
    """
    path = Path(file)
    if path.exists() and not path.is_file():
        raise Refused(f"{file} is no file")
    if not path.absolute().parent.is_dir():
        raise Refused(f"there is no folder {path.absolute().parent}")
    terminal = terminal_of(ctx)
    terminal.note("Rotating; this takes some minutes, and Ctrl-C leaves both secrets valid.")
    with connect() as client:
        secret = client.callbacks.secrets.rotate(_SecretFile(path), label=label, quiet=quiet_for)
    terminal.result({"secret": _facts(secret), "file": file}, [f"{secret.id} signs now"])


class _SecretFile:
    """The secrets in a file, the current one first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, secret: NewCallbackSecret) -> None:
        """Put the new secret first."""
        before = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        _write(self._path, [secret.plain_secret, *before])

    def remove(self, secret: CallbackSecret) -> None:
        """Take the old secret out: the line that begins as it does."""
        newest, *others = self._path.read_text("utf-8").splitlines()
        begins = secret.key_prefix
        kept = [line for line in others if begins is not None and not line.startswith(begins)]
        _write(self._path, [newest, *kept])


def _write(path: Path, lines: list[str]) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    temporary.replace(path)


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
