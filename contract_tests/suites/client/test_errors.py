"""What the errors of runs, batches, evaluations and waits say, and what they carry through a
pickle.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.evaluation import Evaluation as EvaluationModel
from runflow_api.models.run import Run as RunModel
from runflow_client import (
    BatchCanceled,
    BatchFailed,
    Evaluation,
    EvaluationFailed,
    NotFound,
    RetryPolicy,
    RunCanceled,
    RunFailed,
    Runflow,
    RunflowError,
    WaitTimeout,
)
from runflow_client._models.batch import BaseBatch, batch_fields
from runflow_client._models.run import BaseRun, fields_of

from ..snapshot import check_snapshot
from . import error_texts

LIST = Path(__file__).with_name("error_texts.txt")
ID = "0198c0de-0000-7000-8000-000000000000"
REASON = {"failure_code": "POLICY", "failure_message": "not so"}


def run(**facts: Any) -> BaseRun:
    return BaseRun(**fields_of(RunModel.from_dict({"id": ID, "status_code": "failed", **facts})))


def batch(**facts: Any) -> BaseBatch:
    return BaseBatch(
        **batch_fields(BatchModel.from_dict({"id": ID, "status_code": "failed", **facts}))
    )


def evaluation(**facts: Any) -> Evaluation:
    return Evaluation.of(EvaluationModel.from_dict({"id": ID, "status_code": "failed", **facts}))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RunFailed(run()), f"Run {ID} failed: no reason given"),
        (lambda: RunFailed(run(**REASON)), f"Run {ID} failed: POLICY: not so"),
        (lambda: RunFailed(run(failure_message="not so")), f"Run {ID} failed: not so"),
        (
            lambda: RunFailed(run(failure_stage_code="dispatch")),
            f"Run {ID} failed at stage dispatch: no reason given",
        ),
        (lambda: RunCanceled(run()), f"Run {ID} was canceled"),
        (lambda: BatchFailed(batch()), f"Batch {ID} failed: no reason given"),
        (lambda: BatchFailed(batch(**REASON)), f"Batch {ID} failed: POLICY: not so"),
        (lambda: BatchFailed(batch(failure_code="POLICY")), f"Batch {ID} failed: POLICY"),
        (lambda: BatchCanceled(batch()), f"Batch {ID} was canceled"),
        (lambda: EvaluationFailed(evaluation()), f"Evaluation {ID} failed: no reason given"),
        (
            lambda: EvaluationFailed(evaluation(failure_code="JUDGE")),
            f"Evaluation {ID} failed: JUDGE",
        ),
    ],
)
def test_an_end_that_is_no_success_names_its_id_and_reason(
    make: Callable[[], RunflowError], said: str
) -> None:
    error = make()
    assert str(error) == said
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == said


def test_an_answer_without_a_word_has_no_reason() -> None:
    error = NotFound(status=404, method="GET", path="/v1/runs/x")
    assert str(error) == "GET /v1/runs/x was answered 404 no reason given"
    assert (error.code, error.message, error.errors, error.request_id, error.retry_after) == (
        None,
        "",
        [],
        None,
        None,
    )


def test_the_error_keeps_what_it_was_given() -> None:
    given = [{"loc": ["body"], "msg": "odd"}]
    error = NotFound(status=404, method="GET", path="/v1/runs/x", errors=given)
    given[0]["msg"] = "changed"
    assert error.fields == {"body": "odd"}


def test_the_error_carries_what_it_is_about() -> None:
    failed, batched, judged = run(**REASON, failure_stage_code="dispatch"), batch(), evaluation()
    error = RunFailed(failed)
    assert (error.run, error.run_id) == (failed, ID)
    assert (error.failure_code, error.failure_stage, error.failure_message) == (
        "POLICY",
        "dispatch",
        "not so",
    )
    assert (RunCanceled(failed).run, BatchFailed(batched).batch, BatchCanceled(batched).batch) == (
        failed,
        batched,
        batched,
    )
    assert EvaluationFailed(judged).evaluation is judged


@pytest.mark.parametrize(
    ("kind", "state", "seconds", "said"),
    [
        (
            "run",
            run(status_code="running"),
            2.5,
            f"Run {ID} was still running after 2.5 s of waiting. "
            "The run itself continues: wait again with client.wait_again().",
        ),
        (
            "batch",
            batch(status_code=None),
            600.0,
            f"Batch {ID} was still without a status after 600 s of waiting. "
            "The batch itself continues: wait again with client.wait_again().",
        ),
    ],
)
def test_a_wait_that_ended_early_says_what_it_saw_and_how_to_go_on(
    kind: str, state: Any, seconds: float, said: str
) -> None:
    hint = "client.wait_again()"
    error = WaitTimeout(kind, str(UUID(ID)), state, seconds=seconds, resume_hint=hint)
    assert str(error) == said
    assert (error.kind, error.id, error.run_id, error.seconds) == (kind, ID, ID, seconds)
    assert error.state is error.run is state
    assert isinstance(error, TimeoutError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_each_error_says_what_the_list_has() -> None:
    text = "\n".join(error_texts.lines()) + "\n"
    check_snapshot(LIST, text)
    assert "5ec4e7" not in text, "what signs an address is in no error"


def _raise(error: Exception) -> httpx.Response:
    raise error


LAST: dict[str, Callable[[], httpx.Response]] = {
    "a refusal": lambda: httpx.Response(403),
    "no answer": lambda: _raise(httpx.ReadTimeout("no")),
    "a page": lambda: httpx.Response(200, text="<html>no"),
    "a page without items": lambda: httpx.Response(200, json={}),
    "a redirect": lambda: httpx.Response(302, headers={"Location": "https://b.test/"}),
    "neither a success nor an error": lambda: httpx.Response(304),
    "what cannot be unpacked": lambda: httpx.Response(
        200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")
    ),
    "an error of a transport": lambda: _raise(LookupError("mine")),
}


@pytest.mark.parametrize("sent", [1, 3])
@pytest.mark.parametrize("name", LAST)
def test_an_error_of_a_request_says_how_often_it_was_sent(name: str, sent: int) -> None:
    answers = [lambda: httpx.Response(503)] * (sent - 1) + [LAST[name]]
    http = httpx.Client(transport=httpx.MockTransport(lambda request: answers.pop(0)()))
    policy = RetryPolicy(attempts=sent, first_backoff=0.0)
    with (
        Runflow("rf_live_x", http_client=http, retries=policy) as client,
        pytest.raises(RunflowError) as caught,
    ):
        list(client.runs.list())
    error: Any = caught.value
    assert error.attempts == sent
    assert answers == []
