"""Verification of callbacks: only the exact bytes with a right secret pass, and only CallbackError
comes out.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, strategies as st
from runflow_api.decoding import date_time
from runflow_client import InvalidArgument, callbacks
from runflow_client.callbacks import CallbackError
from runflow_client.testing import sign

from .deliveries import encode

SECRET = "whsec_current"
PAYLOAD: dict[str, Any] = json.loads(encode())


def verify(body: Any, secrets: Any = SECRET, headers: Any = None) -> callbacks.CallbackEvent:
    signed = {"Runflow-Signature": sign(body, SECRET), "Runflow-Request-Id": "req-1"}
    return callbacks.verify(body, signed if headers is None else headers, secrets)


def test_a_right_signature_gives_the_typed_event() -> None:
    event = verify(encode())
    assert isinstance(event, callbacks.RunCompletedEvent)
    assert event.run_id == PAYLOAD["run_id"]
    assert event.request_id == "req-1"
    assert event.status == PAYLOAD["status"]
    assert event.output == PAYLOAD["output"]
    assert event.metadata is None
    assert event.duration_ms == 102345
    assert event.created_at == datetime(2026, 5, 6, 10, 0, tzinfo=UTC)
    assert event.completed_at == datetime(2026, 5, 6, 10, 1, 42, tzinfo=UTC)
    assert event.payload == PAYLOAD
    assert event.deduplication_key == (PAYLOAD["run_id"], "run.completed")
    assert pickle.loads(pickle.dumps(event)) == event


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("run.completed", callbacks.RunCompletedEvent),
        ("run.partial_succeeded", callbacks.RunPartiallySucceededEvent),
        ("run.failed", callbacks.RunFailedEvent),
        ("run.cancelled", callbacks.RunCanceledEvent),
        ("run.canceled", callbacks.RunCanceledEvent),
        ("run.paused", callbacks.UnknownEvent),
    ],
)
def test_each_event_has_its_class_and_a_newer_one_is_kept(
    name: str, kind: type[callbacks.CallbackEvent]
) -> None:
    event = verify(encode(event=name))
    assert type(event) is kind
    assert event.event == name
    assert event.subject_id == PAYLOAD["run_id"]


def test_a_batch_event_names_its_batch() -> None:
    body = json.dumps(
        {"event": "batch.succeeded", "batch_id": "b-1", "status": "succeeded"}
    ).encode()
    event = verify(body)
    assert isinstance(event, callbacks.BatchSucceededEvent)
    assert event.batch_id == "b-1"


def test_metadata_comes_back_as_it_was_given() -> None:
    assert verify(encode(metadata={"order": 7})).metadata == {"order": 7}


@pytest.mark.parametrize("output", [None, {"code": "PROVIDER_ERROR", "message": "no"}])
def test_a_failed_run_may_have_no_output_or_an_error_envelope(
    output: dict[str, str] | None,
) -> None:
    event = verify(encode(event="run.failed", status="failed", output=output))
    assert event.output == output


@pytest.mark.parametrize(
    "text", ["2016-12-31T23:59:60Z", "2016-12-31t23:59:60.123456789+00:00", "2016-12-31T23:59:60"]
)
def test_a_leap_second_is_the_second_before_it_as_in_answers(text: str) -> None:
    event = verify(encode(created_at=text, completed_at=text))
    assert event.created_at == event.completed_at == date_time(text)
    assert (event.created_at or datetime.min).second == 59


def test_a_moment_without_offset_is_utc_and_an_illegible_one_is_none() -> None:
    event = verify(
        encode(created_at="2026-05-06T10:00:00", completed_at="yesterday", duration_ms="fast")
    )
    assert event.created_at is not None
    assert event.created_at.utcoffset() == timedelta(0)
    assert event.completed_at is None
    assert event.duration_ms is None
    assert event.payload["completed_at"] == "yesterday"


@pytest.mark.parametrize(
    "shape",
    [
        lambda signature: {"runflow-signature": signature},
        lambda signature: {"RUNFLOW-SIGNATURE": signature},
        lambda signature: {"HTTP_RUNFLOW_SIGNATURE": signature, "wsgi.version": (1, 0)},
        lambda signature: [(b"runflow-signature", signature.encode())],
        lambda signature: [("Runflow-Signature", signature), ("Accept", "*/*")],
        lambda signature: {"Runflow-Signature": [signature]},
        lambda signature: httpx.Headers({"Runflow-Signature": signature}),
    ],
)
def test_headers_of_every_framework_are_read(shape: Callable[[str], Any]) -> None:
    assert isinstance(
        verify(encode(), headers=shape(sign(encode(), SECRET))), callbacks.RunCompletedEvent
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_every_kind_of_bytes_is_taken(kind: type) -> None:
    assert isinstance(verify(kind(encode())), callbacks.RunCompletedEvent)


def test_several_secrets_are_tried() -> None:
    assert isinstance(verify(encode(), secrets=["whsec_new", SECRET]), callbacks.RunCompletedEvent)
    with pytest.raises(callbacks.SignatureMismatch):
        verify(encode(), secrets=["whsec_new", "whsec_other"])


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, callbacks.SignatureMissing),
        ({"Runflow-Signature": ""}, callbacks.MalformedSignature),
        ({"Runflow-Signature": "0" * 64}, callbacks.SignatureMismatch),
        ({"Runflow-Signature": "0" * 63}, callbacks.MalformedSignature),
        ({"Runflow-Signature": "sha256=" + "0" * 64}, callbacks.MalformedSignature),
        ({"Runflow-Signature": " " + "0" * 64 + "\r\n"}, callbacks.SignatureMismatch),
        ({"Runflow-Signature": "0" * 32 + " " + "0" * 32}, callbacks.MalformedSignature),
        ({"Runflow-Signature": "é" * 64}, callbacks.MalformedSignature),
        ({"Runflow-Signature": "\ud800" * 64}, callbacks.MalformedSignature),
        ({"Runflow-Signature": b"\xff" * 64}, callbacks.MalformedSignature),
        ({"Runflow-Signature": None}, callbacks.MalformedSignature),
        ([("Runflow-Signature", "0" * 64)] * 2, callbacks.SignatureMismatch),
        ([("Runflow-Signature", end * 64) for end in "01"], callbacks.MalformedSignature),
        ({"Runflow-Signature": ","}, callbacks.MalformedSignature),
    ],
)
def test_each_wrong_signature_has_its_reason(headers: Any, reason: type[CallbackError]) -> None:
    with pytest.raises(reason) as caught:
        verify(encode(), headers=headers)
    assert SECRET not in str(caught.value)
    assert type(pickle.loads(pickle.dumps(caught.value))) is reason


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, "no Runflow-Signature header: Runflow sends one when a callback secret is registered"),
        (
            {"Runflow-Signature": "0" * 64},
            "changed, or signed with a secret that this receiver does not have",
        ),
        ({"Runflow-Signature": "0" * 63}, "not 64 lower-case hex digits"),
        ([("Runflow-Signature", end * 64) for end in "01"], "2 signatures in the Runflow-Sig"),
        ({"Runflow-Signature": [end * 64 for end in "010"]}, "2 signatures in the Runflow-Sig"),
    ],
)
def test_a_refused_signature_says_what_is_wrong_with_it(headers: Any, told: str) -> None:
    with pytest.raises(CallbackError, match=told):
        verify(encode(), headers=headers)


def test_a_plain_mapping_is_read_in_every_spelling_and_a_repeated_one_is_refused() -> None:
    signature = sign(encode(), SECRET)
    for name in (
        "Runflow-Signature",
        "runflow-signature",
        "RUNFLOW-SIGNATURE",
        "http_runflow_signature",
    ):
        assert (
            verify(encode(), headers={"Accept": "*/*", name: signature}).subject_id
            == PAYLOAD["run_id"]
        )
    wrong = {
        "x-runflow-signature": signature,
        b"\xffrunflow-signature": signature,
        "Signature": signature,
        7: signature,
    }
    with pytest.raises(callbacks.SignatureMissing):
        verify(encode(), headers=wrong)


@pytest.mark.parametrize("more", ["", " ", "\n", "\r\n", ", {}", ",{}", " , {} , {}"])
def test_a_signature_that_a_proxy_repeats_or_pads_counts_once(more: str) -> None:
    signature = sign(encode(), SECRET)
    for value in (signature + more.replace("{}", signature), [signature, signature]):
        assert verify(encode(), headers={"Runflow-Signature": value}).subject_id
    with pytest.raises(callbacks.MalformedSignature):
        verify(encode(), headers={"Runflow-Signature": f"{signature}, {'0' * 64}"})


def test_headers_that_keep_repeated_names_are_read_whole() -> None:
    signature = sign(encode(), SECRET)
    repeated = httpx.Headers([("Runflow-Signature", signature), ("runflow-signature", "0" * 64)])
    with pytest.raises(callbacks.MalformedSignature, match="there are 2"):
        verify(encode(), headers=repeated)


def test_upper_case_hex_is_refused() -> None:
    headers = {"Runflow-Signature": sign(encode(), SECRET).upper()}
    with pytest.raises(callbacks.MalformedSignature):
        verify(encode(), headers=headers)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", callbacks.BodyUnreadable),
        (b"\xff\xfe\xfa", callbacks.BodyUnreadable),
        (b"[" * 200_000, callbacks.BodyUnreadable),
        (
            b'{"event": "run.completed", "event": "run.failed", "run_id": "x"}',
            callbacks.BodyUnreadable,
        ),
        (
            b'{"event": "run.completed", "run_id": "x", "duration_ms": ' + b"9" * 5000 + b"}",
            callbacks.BodyUnreadable,
        ),
        (b"[]", callbacks.NotAnEvent),
        (b"{}", callbacks.NotAnEvent),
        (b'{"event": 1}', callbacks.NotAnEvent),
        (b'{"event": "run.completed"}', callbacks.NotAnEvent),
        (b'{"event": "run.completed", "run_id": 7}', callbacks.NotAnEvent),
        (b" " * (callbacks.MAX_BODY_BYTES + 1), callbacks.BodyTooLarge),
    ],
)
def test_each_wrong_body_has_its_reason(body: bytes, reason: type[CallbackError]) -> None:
    with pytest.raises(reason):
        verify(body)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"no", "not JSON: JSONDecodeError"),
        (b"\xff", "not JSON: UnicodeDecodeError"),
        (b"[]", "JSON but not an object"),
        (b"{}", "names no event"),
        (b'{"event": "run.completed"}', "the event 'run.completed' has no run_id"),
        (b'{"event": "run.completed", "run_id": ""}', "the event 'run.completed' has no run_id"),
        (b'{"event": "batch.failed", "run_id": "x"}', "the event 'batch.failed' has no batch_id"),
        (
            b" " * (callbacks.MAX_BODY_BYTES + 1),
            f"{callbacks.MAX_BODY_BYTES + 1} bytes.*{callbacks.MAX_BODY_BYTES}",
        ),
    ],
)
def test_a_refused_body_says_what_is_wrong_with_it(body: bytes, told: str) -> None:
    with pytest.raises(CallbackError, match=told):
        verify(body)


@pytest.mark.parametrize(
    ("number", "milliseconds"),
    [
        ("2.6", 3),
        ("-1", -1),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        (str(-(2**63)), None),
        ("true", None),
    ],
)
def test_a_duration_is_a_number_that_a_database_can_keep(
    number: str, milliseconds: int | None
) -> None:
    event = verify(
        b'{"event": "run.completed", "run_id": "x", "duration_ms": ' + number.encode() + b"}"
    )
    assert event.duration_ms == milliseconds


def test_a_number_that_overflows_is_not_a_duration() -> None:
    event = verify(b'{"event": "run.completed", "run_id": "x", "duration_ms": 1e999}')
    assert event.duration_ms is None


@pytest.mark.parametrize("body", ["text", {"event": "run.completed"}, None])
def test_a_body_that_is_not_raw_is_refused_with_the_way_to_it(body: Any) -> None:
    told = (
        rf"the body is {type(body).__name__}, but .* request\.body\(\) in Starlette and "
        r"FastAPI, request\.get_data\(\)"
    )
    with pytest.raises(callbacks.BodyNotRaw, match=told):
        callbacks.verify(body, {"Runflow-Signature": "0" * 64}, SECRET)


NONE_GIVEN = "no callback secret: one of POST /v1/callback-secrets"


@pytest.mark.parametrize(
    ("secrets", "told"),
    [
        ([], NONE_GIVEN),
        (None, NONE_GIVEN),
        ("", "secret is empty"),
        ([""], "secret is empty"),
        ("  ", "secret is empty"),
        ([SECRET, b" "], "secret is empty"),
        ([7], "secret is a str, not int"),
        (7, "^secrets is of type int: "),
        ({"current": SECRET}, "^secrets is of type dict: "),
        (iter([SECRET]), "^secrets is of type list_iterator: "),
        ("\ud800", "lone surrogate"),
        ([SECRET, None], "secret is a str, not NoneType"),
    ],
)
def test_secrets_that_are_none_are_refused(secrets: Any, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        verify(encode(), secrets=secrets)


@given(
    body=st.binary(max_size=200),
    signature=st.one_of(
        st.text(max_size=70),
        st.binary(max_size=70),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
    ),
    name=st.sampled_from(["Runflow-Signature", "runflow-signature", "X-Other"]),
)
def test_nothing_forged_passes_and_nothing_foreign_is_raised(
    body: bytes, signature: str | bytes, name: str
) -> None:
    with pytest.raises(CallbackError):
        callbacks.verify(body, {name: signature}, SECRET)


@given(body=st.binary(max_size=200))
def test_signed_garbage_gives_an_event_or_a_callback_error(body: bytes) -> None:
    try:
        event = verify(body)
    except CallbackError:
        return
    assert isinstance(event, callbacks.CallbackEvent)


@given(
    position=st.integers(min_value=0, max_value=len(encode()) - 1),
    flip=st.integers(min_value=1, max_value=255),
)
def test_one_changed_byte_is_enough_to_refuse(position: int, flip: int) -> None:
    body = bytearray(encode())
    body[position] ^= flip
    with pytest.raises(callbacks.SignatureMismatch):
        verify(bytes(body), headers={"Runflow-Signature": sign(encode(), SECRET)})


def test_importing_the_callbacks_loads_no_http_library() -> None:
    heavy = {"httpx", "runflow_api.client", "runflow_api.models", "runflow_api.types"}
    code = (
        f"import sys, runflow_client.callbacks; sys.exit(sorted({heavy} & set(sys.modules)) or 0)"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


class _Compared(Exception):
    """The signature was compared in a way whose time tells how much of it is right."""


class _WatchedBytes(bytes):
    def __eq__(self, other: object) -> bool:
        raise _Compared

    __ne__ = __eq__
    __hash__ = bytes.__hash__


class _WatchedText(str):
    def encode(self, *arguments: Any, **options: Any) -> bytes:
        return _WatchedBytes(super().encode(*arguments, **options))

    def __eq__(self, other: object) -> bool:
        raise _Compared

    __ne__ = __eq__
    __hash__ = str.__hash__


@pytest.mark.parametrize("secret", [SECRET, "whsec_other"])
def test_the_signature_is_compared_in_constant_time_only(secret: str) -> None:
    body = encode()
    headers = {"Runflow-Signature": _WatchedText(sign(body, secret))}
    if secret == SECRET:
        assert verify(body, headers=headers).status == PAYLOAD["status"]
    else:
        with pytest.raises(callbacks.SignatureMismatch):
            verify(body, headers=headers)
