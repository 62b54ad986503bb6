"""What ends a wait, or hinders it, names the command that waits again; a deadline counts from the
create on.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from attrs import define
from runflow_client import WaitTimeout, errors
from runflow_client._time import Deadline
from runflow_client.cli.shared.refusals import Interrupted
from runflow_client.cli.shared.terminal import Terminal
from runflow_client.cli.shared.waiting import SHORTEST, continuing, deadline_of, wait

from ..client.answering import NOTHING, Asked, Told, answering
from .in_process import Stream, run_here
from .one_body import answer_to

ID: Final = "00000000-0000-7000-8000-000000000001"
ASKED: Final[dict[str, Any]] = {"method": "GET", "path": "/v1/x"}
HINDERED: Final[dict[str, Callable[[], BaseException]]] = {
    "an outage": lambda: errors.ConnectFailed("no answer", **ASKED),
    "a refused key": lambda: errors.Unauthorized(status=401, **ASKED),
    "a server in trouble": lambda: errors.ServerError(status=503, **ASKED),
}
CONCERNS_NO_WAIT: Final[dict[str, Callable[[], BaseException]]] = {
    "no such thing": lambda: errors.NotFound(status=404, **ASKED),
    "a full disk": lambda: OSError(28, "full"),
    "a defect": lambda: ValueError("x"),
}
COMMANDS: Final = {
    "run": "runflow runs wait r-7",
    "batch": "runflow batches wait r-7",
    "evaluation": "runflow evaluations wait r-7",
}


def met(error: BaseException, kind: str, seen: str | None, saving: str) -> BaseException:
    with pytest.raises(BaseException) as raised, continuing(kind, lambda: seen, saving):  # noqa: PT011
        raise error
    return raised.value


def notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", ()))


@pytest.mark.parametrize("kind", COMMANDS)
def test_what_hinders_a_wait_names_the_command_that_waits_again(kind: str) -> None:
    for saving in ("", " -o 'a b.png'"):
        for make in HINDERED.values():
            error, again = make(), f"{kind.capitalize()} r-7 continues: {COMMANDS[kind]}{saving}"
            assert met(error, kind, "r-7", saving) is error
            assert notes(error) == [*notes(make()), again]
        interrupted = met(KeyboardInterrupt(), kind, "r-7", saving)
        assert isinstance(interrupted, Interrupted)
        assert (str(interrupted), interrupted.remedy) == (
            f"interrupted; {kind} r-7 continues",
            f"Wait again: {COMMANDS[kind]}{saving}",
        )


@pytest.mark.parametrize("name", [*HINDERED, *CONCERNS_NO_WAIT, "Ctrl-C"])
def test_nothing_is_named_where_there_is_nothing_to_wait_for(name: str) -> None:
    make = {**HINDERED, **CONCERNS_NO_WAIT, "Ctrl-C": KeyboardInterrupt}[name]
    for seen in (None, "r-7"):
        if seen is None or name in CONCERNS_NO_WAIT:
            error = make()
            assert met(error, "run", seen, "") is error
            assert notes(error) == notes(make())


@define
class Handle:
    """Notes how long it was to wait, and ends as it is told."""

    ends: BaseException | None = None
    id: str = "r-7"
    seconds: float | None = -1.0

    def wait(self, timeout: float | None, on_update: Any) -> str:
        """Wait for nothing."""
        assert callable(on_update)
        self.seconds = timeout
        if self.ends is not None:
            raise self.ends
        return "ended"


def test_a_wait_lasts_as_long_as_is_left() -> None:
    for moment, timeout, left in ((17.0, 9.0, 7.0), (10.0, 9.0, SHORTEST), (None, 0.0, None)):
        handle = Handle()
        deadline = Deadline(lambda: 10.0, moment)
        assert wait(Terminal(), "run", handle, timeout, deadline=deadline) == "ended"
        assert handle.seconds == left
    handle = Handle()
    wait(Terminal(), "run", handle, 0)
    assert handle.seconds is None
    later = Handle()
    wait(Terminal(), "run", later, 500)
    assert later.seconds is not None
    assert 0 < later.seconds <= 500
    assert deadline_of(0).remaining() is None


def test_the_seconds_that_were_asked_for_are_said() -> None:
    late = WaitTimeout("run", "r-7", SimpleNamespace(status="queued"), seconds=2.0, resume_hint="")
    deadline = Deadline(lambda: 0.0, 2.0)
    with pytest.raises(WaitTimeout) as raised:
        wait(Terminal(), "run", Handle(late), 9, deadline=deadline)
    assert raised.value.seconds == 9


def test_a_create_that_is_not_answered_in_time_may_have_made_its_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers when the time of the command is over."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inputs.jsonl").write_text('{"image_url": "https://a.test/1.png"}\n')
    subject = {"id": ID, "status_code": "queued"}

    def tell(asked: Asked) -> Told:
        if asked.method == "GET":
            return Told({**subject, "status_code": "succeeded"})
        threading.Event().wait(0.8)
        refs = [one["client_ref"] for one in asked.fields.get("input", ())]
        items = [{"index": number, "client_ref": ref} for number, ref in enumerate(refs)]
        return Told({**subject, **asked.fields, "items": items}, 201)

    with answering(tell) as server:
        done = run_here(
            *("batches", "create", "runflow/background-removal", "inputs.jsonl"),
            *("--yes", "--timeout", "0.7"),
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    assert (done.code, done.out) == (6, ""), done.err
    assert "The batch may have been created" in done.err


PATIENCE: Final = 600.0
CREATES: Final = {
    "batches": ("create", "runflow/background-removal", "inputs.jsonl", "--yes"),
    "evaluations": ("create", "--image-url", "https://a.test/1.png", "--task-type", "edit"),
}


@pytest.mark.parametrize("kind", CREATES)
def test_what_the_create_took_is_taken_off_the_wait(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The create takes nearly all of the time. What a new wait would see is an end."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inputs.jsonl").write_text('{"image_url": "https://a.test/1.png"}\n')
    now, over = time.monotonic, time.perf_counter() + 60
    took = 0.0

    def tell(asked: Asked) -> Told:
        nonlocal over, took
        facts: dict[str, Any] = {"id": ID, "status_code": "queued"}
        if asked.method == "GET":
            ends = {"batches": "succeeded", "evaluations": "completed"}
            has_ended = time.perf_counter() > over
            return Told({**facts, "status_code": ends[kind]} if has_ended else facts)
        took, over = PATIENCE - 1, time.perf_counter() + 3
        refs = [one["client_ref"] for one in asked.fields.get("input", ())]
        items = [{"index": number, "client_ref": ref} for number, ref in enumerate(refs)]
        return Told({**facts, "client_ref": asked.fields.get("client_ref"), "items": items}, 201)

    monkeypatch.setattr(time, "monotonic", lambda: now() + took)
    with answering(tell) as server:
        done = run_here(
            *(kind, *CREATES[kind], "--timeout", f"{PATIENCE:g}"),
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    assert (done.code, f"was still queued after {PATIENCE:g} s" in done.err) == (5, True), done.err


ASKS: Final = {
    "run": ("run", "google/nano-banana-pro", "--prompt", "x", "--num-images", "9"),
    "batches": ("batches", "create", "runflow/background-removal", "inputs.jsonl"),
}


@pytest.mark.parametrize("kind", ASKS)
def test_the_time_that_an_answer_takes_is_not_taken_off(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is asked about the price may think about it for as long as they like."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inputs.jsonl").write_text('{"image_url": "https://a.test/1.png"}\n')
    now, took = time.monotonic, 0.0

    class Thinking(Stream):
        def write(self, text: str) -> int:
            nonlocal took
            took = 2 * PATIENCE if "[y/N]" in text else took
            return super().write(text)

    monkeypatch.setattr(time, "monotonic", lambda: now() + took)
    with answering(lambda asked: answer_to(asked, server.base_url)) as server:
        done = run_here(
            *(*ASKS[kind], "--timeout", f"{PATIENCE:g}"),
            typed="y\n",
            terminal=True,
            err=Thinking(is_terminal=True),
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    assert (done.code, took) == (0, 2 * PATIENCE), done.err


WAITS: Final = (
    ("runs", "wait", ID),
    ("batches", "wait", ID),
    ("evaluations", "wait", ID),
    ("run", "google/nano-banana-pro", "--prompt", "x"),
)


@pytest.mark.parametrize("command", WAITS, ids=lambda command: command[0])
def test_a_wait_ends_when_its_time_is_over(command: tuple[str, ...]) -> None:
    def tell(asked: Asked) -> Told:
        facts = {"id": ID, "status_code": "queued", "model_id": "google/nano-banana-pro"}
        if asked.method == "POST":
            return Told({**facts, "client_ref": asked.fields["client_ref"]}, 201)
        return Told({"items": [], "next": None} if asked.path.endswith("/runs") else facts)

    with answering(tell) as server:
        done = run_here(
            *(*command, "--timeout", "0.2"),
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    assert (done.code, "was still queued after 0.2 s" in done.err) == (5, True), done.err
    kind = "runs" if command[0] == "run" else command[0]
    assert f"It continues: runflow {kind} wait {ID}" in done.err


MODEL: Final = "google/nano-banana-pro"
SAVING: Final = {
    "run": ("run", MODEL, "--prompt", "x"),
    "runs wait": ("runs", "wait", ID),
}


@pytest.mark.parametrize("name", SAVING)
def test_where_the_outputs_go_is_part_of_the_command_that_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    facts: dict[str, Any] = {"id": ID, "status_code": "queued", "model_id": MODEL}

    def tell(asked: Asked) -> Told:
        output = {"outputs": [{"url": f"{server.base_url}/1.png", "type": "image"}]}
        ended = {**facts, "status_code": "succeeded", "output": output}
        if asked.method == "POST":
            now = facts if is_refused else ended  # what has ended is not waited for
            return Told({**now, "client_ref": asked.fields["client_ref"]}, 201)
        if asked.path.endswith("/runs"):
            return Told({"items": [], "next": None})
        if asked.path.endswith(".png") or is_refused:
            return Told({"code": "NO", "message": "not yours"}, 403)
        return Told(ended)

    places = {"a b.png": " -o 'a b.png'", "out/": " -o out/", "-": "", None: ""}
    for output, option in places.items():
        for is_refused in (True, False):
            given = () if output is None else ("-o", output)
            with answering(tell) as server:
                done = run_here(
                    *(*SAVING[name], *given),
                    RUNFLOW_BASE_URL=server.base_url,
                    RUNFLOW_API_KEY="rf_live_x",
                )
            if is_refused:
                assert f": runflow runs wait {ID}{option}\n" in done.err
            elif output is not None:
                assert done.code != 0
                again = f"The run has ended. Save what it made: runflow runs save {ID}{option}\n"
                assert done.err.endswith(again)


INTERRUPTED: Final = {
    "the create": (
        "interrupted",
        "The run may have been created: look for it with "
        "`runflow runs list --client-ref 'order 7'`.",
    ),
    "the wait": (
        f"interrupted; run {ID} continues",
        f"Wait again: runflow runs wait {ID} -o x.png",
    ),
    "the download": (
        "interrupted while the outputs were saved",
        f"The run has ended. Save what it made: runflow runs save {ID} -o x.png",
    ),
}


@pytest.mark.parametrize("moment", INTERRUPTED)
def test_ctrl_c_says_what_continues_and_how_to_go_on(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    facts: dict[str, Any] = {"id": ID, "model_id": MODEL, "client_ref": "order 7"}

    def tell(asked: Asked) -> Told:
        is_list = asked.path.endswith("/runs") and asked.method == "GET"
        now = {"POST": "the create"}.get(asked.method, "the wait")
        if (now if not asked.path.endswith(".png") else "the download") == moment and not is_list:
            os.kill(os.getpid(), signal.SIGINT)
            return NOTHING
        if is_list:
            return Told({"items": [], "next": None})
        if asked.method == "POST":
            return Told({**facts, "status_code": "queued"}, 201)
        output = {"outputs": [{"url": f"{server.base_url}/1.png", "type": "image"}]}
        return Told({**facts, "status_code": "succeeded", "output": output})

    with answering(tell) as server:
        done = run_here(
            *("run", MODEL, "--prompt", "x", "--client-ref", "order 7", "-o", "x.png", "--json"),
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    assert done.code == 130, done.out
    error = done.document["error"]
    assert (error["kind"], error["exit_code"]) == ("Interrupted", 130)
    assert error["message"] == INTERRUPTED[moment][0]
    assert error["remedy"].splitlines()[-1] == INTERRUPTED[moment][1]
    assert list(tmp_path.iterdir()) == []
