"""The values of callback secrets: what is no secret is refused where it is given, and a secret is
in no frame that an error reporter would show.
"""

import hmac
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from types import TracebackType
from typing import Any

import anyio
import pytest
from runflow_client import InvalidArgument
from runflow_client.callbacks import BodyNotRaw, CallbackEvent, Receiver, SignatureMismatch, verify
from runflow_client.callbacks.starlette import callback_event

from .deliveries import SECRET, encode, signed

BODY = encode()


def keep(event: CallbackEvent, body: bytes) -> None:
    """Stores nothing."""


BROKEN: list[tuple[str | bytes, str]] = [
    (f"{SECRET}\n", "white space"),
    (f"{SECRET}\r\n", "white space"),
    (f" {SECRET}", "white space"),
    (f"{SECRET}\t", "white space"),
    (f"{SECRET} other", "white space"),
    (f"{SECRET}\N{NO-BREAK SPACE}", "white space"),
    (f"{SECRET}\N{LINE SEPARATOR}", "white space"),
    (f'"{SECRET}"', "quotes"),
    (f"'{SECRET}'", "quotes"),
    (f"`{SECRET}`", "quotes"),
    (f"\N{LEFT DOUBLE QUOTATION MARK}{SECRET}\N{RIGHT DOUBLE QUOTATION MARK}", "quotes"),
    (f'{SECRET}"', "quotes"),
    (f"\ufeff{SECRET}", "byte order mark"),
    (f"{SECRET}\0", "cannot be seen"),
    (f"{SECRET}\N{ZERO WIDTH SPACE}", "cannot be seen"),
    (f"\x1b[0m{SECRET}", "cannot be seen"),
    ("whsec_5e****", "masked"),
    ("whsec_5e\N{BULLET}\N{BULLET}", "masked"),
    ("whsec_5e\N{BLACK CIRCLE}", "masked"),
    ("whsec_5e...", "masked"),
    ("whsec_5e\N{HORIZONTAL ELLIPSIS}", "masked"),
    (SECRET.encode("utf-16"), "not UTF-8"),
    (SECRET.encode("utf-8-sig"), "byte order mark"),
    (SECRET.encode() + b"\n", "white space"),
    (SECRET.encode() + b"\xff", "not UTF-8"),
]


def verify_with(secrets: Any) -> object:
    return verify(BODY, signed(BODY), secrets)


def receive_with(secrets: Any) -> object:
    return Receiver(secrets, keep)


def receive_with_a_function(secrets: Any) -> object:
    return Receiver(lambda: secrets, keep)


@pytest.mark.parametrize("give", [verify_with, receive_with, receive_with_a_function])
@pytest.mark.parametrize(("secret", "fault"), BROKEN)
def test_a_secret_with_something_around_it_is_refused_where_it_is_given(
    give: Callable[[Any], object], secret: str | bytes, fault: str
) -> None:
    for secrets in (secret, [SECRET, secret]):
        with pytest.raises(InvalidArgument, match=f"a callback secret .*{fault}") as caught:
            give(secrets)
        assert SECRET not in str(caught.value)


def test_a_secret_from_a_file_is_refused_with_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    with pytest.raises(InvalidArgument, match="line end"):
        Receiver(file.read_text(), keep)
    Receiver(file.read_text().strip(), keep)


@pytest.mark.parametrize("secret", ["whsec_+/=", "schlüssel", "a", "a*b.c..d"])
def test_a_secret_of_printable_characters_is_taken(secret: str) -> None:
    for given in (secret, secret.encode()):
        assert verify(BODY, signed(BODY, secret), given).event == "run.completed"


def test_every_secret_is_tried_whichever_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that it takes tells nothing of their order."""
    compared: list[object] = []
    compare = hmac.compare_digest

    def noted(made: Any, sent: Any) -> bool:
        compared.append(made)
        return compare(made, sent)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    for signer in (SECRET, "whsec_another"):
        for secrets in permutations(["whsec_first", "whsec_second", SECRET]):
            compared.clear()
            if signer == SECRET:
                assert verify_with(secrets)
            else:
                with pytest.raises(SignatureMismatch):
                    verify(BODY, signed(BODY, signer), secrets)
            assert len(set(compared)) == len(compared) == 3


def frames(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """The variables of every frame of an error's traceback, and of what it came from."""
    while error is not None:
        traceback: TracebackType | None = error.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_globals["__name__"] != __name__:
                yield traceback.tb_frame.f_locals
            traceback = traceback.tb_next
        error = error.__context__


