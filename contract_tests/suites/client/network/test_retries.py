"""When a request is sent again and how long is waited before: the policy alone, and a whole call
against a scripted server.
"""

import logging
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import pytest
from runflow_api.api.models import create_run
from runflow_api.api.runs import get_run
from runflow_api.http_library import httpx
from runflow_api.models.json_object import JsonObject
from runflow_api.models.run_create import RunCreate
from runflow_api.types import RequestArguments
from runflow_client import (
    ApiError,
    ConnectFailed,
    ConnectionLost,
    InvalidArgument,
    RateLimited,
    RequestTimeout,
    RetryPolicy,
    SendFailed,
    ServerError,
    TransportError,
)
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._flows.request import post_idempotent, request, send_with_retries
from runflow_client._flows.retry import is_retryable_status
from runflow_client._http import retry_after
from runflow_client._time import Deadline
from runflow_client._validation import check_seconds

from ..scripted import Answer, answer, drive
from ..stepped_time import SteppedTime

READ: RequestArguments = get_run.build_request(UUID("0198c0de-0000-7000-8000-000000000000"))
CREATE: RequestArguments = create_run.build_request("a", "b", body=RunCreate(input_=JsonObject()))
KEYED: RequestArguments = {**CREATE, "headers": {"Idempotency-Key": "one"}}
EMPTY: RequestArguments = {"method": "POST", "url": "/v1/things"}
DAY = 86400.0


def waits(
    answers: list[Any],
    arguments: RequestArguments = READ,
    *,
    seconds: float | None = None,
    **options: Any,
) -> Any:
    """What comes of a call that gets these answers (a status, its headers, an exception), and the
    pauses between.
    """
    time = SteppedTime()
    left: Iterator[Any] = iter(answers)

    def serve(send: SendRequest) -> Answer:
        found = next(left)
        if isinstance(found, BaseException):
            return found
        status, headers = found if isinstance(found, tuple) else (found, {})
        return answer(send, status, {}, headers)

    policy = RetryPolicy(**{"attempts": 4, **options})
    deadline = Deadline.after(time.now, seconds)
    try:
        outcome: Any = drive(
            send_with_retries(Context(time.now, lambda: 0.5, policy), arguments, deadline=deadline),
            time,
            serve,
        )
    except (ApiError, TransportError) as error:
        outcome = error
    assert next(left, None) is None, "every answer that was scripted was asked for"
    return outcome, time.slept


def test_the_backoff_doubles_from_the_first_up_to_the_longest() -> None:
    policy = RetryPolicy(first_backoff=0.5, longest_backoff=8.0)
    assert [policy.backoff(failures, 1.0) for failures in range(1, 8)] == [
        0.5,
        1.0,
        2.0,
        4.0,
        8.0,
        8.0,
        8.0,
    ]
    assert policy.backoff(3, 0.25) == 0.5
    assert policy.backoff(3, 0.0) == 0.0
    assert policy.backoff(10_000, 1.0) == 8.0
    assert RetryPolicy(first_backoff=1.0, longest_backoff=1e30).backoff(10_000, 1.0) == 2.0**32


def test_the_usual_policy_is_the_one_that_runflow_advises() -> None:
    policy = RetryPolicy()
    assert (
        policy.attempts,
        policy.first_backoff,
        policy.longest_backoff,
        policy.longest_retry_after,
    ) == (
        5,
        0.5,
        8,
        60,
    )


@pytest.mark.parametrize("name", ["first_backoff", "longest_backoff", "longest_retry_after"])
def test_a_policy_without_a_wait_is_one_and_one_that_cannot_be_is_refused(name: str) -> None:
    policy: Any = RetryPolicy
    assert getattr(policy(**{name: 0.0}), name) == 0
    for wrong in (-0.1, math.nan, math.inf):
        with pytest.raises(
            InvalidArgument, match=f"{name} is {wrong}: expected a finite number at least 0"
        ):
            policy(**{name: wrong})


