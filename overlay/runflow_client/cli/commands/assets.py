"""`runflow assets`: uploaded files."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from ..shared.command import command, new_app, terminal_of
from ..shared.listing import Filter, Limit, newest
from ..shared.refusals import Refused
from ..shared.session import connect
from ..shared.waiting import transfer

app = new_app("Uploaded files: upload, list, get, delete.")

AssetId: TypeAlias = Annotated[str, typer.Argument(metavar="ASSET_ID")]


@command(app, "runflow assets upload photo.jpg", "runflow assets upload *.png --quiet")
def upload(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...")],
    name: Annotated[str | None, typer.Option(help="The asset's name; for a single file.")] = None,
) -> None:
    """Upload files and print the reference that models take, one a line."""
    if name is not None and len(files) > 1:
        raise Refused(f"--name is for a single file, and {len(files)} are given")
    for file in files:
        if not Path(file).is_file():
            raise Refused(f"{file} is {'a directory' if Path(file).is_dir() else 'no file'}")
    terminal = terminal_of(ctx)
    uploaded: list[Any] = []
    try:
        with connect() as client:
            for file in files:
                with transfer(terminal, file) as progress:
                    uploaded.append(client.assets.upload(Path(file), name=name, progress=progress))
    except BaseException as error:
        if uploaded:
            error.add_note(f"Uploaded already: {', '.join(asset.ref for asset in uploaded)}")
        raise
    terminal.result(
        {"assets": [{**asset.raw.to_dict(), "ref": asset.ref} for asset in uploaded]},
        [asset.ref for asset in uploaded],
    )


@command(app, "runflow assets list", name="list")
def list_all(ctx: typer.Context, expression: Filter = None, limit: Limit = 20) -> None:
    """List assets, the newest first."""
    with connect() as client:
        found = newest(client.assets.list, expression, limit)
    terminal_of(ctx).table(
        {"assets": [asset.raw for asset in found]},
        ("ASSET", "NAME", "TYPE", "BYTES", "CREATED"),
        ((one.id, one.name, one.mime_type, one.size_bytes, one.created_at) for one in found),
    )


@command(app, "runflow assets get 0198...")
def get(ctx: typer.Context, asset_id: AssetId) -> None:
    """Show an asset, with a freshly signed URL."""
    with connect() as client:
        asset = client.assets.get(asset_id)
    lines = [asset.ref, asset.name or "", asset.mime_type or "", asset.url or ""]
    terminal_of(ctx).result({"asset": asset.raw}, [line for line in lines if line])


@command(app, "runflow assets delete 0198...")
def delete(ctx: typer.Context, asset_id: AssetId) -> None:
    """Delete an asset. Runs that name it fail."""
    with connect() as client:
        client.assets.delete(asset_id)
    terminal_of(ctx).result({"deleted": asset_id}, [f"deleted {asset_id}"])