def holds(value: object, secret: str) -> bool:
    return secret in repr(value)


FORGERIES: list[tuple[str, bytes, dict[str, str]]] = [
    ("mismatch", BODY, signed(BODY, "whsec_other")),
    ("malformed", BODY, {"Runflow-Signature": "0"}),
    ("missing", BODY, {}),
    ("changed body", BODY + b" ", signed(BODY)),
    ("too large", bytes(9_000_000), signed(BODY)),
    ("not JSON", b"no", signed(b"no")),
    ("not an event", b"[]", signed(b"[]")),
    ("no run id", b'{"event": "run.failed"}', signed(b'{"event": "run.failed"}')),
]


@pytest.mark.parametrize(("kind", "body", "headers"), FORGERIES, ids=[one[0] for one in FORGERIES])
@pytest.mark.parametrize("secrets", [SECRET, SECRET.encode(), ["whsec_next", SECRET]])
def test_no_frame_of_a_refusal_holds_a_secret(
    kind: str, body: bytes, headers: dict[str, str], secrets: Any
) -> None:
    with pytest.raises(Exception, match=r".") as caught:
        verify(body, headers, secrets)
    # what it came from may hold the body
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    found = list(frames(caught.value))
    assert len(found) >= 1
    for variables in found:
        assert not holds(variables, SECRET)


def test_no_frame_of_a_refused_secret_holds_it() -> None:
    for secret, _ in BROKEN:
        for give in (verify_with, receive_with, receive_with_a_function):
            with pytest.raises(InvalidArgument) as caught:
                give([SECRET, secret])
            assert not any(holds(variables, SECRET) for variables in frames(caught.value))


async def keep_later(event: CallbackEvent, body: bytes) -> None:
    """Awaited by nobody."""


WRONG: dict[str, Callable[[], object]] = {
    "a body of text": lambda: verify(BODY.decode(), {}, SECRET),  # type: ignore[arg-type]
    "no headers": lambda: verify(BODY, None, SECRET),  # type: ignore[arg-type]
    "headers that are no pairs": lambda: verify(BODY, [("a",)], SECRET),  # type: ignore[list-item]
    "a limit": lambda: verify(BODY, signed(BODY), SECRET, max_body_bytes=0),
    "the limit of a receiver": lambda: Receiver(SECRET, keep, 0),
    "no store": lambda: Receiver(SECRET, None),  # type: ignore[arg-type]
    "a store that is to be awaited": lambda: Receiver(SECRET, keep_later),
}


@pytest.mark.parametrize("name", WRONG)
def test_no_frame_of_a_refused_argument_holds_a_secret(name: str) -> None:
    with pytest.raises((InvalidArgument, BodyNotRaw)) as caught:
        WRONG[name]()
    found = list(frames(caught.value))
    assert found
    assert not any(holds(variables, SECRET) for variables in found)


def test_no_frame_of_a_refusal_in_fastapi_holds_a_secret() -> None:
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    forged = {**signed(BODY, "whsec_other"), "Content-Length": str(len(BODY))}
    headers = [(name.lower().encode(), value.encode()) for name, value in forged.items()]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(HTTPException) as caught:
        anyio.run(callback_event(Receiver([SECRET], keep)), request)
    assert caught.value.status_code == 401
    assert not any(holds(variables, SECRET) for variables in frames(caught.value))


def test_no_frame_of_a_store_that_fails_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Error reporters take the frames from the log record."""

    def store(event: CallbackEvent, body: bytes) -> None:
        raise OSError("disk full")

    for secrets in (SECRET, lambda: [SECRET]):
        incoming = Receiver(secrets, store).open("POST", signed(BODY))
        incoming.add(BODY)
        assert incoming.answer().status == 503
    assert len(caplog.records) == 2
    for record in caplog.records:
        assert record.exc_info is not None
        found = list(frames(record.exc_info[1]))
        assert found
        assert not any(holds(variables, SECRET) for variables in found)
