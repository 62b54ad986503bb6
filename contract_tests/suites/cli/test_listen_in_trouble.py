"""What `runflow callbacks listen` answers to requests whose headers come twice, and says of a
receiver that cannot be reached: one line with the reason, and the callback is asked for again.
"""

from typing import Any, Final

import pytest
from runflow_api.http_library import httpx
from runflow_client.testing import sign

from .test_listen import BODY, ROWS, SECRET, SEEN, listen, notes, send

ADDRESSES: Final = {
    "http://[::1/": "not forwarded to ",
    "http://hook.test:port/?token=7": "not forwarded to http://hook.test",
    "http:///hook": "not forwarded to http:///hook: ",
}
"""Addresses that cannot be called, and how the line begins that says so."""
RAISED: Final = (
    (httpx.ReadTimeout(""), "ReadTimeout"),
    (httpx.ConnectError("no route"), "no route"),
    (httpx.RemoteProtocolError("it hung up"), "it hung up"),
)


def refused(target: str) -> list[str]:
    """Return what is said where a callback cannot be handed on to this address."""
    answers: list[int] = []
    done = listen(
        lambda address, _: answers.append(send(address, ROWS[0]).status_code),
        *("--forward-to", target),
        RUNFLOW_CALLBACK_SECRET=SECRET,
    )
    assert (answers, done.out, done.code) == ([503], f"{SEEN}\n", 0)
    return notes(done)


REFUSAL: Final = "refused: 503 not stored; please send it again"


@pytest.mark.parametrize("target", ADDRESSES)
def test_an_address_that_cannot_be_called_is_named(target: str) -> None:
    said, last = refused(target)
    assert said.startswith(ADDRESSES[target])
    assert (said.rpartition(": ")[2] != "", "token=7" in said, last) == (True, False, REFUSAL)


def test_the_reason_is_told_and_where_there_is_none_its_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for error, told in RAISED:

        def post(*given: Any, error: Exception = error, **options: Any) -> httpx.Response:
            raise error

        monkeypatch.setattr(httpx, "post", post)
        assert refused("http://hook.test/in") == [
            f"not forwarded to http://hook.test/in: {told}",
            REFUSAL,
        ]


def test_headers_that_come_twice_are_read_both() -> None:
    """A proxy may repeat a signature; two of them are none."""
    right, wrong = sign(BODY, SECRET), "0" * 64
    pairs = ((right, right), (right, wrong), (wrong, right))
    answers: list[int] = []

    def work(address: str, _out: object) -> None:
        for signatures in pairs:
            headers = [("Runflow-Signature", one) for one in signatures]
            with httpx.Client(trust_env=False) as client:
                answers.append(client.post(address, content=BODY, headers=headers).status_code)

    done = listen(work, RUNFLOW_CALLBACK_SECRET=SECRET)
    assert (answers, done.out) == ([200, 400, 400], f"{SEEN}\n")
    told = "refused: 400 MalformedSignature: there are 2 signatures in the Runflow-Signature header"
    assert notes(done) == [told, told]
