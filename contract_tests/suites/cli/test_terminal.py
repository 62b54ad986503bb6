"""In a terminal: progress, questions, Ctrl-C, widths, pipes that close."""

import io
import os
import re
import subprocess
import termios
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image
from runflow_client.cli.shared.sixel import sixel_picture
from runflow_client.testing import sign
from runflow_mock import MockRunflow

from .conftest import ASKED, COMMAND, HANGS, MODEL, Run, Spawn, ended


def test_progress_is_drawn_and_the_result_stays(spawn: Spawn, mock: MockRunflow) -> None:
    child = spawn(*ASKED, "-o", "x.png")
    child.expect("Costs")
    child.expect("queued|running")
    child.expect("x.png")
    code, rest = ended(child)
    assert (code, "succeeded, $0.15" in rest) == (0, True)


def test_no_color_is_heard(spawn: Spawn) -> None:
    child = spawn(*ASKED, NO_COLOR="1")
    code, shown = ended(child)
    assert code == 0
    assert "\x1b[3" not in shown
    assert "\x1b[9" not in shown


@pytest.mark.parametrize("arguments", [ASKED, ("models", "list"), ("--help",), ("runs", "list")])
def test_a_terminal_of_20_columns(spawn: Spawn, arguments: tuple[str, ...]) -> None:
    code, shown = ended(spawn(*arguments, columns=20))
    assert code == 0
    assert "Traceback" not in shown


NARROW = {
    "a model": (("models", "show", "google/veo3.1"), 0),
    "a refusal": ((*ASKED, "--resolution", "2k"), 2),
    "an unknown id": (("runs", "get", "0198c0de-0000-7000-8000-000000000000"), 3),
}


@pytest.mark.parametrize("columns", [20, 40, 80])
@pytest.mark.parametrize("name", NARROW)
def test_what_is_said_is_broken_between_words(spawn: Spawn, name: str, columns: int) -> None:
    arguments, expected = NARROW[name]
    code, shown = ended(spawn(*arguments, columns=columns))
    assert (code, "Traceback" in shown) == (expected, False)
    said = shown.partition("Example:")[0].partition("Its fields")[0]  # commands stay on one line
    for line in said.split("\r\n"):
        words = line.split()
        assert len(" ".join(words)) < columns or len(words) < 2, line


@pytest.mark.parametrize("columns", [60, 59, 20])
def test_a_table_in_a_narrow_terminal_keeps_ids_whole(
    spawn: Spawn, mock: MockRunflow, columns: int
) -> None:
    with mock.client() as client:
        run = client.run(MODEL, {"prompt": "x"}, client_ref="order-7")
        other = client.run(MODEL, {"prompt": "x"})
    code, shown = ended(spawn("runs", "list", columns=columns))
    assert code == 0
    assert run.id in shown
    assert "order-7" in "".join(shown.split())
    assert str(other.client_ref) not in "".join(shown.split()), "made up: it tells nobody anything"


@pytest.mark.parametrize("size", [(10, 30), (50, 200), (2, 5)])
@pytest.mark.parametrize("moment", ["queued|running", "download"])
def test_resizing_while_it_waits(
    spawn: Spawn, mock: MockRunflow, size: tuple[int, int], moment: str
) -> None:
    if moment == "download":
        mock.fail_next("storage", fault="slow_headers", delay=0.2)
    child = spawn(*ASKED, "-o", "x.png")
    child.expect(moment)
    child.setwinsize(*size)
    code, shown = ended(child)
    assert code == 0
    assert "Traceback" not in shown


def test_without_a_terminal_nothing_is_drawn_or_asked(runflow: Run) -> None:
    done = runflow(*ASKED, "-o", "x.png", TERM="xterm-256color", COLUMNS="20")
    assert (done.code, done.out) == (0, "x.png\n")
    assert "\x1b" not in done.err
    assert "\r" not in done.err
    assert [line.split()[0] for line in done.err.splitlines()] == ["Costs", "Run"]


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"TERM": ""}])
def test_a_terminal_that_can_do_nothing(spawn: Spawn, variables: dict[str, str]) -> None:
    code, shown = ended(spawn(*ASKED, "-o", "x.png", **variables))
    assert (code, "Traceback" in shown) == (0, False)
    assert "x.png" in shown


