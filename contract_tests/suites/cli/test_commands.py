"""Each command sends, prints and writes what the list says, and ends with its code."""

from pathlib import Path

from runflow_client.cli.tree import app
from typer.main import get_command

from ..snapshot import check_snapshot
from . import command_list, commands, options

LIST = Path(__file__).with_name("commands.txt")
OPTIONS = LIST.with_name("options.txt")
OF_ALL = {"--json", "--quiet", "--debug"}
ELSEWHERE = {
    "bulk report -o": "bulk/test_report_page.py",
    "bulk report --overwrite": "bulk/test_report_page.py",
    "callbacks listen": "cli/test_listen.py",
    "login": "cli/test_login.py",
    "mock": "mock/test_command.py",
    "secrets rotate --label": "cli/test_secret_files.py",
    "secrets rotate --quiet-for": "cli/test_secret_files.py",
    "models list --upstream": "names every model: cli/test_everything_else.py",
}
"""Commands and options that the list does not have, and what tries them."""


def test_what_a_command_does_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(commands.lines()) + "\n")


def test_each_option_is_that_of_the_list() -> None:
    check_snapshot(OPTIONS, "\n".join(options.lines()) + "\n")


def test_the_list_has_every_command_with_every_option() -> None:
    missing: set[str] = set()
    texts = [*command_list.COMMANDS, *(scene.text for scene in command_list.SCENES)]
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
