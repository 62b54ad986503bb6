"""The core of the receivers: whatever arrives, an answer; and 200 for exactly what was stored."""

import tracemalloc
from array import array
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st
from runflow_client import InvalidArgument
from runflow_client.callbacks import MAX_BODY_BYTES, Answer, CallbackEvent, Receiver, verify
from runflow_client.callbacks._receiver import CHUNK, MAX_DISCARDED, submitted_by

from .deliveries import SECRET, encode, signed

BODY = encode()
WHOLE = {**signed(BODY), "Content-Length": str(len(BODY))}


def receive(receiver: Receiver, method: str, headers: object, *chunks: bytes) -> Answer:
    incoming = receiver.open(method, headers)  # type: ignore[arg-type] # some tests give what is no header at all
    for chunk in chunks:
        if not incoming.wants_more:
            break
        incoming.add(chunk)
    return incoming.answer()


def keep(event: CallbackEvent, body: bytes) -> bool:
    return True


anything = st.one_of(st.text(), st.binary())
names = st.sampled_from(
    ["Runflow-Signature", b"content-type", "Content-Length", "HTTP_RUNFLOW_SIGNATURE"]
)


@given(
    st.sampled_from(["POST", "post", "GET", ""]),
    st.lists(
        st.tuples(
            st.one_of(names, anything),
            st.one_of(st.just(signed(BODY)["Runflow-Signature"]), anything),
        ),
        max_size=4,
    ),
    st.lists(st.one_of(st.just(BODY), st.binary()), max_size=3),
)
def test_whatever_arrives_is_answered_and_only_the_signed_bytes_are_stored(
    method: str, headers: list[tuple[str | bytes, str | bytes]], chunks: list[bytes]
) -> None:
    stored: list[bytes] = []

    def store(event: CallbackEvent, body: bytes) -> None:
        stored.append(body)

    answer = receive(
        Receiver(SECRET, store, max_body_bytes=2 * len(BODY)), method, headers, *chunks
    )
    assert (answer.status == 200) == bool(stored) == (answer.event is not None)
    assert stored in ([], [BODY])


def test_a_body_in_pieces_is_one_body() -> None:
    pieces = [BODY[at : at + 7] for at in range(0, len(BODY), 7)]
    assert receive(Receiver(SECRET, keep), "POST", signed(BODY), *pieces).status == 200


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda piece: numbers(piece)])
def test_a_piece_has_so_many_bytes_whatever_holds_them(kind: Callable[[bytes], Any]) -> None:
    body = BODY + b" " * (-len(BODY) % 8)
    headers = {**signed(body), "Content-Length": str(len(body))}
    incoming = Receiver(SECRET, keep, max_body_bytes=len(body)).open("POST", headers)
    for at in range(0, len(body), 64):
        incoming.add(kind(body[at : at + 64]))
    assert not incoming.may_lack_bytes
    assert incoming.answer().status == 200
    incoming.add(kind(bytes(8)))
    assert incoming.answer().text.startswith(f"BodyTooLarge: {len(body) + 8} bytes")


def numbers(piece: bytes) -> memoryview:
    """A view of these bytes that counts numbers of 8 bytes."""
    return memoryview(array("Q", piece))


def test_a_body_is_taken_from_a_function_until_it_gives_no_more() -> None:
    pieces, asked = [BODY[:10], BODY[10:], b"", b"not asked for"], list[int]()

    def read(size: int) -> bytes:
        asked.append(size)
        return pieces.pop(0)

    incoming = Receiver(SECRET, keep).open("POST", signed(BODY))
    incoming.fill(read)
    assert incoming.answer().status == 200
    assert asked == [CHUNK] * 3
    endless = Receiver(SECRET, keep, max_body_bytes=10).open("POST", signed(BODY))
    endless.fill(lambda size: bytes(size * 16))
    assert endless.answer().status == 413


def test_a_body_that_the_framework_kept_replaces_what_could_not_be_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    incoming = Receiver(SECRET, keep).open("POST", signed(BODY))
    incoming.add(BODY[:10])
    incoming.give_up(OSError("cut off"))
    assert incoming.answer().status == 503
    assert "the body could not be read" in caplog.text
    incoming.replace(BODY)
    assert incoming.answer().status == 200


class Submitting:
    """A store that can take an event without blocking."""

    @submitted_by("submit")
    def store(self, event: CallbackEvent, body: bytes) -> bool:
        raise AssertionError("it blocks")

    def submit(self, event: CallbackEvent, body: bytes, done: Any) -> None:
        done(True)


@pytest.mark.parametrize(
    ("secrets", "size", "is_taken"),
    [
        (SECRET, len(BODY), True),
        (SECRET, CHUNK, True),
        (SECRET, CHUNK + 1, False),  # to verify it would take too long
        (lambda: SECRET, len(BODY), False),  # to read them may block
    ],
)
def test_only_what_blocks_nobody_is_submitted(secrets: Any, size: int, is_taken: bool) -> None:
    body = BODY + b" " * (size - len(BODY))
    incoming = Receiver(secrets, Submitting().store).open("POST", signed(body))
    incoming.add(body)
    answers: list[Answer] = []
    assert incoming.submit(answers.append) is is_taken
    assert [answer.status for answer in answers] == [200] * is_taken