def test_at_least_one_attempt_is_needed_and_one_is_enough() -> None:
    policy: Any = RetryPolicy
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(
            InvalidArgument, match=f"attempts is {wrong}: expected a whole number at least 1"
        ):
            policy(attempts=wrong)
    outcome, slept = waits([503], attempts=1)
    assert isinstance(outcome, ServerError)
    assert slept == []


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (200, False),
        (400, False),
        (408, False),
        (428, False),
        (429, True),
        (430, False),
        (499, False),
        (500, True),
        (599, True),
    ],
)
def test_rate_limits_and_errors_of_the_server_may_pass(status: int, again: bool) -> None:
    assert is_retryable_status(status) is again


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        (" 2 ", 2.0),
        ("0.25", 0.25),
        ("0", 0.0),
        ("-3", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
    ],
)
def test_what_a_server_asks_to_wait(text: str | None, seconds: float | None) -> None:
    assert (
        retry_after(httpx.Response(429, headers={} if text is None else {"Retry-After": text}))
        == seconds
    )


@pytest.mark.parametrize("zone", ["GMT", "", "-0000", "+0200"])
def test_a_moment_to_wait_for_is_so_many_seconds_away(zone: str) -> None:
    offset = timedelta(hours=2) if zone == "+0200" else timedelta()
    moment = datetime.now(UTC) + timedelta(days=1) + offset
    text = format_datetime(moment, usegmt=True).removesuffix("GMT") + zone
    seconds = retry_after(httpx.Response(429, headers={"Retry-After": text}))
    assert seconds is not None
    assert DAY - 600 < seconds <= DAY


def test_the_seconds_that_are_asked_for_are_waited_and_else_the_backoff() -> None:
    at_once = (503, {"Retry-After": "0"})
    outcome, slept = waits([(429, {"Retry-After": "7"}), 500, at_once, 200])
    assert outcome.status_code == 200
    assert slept == [7.0, 0.5]


def test_more_patience_than_the_policy_has_is_not_waited_for() -> None:
    outcome, slept = waits(
        [(429, {"Retry-After": "60"}), (429, {"Retry-After": "60.5"})], longest_retry_after=60.0
    )
    assert isinstance(outcome, RateLimited)
    assert outcome.retry_after == 60.5
    assert slept == [60.0]


def test_after_the_last_attempt_the_answer_counts_without_another_wait() -> None:
    outcome, slept = waits([500, 500, 500, 502])
    assert isinstance(outcome, ServerError)
    assert outcome.status == 502
    assert slept == [0.25, 0.5, 1.0]
    outcome, slept = waits([httpx.ReadTimeout("slow")] * 4)
    assert isinstance(outcome, RequestTimeout)
    assert len(slept) == 3


@pytest.mark.parametrize(
    ("trouble", "read", "keyed", "bare"),
    [
        (429, True, True, True),
        (500, True, True, False),
        (404, False, False, False),
        (httpx.ConnectError("no"), True, True, True),
        (httpx.ConnectTimeout("no"), True, True, True),
        (httpx.PoolTimeout("no"), True, True, True),
        (httpx.ProxyError("no"), True, True, True),
        (httpx.ReadError("no"), True, True, False),
        (httpx.WriteError("no"), True, True, False),
        (httpx.ReadTimeout("no"), True, True, False),
        (httpx.RemoteProtocolError("no"), True, True, False),
    ],
)
def test_a_post_without_a_key_is_repeated_only_when_it_was_not_acted_upon(
    trouble: Any, read: bool, keyed: bool, bare: bool
) -> None:
    for arguments, again in ((READ, read), (KEYED, keyed), (CREATE, bare), (EMPTY, bare)):
        outcome, slept = waits([trouble, 200] if again else [trouble], arguments)
        assert isinstance(outcome, httpx.Response) is again
        assert slept == ([0.25] if again else [])


@pytest.mark.parametrize("arguments", [READ, KEYED, CREATE])
@pytest.mark.parametrize("asked", ["10", "10.5", "30"])
def test_nothing_is_sent_at_the_deadline(arguments: RequestArguments, asked: str) -> None:
    outcome, slept = waits([(429, {"Retry-After": asked})], arguments, seconds=10.0)
    assert isinstance(outcome, RateLimited)
    assert slept == []
    assert any("nothing was created" in note for note in outcome.__notes__)
    assert outcome.__notes__[-1] == (
        f"It was not sent again: after a pause of {float(asked):.1f} s there was no time left for "
        "an answer."
    )


