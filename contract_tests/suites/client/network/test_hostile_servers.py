"""What a server may answer at its worst: it ends in time, in an error of ours that names the call,
and nothing is paid twice.
"""

import asyncio
import pickle
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import anyio
import pytest
from runflow_client import (
    AsyncRunflow,
    InsufficientCredit,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    RedirectRefused,
    RetryPolicy,
    RunFailed,
    Runflow,
    UnreadableAnswer,
    ValidationFailed,
    WaitTimeout,
)

from ..answering import (
    LONGEST,
    NOTHING,
    Asked,
    Told,
    ask,
    ask_together,
    refusing,
    run_of,
)
from ..stepped_time import SteppedTime

ID = "0198c0de-0000-7000-8000-000000000000"
SIGNED = "https://storage.test/a.png?X-Amz-Signature=5ec4e7"


# What is said of an error.


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "forbidden by policy"}, "forbidden by policy"),
        ({"detail": {"code": "OTHER", "message": "inner"}}, "OTHER: inner"),
        ({"errors": {"prompt": ["too long"]}}, "too long"),
    ],
)
def test_a_refusal_of_any_form_keeps_its_message(body: Any, said: str) -> None:
    with pytest.raises(PermissionDenied) as caught:
        ask(refusing(403, body), lambda client: client.runs.get(ID))
    assert said in str(caught.value)


def test_signed_urls_that_a_server_quotes_are_never_shown() -> None:
    complaint = {
        "loc": ["body", "image_url"],
        "msg": f"cannot fetch {SIGNED}",
        "input": {"deep": [SIGNED]},
    }
    with pytest.raises(ValidationFailed) as refused:
        ask(
            refusing(422, {"code": f"X {SIGNED}", "errors": [complaint]}),
            lambda client: client.runs.get(ID),
        )
    failed = {
        "id": ID,
        "status_code": "failed",
        "failure_code": "F",
        "failure_message": f"cannot fetch {SIGNED}",
    }

    def fail(client: Runflow) -> None:
        assert client.runs.get(ID).failure_message == failed["failure_message"]
        assert "storage.test/a.png" in repr(client.runs.get(ID))
        assert "5ec4e7" not in repr(client.runs.get(ID)) + repr(client.batches.get(ID))
        with pytest.raises(RunFailed, match=r"cannot fetch https://storage\.test/a\.png") as caught:
            client.runs.attach(ID).wait()
        assert "5ec4e7" not in str(caught.value)

    ask(lambda asked: Told(failed), fail)
    assert "cannot fetch https://storage.test/a.png" in str(refused.value)
    assert b"5ec4e7" not in pickle.dumps(refused.value)


def test_an_unreadable_answer_names_the_id_of_its_request() -> None:
    with pytest.raises(UnreadableAnswer, match=r"\[request abc\]") as caught:
        ask(refusing(200, b"<html>", Runflow_Request_Id="abc"), lambda client: client.runs.get(ID))
    assert pickle.loads(pickle.dumps(caught.value)).request_id == "abc"


def test_a_redirect_to_nowhere_is_refused() -> None:
    with pytest.raises(RedirectRefused, match=f"GET /v1/runs/{ID}"):
        ask(refusing(302, b"", Location="//[x"), lambda client: client.runs.get(ID))


# What a server asks for.


@pytest.mark.parametrize(
    "asked_for",
    [
        "Wed, 06 May 99999999999999999999 10:00:00 GMT",
        "Wed, 06 May 2026 10:00:00 +99999999999999999999",
    ],
)
def test_a_date_beyond_all_bounds_asks_for_nothing(asked_for: str) -> None:
    with pytest.raises(RateLimited) as caught:
        ask(refusing(429, Retry_After=asked_for), lambda client: client.runs.get(ID))
    assert caught.value.retry_after is None