@pytest.mark.parametrize("size", [len(BODY) - 1, len(BODY)])
def test_a_body_as_large_as_the_limit_is_read_and_one_byte_more_is_refused(size: int) -> None:
    fits = size == len(BODY)
    for headers in (signed(BODY), {**signed(BODY), "Content-Length": str(len(BODY))}):
        answer = receive(
            Receiver(SECRET, keep, max_body_bytes=size), "POST", headers, BODY[:20], BODY[20:]
        )
        assert answer.status == (200 if fits else 413)
        assert fits or answer.text == f"BodyTooLarge: {len(BODY)} bytes; at most {size} are read"


def test_a_limit_above_the_usual_one_is_the_one_that_holds() -> None:
    body = encode(metadata={"padding": "x" * MAX_BODY_BYTES})
    assert receive(Receiver(SECRET, keep), "POST", signed(body), body).status == 413
    assert (
        receive(
            Receiver(SECRET, keep, max_body_bytes=2 * MAX_BODY_BYTES), "POST", signed(body), body
        ).status
        == 200
    )


def test_reading_continues_past_the_limit_as_far_as_is_discarded() -> None:
    incoming = Receiver(SECRET, keep, max_body_bytes=1000).open("POST", signed(BODY))
    wanting: list[bool] = []
    for chunk in (bytes(1000 + MAX_DISCARDED), b"x"):
        incoming.add(chunk)
        wanting.append(incoming.wants_more)
    assert wanting == [True, False]
    for length, wanted in ((1000 + MAX_DISCARDED, True), (1001 + MAX_DISCARDED, False)):
        declared = {**signed(BODY), "Content-Length": str(length)}
        assert (
            Receiver(SECRET, keep, max_body_bytes=1000).open("POST", declared).wants_more is wanted
        )


@pytest.mark.parametrize(
    ("method", "headers", "status", "told"),
    [
        ("GET", {}, 405, "callbacks are sent by POST"),
        (
            "POST",
            {"Content-Type": "application/json"},
            401,
            "SignatureMissing: there is no Runflow-Signature header",
        ),
        ("POST", {"Runflow-Signature": "0"}, 400, "MalformedSignature: the signature is not 64"),
        (
            "POST",
            {"Runflow-Signature": "0" * 64, "Content-Length": "2"},
            401,
            "SignatureMismatch: the body was changed, or signed",
        ),
    ],
)
def test_a_refusal_has_its_status_and_says_why_in_the_answer_and_in_the_log(
    method: str, headers: dict[str, str], status: int, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    sent = {**headers, "Runflow-Request-Id": "req-7"}
    answer = receive(Receiver(SECRET, keep), method, sent, b"no")
    assert answer.status == status
    assert answer.text.startswith(told)
    assert answer.event is None
    assert answer.body == answer.text.encode()
    assert answer.headers.get("Allow") == ("POST" if status == 405 else None)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    (line,) = caplog.records
    assert line.getMessage() == f"callback refused (request 'req-7'): {status} {answer.text}"
    assert line.levelname == "WARNING"


@pytest.mark.parametrize(
    ("sent", "shown"), [(None, "None"), (b"\xff1", "'\N{LATIN SMALL LETTER Y WITH DIAERESIS}1'")]
)
def test_a_request_id_is_shown_whatever_it_is(
    sent: bytes | None, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = [] if sent is None else [(b"Runflow-Request-Id", sent)]
    receive(Receiver(SECRET, keep), "POST", headers, BODY)
    assert f"(request {shown})" in caplog.text


def test_a_store_that_fails_makes_runflow_send_again_and_leaves_its_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def store(event: CallbackEvent, body: bytes) -> None:
        raise OSError("disk full" * 100)

    headers = {**signed(BODY), "Runflow-Request-Id": "req-8"}
    answer = receive(Receiver(SECRET, store), "POST", headers, BODY)
    assert (answer.status, answer.text) == (503, "not stored; please send it again")
    (line,) = caplog.records
    event = verify(BODY, signed(BODY), SECRET)
    assert (
        line.getMessage()
        == f"{event.event} of {event.subject_id} could not be stored (request 'req-8')"
    )
    assert line.levelname == "ERROR"
    assert "disk full" in caplog.text


def test_what_is_stored_is_answered_so() -> None:
    stored: list[tuple[CallbackEvent, bytes]] = []
    answer = receive(
        Receiver(SECRET, lambda *given: stored.append(given)), "POST", signed(BODY), BODY
    )
    assert stored == [(verify(BODY, signed(BODY), SECRET), BODY)]
    assert (answer.status, answer.text) == (200, "stored")
    assert answer.event == verify(BODY, signed(BODY), SECRET)


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": ""}, {"Content-Type": " ; charset=utf-8"}]
)
def test_a_request_without_a_content_type_is_read(headers: dict[str, str]) -> None:
    headers = {**headers, "Runflow-Signature": signed(BODY)["Runflow-Signature"]}
    assert receive(Receiver(SECRET, keep), "POST", headers, BODY).status == 200


def test_a_body_past_the_limit_is_neither_kept_nor_read_for_ever() -> None:
    incoming = Receiver(SECRET, keep, max_body_bytes=1000).open("POST", signed(BODY))
    pieces = 0
    while incoming.wants_more:
        incoming.add(bytes(1_000_000))
        pieces += 1
    assert pieces < 20
    assert incoming.answer().status == 413


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", signed(BODY)), ("POST", {}), ("POST", {"Runflow-Signature": "0"}), ("GET", WHOLE)],
    ids=["too large", "unsigned", "malformed", "another method"],
)
def test_nothing_is_kept_of_a_body_that_is_refused(method: str, headers: dict[str, str]) -> None:
    incoming = Receiver(SECRET, keep, max_body_bytes=1_000_000).open(method, headers)
    tracemalloc.start()
    try:
        for _ in range(20):
            incoming.add(bytes(60_000))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 100_000


