"""Looking for a run whose answer was lost: what is asked, how often, for how long, and which run is
the create's own.
"""

from collections.abc import Callable
from typing import Any

import pytest
from runflow_api.http_library import httpx
from runflow_client import (
    ApiError,
    Conflict,
    InsufficientCredit,
    InvalidArgument,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RedirectRefused,
    RequestTimeout,
    RetryPolicy,
    RunflowError,
    SendFailed,
    ServerError,
    UnreadableAnswer,
)
from runflow_client._flows.client_refs import SharedClientRef, SharedClientRefs, UniqueClientRef
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._flows.create_run import Create, create, find_existing
from runflow_client._flows.find_lost_run import SearchFailed, find
from runflow_client._time import Deadline
from runflow_client._validation import check_client_ref

from ..scripted import Answer, answer, drive
from ..stepped_time import SteppedTime

IDS = [f"0198c0de-0000-7000-8000-00000000000{number}" for number in range(6)]
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


def shared(*before: str, others: int = 0, taken: tuple[str, ...] = ()) -> SharedClientRef:
    """A client_ref of the caller's that these runs carried before, beside other creates."""
    creates = SharedClientRefs()
    for _ in range(1 + others):
        creates.begin("mine")
    owner = SharedClientRef("mine", "key", creates, frozenset(before))
    another = SharedClientRef("mine", "another's key", creates, None)
    assert all(another.owns(run_id) for run_id in taken)
    return owner


