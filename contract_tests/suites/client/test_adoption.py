"""Looking for a run whose answer was lost: what is asked, how often, for how long, and which run is
taken for ours.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from runflow_api.http_library import httpx
from runflow_client import (
    InsufficientCredit,
    InvalidArgument,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RedirectRefused,
    RequestTimeout,
    RetryPolicy,
    ServerError,
    UnreadableAnswer,
)
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._flows.create_run import (
    LARGEST_GROUP,
    Claims,
    Create,
    Submissions,
    create,
    make_client_ref,
)
from runflow_client._flows.find_lost_run import Trace, Undecided, find, same_input
from runflow_client._validation import check_client_ref

from .scripted import Answer, SteppedTime, answer, drive

IDS = [f"0198c0de-0000-7000-8000-00000000000{number}" for number in range(6)]
NOW = datetime(2026, 5, 6, 10, 0, tzinfo=UTC)
ATTEMPTS = 3
List = Callable[[SendRequest], Answer]


def run(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A run as a list shows it."""
    return {
        "id": IDS[number],
        "status_code": "queued",
        "input": {"prompt": "x"},
        "client_ref": "mine",
        **changes,
    }


def nothing(send: SendRequest) -> Answer:
    return answer(send, 200, {"items": []})


def context(time: SteppedTime, random: float = 0.5) -> Context:
    return Context(time.now, lambda: random, RetryPolicy(attempts=ATTEMPTS))


def trace(time: SteppedTime, **changes: Any) -> Trace:
    facts = {
        "client_ref": "mine",
        "unique": True,
        "input": {"prompt": "x"},
        "claimed": (),
        "grace": 5.0,
    }
    return Trace(started=time.now(), **{**facts, **changes})


def looked(
    *lists: Any,
    time: SteppedTime | None = None,
    dated: datetime | str | None = None,
    **changes: Any,
) -> Any:
    """What is found when the list is read again and again, the last answer for ever; and the
    requests it took.
    """
    time = time or SteppedTime()
    left, sent = [*lists], list[dict[str, Any]]()

    def serve(send: SendRequest) -> Answer:
        sent.append({"url": send.arguments["url"], **dict(send.arguments.get("params", {}))})
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, BaseException):
            return found
        if isinstance(found, int):
            return answer(send, found, {})
        page = found if isinstance(found, dict) else {"items": found}
        text = format_datetime(dated, usegmt=True) if isinstance(dated, datetime) else dated
        return answer(send, 200, page, {} if text is None else {"Date": text})

    try:
        outcome: Any = drive(find(context(time), trace(time, **changes)), time, serve)
    except Exception as error:
        outcome = error
    return outcome, sent


def found_id(outcome: Any) -> str | None:
    return None if outcome is None else str(outcome.id)


def test_the_newest_runs_of_the_client_ref_are_asked_for_page_by_page() -> None:
    outcome, sent = looked({"items": [run(0)], "next": "2"}, {"items": [run(1)]}, claimed=[IDS[0]])
    assert found_id(outcome) == IDS[1]
    question = {
        "url": "/v1/runs",
        "q": "client_ref.EQ:'mine'",
        "sort_by": "created_at:desc",
        "limit": "100",
    }
    assert sent == [question, {**question, "pq": "2"}]


@pytest.mark.parametrize(
    "last", [{"items": [run(0)], "next": "2"}, {"items": [], "next": "3"}, {"items": [run(0)]}]
)
def test_a_list_ends_with_its_last_page_an_empty_one_or_one_that_leads_to_itself(
    last: dict[str, Any],
) -> None:
    first = {"items": [run(0)], "next": "2"}
    outcome, sent = looked(first, last, [run(1)], claimed=[IDS[0]])
    assert found_id(outcome) == IDS[1]
    assert [request.get("pq") for request in sent] == [None, "2", None]


@pytest.mark.parametrize(
    ("grace", "random", "pauses"),
    [
        (5.0, 0.0, [0.625] * 8),
        (5.0, 0.5, [0.625, 0.625, 1.0, 2.0, 4.0]),
        (5.0, 1.0, [0.625, 1.0, 2.0, 4.0]),
        (0.2, 0.0, [0.1, 0.1]),
    ],
)
def test_a_run_that_never_shows_is_looked_for_until_the_grace_period_is_over(
    grace: float, random: float, pauses: list[float]
) -> None:
    time = SteppedTime()
    assert drive(find(context(time, random), trace(time, grace=grace)), time, nothing) is None
    assert time.slept == pauses


