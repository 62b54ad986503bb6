"""`runflow callbacks listen` in this process: what it answers, prints and hands on."""

import json
import os
import re
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import redirect_stderr
from http.server import BaseHTTPRequestHandler
from io import StringIO
from pathlib import Path
from queue import Queue
from struct import pack
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from runflow_api.http_library import httpx
from runflow_client.cli.shared.local_server import LocalServer
from runflow_client.testing import sign

from ..client.answering import Asked, Told, answering
from .conftest import HANGS, Done
from .in_process import Stream, run_here

SECRET: Final = "whsec_of_today"
OTHER: Final = "whsec_of_yesterday"
BODY: Final = b'{"event": "run.completed", "run_id": "r-1", "status": "succeeded"}'
SEEN: Final = "run.completed  r-1  succeeded"


class Said(Stream):
    """A pipe that passes on the address that arrives in it."""

    def __init__(self, addresses: "Queue[str]", *, kept: bool) -> None:
        super().__init__(is_terminal=False, kept=kept)
        self._addresses = addresses
        self.writes: list[str] = []
        self._has_said = False
        self.is_full = False
        """Whether nothing can be written any more."""

    def write(self, text: str) -> int:
        """Take a text."""
        if self.is_full:
            raise OSError(28, "No space left on device")
        self.writes.append(text)
        return super().write(text)

    def flush(self) -> None:
        """Let what was written go out."""
        super().flush()
        if not self._has_said and (found := re.search(r"http://[\d.:\[\]]+:\d+", self.text)):
            self._has_said = True
            self._addresses.put(found[0])


def listen(work: Callable[[str, Said], None], *options: str, **variables: Any) -> Done:
    """Listen on any port, do this with the address and stdout in a thread, and press Ctrl-C."""
    addresses, failed, over = Queue[str](), list[BaseException](), threading.Event()
    out, err = Said(addresses, kept=True), Said(addresses, kept=False)

    def act() -> None:
        try:
            address = addresses.get(timeout=HANGS)
            if over.is_set():
                raise RuntimeError(f"it ended before it listened: {err.text}")
            work(address, out)
        except BaseException as error:
            failed.append(error)
        finally:
            if not over.is_set():  # else it would interrupt the tests
                os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=act)
    thread.start()
    try:
        given = ("callbacks", "listen", "--port", "0", *options)
        done = run_here(*given, out=out, err=err, **variables)
    finally:
        over.set()
        addresses.put("")
        thread.join()
    if failed:
        raise failed[0]
    return done


@frozen
class Row:
    """A request, and what becomes of it."""

    status: int
    text: str
    shown: str = ""
    """On stdout."""
    body: bytes = BODY
    secret: str | None = SECRET
    """What it is signed with; None leaves the header out."""
    method: str = "POST"


ROWS: Final = (
    Row(200, "stored", SEEN),
    Row(200, "stored", SEEN),  # Runflow may send it again
    Row(200, "stored", SEEN, secret=OTHER),
    Row(200, "stored", "batch.completed  b-1", b'{"event": "batch.completed", "batch_id": "b-1"}'),
    Row(200, "stored", "tea.ready", b'{"event": "tea.ready"}'),  # an event that is newer
    Row(401, "SignatureMismatch: ", secret="whsec_of_another"),
    Row(401, "SignatureMissing: ", secret=None),
    Row(503, "not stored; please send it again", body=b"<html>"),
    Row(503, "not stored; please send it again", body=b"[]"),
    Row(503, "not stored; please send it again", body=b""),
    Row(405, "callbacks are sent by POST\n", method="GET"),
    Row(501, "", method="PUT"),
)


