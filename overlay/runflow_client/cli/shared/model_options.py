"""Commands that take a model, with options made from the model's typed input."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import typer

from ..._typed_inputs.text import guess, read_field
from .catalog import ModelPage, find, meant
from .command import Command, make_params
from .refusals import Refused
from .values import check, read_document, read_pairs

_FIELDS: Final = "runflow.fields"
_PREFIX: Final = "field_"
_TYPES: Final = {"integer": "INTEGER", "number": "NUMBER", "object": "JSON", "json": "JSON"}
_FILES: Final = {"image", "video", "audio", "file", "image_list"}
_MAX_CHOICES: Final = 6


class ModelCommand(Command):
    """A command whose first argument names a model: the model's fields become its options."""

    page: ModelPage | None = None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Find the model among the arguments, add its options, and parse."""
        model = _first_argument(args, self.params)
        self.page = None if model is None else find(model)
        if self.page is not None:
            self.params = [*field_options(self.page), *self.params]
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            if model is not None and self.page is None:
                error.message += (
                    f" (the catalog of this version has no model {model!r}, so its fields have no "
                    f"options: use -i key=value.{meant(model)})"
                )
            raise

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Show the page of the model where one is named."""
        super().format_help_text(ctx, formatter)
        if self.page is not None:
            formatter.write_paragraph()
            formatter.write_text(f"{self.page.id}: {self.page.summary} {self.page.terms}")
            formatter.write_paragraph()
            formatter.write_text(self.page.remarks)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Show the model's fields apart from the options that every model has."""
        own = [param for param in self.params if str(param.name).startswith(_PREFIX)]
        if self.page is not None:
            rows = [record for param in own if (record := param.get_help_record(ctx))]
            rows = rows or [("-i key=value", "No field of this model is known.")]
            with formatter.section(f"Input of {self.page.id}"):
                formatter.write_dl(rows)
        everything, self.params = self.params, [one for one in self.params if one not in own]
        try:
            super().format_options(ctx, formatter)
        finally:
            self.params = everything


def field_options(page: ModelPage) -> list[Any]:
    """Return the options of the model's input, the required ones first."""
    fields = sorted(page.fields.items(), key=lambda field: not field[1].required)
    helps, options = page.helps, page.options
    return make_params(
        {
            f"{_PREFIX}{number}": _field_option(options[name], name, facts, helps[name])
            for number, (name, facts) in enumerate(fields)
        }
    )


def _field_option(option: str, name: str, facts: Any, help_text: str) -> Any:
    """Return the option of one field. What it is given is kept as text, by the API's name."""
    is_switch = facts.type == "boolean"

    def keep(ctx: typer.Context, value: Any) -> None:
        given = ctx.meta.setdefault(_FIELDS, {})
        if is_switch and value is not None:
            given[name] = ["true" if value else "false"]
        elif value:
            given[name] = list(value)

    def complete() -> list[str]:
        return [str(choice) for choice in facts.allowed]

    made = typer.Option(
        f"{option}/--no-{option[2:]}" if is_switch else option,
        expose_value=False,
        callback=keep,
        metavar=None if is_switch else _metavar(facts),
        help=help_text,
        autocompletion=None if is_switch else complete,
        show_default=False,
    )
    return Annotated[bool | None if is_switch else list[str] | None, made]


def _metavar(facts: Any) -> str:
    kinds = facts.type.split("|")
    if 0 < len(facts.allowed) <= _MAX_CHOICES:
        return "|".join(str(choice) for choice in facts.allowed)
    if kinds[0] in _FILES:
        return "FILE|URL" + ("..." if kinds == ["image_list"] else "")
    return "|".join(_TYPES.get(kind, "TEXT") for kind in kinds)


def _first_argument(args: Sequence[str], params: Iterable[Any]) -> str | None:
    """Return the first argument that is neither an option nor the value of one.

    Whether an option of the model takes a value is known with the model: it takes none where the
    next argument is a model of the catalog.
    """
    flags, valued = {"--help", "-h"}, set[str]()
    for param in params:
        (flags if getattr(param, "is_flag", False) else valued).update(param.opts)
    skip = False
    for number, argument in enumerate(args):
        if argument == "--":
            return args[number + 1] if number + 1 < len(args) else None
        if skip:
            skip = False
        elif argument.startswith("-") and argument != "-":
            attached = "=" in argument or (argument[1] != "-" and len(argument) > 2)
            following = "".join(args[number + 1 : number + 2])
            is_switch = argument not in valued and find(following) is not None
            skip = not attached and not is_switch and argument not in flags
        else:
            return argument
    return None


def read_input(
    ctx: typer.Context, model: str, pairs: Sequence[str], source: str | None, *, unchecked: bool
) -> dict[str, Any]:
    """Return the input of the run, from the model's options, -i, and --input.

    Raises Refused for contradictions and, unless `unchecked`, for what the catalog refuses.
    """
    page = find(model)
    fields = {} if page is None else page.fields
    options = {} if page is None else page.options
    values = {} if source is None else read_document(source)
    given: dict[str, list[str]] = ctx.meta.get(_FIELDS, {})
    for name, texts in given.items():
        _once(options[name], name in values)
        values[name] = read_field(options[name], fields[name].type.split("|"), texts)
    for name, texts in read_pairs(pairs).items():
        _once(name, name in values)
        if name in fields:
            kinds = fields[name].type.split("|")
            if _FILES.intersection(kinds):
                texts = [text.removeprefix("@") for text in texts]
            values[name] = read_field(f"-i {name}", kinds, texts)
        else:
            values[name] = guess(f"-i {name}", texts)
    if page is not None and not unchecked:
        check(model, fields, values, options)
    return values


def _once(place: str, already: bool) -> None:
    if already:
        raise Refused(f"{place} is given twice, in different ways")
