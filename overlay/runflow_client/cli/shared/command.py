"""What every command has: common options, examples, and groups that are loaded when called."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from .refusals import Interrupted, PipeClosed
from .terminal import Terminal

_COMMON = {
    "json": "Print one JSON document on stdout, failures included.",
    "quiet": "Print nothing but the result.",
    "debug": "Show the traceback of a failure.",
}


def terminal_of(ctx: Any) -> Terminal:
    """Return the terminal of this invocation."""
    terminal: Terminal = ctx.find_root().obj
    return terminal


def make_params(declared: Mapping[str, Any]) -> list[Any]:
    """Return the parameters of a command, declared by name as those of a function are.

    typer makes parameters of functions alone: their classes change from version to version.
    """

    def function(**given: Any) -> None:
        """Never called."""

    function.__annotations__ = dict(declared)
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for name, kind in declared.items()
        ]
    )
    app = typer.Typer(add_completion=False)
    app.command(add_help_option=False)(function)
    return list(get_command(app).params)


def _common_option(name: str) -> Any:
    """Return an option that `main` reads before the others: they may be what is wrong."""
    option = typer.Option(f"--{name}", expose_value=False, help=_COMMON[name])
    return Annotated[bool | None, option]


class _TellsOfClosedPipes:
    """What --help prints may have no reader, either; click would end with another code."""

    def make_context(self, *args: Any, **settings: Any) -> Any:
        """Parse the arguments, which prints the help if they ask for it."""
        try:
            return super().make_context(*args, **settings)  # type: ignore[misc]
        except BrokenPipeError as error:
            raise PipeClosed from error


class Command(_TellsOfClosedPipes, TyperCommand):
    """A command with the options --json, --quiet and --debug."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.params += make_params({name: _common_option(name) for name in _COMMON})

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the arguments of the usage line, without braces."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; an option that is nearly right is suggested."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            possible = getattr(error, "possibilities", None)
            if possible:
                error.message += f". Did you mean {possible[0]!r}?"
                error.possibilities = None  # type: ignore[attr-defined]
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command; Ctrl-C ends it with what the client notes on the interruption."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise PipeClosed from error
        except KeyboardInterrupt as interruption:
            from .failures import notes_of  # which no other end of a command needs

            raise Interrupted("interrupted", " ".join(notes_of(interruption))) from interruption


class Group(_TellsOfClosedPipes, TyperGroup):
    """A group of commands that suggests names that are nearly right."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the first argument names."""
        name = args[0]
        found = self.load(ctx, name)
        if found is None and not name.startswith("-") and not ctx.resilient_parsing:
            meant = suggestion(name, self.list_commands(ctx), cutoff=0.5)
            ctx.fail(f"{ctx.command_path} has no command {name!r}.{meant}")
        return (name, found, args[1:]) if found else super().resolve_command(ctx, args)

    def load(self, ctx: Any, name: str) -> Any:
        """Return the command of this name, or None."""
        return self.get_command(ctx, name)


def lazy_group(modules: Mapping[str, tuple[str, str]], package: str) -> type[Group]:
    """Return a group whose commands are modules with an `app`, each imported when it is called.

    `modules` maps the name of a command to its module, relative to `package`, and its short help.
    """

    class LazyGroup(Group):
        def list_commands(self, ctx: Any) -> list[str]:
            return list(modules)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            if cmd_name not in modules:
                return None
            return TyperCommand(cmd_name, help=modules[cmd_name][1], rich_markup_mode=None)

        def load(self, ctx: Any, name: str) -> Any:
            if name not in modules:
                return None
            return get_command(import_module(modules[name][0], package).app)

    return LazyGroup


def new_app(help: str, **settings: Any) -> typer.Typer:  # noqa: A002 # typer's own word
    """Return a group of commands in plain text: drawing panels would double the time of --help."""
    return typer.Typer(
        help=help,
        rich_markup_mode=None,
        add_completion=settings.pop("add_completion", False),
        cls=settings.pop("cls", Group),
        no_args_is_help=True,
        **settings,
    )


def examples(*lines: str) -> str:
    """Return the epilog of a command."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def command(
    app: typer.Typer, *lines: str, name: str | None = None, cls: type[Command] = Command
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add a function to the group, with these examples in its help."""

    def add(function: Callable[..., None]) -> Callable[..., None]:
        app.command(
            name,
            cls=cls,
            epilog=examples(*lines),
            context_settings={"help_option_names": ["--help", "-h"]},
        )(function)
        return function

    return add


def suggestion(name: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """` Did you mean ...?` where a known name is close, else nothing."""
    from ..._validation import nearest  # which `runflow --help` does not need

    close = nearest(name, known, cutoff)
    return f" Did you mean {close!r}?" if close else ""