def send(address: str, row: Row, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if row.secret is not None:
        named["Runflow-Signature"] = sign(row.body, row.secret)
    with httpx.Client(transport=httpx.HTTPTransport(verify=False, retries=5), timeout=30) as client:
        return client.request(row.method, address, content=row.body, headers=named)


def notes(done: Done) -> list[str]:
    """Return what was said beside the first line, which is the address."""
    first, *others = done.err.splitlines()
    assert re.sub(r"\d+(?=\. )", "PORT", first, count=1) == (
        "Listening on http://127.0.0.1:PORT. Runflow must reach this from the internet: open a "
        "tunnel with an https address to it, and give that address as --callback-url. Stop with "
        "Ctrl-C."
    )
    return others


def test_each_request_has_its_answer_and_its_line(tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    file = tmp_path / "secrets"
    file.write_text(f"{SECRET}\n{OTHER}\n")

    def work(address: str, _out: Said) -> None:
        with pytest.raises(httpx.ConnectError):  # no other machine of the network is heard
            httpx.get(address.replace("127.0.0.1", "127.0.0.2"), trust_env=False)
        answers.extend(send(address, row) for row in ROWS)

    done = listen(work, "--secret-file", str(file))
    assert done.code == 0
    assert [one.status_code for one in answers] == [row.status for row in ROWS]
    for answer, row in zip(answers, ROWS, strict=True):
        assert answer.text.startswith(row.text)
        assert answer.headers["Content-Length"] == str(len(answer.content))
        if row.method == "POST":
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers.get("Allow") == ("POST" if row.status == 405 else None)
    assert done.out.splitlines() == [row.shown for row in ROWS if row.shown]
    assert [note[:20] for note in notes(done)] == [
        f"refused: {row.status} {row.text}"[:20] for row in ROWS if row.status in {401, 503}
    ]
    assert not any(secret in done.out + done.err for secret in (SECRET, OTHER))


def test_the_file_of_secrets_is_read_at_each_delivery(tmp_path: Path) -> None:
    file, answers = tmp_path / "secrets", list[int]()

    def work(address: str, _out: Said) -> None:
        for content in (SECRET, OTHER, f"{OTHER}\n{SECRET}", '"quoted"', "", SECRET):
            file.write_text(content)
            answers.append(send(address, ROWS[0]).status_code)

    file.write_text(SECRET)
    done = listen(work, "--secret-file", str(file), RUNFLOW_CALLBACK_SECRET=OTHER)
    assert answers == [200, 401, 200, 503, 503, 200], "the file counts, not the variable"
    assert [note for note in notes(done) if note.startswith("the")] == [
        f"the callback secrets cannot be read: {file}: a callback secret holds quotes: pass it "
        "without them",
        f"the callback secrets cannot be read: there is no callback secret: {file} is empty",
    ]


def test_what_is_verified_is_handed_on_with_the_headers_that_matter() -> None:
    handed: list[Asked] = []
    statuses = iter((200, 204, 302, 404, 500))

    def tell(asked: Asked) -> Told:
        handed.append(asked)
        return Told(status=next(statuses))

    def work(address: str, _out: Said) -> None:
        for secret in (SECRET, *("whsec_of_another",), *(4 * (SECRET,))):
            answers.append(
                send(
                    address,
                    evolve(ROWS[0], secret=secret),
                    User_Agent="Runflow/7",
                    Content_Type="application/json",
                    X_Request_Id="request-7",
                    Runflow_Request_Id="request-8",
                    Cookie="mine",
                    Authorization="Bearer mine",
                    Accept_Encoding="br",
                ).status_code
            )

    answers: list[int] = []
    with answering(tell) as server:
        target = f"{server.base_url}/hook?"
        proxy = "http://127.0.0.1:9"  # is not asked for a receiver on this machine
        done = listen(
            *(work, "--forward-to", f"{target}token=7"),
            RUNFLOW_CALLBACK_SECRET=SECRET,
            HTTP_PROXY=proxy,
        )
    assert answers == [200, 401, 200, 503, 503, 503]
    assert [note for note in notes(done) if note.startswith("forwarded")] == [
        f"forwarded to {target}[hidden]: {status}" for status in (200, 204, 302, 404, 500)
    ]
    assert done.out.splitlines() == [SEEN] * 5
    for one in handed:
        assert (one.method, one.path, one.query, one.body) == ("POST", "/hook", "token=7", BODY)
        kept = {name.lower(): value for name, value in one.headers.items()}
        assert kept["runflow-signature"] == sign(BODY, SECRET)
        assert (kept["user-agent"], kept["content-type"]) == ("Runflow/7", "application/json")
        assert (kept["x-request-id"], kept["runflow-request-id"]) == ("request-7", "request-8")
        assert not kept.keys() & {"cookie", "authorization"}
        assert kept.get("accept-encoding") != "br"


def test_a_receiver_that_is_gone_is_no_receipt() -> None:
    answers: list[int] = []
    done = listen(
        lambda address, _: answers.append(send(address, ROWS[0]).status_code),
        *("--forward-to", "http://me:password@127.0.0.1:9/?token=7"),
        RUNFLOW_CALLBACK_SECRET=SECRET,
    )
    assert (answers, done.out) == ([503], f"{SEEN}\n")
    reason, refusal = notes(done)
    assert re.fullmatch(r"not forwarded to http://127\.0\.0\.1:9/\?\[hidden\]: .*refused", reason)
    assert refusal == "refused: 503 not stored; please send it again"


def test_what_is_handed_on_to_another_machine_goes_by_the_proxy_in_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: list[int] = []
    handed: list[str] = []
    limits: list[object] = []
    post = httpx.post

    def tell(asked: Asked) -> Told:
        handed.append(f"{asked.method} {asked.path}")
        return Told()

    def noted(*given: Any, **options: Any) -> httpx.Response:
        limits.append(options.get("timeout"))
        return post(*given, **options)

    monkeypatch.setattr(httpx, "post", noted)
    target = "http://hook.test/in"
    with answering(tell) as proxy:
        done = listen(
            lambda address, _: answers.append(send(address, ROWS[0]).status_code),
            *("--forward-to", target),
            RUNFLOW_CALLBACK_SECRET=SECRET,
            HTTP_PROXY=proxy.base_url,
            NO_PROXY="127.0.0.1",
        )
    assert (answers, handed, limits) == ([200], [f"POST {target}"], [10])
    assert notes(done) == [f"forwarded to {target}: 200"]


def test_callbacks_that_come_at_the_same_time_are_handed_on_at_the_same_time() -> None:
    gate = threading.Barrier(2)

    def tell(_asked: Asked) -> Told:
        gate.wait(5)
        return Told()

    def work(address: str, _out: Said) -> None:
        both = [threading.Thread(target=answer, args=(address,)) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()

    def answer(address: str) -> None:
        answers.append(send(address, ROWS[0]).status_code)

    answers: list[int] = []
    with answering(tell) as server:
        done = listen(work, "--forward-to", server.base_url, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert (answers, done.out) == ([200, 200], f"{SEEN}\n" * 2)


def test_what_cannot_be_printed_is_no_receipt() -> None:
    answers: list[int] = []

    def work(address: str, out: Said) -> None:
        out.is_full = True
        answers.append(send(address, ROWS[0]).status_code)
        out.is_full = False
        answers.append(send(address, ROWS[0]).status_code)

    done = listen(work, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert (answers, done.out) == ([503, 200], f"{SEEN}\n")
    assert notes(done) == [
        "it cannot be printed: No space left on device",
        "refused: 503 not stored; please send it again",
    ]


class Unused(BaseHTTPRequestHandler):
    """Answers nothing."""


@pytest.mark.parametrize(
    "error", [ConnectionResetError(), BrokenPipeError(), TimeoutError(), ValueError("x")]
)
def test_a_connection_that_is_lost_is_not_spoken_of(error: Exception) -> None:
    with LocalServer(("127.0.0.1", 0), Unused) as server, redirect_stderr(StringIO()) as said:
        try:
            raise error
        except Exception:
            server.handle_error(None, ("127.0.0.1", 1))
    assert ("ValueError: x" in said.getvalue()) == isinstance(error, ValueError)
    assert isinstance(error, ValueError) or said.getvalue() == ""


def test_one_that_hangs_up_disturbs_nobody() -> None:
    def work(address: str, _out: Said) -> None:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
            one.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
        assert send(address, ROWS[0]).status_code == 200

    done = listen(work, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert (done.code, done.out, "Traceback" in done.err) == (0, f"{SEEN}\n", False)


@pytest.mark.parametrize("options", [(), ("--json",), ("--json", "--quiet")], ids=len)
def test_each_event_is_one_line_that_is_out_before_the_answer(options: tuple[str, ...]) -> None:
    """With --json the first line is the address: nobody could know the port otherwise."""
    events = (
        ROWS[0],
        ROWS[3],
        Row(200, "", "tea.ready", '{"event": "tea.ready", "é": 7}'.encode()),
    )
    told: list[str] = []

    def work(address: str, out: Said) -> None:
        told.extend([json.dumps({"listening": address})] if options else [])
        for row in events:
            assert send(address, row).status_code == 200
            told.append(row.body.decode() if options else row.shown)
            assert out.text.splitlines() == told
        # What is written at once stays together, whoever else writes.
        assert all(one.endswith("\n") for one in out.writes[2 * bool(options) :] if one)

    done = listen(work, *options, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert (done.code, done.err != "") == (0, not options)


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.2", "127.0.0.2"), ("::1", "[::1]")])
def test_it_listens_at_the_address_that_is_given(host: str, shown: str) -> None:
    def work(address: str, _out: Said) -> None:
        assert address.startswith(f"http://{shown}:")
        assert send(address, ROWS[0]).status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(address.replace(shown, "127.0.0.1"), trust_env=False)

    done = listen(work, "--host", host, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert (done.code, done.out) == (0, f"{SEEN}\n")


def test_what_cannot_be_listened_with_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_here("callbacks", "listen", "--port", port, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert done.code == 2
    assert f"127.0.0.1:{port} cannot be listened on: Address already in use" in done.err
    done = run_here(
        *("callbacks", "listen", "--port", "0", "--quiet"), RUNFLOW_CALLBACK_SECRET=SECRET
    )
    assert (done.code, "--quiet does not say which one" in done.err) == (2, True)
    done = run_here(
        *("callbacks", "listen", "--forward-to", "localhost:8000"), RUNFLOW_CALLBACK_SECRET=SECRET
    )
    assert (done.code, "--forward-to is 'localhost:8000', expected" in done.err) == (2, True)
    done = run_here("callbacks", "listen", "--host", "", RUNFLOW_CALLBACK_SECRET=SECRET)
    assert (done.code, "--host is empty, expected an address" in done.err) == (2, True)
    done = run_here("callbacks", "listen", "--port", "0")
    assert (done.code, "RUNFLOW_CALLBACK_SECRET is not set" in done.err) == (2, True)
    done = run_here("callbacks", "listen", "--port", "0", RUNFLOW_CALLBACK_SECRET="")
    assert (done.code, "runflow secrets create" in done.err) == (2, True)