@pytest.mark.parametrize("timeout", [None, 600.0])
def test_a_wait_is_no_more_patient_than_its_client(timeout: float | None) -> None:
    answers = [
        Told({"id": ID, "status_code": "running"}),
        Told({"code": "X", "message": "no"}, 503, {"Retry-After": "1e12"}),
        Told({"id": ID, "status_code": "succeeded"}),
    ]
    time = SteppedTime(0.0)
    run = ask(
        lambda asked: answers.pop(0),
        lambda client: client.runs.attach(ID).wait(timeout),
        time,
        retries=RetryPolicy(longest_retry_after=45.0),
    )
    assert run.status == "succeeded"
    assert time.slept[1:] == [45.0]


def test_a_refusal_for_want_of_credit_does_not_wait_for_a_balance_in_trouble() -> None:
    def tell(asked: Asked) -> Told:
        body = {"code": "X", "message": "no"}
        return Told(body, 402) if asked.method == "POST" else Told(body, 503, {"Retry-After": "50"})

    time = SteppedTime(0.0)
    with pytest.raises(InsufficientCredit):
        ask(tell, lambda client: client.submit("a/b", {}), time)
    assert time.slept == []


# Lists.


@pytest.mark.parametrize("odd", [None, {"a": 1}, "01J0ABC", 7])
@pytest.mark.parametrize(
    "read",
    [
        lambda client: list(client.runs.list()),
        lambda client: client.runs.page(),
        lambda client: list(client.batches.list()),
        lambda client: list(client.evaluations.list()),
    ],
)
def test_a_listed_item_without_an_id_is_reported(
    odd: Any, read: Callable[[Runflow], object]
) -> None:
    items = [{"id": ID, "status_code": "queued"}, {"id": odd, "status_code": "queued"}]
    with pytest.raises(UnreadableAnswer, match=r"GET /v1/\w+: an item .* with an id"):
        ask(lambda asked: Told({"items": items}), read)


def test_a_search_for_a_lost_run_ends_although_the_cursors_lead_round_in_a_circle() -> None:
    def tell(asked: Asked) -> Told:
        assert len(server_asked) < 1000
        server_asked.append(asked)
        if asked.method == "POST":
            return Told({"code": "X", "message": "no"}, 500)
        return Told(
            {"items": [{"id": ID, "input": {}}], "next": "b" if "pq=a" in asked.query else "a"}
        )

    server_asked: list[Asked] = []
    with pytest.raises(OutcomeUnknown):
        ask(
            tell,
            lambda client: client.submit(
                "a/b", {"x": 1}, client_ref="mine", on_unknown_outcome="raise"
            ),
        )


# Deadlines.


@pytest.mark.parametrize("patient", [0, 4])
def test_a_list_that_is_never_answered_keeps_no_wait_beyond_its_deadline(patient: int) -> None:
    """Four that wait for ever may be there first, and then the others come while the list hangs."""

    def tell(asked: Asked) -> Told:
        if asked.method == "POST":
            return Told(run_of(asked, ID), 201)
        if asked.path == "/v1/runs":
            hangs.append(asked)
            return NOTHING
        return Told({"id": asked.path.rpartition("/")[2], "status_code": "running"})

    hangs: list[Asked] = []

    async def work(client: AsyncRunflow) -> None:
        handles = [await client.submit("a/b", {"n": n}) for n in range(patient + 6)]
        endless = [asyncio.create_task(handle.wait(None)) for handle in handles[:patient]]
        while patient and not hangs:
            await anyio.lowlevel.checkpoint()
        with anyio.fail_after(LONGEST / 2):
            ended = await asyncio.gather(
                *(handle.wait(0.05) for handle in handles[patient:]), return_exceptions=True
            )
        assert [type(error) for error in ended] == [WaitTimeout] * 6
        for task in endless:
            task.cancel()
        await asyncio.gather(*endless, return_exceptions=True)

    ask_together(tell, work, timeout=LONGEST)


def test_requests_that_are_never_answered_keep_no_wait_beyond_its_deadline() -> None:
    """So many that all the client's slots are taken."""

    async def work(client: AsyncRunflow) -> None:
        stuck = [asyncio.create_task(client.runs.get(uuid4())) for _ in range(32)]
        with anyio.fail_after(LONGEST / 2), pytest.raises(WaitTimeout):
            await client.runs.attach(UUID(ID)).wait(0.05)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)

    ask_together(lambda asked: NOTHING, work, timeout=LONGEST)