@pytest.mark.parametrize("trouble", [429, 500, 503, httpx.ReadTimeout("slow"), {"items": "none"}])
def test_trouble_with_the_list_is_looked_past_until_there_were_enough_attempts_after_the_grace(
    trouble: Any,
) -> None:
    time = SteppedTime()
    outcome, _ = looked(trouble, trouble, [run(1)], time=time)
    assert found_id(outcome) == IDS[1]
    outcome, sent = looked(trouble, grace=0.0)
    assert isinstance(outcome, RateLimited | ServerError | RequestTimeout | UnreadableAnswer)
    assert len(sent) == ATTEMPTS
    outcome, sent = looked(trouble, trouble, [], grace=0.0)
    assert outcome is None
    assert len(sent) == 3


def test_trouble_counts_from_the_last_list_that_could_be_read() -> None:
    outcome, sent = looked(500, 500, [], 500, 500, 500, grace=1.0)
    assert isinstance(outcome, ServerError)
    assert len(sent) == 6
    outcome, sent = looked(500, 500, 500, 500, [run(1)], grace=1.0)
    assert isinstance(outcome, ServerError)
    assert len(sent) == 4


def test_a_refusal_to_list_is_raised_at_once() -> None:
    outcome, sent = looked(404)
    assert isinstance(outcome, NotFound)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("changes", "shown", "ours"),
    [
        ({}, run(), True),
        ({}, run(input={"prompt": "y"}), True),
        ({}, {"id": IDS[0]}, True),
        ({}, run(id=None), False),
        ({"claimed": [IDS[0]]}, run(), False),
        ({"unique": False}, run(), True),
        ({"unique": False}, run(input={"prompt": "y"}), False),
        ({"unique": False}, run(created_at=(NOW - timedelta(seconds=5)).isoformat()), True),
        ({"unique": False}, run(created_at=(NOW - timedelta(seconds=6)).isoformat()), False),
        ({"unique": False, "claimed": [IDS[0]]}, run(), False),
        ({"unique": False, "claimed": [IDS[1]]}, run(), True),
    ],
)
def test_which_run_is_ours(changes: dict[str, Any], shown: dict[str, Any], ours: bool) -> None:
    outcome, _ = looked([shown], dated=NOW, grace=0.0, **changes)
    assert (outcome is not None) is ours


def test_age_is_told_by_the_servers_clock_and_from_the_beginning_of_the_create() -> None:
    time = SteppedTime()
    begun = trace(time, unique=False, grace=60.0)
    time.sleep(30.0)
    for age, ours in ((35, True), (36, False)):
        shown = run(created_at=(NOW - timedelta(seconds=age)).isoformat())

        def serve(send: SendRequest, shown: dict[str, Any] = shown) -> Answer:
            late = time.now() - begun.started > 59
            stamp = NOW + timedelta(seconds=time.now() - begun.started - 30)
            return answer(
                send,
                200,
                {"items": [] if late else [shown]},
                {"Date": format_datetime(stamp, usegmt=True)},
            )

        assert (drive(find(context(time), begun), time, serve) is not None) is ours


@pytest.mark.parametrize(
    "dated", [None, "yesterday", "Wed, 06 May 2026 10:00:00", "Wed, 06 May 2026 12:00:00 +0200"]
)
def test_without_a_servers_clock_ours_is_taken_and_a_moment_without_offset_is_utc(
    dated: str | None,
) -> None:
    now = NOW if dated and dated.startswith("Wed") else datetime.now(UTC)
    for age, ours in ((timedelta(), True), (timedelta(days=1), False)):
        shown = run(created_at=(now - age).isoformat())
        outcome, _ = looked([shown], dated=dated, grace=0.0, unique=False)
        assert (outcome is not None) is ours


INLINE = {"image_url": "data:image/png;base64,AAAA"}
HIDDEN = {"image_url": "https://storage.example/a.png"}


def test_a_run_that_may_be_ours_is_waited_past_for_one_that_is() -> None:
    doubtful = [run(0, input=HIDDEN), run(1, input=HIDDEN)]
    outcome, _ = looked(doubtful, [*doubtful, run(2, input=INLINE)], unique=False, input=INLINE)
    assert found_id(outcome) == IDS[2]
    outcome, _ = looked(doubtful, unique=False, input=INLINE)
    assert isinstance(outcome, Undecided)
    assert str(outcome).startswith(
        f"the run {IDS[0]} has the same client_ref, and what it shows of its model, input, files"
    )
    outcome, _ = looked(
        {"items": doubtful[:1], "next": "2"}, {"items": []}, unique=False, input=INLINE, grace=0.0
    )
    assert isinstance(outcome, Undecided)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [({"a": 1}, "a"), ("a", {"a": 1}), ([1], 1), (1, [1]), ({}, []), ([], {}), ([1], {"0": 1})],
)
def test_an_input_of_another_kind_is_another(sent: object, shown: object) -> None:
    assert same_input(sent, shown) is False
    assert same_input({"x": sent}, {"x": shown}) is False


