"""The entry point: run the command, and turn whatever happens into a sentence and an exit code."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .shared.terminal import Terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `runflow` with these arguments, default those of the process.

    Returns:
        The exit code, an `ExitCode`.
    """
    _open_missing_streams()
    try:
        import typer
    except ModuleNotFoundError as error:
        if error.name != "typer":
            raise
        print(
            "runflow: the command line needs typer and rich.\n"
            'Install them with: pip install "runflow-client[cli]"',
            file=sys.stderr,
        )
        return 2
    from .shared.exit_codes import ExitCode
    from .shared.refusals import PipeClosed
    from .shared.terminal import Terminal

    given = list(sys.argv[1:] if arguments is None else arguments)
    own = given[: given.index("--")] if "--" in given else given
    # Set before the options are read: they may be what is wrong.
    terminal = Terminal(json="--json" in own, quiet="--quiet" in own, debug="--debug" in own)
    _let_every_name_be_printed(json=terminal.json)
    code: int = ExitCode.OK
    try:
        code = _run(given, terminal)
        sys.stdout.flush()
    except (BrokenPipeError, PipeClosed) as error:
        _discard_output()
        for note in getattr(error.__cause__, "__notes__", ()):
            print(note, file=sys.stderr)
        return ExitCode.PIPE_CLOSED
    except OSError as error:  # stdout goes to a full disk
        _discard_output()
        if code == ExitCode.OK:  # else stderr says already what failed
            print(f"runflow: stdout cannot be written: {error.strerror}", file=sys.stderr)
        return code or ExitCode.OTHER
    except typer.Abort:
        print("runflow: interrupted; nothing was sent", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return code


def _discard_output() -> None:
    """Let stdout lead nowhere: the interpreter flushes it at its end, which must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_missing_streams() -> None:
    """Give a process that was started without them a stdin, stdout and stderr that lead nowhere.

    Otherwise the next file or connection would take the place of the missing one.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _let_every_name_be_printed(*, json: bool) -> None:
    """Print a file's name that is no text as it is, and in JSON as JSON writes it.

    It would end the command otherwise, after the file was made and paid.
    """
    reconfigure: Any = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace" if json else "surrogateescape")


def _run(arguments: list[str], terminal: "Terminal") -> int:
    import typer
    from typer.main import get_command

    from .shared.exit_codes import ExitCode
    from .shared.refusals import PipeClosed
    from .tree import app

    try:
        code = get_command(app).main(
            args=arguments, prog_name="runflow", standalone_mode=False, obj=terminal
        )
        return code if isinstance(code, int) else ExitCode.OK
    except typer.TyperException as error:
        return _usage(error, terminal)
    except (BrokenPipeError, PipeClosed, typer.Abort):
        raise
    except Exception as error:
        from .shared.failures import describe

        failure = describe(error)
        terminal.failure(failure)
        if terminal.debug:
            import traceback

            traceback.print_exc()
        return failure.exit_code


def _usage(error: Any, terminal: "Terminal") -> int:
    """Say what is wrong with the arguments, and where the help is."""
    from .shared.exit_codes import ExitCode
    from .shared.failures import Failure

    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message())
        return ExitCode.OK
    page = None if context is None else getattr(context.command, "page", None)
    model = "" if page is None else f" {page.id}"
    remedy = "" if context is None else f"Help: {context.command_path}{model} --help"
    message = " ".join(error.format_message().split())
    terminal.failure(Failure("UsageError", ExitCode.REFUSED, message, remedy))
    return ExitCode.REFUSED