def test_an_unknown_price_is_asked_about(spawn: Spawn, mock: MockRunflow) -> None:
    child = spawn("run", "google/veo3.1", "--prompt", "x")
    child.expect("Run it")
    child.sendline("n")
    assert ended(child)[0] == 2
    assert not mock.requests


def test_control_c_at_the_question(spawn: Spawn, mock: MockRunflow) -> None:
    child = spawn("run", "google/veo3.1", "--prompt", "x")
    child.expect("Run it")
    child.sendintr()
    code, shown = ended(child)
    assert (code, "nothing was sent" in shown) == (130, True)
    assert not mock.requests


def test_control_c_while_the_run_is_created(spawn: Spawn, mock: MockRunflow) -> None:
    mock.fail_next("create_run", fault="slow_headers", delay=20.0)
    child = spawn(*ASKED, "--client-ref", "order-7")
    child.expect("Costs")
    _wait_until(lambda: any(request.method == "POST" for request in mock.requests))
    child.sendintr()
    code, shown = ended(child)
    assert code == 130
    assert "runflow runs list --client-ref order-7" in shown


def test_control_c_while_it_waits_leaves_the_run_running(
    spawn: Spawn, runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    mock.next_outcome("never")
    child = spawn(*ASKED, "-o", "x.png")
    child.expect("running")
    child.sendintr()
    code, shown = ended(child)
    (run,) = mock.runs
    assert code == 130
    assert f"runflow runs wait {run['id']} -o x.png" in shown
    assert mock.runs[0]["status_code"] == "running"


def test_control_c_while_it_downloads_leaves_no_half_file(
    spawn: Spawn, runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    run_id = runflow(*ASKED, "--detach").out.strip()
    assert runflow("runs", "wait", run_id, "--quiet").code == 0
    mock.fail_next("storage", fault="trickle")
    child = spawn("runs", "save", run_id, "-o", "x.png")
    child.expect("download")
    child.sendintr()
    assert ended(child)[0] == 130
    assert not list(tmp_path.glob("*.png"))


def test_a_download_that_is_interrupted_after_the_run_names_the_command_that_saves(
    spawn: Spawn, mock: MockRunflow
) -> None:
    mock.fail_next("storage", fault="trickle")
    child = spawn(*ASKED, "-o", "x.png")
    child.expect("download")
    child.sendintr()
    code, shown = ended(child)
    assert code == 130
    assert f"runflow runs save {mock.runs[0]['id']} -o x.png" in " ".join(shown.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("models", "list"),
        ("models", "list", "--json"),
        ("--help",),
        ("run", MODEL, "--help"),
        ("runs", "list", "--json"),
        ("balance",),
        (*ASKED, "-o", "-"),
    ],
)
def test_a_pipe_that_closes_is_no_failure_of_ours(
    environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [*COMMAND, *arguments, *([] if "-h" in arguments[-1] else ["--quiet"])],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        os.close(writing)
        _, errors = process.communicate(timeout=HANGS)
    assert (process.returncode, errors) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--help",), 1, "No space left on device"),
        (("models", "list"), 1, "No space left on device"),
        (("balance", "--json"), 1, "No space left on device"),
        (("runs", "get", "x", "--json"), 2, "run_id is 'x'"),
        ((*ASKED, "--quiet"), 1, "It was to tell of run "),
        (("secrets", "create"), 1, "was made, and its value is lost"),
        (("secrets", "create", "--json"), 1, "was made, and its value is lost"),
    ],
)
def test_a_disk_that_is_full_is_said_in_words(
    environment: dict[str, str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            timeout=HANGS,
        )
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert done.stderr.count("runflow: ") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("missing", [[0], [1], [2], [0, 1, 2]])
def test_a_stream_that_is_missing_is_no_failure(
    environment: dict[str, str], missing: list[int], tmp_path: Path, mock: MockRunflow
) -> None:
    closing = " ".join(f"{number}>&-" for number in missing)
    path = tmp_path / "x.png"
    for arguments, code in (
        (["models", "list"], 0),
        (["models", "nothing"], 2),
        ([*ASKED, "-o", str(path), "--yes"], 0),
    ):
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *COMMAND, *arguments],
            capture_output=True,
            env=environment,
            timeout=HANGS,
            check=False,
        )
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done.stderr
    assert path.read_bytes().startswith(b"\x89PNG")