@pytest.mark.parametrize("client_ref", ["", "a" * 256, "it's", "a\nb", "a\u200bb", " a", "a "])
def test_a_client_ref_that_no_filter_finds_again_is_refused(client_ref: str) -> None:
    with pytest.raises(
        InvalidArgument, match="expected 1 to 255 printable characters without a single quote"
    ):
        check_client_ref(client_ref)


@pytest.mark.parametrize("client_ref", ["a", "a" * 255, "Ünï-cödé_1"])
def test_a_client_ref_that_can_be_found_again_is_taken(client_ref: str) -> None:
    check_client_ref(client_ref)


def test_a_group_of_submissions_shares_a_client_ref_until_it_fills_a_page() -> None:
    submissions = Submissions()
    given = [submissions.next() for _ in range(2 * LARGEST_GROUP + 1)]
    groups = [given[:LARGEST_GROUP], given[LARGEST_GROUP:-1], given[-1:]]
    assert [len({ref for ref, _ in group}) for group in groups] == [1, 1, 1]
    assert [len({id(claims) for _, claims in group}) for group in groups] == [1, 1, 1]
    assert len({ref for ref, _ in given}) == len({id(claims) for _, claims in given}) == 3
    assert given[0][0].startswith("runflow-client-")
    assert make_client_ref() != make_client_ref()


def test_a_run_that_was_answered_and_one_that_was_adopted_are_claimed() -> None:
    _, claims = Submissions().next()
    adopter = Create(model="a/b", input={})
    assert IDS[0] not in claims
    assert claims.answer(IDS[0]) is None
    assert IDS[0] in claims
    claims.adopt(IDS[1], adopter)
    assert IDS[1] in claims
    assert claims.answer(IDS[1]) is adopter
    assert claims.answer(IDS[1]) is None


def sent_to(number: int) -> SendRequest:
    """A create, for an answer to it."""
    return SendRequest({"method": "POST", "url": f"/v1/models/acme/m/runs#{number}"})


def creating(post: Callable[[int], Answer | int], listed: List, **options: Any) -> Any:
    """What comes of a create, and the requests it took."""
    time, sent = SteppedTime(), list[SendRequest]()

    def serve(send: SendRequest) -> Answer:
        sent.append(send)
        if send.arguments["method"] == "GET":
            return listed(send)
        found = post(sum(one.arguments["method"] == "POST" for one in sent))
        return (
            answer(send, found, {"code": "C", "message": "said"})
            if isinstance(found, int)
            else found
        )

    request = Create(
        **{"model": "acme/m", "input": {"prompt": "x"}, "client_ref": "mine", **options}
    )
    try:
        outcome: Any = drive(create(context(time), request), time, serve)
    except Exception as error:
        outcome = error
    return outcome, sent, request


def test_a_create_says_all_that_it_was_given_and_carries_its_key() -> None:
    outcome, sent, request = creating(
        lambda count: 500,
        lambda send: answer(send, 200, {"items": [run()]}),
        callback_url="https://me.test/cb",
        metadata={"order": 7},
    )
    assert str(outcome.id) == IDS[0]
    post: dict[str, Any] = dict(sent[0].arguments)
    assert (post["method"], post["url"]) == ("POST", "/v1/models/acme/m/runs")
    assert post["headers"]["Idempotency-Key"] == request.idempotency_key
    assert post["headers"]["Content-Type"] == "application/json"
    assert post["json"] == {
        "input": {"prompt": "x"},
        "callback_url": "https://me.test/cb",
        "metadata": {"order": 7},
        "client_ref": "mine",
    }
    with pytest.raises(InvalidArgument, match=r"^metadata\.x is "):
        Create(model="a/b", input={}, metadata={"x": object()}).arguments()
    with pytest.raises(InvalidArgument, match="client_ref"):
        Create(model="a/b", input={}, client_ref="").arguments()


def test_a_run_of_a_client_ref_made_for_it_is_ours_however_its_input_is_shown() -> None:
    shown = run(1, input={"prompt": "x", "seed": 7})
    outcome, _, _ = creating(lambda count: 500, lambda send: answer(send, 200, {"items": [shown]}))
    assert str(outcome.id) == IDS[1]
    shown["input"]["prompt"] = "y"
    outcome, _, _ = creating(
        lambda count: 500 if count == 1 else answer(sent_to(count), 201, run(2)),
        lambda send: answer(send, 200, {"items": [shown]}),
        own_client_ref=False,
    )
    assert str(outcome.id) == IDS[2]


def test_each_create_has_a_key_of_its_own_and_shows_no_input() -> None:
    first, second = Create(model="a/b", input={"prompt": "private"}), Create(model="a/b", input={})
    assert first.idempotency_key != second.idempotency_key
    assert first.client_ref != second.client_ref
    assert "private" not in repr(first)


