"""Each law as a function: it holds for what is right, and for nothing that is wrong by one thing.

And the budget, which decides what the checks may create.
"""

import gzip
import json
import socket
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from runflow_client import InvalidArgument, RunflowError
from runflow_client.testing import sign
from runflow_conformance._schemathesis.budget import NO_MODEL, Budget
from runflow_conformance.laws import (
    CALLBACK_CHECKS,
    CHECKS,
    CallbackReceiver,
    ReceivedCallback,
    SecretDetector,
    Target,
    deployed_target,
    law_name,
    raw_client,
    run_laws,
)
from runflow_conformance.laws.callback_receiver import MAX_BODY_SIZE
from runflow_conformance.laws.checks import lists
from runflow_conformance.laws.invariants import (
    LawViolation,
    RunHistory,
    created_run_is_found,
    each_run_is_billed_once,
    filter_returns_matches,
    pages_list_each_run_once,
    patch_changes_only,
    secrets_are_shown_once,
    signature_verifies,
)
from runflow_mock.simulation.catalog import Catalog

from ..server.stand_in import Deployed

RUN_ID = "0190aaaa-0000-7000-8000-000000000001"
MODEL = "google/nano-banana-pro"  # 0.15 US dollars an image


def run(identifier: str, status: str = "succeeded", **fields: Any) -> Any:
    """Return what the laws read of a run."""
    ended = status not in ("queued", "dispatching", "running")
    values = {
        "id": identifier,
        "status": status,
        "has_ended": ended,
        "completed_at": "then" if ended else None,
        "client_ref": "a",
        "created_at": "before",
        **fields,
    }
    return SimpleNamespace(**values)


def pages(*ids: str) -> Any:
    """Return pages with the runs of these ids, a word a page."""
    return [SimpleNamespace(items=[run(one) for one in page]) for page in ids]