@pytest.mark.parametrize("length", ["100000000", "9" * 10_000])
def test_a_declared_length_past_every_limit_is_not_read_at_all(length: str) -> None:
    incoming = Receiver(SECRET, keep).open("POST", {**signed(BODY), "Content-Length": length})
    assert not incoming.wants_more
    assert incoming.answer().status == 413


@pytest.mark.parametrize("secrets", ["", b" ", [], ["good", ""], [3], None])
def test_secrets_that_are_none_are_refused_at_once(secrets: object) -> None:
    for given_secrets in (secrets, lambda: secrets):
        with pytest.raises(InvalidArgument):
            Receiver(given_secrets, keep)  # type: ignore[arg-type]


def test_secrets_may_change_while_the_process_lives() -> None:
    secrets = ["whsec_old"]
    receiver = Receiver(lambda: secrets, keep)
    assert receive(receiver, "POST", WHOLE, BODY).status == 401
    secrets.insert(0, SECRET)
    assert receive(receiver, "POST", WHOLE, BODY).status == 200


def test_secrets_that_cannot_be_read_any_more_make_runflow_send_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    secrets = [SECRET]
    receiver = Receiver(lambda: [secrets[0]], keep)
    secrets.clear()
    assert receive(receiver, "POST", signed(BODY), BODY).status == 503
    assert "the callback secrets could not be read" in caplog.text
    assert "IndexError" in caplog.text


def test_the_answer_to_a_duplicate_says_so_and_names_the_event() -> None:
    answer = receive(Receiver(SECRET, lambda event, body: False), "POST", signed(BODY), BODY)
    assert (answer.status, answer.text) == (200, "stored before")
    assert answer.event is not None


def test_neither_secret_nor_signature_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver(SECRET, keep)
    answer = receive(receiver, "POST", {**WHOLE, **signed(BODY, "other")}, BODY)
    assert answer.status == 401
    shown = f"{receiver!r} {answer!r} {caplog.text}"
    assert SECRET not in shown
    assert signed(BODY, "other")["Runflow-Signature"] not in shown


async def storing_later(event: CallbackEvent, body: bytes) -> None:
    """Awaited by no receiver."""


def generating(event: CallbackEvent, body: bytes) -> Iterator[None]:
    yield


async def generating_slowly(event: CallbackEvent, body: bytes) -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize(
    "store",
    [generating, generating_slowly, lambda event, body: (event for _ in range(1)), storing_later],
)
def test_a_store_of_which_nothing_has_run_has_stored_nothing(store: Any) -> None:
    receiver = Receiver(SECRET, lambda event, body: store(event, body))
    assert receive(receiver, "POST", signed(BODY), BODY).status == 503


@pytest.mark.parametrize("store", [generating, generating_slowly, storing_later])
def test_such_a_store_is_refused_when_the_receiver_is_made(store: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^store is a (generator|coroutine) function"):
        Receiver(SECRET, store)


@pytest.mark.parametrize("store", [None, 3, "put"])
def test_a_store_that_is_no_function_is_refused_when_the_receiver_is_made(store: Any) -> None:
    with pytest.raises(InvalidArgument, match=f"^store is of type {type(store).__name__}:"):
        Receiver(SECRET, store)


def test_one_byte_is_a_limit() -> None:
    assert Receiver(SECRET, keep, max_body_bytes=1).max_body_bytes == 1


@pytest.mark.parametrize("limit", ["8", None, 0, -1, True, float("nan"), 1.5])
def test_a_limit_that_is_no_number_of_bytes_is_refused(limit: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^max_body_bytes is "):
        Receiver(SECRET, keep, max_body_bytes=limit)