def test_what_can_be_answered_before_the_deadline_is_sent_again() -> None:
    for first in (429, (429, {"Retry-After": "9"}), 503, httpx.ConnectError("no")):
        outcome, slept = waits([first, 200], seconds=10.0)
        assert outcome.status_code == 200
        assert slept == ([9.0] if isinstance(first, tuple) else [0.25])


@pytest.mark.parametrize(("seconds", "again"), [(0.25, False), (0.3, True), (1.2, True)])
def test_without_an_answer_an_attempt_needs_no_more_than_the_pause(
    seconds: float, again: bool
) -> None:
    for trouble in (httpx.ConnectError("no"), httpx.ReadError("no")):
        outcome, slept = waits([trouble, 200] if again else [trouble], READ, seconds=seconds)
        assert isinstance(outcome, httpx.Response) is again
        assert slept == ([0.25] if again else [])


@pytest.mark.parametrize("timeout", [1.0, 2.0, 9.0])
def test_an_attempt_needs_as_long_as_the_last_answer_took(timeout: float) -> None:
    time, sent = SteppedTime(), list[float]()
    deadline = Deadline.after(time.now, timeout)

    def serve(send: SendRequest) -> Answer:
        sent.append(deadline.remaining() or 0.0)
        time.seconds += 0.9
        return answer(send, 429, {})

    context = Context(time.now, lambda: 0.5, RetryPolicy(attempts=99))
    with pytest.raises(RateLimited) as caught:
        drive(send_with_retries(context, CREATE, deadline=deadline), time, serve)
    assert min(sent) > 0.9
    assert caught.value.attempts == len(sent)


def test_a_deadline_is_handed_to_every_attempt() -> None:
    time = SteppedTime()
    timeouts: list[float | None] = []

    def serve(send: SendRequest) -> Answer:
        timeouts.append(send.timeout)
        time.seconds += 2.0
        return answer(send, 200 if len(timeouts) == 3 else 500, {})

    context = Context(time.now, lambda: 0.5, RetryPolicy())
    drive(send_with_retries(context, READ, deadline=Deadline.after(time.now, 20.0)), time, serve)
    assert timeouts == [20.0, 17.75, 15.25]
    timeouts.clear()
    drive(send_with_retries(context, READ), time, serve)
    assert timeouts == [None] * 3
    timeouts.clear()
    drive(
        request(context, READ, lambda response: response, deadline=Deadline.after(time.now, 20.0)),
        time,
        serve,
    )
    assert timeouts == [20.0, 17.75, 15.25]


def test_the_error_says_which_call_it_was_and_what_broke() -> None:
    for trouble, kind, reason in (
        (
            httpx.ConnectError("refused"),
            ConnectFailed,
            "could not connect to the server (ConnectError: refused)",
        ),
        (
            httpx.ReadTimeout("refused"),
            RequestTimeout,
            "the server did not answer in time (ReadTimeout: refused)",
        ),
        (
            httpx.WriteError("refused"),
            ConnectionLost,
            "the connection to the server broke (WriteError: refused)",
        ),
    ):
        outcome, _ = waits([trouble], attempts=1)
        assert type(outcome) is kind
        assert (outcome.method, outcome.path, outcome.attempts) == ("GET", READ["url"], 1)
        assert outcome.reason == reason
        assert str(outcome) == f"GET {READ['url']}: {reason}"
        assert outcome.__cause__ is trouble
    outcome, _ = waits([httpx.ReadError("")], attempts=1)
    assert outcome.reason == "the connection to the server broke (ReadError)"
    outcome, _ = waits([httpx.ReadError("at https://s.test/a?sig=1 with rf_live_x")], attempts=1)
    assert outcome.reason.endswith("(ReadError: at https://s.test/a?[hidden] with [hidden])")


def test_a_connection_error_names_the_host() -> None:
    request = httpx.Request("GET", f"https://api.test:8443{READ['url']}?q=1")
    for trouble in (httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError):
        outcome, _ = waits([trouble("x", request=request)], attempts=1)
        assert "api.test" in str(outcome)