@pytest.mark.parametrize("status", [500, 502])
def test_when_every_attempt_is_lost_the_outcome_is_unknown_and_says_the_way_back(
    status: int,
) -> None:
    outcome, sent, request = creating(lambda count: status, nothing)
    assert isinstance(outcome, OutcomeUnknown)
    assert sum(one.arguments["method"] == "POST" for one in sent) == ATTEMPTS
    assert (outcome.model, outcome.client_ref, outcome.idempotency_key) == (
        "acme/m",
        "mine",
        request.idempotency_key,
    )
    assert outcome.reason == f"POST /v1/models/acme/m/runs was answered {status} C: said"
    assert f"(idempotency key {request.idempotency_key})" in str(outcome)
    assert "q=client_ref.EQ:'mine'" in str(outcome)
    assert isinstance(outcome.__cause__, ServerError)


def test_a_refusal_after_a_lost_attempt_tells_of_both() -> None:
    outcome, _, _ = creating(lambda count: 500 if count == 1 else 409, nothing)
    assert isinstance(outcome, OutcomeUnknown)
    assert outcome.reason == (
        "an attempt was lost (POST /v1/models/acme/m/runs was answered 500 C: said) and another "
        "answered: "
        "POST /v1/models/acme/m/runs was answered 409 C: said"
    )


def test_a_create_whose_run_an_equal_one_took_goes_on_in_its_place() -> None:
    claims = Claims()
    claims.adopt(
        IDS[0],
        Create(
            model="acme/m", input={"prompt": "x"}, client_ref="mine", on_unknown_outcome="raise"
        ),
    )
    outcome, sent, _ = creating(
        lambda count: answer(sent_to(count), 201, run(0)), nothing, claims=claims
    )
    assert isinstance(outcome, OutcomeUnknown)
    assert "it took the run of an equal create, which goes on in its place" in outcome.reason
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1


def test_runs_that_cannot_be_listed_leave_the_outcome_unknown_and_say_why() -> None:
    outcome, sent, _ = creating(
        lambda count: 500, lambda send: answer(send, 403, {"code": "F", "message": "no"})
    )
    assert isinstance(outcome, OutcomeUnknown)
    assert (
        "was answered 500 C: said; and the runs could not be listed: GET /v1/runs was answered "
        "403 F: no" in str(outcome)
    )
    assert len(sent) == 2


def test_a_created_run_that_cannot_be_read_is_looked_for_and_not_made_again() -> None:
    def unreadable(count: int) -> Answer:
        return httpx.Response(
            201, content=b"<html>", request=httpx.Request("POST", "https://api.test/v1/x")
        )

    outcome, sent, _ = creating(unreadable, nothing)
    assert isinstance(outcome, OutcomeUnknown)
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1
    outcome, sent, _ = creating(unreadable, lambda send: answer(send, 200, {"items": [run(1)]}))
    assert str(outcome.id) == IDS[1]


def test_a_redirect_made_no_run() -> None:
    def redirect(count: int) -> Answer:
        request = httpx.Request("POST", "https://api.test/v1/x")
        return httpx.Response(307, headers={"Location": "https://other.test"}, request=request)

    outcome, sent, _ = creating(redirect, nothing)
    assert isinstance(outcome, RedirectRefused)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("status", "body", "balance"),
    [(200, {"balance": "1.25"}, "1.25"), (200, {}, None), (500, {}, None)],
)
def test_a_refusal_for_want_of_credit_tells_the_balance(
    status: int, body: dict[str, Any], balance: str | None
) -> None:
    outcome, sent, _ = creating(lambda count: 402, lambda send: answer(send, status, body))
    assert isinstance(outcome, InsufficientCredit)
    assert (None if outcome.balance is None else str(outcome.balance)) == balance
    notes = [note for note in outcome.__notes__ if "balance" in note]
    assert notes == ([] if balance is None else [f"The balance is {balance} USD."])
    assert {one.arguments["url"] for one in sent[1:]} == {sent[1].arguments["url"]}
    assert "balance" in sent[1].arguments["url"]
    assert sent[1].timeout == 5.0


def test_a_create_that_is_broken_off_says_how_to_find_its_run() -> None:
    flow = create(context(SteppedTime()), Create(model="acme/m", input={}, client_ref="mine"))
    flow.send(None)
    with pytest.raises(KeyboardInterrupt) as caught:
        flow.throw(KeyboardInterrupt())
    assert caught.value.__notes__ == [
        "The run of acme/m may have been created: look for it with q=client_ref.EQ:'mine'."
    ]
    flow = create(context(SteppedTime()), Create(model="acme/m", input={}))
    flow.send(None)
    with pytest.raises(ValueError, match="odd") as odd:
        flow.throw(ValueError("odd"))
    assert not hasattr(odd.value, "__notes__")
