"""Every block of every page runs as it stands, and says what the page says."""

import ast
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

from ..mock.test_plugin import run_pytest
from .blocks import BLOCKS, README, Block, Creates, blocks_of, creates_of, matches, run_module
from .conftest import SECRET

PYTHON = [block for block in BLOCKS if block.language == "python" and not block.shown]
TESTS = [block for block in PYTHON if re.search(r"^def test_", block.source, re.M)]
PROGRAMS = [block for block in PYTHON if block not in TESTS]
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
        *("prefect", "ray"),  # they need what make test-prefect and make test-ray install
        "bulk",  # Runflow has to reach its receiver
        "callbacks",  # the frameworks that it shows are not installed here
        "the-document",  # its command prints and ends
        "jupyter",  # its cells are run together: test_recipes.py
    }
    for block in shown:
        if block.language != "python":
            continue
        compile(block.source, block.id, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "yaml"], ids=ids)
def test_yaml_can_be_read(block: Block) -> None:
    assert yaml.safe_load(block.source)


@pytest.mark.parametrize("block", PROGRAMS, ids=ids)
def test_a_program_runs(
    block: Block, folder: Path, mock: MockRunflow, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, object] = {"__name__": "page"}
    exec(compile(block.source, block.id, "exec"), names)
    receive = names.get("receive")
    if callable(receive):
        body = b'{"event": "run.completed", "run_id": "r-1"}'
        receive(body, {"Runflow-Signature": sign(body, SECRET)})
    _each_run_is_billed_once(block, mock)
    if block.output is not None:
        assert matches(capsys.readouterr().out, block.output)


def _each_run_is_billed_once(block: Block, mock: MockRunflow) -> None:
    sent = [one for one in mock.requests if one.method == "POST"]
    creates = [one for one in sent if one.raw_path.endswith("/runs")]
    for one in sent:
        if one.raw_path.endswith("/batches"):
            creates += [one] * len(json.loads(one.body)["input"])
    assert len(mock.ledger) == len(creates)
    written = creates_of(block.source)
    if written.often:
        assert len(creates) > written.once
    else:
        assert len(creates) == written.once


@pytest.mark.parametrize(
    ("source", "once", "often"),
    [
        ("client.run(a)", 1, False),
        ("x = client.run(a).id\nclient.submit(b)", 2, False),
        ("def f(): client.run(a)", 0, False),
        ("def f(): client.run(a)\nf()", 0, True),
        ("async def f(): [client.run(a) for a in b]\nasyncio.run(f())", 0, True),
        ("for a in b: client.run(a)", 0, True),
        ("for a in bulk.run(b): print(a)", 0, True),
        ("with x:\n  try: client.runs.get_or_create(a)\n  except E: f()", 1, False),
    ],
)
def test_the_creates_of_a_program_are_counted(source: str, once: int, often: bool) -> None:
    assert creates_of(source) == Creates(once, often)


@pytest.mark.parametrize("block", TESTS, ids=ids)
def test_the_tests_of_a_page_pass(block: Block, tmp_path: Path) -> None:
    result = run_pytest(tmp_path, tests=block.source)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(re.findall(r'^def test_', block.source, re.M))} passed" in result.stdout


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
        if re.search("celery|airflow", block.source):  # one has no types, one is not installed
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
        run_module(*command)