def test_listening_prints_what_was_signed_and_refuses_the_rest(spawn: Spawn, runflow: Run) -> None:
    body = b'{"event": "run.completed", "run_id": "r-1"}'
    child = spawn("callbacks", "listen", "--port", "0", RUNFLOW_CALLBACK_SECRET="whsec_x")
    child.expect(r"http://127.0.0.1:(\d+)")
    address = f"http://127.0.0.1:{child.match[1]}/"
    good = httpx.post(address, content=body, headers={"Runflow-Signature": sign(body, "whsec_x")})
    child.expect("run.completed  r-1")
    forged = httpx.post(address, content=body, headers={"Runflow-Signature": sign(body, "whsec_y")})
    child.expect("refused: 401")
    child.sendintr()
    assert (good.status_code, forged.status_code, ended(child)[0]) == (200, 401, 0)


@pytest.mark.parametrize(
    ("variables", "sequence"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]1337;File=inline=1"),
        ({"TERM_PROGRAM": "", "KITTY_WINDOW_ID": "1"}, "\x1b_Ga=T,f=100"),
    ],
)
def test_pictures_are_shown_where_the_terminal_can(
    spawn: Spawn, variables: dict[str, str], sequence: str
) -> None:
    code, shown = ended(spawn(*ASKED, "--show", **variables))
    assert (code, sequence in shown) == (0, True)


@pytest.mark.parametrize(
    ("answer", "drawn"),
    [
        ("\x1b[?62;4;6c", True),
        ("typed before it, in a line too long for one read" * 2 + "\x1b[?62;4;6c", True),
        ("\x1b[?62;22c", False),
        ("\x1b[?4c", False),
        ("", False),
    ],
)
def test_sixels_are_shown_where_the_terminal_says_so(
    spawn: Spawn, answer: str, drawn: bool
) -> None:
    child = spawn(*ASKED, "--show", TERM_PROGRAM="")
    before = termios.tcgetattr(child.child_fd)
    child.expect_exact("\x1b[c")
    assert termios.tcgetattr(child.child_fd) != before, "the answer is not shown"
    child.send(answer)
    child.expect("succeeded")
    assert termios.tcgetattr(child.child_fd) == before
    shown = str(child.before)
    code, _ = ended(child)
    assert code == 0
    assert ("\x1bPq" in shown, "shows no pictures" in shown) == (drawn, not drawn)


def test_sixels_are_the_pixels_of_the_picture() -> None:
    image = Image.new("RGB", (8, 7), (255, 0, 0))
    image.putpixel((0, 0), (0, 0, 255))
    content = io.BytesIO()
    image.save(content, "PNG")
    drawn = str(sixel_picture(content.getvalue()))
    assert drawn.startswith('\x1bPq"1;1;8;7')
    colours = {
        re.search(r"#(\d+);2;100;0;0", drawn)[1]: "}!7~",  # type: ignore[index]
        re.search(r"#(\d+);2;0;0;100", drawn)[1]: "@!7?",  # type: ignore[index]
    }
    first, second = drawn.removesuffix("\x1b\\").split("-")
    for colour, line in colours.items():
        assert f"#{colour}{line}" in first
    assert second.endswith("!8@")


def test_what_is_no_picture_is_not_drawn() -> None:
    assert sixel_picture(b"GIF89a") is None


def _wait_until(condition: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(HANGS * 20):
        if condition():
            return
        tick.wait(0.05)
    raise AssertionError("it never happened")
