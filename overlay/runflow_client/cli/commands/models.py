"""`runflow models`: the catalog."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ..shared.catalog import ModelPage, find, meant, model_ids, price_of
from ..shared.command import command, new_app, terminal_of
from ..shared.options import Model
from ..shared.refusals import Refused

if TYPE_CHECKING:
    from ... import UpstreamModel

app = new_app("The catalog: list, search, show. It is that of this package: no key is needed.")

_KINDS: Final = ("image", "video", "audio")
_HEADINGS: Final = ("MODEL", "KIND", "PRICE", "SUMMARY")


@command(app, "runflow models list", "runflow models list --upstream", name="list")
def list_models(
    ctx: typer.Context,
    kind: Annotated[
        str | None, typer.Option(metavar="image|video|audio", help="Models that make this.")
    ] = None,
    upstream: Annotated[
        bool, typer.Option("--upstream", help="Compare with Runflow's public catalog.")
    ] = False,
) -> None:
    """List the models that this version knows.

    --upstream says which of them are retired or have another price at Runflow, and which are newer
    than this version. It needs no key.
    """
    if kind not in (None, *_KINDS):
        raise Refused(f"--kind is {kind!r}, expected {', '.join(_KINDS)}")
    pages = [page for page in _pages() if kind in (None, page.input_class.OUTPUT_KIND)]
    if upstream:
        _compare(ctx, pages)
    else:
        _show(ctx, pages)


@command(app, "runflow models search video", "runflow models search upscale image --json")
def search(
    ctx: typer.Context, words: Annotated[list[str], typer.Argument(metavar="WORDS...")]
) -> None:
    """List the models whose id or summary has all these words."""
    wanted = [word.lower() for word in words]
    pages = [
        page
        for page in _pages()
        if all(word in f"{page.id} {page.summary}".lower() for word in wanted)
    ]
    if not pages:
        terminal_of(ctx).note(f"No model of this version has that.{meant(words[0])}")
    _show(ctx, pages)


@command(app, "runflow models show google/nano-banana-pro")
def show(
    ctx: typer.Context,
    model: Model,
) -> None:
    """Show a model: its fields, allowed values, price, and an example."""
    page = find(model)
    if page is None:
        raise Refused(
            f"the catalog of this version has no model {model!r}.{meant(model)}",
            f"If it is newer: runflow api get_model owner=... id=... shows it, and "
            f"runflow run {shlex.quote(model)} -i key=value runs it.",
        )
    terminal = terminal_of(ctx)
    terminal.result(_document(page), terminal.prose(_lines(page)))


def _pages() -> list[ModelPage]:
    return [page for model in model_ids() if (page := find(model)) is not None]


def _show(ctx: typer.Context, pages: list[ModelPage]) -> None:
    terminal_of(ctx).table(
        {"models": [_summary(page) for page in pages]},
        _HEADINGS,
        ((page.id, page.input_class.OUTPUT_KIND, page.price, page.summary) for page in pages),
    )


def _compare(ctx: typer.Context, pages: list[ModelPage]) -> None:
    """Show where each model stands in Runflow's public catalog, and those that are newer."""
    from ... import PublicCatalog  # it loads the HTTP library

    with PublicCatalog() as catalog:
        comparison = catalog.compare()
    wanted = {page.id for page in pages}
    shown = [one for one in comparison.models if one.state == "newer" or one.id in wanted]
    terminal = terminal_of(ctx)
    terminal.table(
        {
            "models": [_upstream(one) for one in shown],
            "sources": comparison.sources,
            "unread": comparison.unread,
        },
        ("MODEL", "UPSTREAM", "PRICE"),
        ((one.id, one.state, _price_beside_ours(one)) for one in shown),
    )
    for problem in comparison.unread:
        terminal.note(f"Not read: {problem}")


def _upstream(model: "UpstreamModel") -> dict[str, Any]:
    return {
        "id": model.id,
        "state": model.state,
        "price": model.price,
        "price_unit": model.price_unit,
        "known_price": model.known_price,
        "known_unit": model.known_unit,
        "price_changed": model.is_price_changed,
    }


def _price_beside_ours(model: "UpstreamModel") -> str:
    shown = "" if model.price is None else price_of(model.price, model.price_unit)
    if not model.is_price_changed:
        return shown
    return f"{shown} (here {price_of(model.known_price, model.known_unit)})"


def _summary(page: ModelPage) -> dict[str, Any]:
    return {
        "id": page.id,
        "kind": page.input_class.OUTPUT_KIND,
        "price": page.input_class.PRICE,
        "price_unit": page.input_class.PRICE_UNIT,
        "summary": page.summary,
    }


def _document(page: ModelPage) -> dict[str, Any]:
    fields = [
        {
            "name": name,
            "option": page.options[name],
            "type": facts.type,
            "required": facts.required,
            "allowed": list(facts.allowed),
            "default": facts.api_default,
            "pattern": facts.pattern,
            "minimum": facts.minimum,
            "maximum": facts.maximum,
            "min_length": facts.min_length,
            "max_length": facts.max_length,
            "excludes": list(facts.excludes),
            "help": page.helps[name],
        }
        for name, facts in page.fields.items()
    ]
    return {
        **_summary(page),
        "complete": page.input_class.COMPLETE,
        "remarks": page.remarks,
        "fields": fields,
        "example": _example(page),
    }


def _lines(page: ModelPage) -> Iterator[str]:
    yield page.id
    yield f"  {page.summary}"
    yield f"  {page.terms}"
    yield f"  {page.remarks}"
    yield ""
    yield "Input:"
    for name, facts in page.fields.items():
        required = ", required" if facts.required else ""
        yield f"  {page.options[name]} ({facts.type}{required})"
        yield f"      {page.helps[name].removesuffix(' Required.')}"
    yield ""
    yield "Example:"
    yield f"  {_example(page)}"


def _example(page: ModelPage) -> str:
    """Return a command with every field that is required, and at least one."""
    fields = [name for name, facts in page.fields.items() if facts.required]
    fields = fields or list(page.fields)[:1]
    given = [f"{page.options[name]} {_sample(page.fields[name])}" for name in fields]
    given = given or ["-i key=value"]
    return " ".join(["runflow run", page.id, *given, "-o out/"])


def _sample(facts: Any) -> str:
    if facts.allowed:
        return shlex.quote(str(facts.allowed[0]))
    kind = facts.type.split("|")[0]
    samples = {"image": "./photo.jpg", "image_list": "./photo.jpg", "file": "./file.zip"}
    samples |= {"video": "./clip.mp4", "audio": "./voice.mp3", "boolean": "", "integer": "1"}
    samples |= {"number": "1", "object": "'{}'", "json": "'{}'"}
    return samples.get(kind, '"..."')