def looked(
    *lists: Any,
    time: SteppedTime | None = None,
    owner: UniqueClientRef | SharedClientRef | None = None,
    seconds: float | None = None,
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
        return answer(send, 200, found if isinstance(found, dict) else {"items": found})

    deadline = Deadline.after(time.now, seconds)
    try:
        outcome: Any = drive(
            find(context(time), "mine", owner or UniqueClientRef(), deadline), time, serve
        )
    except Exception as error:
        outcome = error
    return outcome, sent


def found_id(outcome: Any) -> str | None:
    return None if outcome is None else str(outcome.id)


def test_the_newest_runs_of_the_client_ref_are_asked_for_page_by_page() -> None:
    others = run(0, client_ref="another's")
    outcome, sent = looked({"items": [others], "next": "2"}, {"items": [run(1)]})
    assert found_id(outcome) == IDS[1]
    question = {
        "url": "/v1/runs",
        "q": "client_ref.EQ:'mine'",
        "sort_by": "created_at:desc",
        "limit": "100",
    }
    assert sent == [question, {**question, "pq": "2"}]


@pytest.mark.parametrize(
    ("random", "pauses"), [(0.0, [0.625] * 8), (1.0, [0.625] + [1.0] + [1.25] * 3)]
)
def test_a_run_that_no_list_shows_is_searched_as_long_as_lists_may_lag(
    random: float, pauses: list[float]
) -> None:
    time = SteppedTime()
    deadline = Deadline(time.now, None)
    flow = find(context(time, random), "mine", UniqueClientRef(), deadline)
    assert drive(flow, time, nothing) is None
    assert time.slept == pauses


@pytest.mark.parametrize("trouble", [429, 500, 503, httpx.ReadTimeout("slow"), {"items": "none"}])
def test_a_list_that_cannot_be_read_is_read_again_for_ten_seconds(trouble: Any) -> None:
    time = SteppedTime()
    outcome, _ = looked(trouble, trouble, [run(1)], time=time)
    assert found_id(outcome) == IDS[1]
    time = SteppedTime()
    outcome, _ = looked(trouble, time=time)
    assert isinstance(outcome, RateLimited | ServerError | RequestTimeout | UnreadableAnswer)
    assert 1010.0 <= time.now() <= 1012.0
    outcome, _ = looked(*[trouble] * 6, [])
    assert outcome is None


def test_a_list_counts_from_when_it_was_asked_for() -> None:
    """A run that it does not show may have come while its answer was under way."""
    time = SteppedTime()
    asked: list[float] = []

    def serve(send: SendRequest) -> Answer:
        asked.append(time.now())
        time.seconds += 6.0
        return answer(send, 200, {"items": [] if len(asked) == 1 else [run(1)]})

    flow = find(context(time), "mine", UniqueClientRef(), Deadline(time.now, None))
    assert found_id(drive(flow, time, serve)) == IDS[1]
    assert len(asked) == 2


@pytest.mark.parametrize("trouble", [404, ValueError("a hook")])
def test_a_refusal_to_list_and_a_broken_client_are_raised_at_once(trouble: Any) -> None:
    outcome, sent = looked(trouble)
    assert isinstance(outcome, NotFound | SendFailed)
    assert len(sent) == 1


def test_the_search_ends_with_its_deadline() -> None:
    time = SteppedTime()
    outcome, _ = looked([], time=time, seconds=2.0)
    assert isinstance(outcome, SearchFailed)
    assert time.now() == 1002.0
    outcome, _ = looked(500, time=time, seconds=2.0)
    assert isinstance(outcome, SearchFailed)
    assert time.now() == 1004.0


@pytest.mark.parametrize(
    ("shown", "owner", "ours"),
    [
        (run(), None, True),
        (run(input={"prompt": "y"}), None, True),
        (run(client_ref="another's"), None, False),
        (run(client_ref="MINE"), None, False),
        (run(), shared(), True),
        (run(), shared(IDS[1]), True),
        (run(), shared(IDS[0]), False),
        (run(), shared(taken=(IDS[0],)), False),
        (run(), shared(taken=(IDS[1],)), True),
    ],
)
def test_which_run_is_the_creates_own(
    shown: dict[str, Any], owner: SharedClientRef | None, ours: bool
) -> None:
    outcome, _ = looked([shown], owner=owner)
    assert found_id(outcome) == (IDS[0] if ours else None)


@pytest.mark.parametrize(
    ("shown", "owner"),
    [
        ([run(client_ref=None)], None),
        ([{"id": IDS[0], "status_code": "queued"}], None),
        ([run(client_ref=7)], None),
        ([run(id=None)], None),
        ([run(0), run(1)], shared()),
        ([run(0)], shared(others=1)),
        ({"items": [run(0)], "next": "more"}, shared()),
    ],
)
def test_an_incomplete_list_does_not_prove_that_there_is_no_run(
    shown: Any, owner: SharedClientRef | None
) -> None:
    pages = [{**shown, "next": f"{number}"} for number in range(200)] if "items" in shown else []
    outcome, _ = looked(*pages, shown, owner=owner)
    assert isinstance(outcome, SearchFailed)
    reason = "the list of runs has no end" if owner is None else "it is not known which is this"
    assert reason in str(outcome)


def test_a_lost_create_of_a_shared_client_ref_leaves_the_next_one_open() -> None:
    owner = shared()
    owner.creates.begin("mine")
    owner.creates.end("mine", is_lost=True)
    outcome, _ = looked([run(0)], owner=owner)
    assert isinstance(outcome, SearchFailed)
    assert IDS[0] in str(outcome)
    outcome, _ = looked([], owner=owner)
    assert outcome is None


def test_without_a_list_from_before_no_run_is_chosen() -> None:
    creates = SharedClientRefs()
    creates.begin("mine")
    owner = SharedClientRef("mine", "key", creates, None)
    assert isinstance(looked([run(0)], owner=owner)[0], SearchFailed)
    assert looked([], owner=owner)[0] is None


def test_a_list_that_ignores_its_filter_and_has_no_end_is_left_after_ten_pages() -> None:
    pages = [
        {"items": [run(0, client_ref="another's")], "next": f"{number}"} for number in range(1000)
    ]
    outcome, sent = looked(*pages)
    assert isinstance(outcome, SearchFailed)
    assert sent[10].get("pq") is None
    assert "pq" in sent[9]


@pytest.mark.parametrize(
    "client_ref", ["", "a" * 256, "it's", "a\nb", "a\u200bb", " a", "a ", None, 7]
)
def test_a_client_ref_that_no_filter_finds_again_is_refused(client_ref: Any) -> None:
    with pytest.raises(
        InvalidArgument, match="expected 1 to 255 printable characters without a single quote"
    ):
        check_client_ref(client_ref)


@pytest.mark.parametrize("client_ref", ["a", "a" * 255, "Ünï-cödé_1"])
def test_a_client_ref_that_can_be_found_again_is_taken(client_ref: str) -> None:
    check_client_ref(client_ref)


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
        Create(model="a/b", input={}, metadata={"x": object()})
    with pytest.raises(InvalidArgument, match="client_ref"):
        Create(model="a/b", input={}, client_ref="")


def test_each_create_has_a_key_of_its_own_and_shows_no_input() -> None:
    first, second = Create(model="a/b", input={"prompt": "private"}), Create(model="a/b", input={})
    assert first.idempotency_key != second.idempotency_key
    assert first.client_ref != second.client_ref
    assert "private" not in repr(first)


@pytest.mark.parametrize("status", [500, 502])
def test_when_every_attempt_is_lost_the_outcome_is_unknown_and_says_how_to_resume(
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


def test_a_refusal_after_a_lost_attempt_names_both() -> None:
    outcome, _, _ = creating(lambda count: 500 if count == 1 else 409, nothing)
    assert isinstance(outcome, OutcomeUnknown)
    assert outcome.reason == (
        "an attempt was lost (POST /v1/models/acme/m/runs was answered 500 C: said) and another "
        "ended with: "
        "POST /v1/models/acme/m/runs was answered 409 C: said"
    )


def test_runs_that_cannot_be_listed_leave_the_outcome_unknown_and_say_why() -> None:
    outcome, sent, _ = creating(
        lambda count: 500, lambda send: answer(send, 403, {"code": "F", "message": "no"})
    )
    assert isinstance(outcome, OutcomeUnknown)
    assert (
        "was answered 500 C: said; and looking for the run ended with: GET /v1/runs was answered "
        "403 F: no" in str(outcome)
    )
    assert len(sent) == 2


def test_a_created_run_that_cannot_be_read_is_searched_and_not_created_again() -> None:
    def unreadable(count: int) -> Answer:
        return httpx.Response(
            201, content=b"<html>", request=httpx.Request("POST", "https://api.test/v1/x")
        )

    outcome, sent, _ = creating(unreadable, nothing)
    assert isinstance(outcome, OutcomeUnknown)
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1
    outcome, sent, _ = creating(unreadable, lambda send: answer(send, 200, {"items": [run(1)]}))
    assert str(outcome.id) == IDS[1]


def redirect(count: int) -> Answer:
    request = httpx.Request("POST", "https://api.test/v1/x")
    return httpx.Response(307, headers={"Location": "https://other.test"}, request=request)


@pytest.mark.parametrize(
    ("post", "kind"),
    [(redirect, RedirectRefused), (lambda count: 409, Conflict), (lambda count: 425, ApiError)],
)
def test_an_error_that_may_come_after_acting_starts_a_search_and_names_the_create(
    post: Callable[[int], Answer | int], kind: type[RunflowError]
) -> None:
    outcome, sent, request = creating(post, nothing)
    assert isinstance(outcome, kind)
    assert not isinstance(outcome, OutcomeUnknown)
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1
    assert (outcome.client_ref, outcome.idempotency_key) == ("mine", request.idempotency_key)
    assert any("q=client_ref.EQ:'mine'" in note for note in outcome.__notes__)
    outcome, _, _ = creating(post, lambda send: answer(send, 200, {"items": [run(1)]}))
    assert str(outcome.id) == IDS[1]


def test_where_the_list_is_redirected_too_the_redirect_is_raised() -> None:
    outcome, sent, _ = creating(redirect, lambda send: redirect(0))
    assert isinstance(outcome, RedirectRefused)
    assert len(sent) == 2


def test_a_failure_of_the_http_client_after_sending_is_a_lost_answer() -> None:
    def broken(count: int) -> Answer:
        return ValueError("a hook")

    outcome, sent, _ = creating(broken, nothing)
    assert isinstance(outcome, OutcomeUnknown)
    assert isinstance(outcome.__cause__, SendFailed)
    assert isinstance(outcome.__cause__.__cause__, ValueError)
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1


def test_an_answer_that_shows_another_run_is_a_lost_answer_and_none_shows_nothing() -> None:
    def post(count: int) -> Answer:
        return answer(sent_to(count), 201, run(2, client_ref="another's"))

    outcome, sent, _ = creating(post, lambda send: answer(send, 200, {"items": [run(1)]}))
    assert str(outcome.id) == IDS[1]
    outcome, sent, _ = creating(post, nothing)
    assert isinstance(outcome, OutcomeUnknown)
    assert "the answer shows the run of another create" in str(outcome)
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1
    outcome, _, _ = creating(
        lambda count: answer(sent_to(count), 201, {"id": IDS[3], "status_code": "queued"}), nothing
    )
    assert str(outcome.id) == IDS[3]


@pytest.mark.parametrize(
    ("status", "body", "balance"),
    [(200, {"balance": "1.25"}, "1.25"), (200, {}, None), (500, {}, None)],
)
def test_a_refusal_for_want_of_credit_names_the_balance(
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


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_create_that_is_broken_off_says_how_to_find_its_run(end: type[BaseException]) -> None:
    request = Create(model="acme/m", input={}, client_ref="mine")
    flow = create(context(SteppedTime()), request)
    flow.send(None)
    with pytest.raises(end) as caught:
        flow.throw(end())
    notes = [
        "The run of acme/m may have been created: look for it with q=client_ref.EQ:'mine' before "
        f"you send again (idempotency key {request.idempotency_key})."
    ]
    assert getattr(caught.value, "__notes__", []) == ([] if end is GeneratorExit else notes)


def caller_given(time: SteppedTime, before: Any, posted: list[Answer], listed: Any) -> Any:
    """What comes of a create with the caller's client_ref, and the requests it took."""
    sent, lists = list[SendRequest](), 0

    def serve(send: SendRequest) -> Answer:
        nonlocal lists
        sent.append(send)
        if send.arguments["method"] == "POST":
            return posted.pop(0)
        lists += 1
        found = before if lists == 1 else listed
        if isinstance(found, BaseException):
            return found
        return answer(send, *found)

    request = Create(model="acme/m", input={}, client_ref="mine", is_shared=True)
    try:
        outcome: Any = drive(create(context(time), request), time, serve)
    except Exception as error:
        outcome = error
    return outcome, sent


RESET = httpx.ReadError("reset")


@pytest.mark.parametrize(
    ("before", "listed", "found"),
    [
        ([], [run(0)], IDS[0]),
        ([run(1)], [run(0), run(1)], IDS[0]),
        ([run(1, client_ref="another's")], [run(0)], IDS[0]),
        ([], [run(0), run(1)], None),
        ([run(1)], [run(0), run(1), run(2)], None),
    ],
)
def test_of_the_runs_of_the_callers_client_ref_the_one_new_one_is_the_creates(
    before: list[Any], listed: list[Any], found: str | None
) -> None:
    outcome, sent = caller_given(
        SteppedTime(), (200, {"items": before}), [RESET], (200, {"items": listed})
    )
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1
    assert dict(sent[0].arguments.get("params", {})) == {
        "q": "client_ref.EQ:'mine'",
        "fields": "id,client_ref",
        "sort_by": "created_at:desc",
        "limit": "500",
    }
    if found is None:
        assert isinstance(outcome, OutcomeUnknown)
    else:
        assert str(outcome.id) == found


@pytest.mark.parametrize(
    "before", [(403, {"code": "F"}), (200, {"items": [], "next": "2"}), httpx.ReadError("no")]
)
def test_without_the_list_of_before_a_create_goes_well_but_nothing_is_taken_from_a_list(
    before: Any,
) -> None:
    made = answer(sent_to(1), 201, run(3))
    outcome, _ = caller_given(SteppedTime(), before, [made], None)
    assert str(outcome.id) == IDS[3]
    outcome, sent = caller_given(SteppedTime(), before, [RESET], (200, {"items": [run(0)]}))
    assert isinstance(outcome, OutcomeUnknown)
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1
    outcome, _ = caller_given(SteppedTime(), before, [RESET, made], (200, {"items": []}))
    assert str(outcome.id) == IDS[3]


def test_a_create_ends_with_its_deadline_whatever_the_server_does() -> None:
    time = SteppedTime()
    timeouts: list[float | None] = []

    def slow(send: SendRequest) -> Answer:
        timeouts.append(send.timeout)
        time.seconds += min(60.0, send.timeout or 60.0)
        return httpx.ReadTimeout("slow")

    with pytest.raises(OutcomeUnknown):
        drive(create(context(time), Create(model="a/b", input={})), time, slow)
    assert time.now() - 1000.0 <= ATTEMPTS * 60.0 + 10.0
    assert timeouts[0] == ATTEMPTS * 60.0 + 10.0
    begun = time.now()
    deadline = Deadline.after(time.now, 7.0)
    with pytest.raises(OutcomeUnknown):
        drive(create(context(time), Create(model="a/b", input={}), deadline=deadline), time, slow)
    assert time.now() - begun <= 7.0


@pytest.mark.parametrize(("listed", "found"), [([run(1), run(0)], IDS[1]), ([], None)])
def test_an_existing_run_is_the_newest_that_carries_the_client_ref(
    listed: list[Any], found: str | None
) -> None:
    time = SteppedTime()
    request = Create(model="acme/m", input={}, client_ref="mine")
    flow = find_existing(context(time), request)
    outcome = drive(flow, time, lambda send: answer(send, 200, {"items": listed}))
    assert found_id(outcome) == found


def test_where_the_list_leaves_open_whether_there_is_a_run_nothing_is_created() -> None:
    time = SteppedTime()
    request = Create(model="acme/m", input={}, client_ref="mine")
    with pytest.raises(OutcomeUnknown, match="does not show the client_ref of every run"):
        drive(
            find_existing(context(time), request),
            time,
            lambda send: answer(send, 200, {"items": [run(client_ref=None)]}),
        )
