"""The core of the receivers: whatever arrives, an answer; and 200 for exactly what was stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runflow_client import InvalidArgument
from runflow_client.callbacks import CallbackEvent
from runflow_client.callbacks.receiving import Answer, Receiver

from .deliveries import SECRET, encode, signed

BODY = encode()


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
names = st.sampled_from(["Runflow-Signature", b"content-type", "Content-Length", "HTTP_RUNFLOW_SIGNATURE"])


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

    answer = receive(Receiver(SECRET, store, largest_body=2 * len(BODY)), method, headers, *chunks)
    assert (answer.status == 200) == bool(stored) == (answer.event is not None)
    assert stored in ([], [BODY])


def test_a_body_in_pieces_is_one_body() -> None:
    pieces = [BODY[at : at + 7] for at in range(0, len(BODY), 7)]
    assert receive(Receiver(SECRET, keep), "POST", signed(BODY), *pieces).status == 200


def test_a_request_without_a_content_type_is_read() -> None:
    headers = {"Runflow-Signature": signed(BODY)["Runflow-Signature"]}
    assert receive(Receiver(SECRET, keep), "POST", headers, BODY).status == 200


def test_a_body_past_the_limit_is_neither_kept_nor_read_for_ever() -> None:
    incoming = Receiver(SECRET, keep, largest_body=1000).open("POST", signed(BODY))
    pieces = 0
    while incoming.wants_more:
        incoming.add(bytes(1_000_000))
        pieces += 1
    assert pieces < 20
    assert incoming.answer().status == 413


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
    assert receive(receiver, "POST", signed(BODY), BODY).status == 401
    secrets.insert(0, SECRET)
    assert receive(receiver, "POST", signed(BODY), BODY).status == 200


def test_secrets_that_cannot_be_read_any_more_make_runflow_send_again(caplog: pytest.LogCaptureFixture) -> None:
    secrets = [SECRET]
    receiver = Receiver(lambda: [secrets[0]], keep)
    secrets.clear()
    assert receive(receiver, "POST", signed(BODY), BODY).status == 503
    assert "secrets" in caplog.text


def test_the_answer_to_a_duplicate_says_so_and_names_the_event() -> None:
    answer = receive(Receiver(SECRET, lambda event, body: False), "POST", signed(BODY), BODY)
    assert (answer.status, answer.text) == (200, "known already")
    assert answer.event is not None


def test_neither_secret_nor_signature_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver(SECRET, keep)
    answer = receive(receiver, "POST", {"Runflow-Signature": signed(BODY, "other")["Runflow-Signature"]}, BODY)
    assert answer.status == 401
    shown = f"{receiver!r} {answer!r} {caplog.text}"
    assert SECRET not in shown
    assert signed(BODY, "other")["Runflow-Signature"] not in shown
