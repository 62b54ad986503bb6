"""`runflow whoami`: whose key is used, and where it was found."""

import typer

from .. import Runflow
from .._config import find_api_key
from .commands import command, new_app, terminal_of

app = new_app("Show whose key is used, and where it was found.")


@command(app, "runflow whoami", "runflow whoami --json")
def whoami(ctx: typer.Context) -> None:
    """Show whose key is used, where it was found, and which API it is used with."""
    key = find_api_key(None)
    with Runflow(key.value) as client:
        profile = client.account.user().to_dict()
        base_url = client.base_url
    email = profile.get("email") or profile.get("name") or profile.get("id")
    named = "" if key.name is None else f" ({key.name})"
    terminal_of(ctx).result(
        {"user": profile, "key_from": key.source, "key_name": key.name, "base_url": base_url},
        [f"{email}", f"key: {key.source}{named}", f"API: {base_url}"],
    )
