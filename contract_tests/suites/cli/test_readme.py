"""What the README says about the command line is so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from runflow_client.cli.exit_codes import MEANINGS

from .conftest import HANGS

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Command line\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)[1].splitlines()


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_works(
    line: str, environment: dict[str, str], tmp_path: Path
) -> None:
    Image.new("RGB", (40, 30), "orange").save(tmp_path / "photo.jpg")
    path = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=tmp_path,
        env={**environment, "PATH": path},
        timeout=HANGS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_exit_codes_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", SECTION, re.MULTILINE)
    assert rows == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]
