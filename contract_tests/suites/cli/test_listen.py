"""`runflow callbacks listen` in this process: what it answers, prints and hands on."""

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from runflow_api.http_library import httpx
from runflow_client.testing import sign

from ..client.answering import Asked, Told, answering
from .conftest import Done
from .in_process import Stream, run_here

SECRET: Final = "whsec_of_today"
OTHER: Final = "whsec_of_yesterday"
BODY: Final = b'{"event": "run.completed", "run_id": "r-1", "status": "succeeded"}'
SEEN: Final = "run.completed  r-1  succeeded"


class Said(Stream):
    """A stderr that tells where the receiver listens when it says so."""

    def __init__(self) -> None:
        super().__init__(is_terminal=False)
        self.address = ""
        self.listens = threading.Event()

    def write(self, text: str) -> int:
        """Take a text."""
        if "Listening on " in text:
            self.address = text.partition("Listening on ")[2].partition(". ")[0]
            self.listens.set()
        return super().write(text)


def listen(work: Callable[[str], None], *options: str, port: int = 0, **variables: Any) -> Done:
    """Listen, do this with the address in another thread, and press Ctrl-C."""
    said, failed, over = Said(), list[BaseException](), threading.Event()

    def act() -> None:
        try:
            while port == 0 and not said.listens.wait(0.1):
                if over.is_set():
                    raise RuntimeError(f"it ended before it listened: {said.text}")
            work(said.address or f"http://127.0.0.1:{port}")
        except BaseException as error:
            failed.append(error)
        finally:
            if not over.is_set():  # else it would interrupt the tests
                os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=act)
    thread.start()
    try:
        done = run_here("callbacks", "listen", "--port", str(port), *options, err=said, **variables)
    finally:
        over.set()
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
    assert first.startswith("Listening on http://127.0.0.1:")
    assert "HTTP/1.1" not in done.err, "requests are not logged"
    return [one for one in others if one.startswith(("refused", "forwarded", "the callback"))]


def test_each_request_has_its_answer_and_its_line(tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    file = tmp_path / "secrets"
    file.write_text(f"{SECRET}\n{OTHER}\n")

    def work(address: str) -> None:
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

    def work(address: str) -> None:
        for content in (SECRET, OTHER, f"{OTHER}\n{SECRET}", '"quoted"', "", SECRET):
            file.write_text(content)
            answers.append(send(address, ROWS[0]).status_code)

    file.write_text(SECRET)
    done = listen(work, "--secret-file", str(file))
    assert answers == [200, 401, 200, 503, 503, 200]
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

    def work(address: str) -> None:
        for secret in (SECRET, *("whsec_of_another",), *(4 * (SECRET,))):
            answers.append(
                send(
                    address,
                    evolve(ROWS[0], secret=secret),
                    User_Agent="Runflow/7",
                    Content_Type="application/json",
                    X_Request_Id="request-7",
                    Cookie="mine",
                    Authorization="Bearer mine",
                    Accept_Encoding="br",
                ).status_code
            )

    answers: list[int] = []
    with answering(tell) as server:
        target = f"{server.base_url}/hook"
        proxy = "http://127.0.0.1:9"  # is not asked for a receiver on this machine
        done = listen(
            work, "--forward-to", target, RUNFLOW_CALLBACK_SECRET=SECRET, HTTP_PROXY=proxy
        )
    assert answers == [200, 401, 200, 503, 503, 503]
    assert [note for note in notes(done) if note.startswith("forwarded")] == [
        f"forwarded to {target}: {status}" for status in (200, 204, 302, 404, 500)
    ]
    assert done.out.splitlines() == [SEEN] * 5
    for one in handed:
        assert (one.method, one.path, one.body) == ("POST", "/hook", BODY)
        kept = {name.lower(): value for name, value in one.headers.items()}
        assert kept["runflow-signature"] == sign(BODY, SECRET)
        assert (kept["user-agent"], kept["content-type"]) == ("Runflow/7", "application/json")
        assert kept["x-request-id"] == "request-7"
        assert not kept.keys() & {"cookie", "authorization"}
        assert kept.get("accept-encoding") != "br"


def test_a_receiver_that_is_gone_is_no_receipt() -> None:
    answers: list[int] = []
    done = listen(
        lambda address: answers.append(send(address, ROWS[0]).status_code),
        *("--forward-to", "http://127.0.0.1:9/"),
        RUNFLOW_CALLBACK_SECRET=SECRET,
    )
    assert (answers, done.out) == ([503], f"{SEEN}\n")


def test_with_json_each_event_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def work(address: str) -> None:
        for row in (ROWS[0], ROWS[3]):
            assert send(address, row).status_code == 200

    done = listen(work, "--json", port=port, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert [json.loads(line) for line in done.out.splitlines()] == [
        json.loads(row.body) for row in (ROWS[0], ROWS[3])
    ]


def test_what_cannot_be_listened_with_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_here("callbacks", "listen", "--port", port, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert done.code == 2
    assert f"127.0.0.1:{port} cannot be listened on: Address already in use" in done.err
    done = run_here("callbacks", "listen", "--port", "0")
    assert (done.code, "RUNFLOW_CALLBACK_SECRET is not set" in done.err) == (2, True)
    done = run_here("callbacks", "listen", "--port", "0", RUNFLOW_CALLBACK_SECRET="")
    assert (done.code, "runflow secrets create" in done.err) == (2, True)