@pytest.mark.parametrize("trouble", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), 503, 429])
@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_an_error_counts_the_attempts(trouble: Any, attempts: int) -> None:
    outcome, _ = waits([trouble] * attempts, attempts=attempts)
    assert outcome.attempts == attempts
    assert (f"(after {attempts} attempts)" in str(outcome)) == (attempts > 1)


def test_an_error_counts_only_the_attempts_that_were_made() -> None:
    outcome, _ = waits([503, httpx.ReadError("x"), 404], attempts=9)
    assert (outcome.status, outcome.attempts) == (404, 3)
    outcome, _ = waits([503, RequestTimeout("its body came too late", method="GET", path="/")])
    assert outcome.attempts == 2


def test_the_log_has_each_answer_and_each_retry(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "runflow_client")
    waits([500, httpx.ReadError("no"), 200])
    path = READ["url"]
    assert [record.getMessage() for record in caplog.records] == [
        f"GET {path} was answered 500",
        f"GET {path} is sent again in 0.25 s: answered 500",
        f"GET {path} is sent again in 0.50 s: ReadError",
        f"GET {path} was answered 200",
    ]


def test_a_deadline_counts_down_to_nothing() -> None:
    time = SteppedTime()
    deadline = Deadline.after(time.now, 10.0)
    assert (deadline.remaining(), deadline.has_passed()) == (10.0, False)
    assert (deadline.clip(None), deadline.clip(3.0), deadline.clip(30.0)) == (10.0, 3.0, 10.0)
    time.sleep(9.5)
    assert (deadline.remaining(), deadline.has_passed()) == (0.5, False)
    time.sleep(0.5)
    assert (deadline.remaining(), deadline.has_passed()) == (0.0, True)
    time.sleep(5.0)
    assert (deadline.remaining(), deadline.has_passed(), deadline.clip(3.0)) == (0.0, True, 0.0)


def test_sums_of_seconds_that_miss_the_deadline_by_rounding_have_reached_it() -> None:
    time = SteppedTime()
    time.seconds = 0.0
    deadline = Deadline.after(time.now, 1.0)
    for _ in range(10):
        time.sleep(0.1)
    assert time.seconds < 1.0
    assert deadline.has_passed()


def test_no_deadline_never_passes_and_limits_nothing() -> None:
    never = Deadline.after(SteppedTime().now, None)
    assert (never.remaining(), never.has_passed(), never.clip(3.0), never.clip(None)) == (
        None,
        False,
        3.0,
        None,
    )


@pytest.mark.parametrize("seconds", [None, 0.001, 1, 1e9])
def test_seconds_that_can_be_waited_are_allowed(seconds: float | None) -> None:
    check_seconds("timeout", seconds)


@pytest.mark.parametrize("seconds", [0, -1.0, math.nan, math.inf])
def test_seconds_that_cannot_be_waited_are_refused_by_their_name(seconds: float) -> None:
    most = ", at most 1,000,000,000," if seconds == math.inf else ","
    with pytest.raises(
        InvalidArgument,
        match=f"timeout is {seconds}: expected seconds, finite and above zero{most} or None",
    ):
        check_seconds("timeout", seconds)


class Nothing:
    id = None


@pytest.mark.parametrize(
    ("error", "noted"),
    [
        (KeyboardInterrupt, True),
        (GeneratorExit, False),
        (SendFailed, True),
        (ConnectFailed, False),
    ],
)
def test_a_create_that_is_broken_off_says_its_key_if_it_may_have_been_acted_upon(
    error: type[BaseException], noted: bool
) -> None:
    flow = post_idempotent(
        Context(SteppedTime().now, lambda: 0.5, RetryPolicy(attempts=1)),
        KEYED,
        lambda response: Nothing(),
        "batch",
        lambda created: True,
    )
    flow.send(None)
    raised: dict[type[BaseException], Exception] = {
        ConnectFailed: httpx.ConnectError("refused"),
        SendFailed: ValueError("a hook"),
    }
    with pytest.raises(error) as caught:
        flow.throw(raised.get(error) or error())
    notes = getattr(caught.value, "__notes__", [])
    assert [
        note
        for note in notes
        if note.startswith("The batch may have been created") and "'one'" in note
    ] == notes
    assert bool(notes) == noted
