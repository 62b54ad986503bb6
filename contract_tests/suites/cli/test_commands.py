"""Each command sends, prints and writes what the list says, and ends with its code."""

import re
import shlex
from pathlib import Path

from runflow_client.cli.tree import app
from typer.main import get_command

from ..snapshot import check_snapshot
from . import command_list, commands, options, scenes

LIST = Path(__file__).with_name("commands.txt")
PAGE = Path(__file__).parents[3] / "docs/guides/command-options.md"
OF_ALL = {"--json", "--quiet", "--debug"}
ELSEWHERE = {
    "bulk report -o": "bulk/test_report_page.py",
    "bulk report --overwrite": "bulk/test_report_page.py",
    "callbacks listen": "cli/test_listen.py",
    "login": "cli/test_login.py",
    "mock": "mock/test_command.py",
    "secrets rotate --label": "cli/test_secret_files.py",
    "models list --upstream": "names every model: cli/test_everything_else.py",
}
"""Commands and options that the list does not have, and what tries them."""
DOCUMENTS_ELSEWHERE = {"bulk report", "callbacks listen", "login", "mock", "secrets rotate"}
"""Commands whose document of --json the list does not have."""


def test_what_a_command_does_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(commands.lines()) + "\n")


def test_each_option_is_that_of_the_page() -> None:
    check_snapshot(PAGE, "\n".join(options.page()))


def test_no_text_advises_what_only_programs_can_do() -> None:
    found = re.findall(r'^    ! (.*)$|"(?:message|remedy)": "(.*)', LIST.read_text(), re.MULTILINE)
    said = [*map("".join, found), *LIST.with_name("endings.txt").read_text().splitlines()]
    words = (
        r"\b(client|callbacks)\.[a-z]|(strict|overwrite|api_key|extra|idempotency_key)="
        r"|created_(after|before)"
    )
    assert [text for text in said if re.search(words, text)] == []


def test_each_example_of_the_help_can_be_typed() -> None:
    names = {name for name, _ in options.leaves(get_command(app))}
    shown = 0
    for name, command in options.leaves(get_command(app)):
        for line in re.findall(r"^  (.*)$", command.epilog, re.MULTILINE):
            parts = re.split(r" \| |   +|[<>]", line)  # pipes, files and remarks
            (typed,) = [part for part in parts if part.startswith("runflow ")]
            words = shlex.split(typed)
            assert words[: len(name.split()) + 1] == ["runflow", *name.split()], line
            if "--help" not in words:
                command.make_context(name, words[len(name.split()) + 1 :])
            shown += 1
    assert shown > len(names)


def test_the_list_has_every_command_with_every_option() -> None:
    missing: set[str] = set()
    texts = [*command_list.COMMANDS, *(scene.text for scene in scenes.SCENES)]
    for name, command in options.leaves(get_command(app)):
        used = [text.split() for text in texts if f"{text} ".startswith(f"{name} ")]
        if not used:
            missing.add(name)
            continue
        for option in command.params:
            spelled = {*option.opts, *option.secondary_opts}
            is_used = any(spelled.intersection(words) for words in used)
            if option.param_type_name == "option" and not spelled & OF_ALL and not is_used:
                missing.add(f"{name} {option.opts[-1]}")
    assert {one for one in missing if one.partition(" ")[0] not in ELSEWHERE} == {
        one for one in ELSEWHERE if " " in one
    }


def test_the_list_has_the_document_of_every_command() -> None:
    ended = re.findall(
        r"^runflow (.* --json\b).*\n(?:    .*\n)*?    = 0", LIST.read_text(), re.MULTILINE
    )
    names = {name for name, _ in options.leaves(get_command(app))}
    shown = {name for name in names if any(text.startswith(f"{name} ") for text in ended)}
    assert names - shown == DOCUMENTS_ELSEWHERE
