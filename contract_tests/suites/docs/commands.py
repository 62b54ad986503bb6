"""Programs that stand for those that a test cannot run, or that never end.

They lie in a folder that is the first of PATH. `python -m … NAME ARGUMENTS` is what each calls;
`runflow` is the command itself, which for `login` alone only shows its help.
"""

import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
NAMES: Final = ("pip", "make", "git", "runflow-mock", "runflow-conformance", "runflow-login")


def write_commands(folder: Path) -> None:
    """Write the programs into the folder."""
    folder.mkdir()
    lines = {name: f'exec "{sys.executable}" "{__file__}" {name} "$@"' for name in NAMES}
    own = f'exec "{_program("runflow")}" "$@"'
    lines["runflow"] = f'[ "$*" != login ] || set -- login --help\n{own}'
    for name, line in lines.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{line}\n")
        program.chmod(0o755)


def main(name: str, arguments: list[str]) -> int:
    """Do what stands for the program."""
    match name:
        case "pip":
            return _pip(arguments)
        case "make":
            return _make(arguments)
        case "git":
            return 0 if arguments[0] in ("clone", "tag", "push", "worktree") else 1
        case "runflow-mock":
            return _serve([*arguments, "--port", "0"])
        case _:
            return _options(name, arguments)


def _pip(arguments: list[str]) -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = set(project["optional-dependencies"])
    if arguments[0] != "install":
        return 1
    for requirement in arguments[1:]:
        named = re.fullmatch(r"runflow-client(?:\[([\w,-]+)\])?", requirement)
        if named and named[1] and not set(named[1].split(",")) <= extras:
            print(f"there is no such extra: {requirement}", file=sys.stderr)
            return 1
    return 0


def _make(arguments: list[str]) -> int:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
    wanted = {argument for argument in arguments if "=" not in argument}
    print(*sorted(wanted - targets), file=sys.stderr)
    return 0 if wanted <= targets else 1


def _serve(arguments: list[str]) -> int:
    """Start the real server, and end it with Ctrl-C when it has said where it is."""
    server = subprocess.Popen(
        [_program("runflow-mock"), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    said = ""
    while "RUNFLOW_API_KEY" not in said:
        line = server.stdout.readline()
        if not line:
            break
        said += line
    print(said)
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    server.communicate()
    return 0 if "RUNFLOW_API_KEY" in said else 1


def _options(name: str, arguments: list[str]) -> int:
    """Only compare the options with those of `--help`: the command itself takes minutes."""
    told = subprocess.run(
        [_program(name), "--help"], capture_output=True, text=True, check=True
    ).stdout
    options = {argument for argument in arguments if argument.startswith("--")}
    return 0 if all(option in told for option in options) else 1


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
