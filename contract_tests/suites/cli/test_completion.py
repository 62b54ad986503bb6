"""Completion in the shells themselves: what TAB writes into the line, or shows below it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pexpect
import pytest
from runflow_client import inputs

from ..snapshot import check_snapshot
from . import completions
from .conftest import ASKED, HANGS, MODEL, Run

STARTS: Final = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config"),
}
PREPARE: Final = {
    "bash": 'PS1="> "; bind "set enable-bracketed-paste off"; '
    'bind "set show-all-if-ambiguous on"; eval "$(_RUNFLOW_COMPLETE=source_bash runflow)"',
    "zsh": 'PS1="> "; bindkey -e; unsetopt zle_bracketed_paste prompt_sp; autoload -Uz compinit; '
    'compinit -D -u; eval "$(_RUNFLOW_COMPLETE=source_zsh runflow)"',
    "fish": "_RUNFLOW_COMPLETE=source_fish runflow | source",
}
LINES: Final = {
    "a command of a group": ("runflow runs sa", ["save"]),
    "a model": ("runflow run google/nano-banana-pro/e", [f"{MODEL}/edit"]),
    "values": (f"runflow run {MODEL} --resolution ", ["1K", "2K", "4K"]),
    "a local file": (f"runflow run {MODEL}/edit --image-urls ./pho", ["./photo.jpg"]),
}
"""A kind of each; the list has the others."""
MODEL_ID: Final = re.compile(r"[\w.-]+/[\w./-]+")
LIST: Final = Path(__file__).with_name("completions.txt")
Press = Callable[[str], str]


def test_what_is_offered_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(completions.lines()) + "\n")
    assert completions.silent() == []


def installed(shell: str) -> Any:
    missing = shutil.which(shell) is None and "RUNFLOW_SHELLS" not in os.environ
    reason = f"{shell} is not installed: make test-shells"
    return pytest.param(shell, marks=pytest.mark.skipif(missing, reason=reason))


@pytest.fixture(params=[installed(shell) for shell in STARTS])
def press_tab(
    request: pytest.FixtureRequest, environment: dict[str, str], tmp_path: Path
) -> Iterator[Press]:
    """Return what a shell shows for a line and TAB after it."""
    shell = request.param
    (tmp_path / "photo.jpg").touch()
    variables = {
        **environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
        "TERM": "dumb",
    }
    if shell == "fish":  # its own command prints what TAB would offer
        yield (
            lambda line: (
                subprocess.run(
                    [*STARTS[shell], "-c", f"{PREPARE[shell]}; complete --do-complete='{line}'"],
                    env=variables,
                    cwd=tmp_path,
                    timeout=HANGS,
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            )
        )
        return
    child = pexpect.spawn(
        STARTS[shell][0],
        list(STARTS[shell][1:]),
        env=variables,
        cwd=str(tmp_path),
        encoding="utf-8",
        timeout=HANGS,
        dimensions=(50, 200),
    )

    def press(line: str) -> str:
        # Then a colon at the line's beginning, so that nothing is run.
        child.sendline(f"{line}\t\x01: ")
        child.sendline("echo do''ne")
        child.expect("done\r")
        return str(child.before)

    child.sendline(f"{PREPARE[shell]}; echo rea''dy")
    child.expect("ready\r")
    yield press
    child.close(force=True)


def test_tab_completes(press_tab: Press) -> None:
    """One shell for all lines: each takes a second to start."""
    for name, (line, expected) in LINES.items():
        shown = press_tab(line)
        assert [text for text in expected if text not in shown] == [], f"{name}: {shown}"


def test_tab_completes_the_ids_of_runs(press_tab: Press, runflow: Run) -> None:
    run_id = runflow(*ASKED, "--detach").out.strip()
    assert run_id in press_tab(f"runflow runs get {run_id[:4]}")


def test_tab_offers_the_models_of_the_catalog(press_tab: Press) -> None:
    shown = MODEL_ID.findall(press_tab("runflow run alibaba/"))
    assert {model for model in inputs.CLASSES if model.startswith("alibaba/")} <= set(shown)
