"""Every block of every page runs as it stands, and says what the page says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image
from runflow_client.testing import sign
from runflow_mock import MockRunflow

from .blocks import BLOCKS, README, ROOT, Block, blocks_of, matches
from .conftest import SECRET

PYTHON = [
    block
    for block in BLOCKS
    # test_testing_page runs those of testing.md, each as the test file of a user.
    if block.language == "python" and not block.shown and block.page.stem != "testing"
]
COMMANDS = [block for block in BLOCKS if block.language == "sh" and not block.shown]


def ids(block: Block) -> str:
    return block.id


def test_pages_have_blocks_of_known_kinds_only() -> None:
    assert {block.language for block in BLOCKS} <= {"python", "sh", "text", "yaml"}
    assert len(PYTHON) > 15
    assert len(COMMANDS) > 10


def test_only_code_of_other_libraries_is_shown_without_being_run() -> None:
    shown = [block for block in BLOCKS if block.shown]
    assert {block.page.stem for block in shown} == {
        *("coming-from-replicate", "coming-from-fal"),
        *("airflow", "prefect", "ray"),  # they need a scheduler or a cluster: make test-ray
    }
    for block in shown:
        compile(block.source, block.id, "exec")


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "yaml"], ids=ids)
def test_yaml_can_be_read(block: Block) -> None:
    assert yaml.safe_load(block.source)


@pytest.mark.parametrize("block", PYTHON, ids=ids)
def test_a_program_runs(
    block: Block, folder: Path, mock: MockRunflow, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, object] = {"__name__": "page"}
    exec(compile(block.source, block.id, "exec"), names)
    for name, function in list(names.items()):
        if name.startswith("test_") and callable(function):
            function(mock)
            assert len(mock.ledger) == 1
    receive = names.get("receive")
    if callable(receive):
        body = b'{"event": "run.completed", "run_id": "r-1"}'
        receive(body, {"Runflow-Signature": sign(body, SECRET)})
    elif re.search(r"^    .*client\.run\(", block.source, re.M) and "def " not in block.source:
        assert len(mock.ledger) == 1
    if block.output is not None:
        assert matches(capsys.readouterr().out, block.output)


@pytest.mark.parametrize("block", COMMANDS, ids=ids)
def test_commands_run(block: Block, folder: Path) -> None:
    done = subprocess.run(
        ["sh", "-eu", "-c", block.source],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if block.output is not None:
        assert matches(done.stdout, block.output)


def test_the_first_screen_says_the_price_shows_progress_and_saves_the_picture(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = next(block for block in blocks_of(README) if block.language == "python")
    assert first.line + first.source.count("\n") < 30
    exec(compile(first.source, first.id, "exec"), {"__name__": "page"})
    price, *statuses, last = capsys.readouterr().out.splitlines()
    promised = re.search(r"\.basis\)  # (.*)", first.source)
    assert promised is not None
    assert price == promised[1]
    assert statuses[-1] == "succeeded"
    assert re.fullmatch(r"cathedral\.png: 0\.15 USD, \d+ ms", last)
    with Image.open(folder / "cathedral.png") as image:
        assert image.size == (2048, 2048)


def test_the_command_of_the_first_screen_saves_the_picture(folder: Path, mock: MockRunflow) -> None:
    command = next(block for block in blocks_of(README) if block.source.startswith("runflow run"))
    subprocess.run(["sh", "-c", command.source], cwd=folder, check=True, capture_output=True)
    assert len(mock.ledger) == 1
    with Image.open(folder / "cathedral.png") as image:
        assert image.size == (2048, 2048)


def test_both_type_checkers_take_the_programs(tmp_path: Path) -> None:
    files: list[str] = []
    for number, block in enumerate(PYTHON):
        if "celery" in block.source:  # celery has no types
            continue
        path = tmp_path / f"block_{number}.py"
        path.write_text(f"# {block.id}\n{block.source}", encoding="utf-8")
        files.append(path.name)
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": files}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    for command in (
        ["mypy", "--strict", *(str(tmp_path / name) for name in files)],
        ["pyright", "--pythonpath", sys.executable, "--project", str(tmp_path)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