FAILED = [run("a", "failed"), run("b", "failed")]
RIGHT: dict[str, Any] = {
    "found": lambda: created_run_is_found("a", run("a"), ["b", "a"], ["a"]),
    "pages": lambda: pages_list_each_run_once(pages("ab", "c"), ["a", "b", "c"], "forward"),
    "more in pages": lambda: pages_list_each_run_once(pages("ab", "", "c"), ["b"], "forward"),
    "no pages": lambda: pages_list_each_run_once(pages(), [], "forward"),
    "filter": lambda: filter_returns_matches("failed", FAILED, ["a", "b"]),
    "filter with more": lambda: filter_returns_matches("failed", FAILED, ["a"]),
    "patch": lambda: patch_changes_only("x", {"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}, "b"),
    "billed": lambda: each_run_is_billed_once(["a", "b"]),
    "secrets": lambda: secrets_are_shown_once([]),
}
WRONG: dict[str, tuple[Any, str]] = {
    "another run": (
        lambda: created_run_is_found("a", run("b"), ["a"], ["a"]),
        "GET of run a returns run b",
    ),
    "not in the list": (
        lambda: created_run_is_found("a", run("a"), ["b"], ["a"]),
        "run a was created and is not in the list",
    ),
    "not by its ref": (
        lambda: created_run_is_found("a", run("a"), ["a"], []),
        "run a was created once, its client_ref finds []",
    ),
    "twice by its ref": (
        lambda: created_run_is_found("a", run("a"), ["a"], ["a", "a"]),
        "run a was created once, its client_ref finds ['a', 'a']",
    ),
    "another by its ref": (
        lambda: created_run_is_found("a", run("a"), ["a"], ["b"]),
        "run a was created once, its client_ref finds ['b']",
    ),
    "twice in pages": (
        lambda: pages_list_each_run_once(pages("abd", "db"), ["a"], "forward"),
        "pages read forward list ['b', 'd'] more than once",
    ),
    "twice in a page": (
        lambda: pages_list_each_run_once(pages("ddaa"), ["a"], "backward"),
        "pages read backward list ['a', 'd'] more than once",
    ),
    "not in pages": (
        lambda: pages_list_each_run_once(pages("ab"), ["d", "a", "c"], "forward"),
        "pages read forward omit ['c', 'd']",
    ),
    "another status": (
        lambda: filter_returns_matches("failed", [run("b"), run("a")], ["a"]),
        "the filter for status failed returns ['a', 'b'], which have another",
    ),
    "one of two": (
        lambda: filter_returns_matches("failed", [*FAILED, run("c")], ["a", "b"]),
        "the filter for status failed returns ['c'], which have another",
    ),
    "left out": (
        lambda: filter_returns_matches("failed", FAILED, ["d", "a", "b", "c"]),
        "the filter for status failed omits ['c', 'd'], which have it",
    ),
    "all left out": (
        lambda: filter_returns_matches("failed", [], ["a"]),
        "the filter for status failed omits ['a'], which have it",
    ),
    "patched too": (
        lambda: patch_changes_only("x", {"c": 1, "a": 1, "b": 2}, {"a": 2, "b": 3}, "b"),
        "a PATCH of x that names b changed a, c too",
    ),
    "patched away": (
        lambda: patch_changes_only("x", {"a": 1, "b": 2}, {"b": 3}, "b"),
        "a PATCH of x that names b changed a too",
    ),
    "billed twice": (
        lambda: each_run_is_billed_once(["b", "a", "b", "a", "c"]),
        "billed more than once: ['a', 'b']",
    ),
    "secret": (
        lambda: secrets_are_shown_once(["GET /v1/b", "GET /v1/a", "GET /v1/b"]),
        "a secret was shown again by ['GET /v1/a', 'GET /v1/b']",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_law_holds_for_what_is_right(name: str) -> None:
    RIGHT[name]()


@pytest.mark.parametrize("name", WRONG)
def test_a_law_does_not_hold_for_what_is_wrong(name: str) -> None:
    act, told = WRONG[name]
    with pytest.raises(LawViolation) as violation:
        act()
    assert str(violation.value) == told


def test_texts_are_in_order_and_instants_in_that_of_their_time() -> None:
    instants = ["T00:00:00Z", "T00:00:00.500000Z", "T00:00:01", "T05:30:02+05:30", "T00:00:03Z"]
    for ordered in (["", "a", "b"], [f"2026-01-01{one}" for one in instants]):
        turned = ordered[::-1]
        assert sorted(turned, key=lists._rank) == ordered


CHANGED = "run a changed its client_ref or created_at"
STEPS: dict[str, tuple[list[Any], str | None]] = {
    "ended, and again": ([run("a", "queued"), run("a"), run("a")], None),
    "two runs": ([run("a"), run("b", "running")], None),
    "ended otherwise": (
        [run("a"), run("a", "failed")],
        "run a was succeeded (completed_at then), now it is failed (then)"
        ": a terminal status never changes",
    ),
    "alive again": (
        [run("a"), run("a", "running")],
        "run a was succeeded (completed_at then), now it is running (None)"
        ": a terminal status never changes",
    ),
    "ended at another time": (
        [run("a"), run("a", completed_at="later")],
        "run a was succeeded (completed_at then), now it is succeeded (later)"
        ": a terminal status never changes",
    ),
    "ended without a time": (
        [run("a", completed_at=None)],
        "run a is succeeded and its completed_at is None",
    ),
    "alive with a time": (
        [run("a", "running", completed_at="then")],
        "run a is running and its completed_at is then",
    ),
    "another ref": ([run("a", "queued"), run("a", client_ref="b")], CHANGED),
    "another birth": ([run("a", "queued"), run("a", created_at="then")], CHANGED),
}


@pytest.mark.parametrize("name", STEPS)
def test_the_history_of_a_run_is_lawful(name: str) -> None:
    seen, told = STEPS[name]
    history = RunHistory()
    for one in seen[:-1]:
        history.record(one)
    if told is None:
        history.record(seen[-1])
        assert history.last[seen[-1].id] is seen[-1]
    else:
        with pytest.raises(LawViolation) as violation:
            history.record(seen[-1])
        assert str(violation.value) == told


def test_the_history_knows_which_runs_have_ended_so() -> None:
    history = RunHistory()
    for name, status in (("a", "succeeded"), ("b", "failed"), ("c", "failed"), ("d", "running")):
        history.record(run(name, status))
    found = {one: history.with_status(one) for one in ("failed", "succeeded", "running", "")}
    assert found == {"failed": {"b", "c"}, "succeeded": {"a"}, "running": set(), "": set()}


SECRET, OTHER = "whsec_0123456789abcdef", "whsec_fedcba9876543210"
EVENT = json.dumps(
    {
        "event": "run.completed",
        "run_id": RUN_ID,
        "status": "succeeded",
        "output": None,
        "created_at": "2026-01-01T00:00:00+00:00",
        "completed_at": "2026-01-01T00:00:06+00:00",
    }
).encode()


def signed(secret: str | None, body: bytes = EVENT) -> ReceivedCallback:
    """Return a callback of an ended run that this secret has signed, None for nobody."""
    headers = [] if secret is None else [("Runflow-Signature", sign(EVENT, secret))]
    return ReceivedCallback([("Runflow-Request-Id", "r"), *headers], body)


SIGNED: dict[str, tuple[ReceivedCallback, str | None, list[str], str]] = {
    "by the current one": (signed(SECRET), SECRET, [OTHER], ""),
    "by nobody, and there is none": (signed(None), None, [OTHER], ""),
    "by one, and there is none": (
        signed(SECRET),
        None,
        [],
        "a callback is signed although there is no current secret",
    ),
    "by nobody": (
        signed(None),
        SECRET,
        [],
        "a callback does not verify with the current secret: ",
    ),
    "by another": (
        signed(OTHER),
        SECRET,
        [OTHER],
        "a callback does not verify with the current secret: ",
    ),
    "of another body": (
        signed(SECRET, EVENT + b" "),
        SECRET,
        [],
        "a callback does not verify with the current secret: ",
    ),
    "by two that are one": (
        signed(SECRET),
        SECRET,
        [OTHER, SECRET],
        "a callback verifies with another secret",
    ),
}


@pytest.mark.parametrize("name", SIGNED)
def test_the_current_secret_alone_has_signed(name: str) -> None:
    received, current, others, told = SIGNED[name]
    if told:
        with pytest.raises(LawViolation) as violation:
            signature_verifies(received, current, others)
        assert str(violation.value).startswith(told)
        assert SECRET not in str(violation.value)
        return
    event = signature_verifies(received, current, others)
    assert (event and (event.event, event.subject_id)) == (current and ("run.completed", RUN_ID))


def case(model: str, given: object, what: str = "runs") -> Any:
    """Return a case of schemathesis that creates a run or a batch."""
    owner, _, slug = model.partition("/")
    label = f"POST /v1/models/{{owner}}/{{slug}}/{what}"
    parameters = {"owner": owner, "slug": slug}
    operation = SimpleNamespace(label=label)
    return SimpleNamespace(operation=operation, path_parameters=parameters, body={"input": given})


IMAGE = {"prompt": "x"}
SPENT = {
    "within": ([case(MODEL, IMAGE)], "1", "0.15", 0),
    "to the last cent": ([case(MODEL, IMAGE)] * 2, "0.30", "0.30", 0),
    "a cent too much": ([case(MODEL, IMAGE)] * 2, "0.29", "0.15", 1),
    "several pictures": ([case(MODEL, {**IMAGE, "num_images": 3})], "0.45", "0.45", 0),
    "a batch": ([case(MODEL, [IMAGE, IMAGE], "batches")], "0.30", "0.30", 0),
    "a batch too large": ([case(MODEL, [IMAGE, IMAGE], "batches")], "0.29", "0", 1),
    "a cheaper one after it": (
        [case(MODEL, {**IMAGE, "num_images": 3}), case(MODEL, IMAGE)],
        "0.20",
        "0.15",
        1,
    ),
    "no such model": ([case("a/b", IMAGE)], "0", "0", 0),
    "another operation": ([case(MODEL, IMAGE, "inputs")], "0", "0", 0),
    "nothing to spend": ([case(MODEL, IMAGE)], "0", "0", 1),
    "no input": ([case(MODEL, None)], "1", "0.15", 0),
}


@pytest.mark.parametrize("name", SPENT)
def test_the_budget_is_held_to_the_cent(name: str) -> None:
    cases, limit, committed, refused = SPENT[name]
    budget = Budget(Decimal(limit), Catalog())
    copies = [
        SimpleNamespace(**{**vars(one), "path_parameters": dict(one.path_parameters)})
        for one in cases
    ]
    for one in copies:
        budget.hold(one)  # type: ignore[arg-type]  # what is read of a case is there
    assert (budget.committed, budget.refused) == (Decimal(committed), refused)
    turned = [one for one in copies if tuple(one.path_parameters.values()) == NO_MODEL]
    assert len(turned) == refused


def test_the_receiver_keeps_callbacks_as_they_came_and_refuses_as_many_as_asked() -> None:
    sent = [("A", "1"), ("a", "2"), ("B", ""), ("A", "1")]
    bodies = (b' {"a": 1} ', b"", b"x" * 70_000)
    with CallbackReceiver() as receiver, httpx.Client(trust_env=False) as client:
        receiver.refuse_next(2)
        statuses = [
            client.post(receiver.url, headers=sent, content=body).status_code for body in bodies
        ]
        kept = receiver.take()
        assert receiver.take() == []
    assert statuses == [503, 503, 200]
    assert [one.body for one in kept] == list(bodies)
    for one in kept:
        ours = [(name, value) for name, value in one.headers if name.lower() in ("a", "b")]
        assert ours == sent
        assert (one.header("b"), one.header("HOST") is not None, one.header("c")) == (
            "",
            True,
            None,
        )


def test_the_receiver_keeps_a_callback_that_says_nothing_of_a_body() -> None:
    with CallbackReceiver() as receiver:
        url = httpx.URL(receiver.url)
        with socket.create_connection((url.host, url.port or 80)) as connection:
            connection.sendall(b"POST /callbacks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(1024), b""))
        assert [one.body for one in receiver.take()] == [b""]
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_the_receiver_reads_no_more_of_a_body_than_it_may() -> None:
    with CallbackReceiver() as receiver, httpx.Client(trust_env=False) as client:
        for size in (MAX_BODY_SIZE, MAX_BODY_SIZE + 1):
            client.post(receiver.url, content=bytes(size), headers={"Connection": "close"})
        assert [len(one.body) for one in receiver.take()] == [MAX_BODY_SIZE, MAX_BODY_SIZE]


def test_a_secret_is_seen_in_every_part_of_an_answer() -> None:
    packed = gzip.compress(b"it is a-secret.")
    answers = {
        "/none": httpx.Response(200, text="a-secre", headers={"X": "a"}),
        "/body": httpx.Response(404, text="it is a-secret."),
        "/header": httpx.Response(200, headers={"X-Note": "b-secret"}),
        "/packed": httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"}),
    }
    detector = SecretDetector(httpx.MockTransport(lambda request: answers[request.url.path]))
    with httpx.Client(transport=detector, base_url="http://target.example") as client:
        client.get("/body")
        detector.secrets += ["a-secret", "b-secret"]
        seen = [client.get(path) for path in answers]
    assert detector.leaks == ["GET /body", "GET /header", "GET /packed"]
    assert [one.status_code for one in seen] == [200, 404, 200, 200]
    assert [one.text for one in seen][1::2] == ["it is a-secret.", "it is a-secret."]
    assert seen[2].headers["x-note"] == "b-secret"


def refusing(callback_url: str | None = "http://127.0.0.1:1") -> Any:
    """Return a target that refuses every request, and tells a secret."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(500, text="whsec_0123456789abcdef")

    http = raw_client(httpx.MockTransport(answer), "http://target.example", "rf_live_x")
    return SimpleNamespace(http=http, callback_url=callback_url, model="a/b", input={"prompt": "x"})


def test_each_law_that_is_broken_is_a_finding_in_the_words_of_the_law() -> None:
    lines: list[str] = []
    tried = run_laws(refusing(), 1e9, lines.append)
    names = tuple(map(law_name, CHECKS))
    assert tried.laws == names
    assert tried.notes == ()
    assert tuple(one.operation for one in tried.findings) == names
    assert lines == [f"[{n}/{len(names)}] {name}" for n, name in enumerate(names, 1)]
    for check, found in zip(CHECKS, tried.findings, strict=True):
        assert check.__doc__ is not None
        assert found.where == " ".join(check.__doc__.strip().split("\n\n")[0].split())
        assert (found.rule, found.pointer, found.replay) == ("law", "", "")
        assert "whsec_" not in found.what
    said = {found.operation: found.what for found in tried.findings}
    assert said["law of runs: a run keeps its input"] == (
        "POST /v1/models/a/b/runs returns 500 and must succeed: [hidden]"
    )
    not_tried = "could not be tried to the end: AttributeError: "
    assert any(what.startswith(not_tried) for what in said.values())


@pytest.mark.parametrize(
    ("callback_url", "seconds", "allowed", "notes"),
    [
        ("x", None, True, []),
        ("x", -1.0, True, ["The time budget ended after 0 of ALL laws."]),
        ("x", None, False, ["The budget was used up after 0 of ALL laws."]),
        (None, None, True, ["NONE"]),
        (None, -1.0, False, ["NONE", "The time budget ended after 0 of ALL laws."]),
        (None, 1e9, False, ["NONE", "The budget was used up after 0 of ALL laws."]),
    ],
)
def test_laws_that_are_not_tried_are_noted(
    callback_url: str | None, seconds: float | None, allowed: bool, notes: list[str]
) -> None:
    tried = run_laws(refusing(callback_url), seconds, can_spend=lambda: allowed)
    possible = [one for one in CHECKS if callback_url is not None or one not in CALLBACK_CHECKS]
    none = "Laws of callbacks were not tried: only a deployment on this machine can call back."
    expected = [one.replace("NONE", none).replace("ALL", str(len(possible))) for one in notes]
    assert list(tried.notes) == expected
    is_cut = any("after 0 of" in one for one in notes)
    assert tried.laws == (() if is_cut else tuple(map(law_name, possible)))


def test_a_deployment_is_asked_with_its_key_and_waited_for_as_long_as_it_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    def opened(url: str, *allowed: str) -> Any:
        return deployed_target(
            url, "rf_live_x", settle=2.0, insecure_hosts=allowed, sleep=slept.append
        )

    with Deployed() as deployed:
        with opened(f"http://127.0.0.1:{deployed.port}") as target:
            target.secret_detector.secrets.append("100")
            for seconds in (1.0, 2.0, 7.0):
                target.pass_time(seconds)
            detect, waited = target.secret_detector.handle_request, list[float]()

            def noted(request: httpx.Request) -> httpx.Response:
                waited.append(request.extensions["timeout"]["read"])
                answer: httpx.Response = detect(request)
                return answer

            monkeypatch.setattr(target.secret_detector, "handle_request", noted)
            target.http.get("/v1/billing/balance")
            target.client.account.balance()
            with target.open_storage() as storage:
                assert (waited, storage.timeout) == ([60.0, 60.0], httpx.Timeout(60.0))
            _receives(target)
            receiver = target.callback_url
            assert slept == [1.0, 2.0, 2.0]
            assert target.secret_detector.leaks == ["GET /v1/billing/balance"] * 2
            assert deployed.asked == ["GET /v1/billing/balance Bearer rf_live_x"] * 2
            deployed.statuses[f"/v1/runs/{RUN_ID}"] = 503
            with pytest.raises(RunflowError):
                target.client.runs.get(RUN_ID)
            # The pauses between its tries are those of the target, not real time.
            assert len(deployed.asked) > 3
            assert len(slept) == len(deployed.asked)
        assert target.http.is_closed
        brief: list[float] = []
        url = f"http://127.0.0.1:{deployed.port}"
        with (
            deployed_target(url, "rf_live_x", settle=1e-9, sleep=brief.append) as target,
            pytest.raises(RunflowError),
        ):
            target.client.runs.get(RUN_ID)
        assert set(brief) == {1e-9}  # no wait is longer, also none of the client
        with pytest.raises(httpx.ConnectError):
            httpx.post(receiver or "", trust_env=False)
    elsewhere = "http://runflow.example"
    with pytest.raises(InvalidArgument, match="plain http"), opened(elsewhere):
        pass
    with opened(elsewhere, "runflow.example") as target:
        assert (target.callback_url, target.refuse_next, target.received()) == (None, None, [])
        chosen = (target.billed_runs, target.end_next, target.other_org, target.no_credit)
        assert (*chosen, target.read_only) == (None,) * 5


def _receives(target: Target) -> None:
    """Check that callbacks to the target's address are received, and refused if it says so."""
    assert target.callback_url is not None
    assert target.refuse_next is not None
    target.refuse_next(1)
    statuses = [httpx.post(target.callback_url, trust_env=False).status_code for _ in range(2)]
    assert (statuses, len(target.received()), target.received()) == ([503, 200], 2, [])
