"""The public client against the mock server over a real socket, in both colours."""

import asyncio
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from runflow_api.api.account import get_balance
from runflow_api.api.webhooks import list_callback_secrets
from runflow_client import (
    AsyncRunflow,
    ConnectFailed,
    InsufficientCredit,
    InvalidArgument,
    NotFound,
    RateLimited,
    RedirectRefused,
    RetryPolicy,
    RunCanceled,
    RunFailed,
    Runflow,
    RunflowError,
    StorageRefused,
    Unauthorized,
    UnreadableAnswer,
    ValidationFailed,
    WaitTimeout,
)
from runflow_mock import MockRunflow

from ..http_library import httpx

MODEL = "google/nano-banana-pro"
INPUT = {"prompt": "a cathedral", "resolution": "1K", "output_format": "png"}


def test_run_creates_waits_and_gives_the_picture(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    run = client.run(MODEL, INPUT)
    assert run.status == "succeeded"
    assert run.cost == Decimal("0.15")
    assert [entry.run_id for entry in mock.ledger] == [run.id]
    (saved,) = run.save_all(tmp_path)
    with Image.open(saved) as picture:
        assert picture.format == "PNG"
    assert list(tmp_path.iterdir()) == [saved]


def test_a_model_id_keeps_its_slashes_and_dots(client: Any, mock: MockRunflow) -> None:
    client.submit("bytedance/seedance/2.0/fast/text-to-video", {"prompt": "waves"})
    assert mock.requests[-1].raw_path == "/v1/models/bytedance/seedance/2.0/fast/text-to-video/runs"


def test_every_create_carries_a_key_and_a_client_ref(client: Any, mock: MockRunflow) -> None:
    client.submit(MODEL, INPUT, metadata={"order": 7}, client_ref="order-7")
    handle = client.submit(MODEL, INPUT)
    first, second = (request for request in mock.requests if request.method == "POST")
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]
    assert mock.runs[0]["client_ref"] == "order-7"
    assert mock.runs[0]["metadata"] == {"order": 7}
    assert mock.runs[1]["client_ref"] == handle.run.client_ref


def test_a_handle_outlives_its_client(connect: Any, mock: MockRunflow) -> None:
    run_id = connect().submit(MODEL, INPUT).id
    run = connect().runs.attach(run_id).wait()
    assert run.id == run_id
    assert run.status == "succeeded"


def test_updates_show_every_status_of_a_run(client: Any) -> None:
    statuses = [run.status for run in client.submit(MODEL, INPUT).updates()]
    assert statuses[0] == "queued"
    assert statuses[-1] == "succeeded"
    heard: list[Any] = []
    client.run(MODEL, INPUT, on_update=heard.append)
    assert heard[-1].status == "succeeded"


@pytest.mark.parametrize("status", ["canceled", "cancelled"])
def test_a_canceled_run_raises_in_both_spellings(
    client: Any, mock: MockRunflow, status: str
) -> None:
    mock.next_outcome(status)
    with pytest.raises(RunCanceled) as caught:
        client.run(MODEL, INPUT)
    assert caught.value.run.status == status


def test_a_failed_run_raises_with_reason_and_run(client: Any, mock: MockRunflow) -> None:
    mock.next_outcome(
        "failed", failure_code="CONTENT_POLICY", failure_message="no", failure_stage_code="dispatch"
    )
    with pytest.raises(RunFailed, match="failed at stage dispatch: CONTENT_POLICY: no") as caught:
        client.run(MODEL, INPUT)
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.run_id == caught.value.run.id
    assert str(error) == str(caught.value)
    assert mock.ledger == []


def test_a_handle_knows_how_the_run_ended_that_it_raised_for(
    client: Any, mock: MockRunflow
) -> None:
    mock.next_outcome("failed", count=2)
    for handle in (client.submit(MODEL, INPUT), client.runs.attach(client.submit(MODEL, INPUT).id)):
        with pytest.raises(RunFailed):
            handle.wait()
        assert handle.state.status == handle.run.status == "failed"


def test_a_partly_succeeded_run_is_given_back(client: Any, mock: MockRunflow) -> None:
    mock.next_outcome("partial_succeeded")
    run = client.run(MODEL, {**INPUT, "num_images": 2})
    assert run.is_partial
    assert run.has_output


def test_a_wait_that_times_out_leaves_the_run_and_says_how_to_go_on(
    client: Any, mock: MockRunflow
) -> None:
    mock.next_outcome("never")
    with pytest.raises(WaitTimeout) as caught:
        client.run(MODEL, INPUT, timeout=30)
    assert f"client.runs.attach('{caught.value.run_id}').wait()" in str(caught.value)
    assert mock.runs[0]["status_code"] == "running"
    assert pickle.loads(pickle.dumps(caught.value)).run_id == caught.value.run_id


def test_a_refused_key_is_reported_once_and_not_shown(connect: Any) -> None:
    with pytest.raises(Unauthorized) as caught:
        connect("rf_live_wrong_key_123").run(MODEL, INPUT)
    assert caught.value.status == 401
    assert "rf_live_wrong" not in repr(caught.value) + str(caught.value.__notes__)
    assert "RUNFLOW_API_KEY" in str(caught.value.__notes__)


def test_no_credit_is_an_error_and_nothing_is_created(client: Any, mock: MockRunflow) -> None:
    mock.balance = Decimal("0.00")
    with pytest.raises(InsufficientCredit) as caught:
        client.run(MODEL, INPUT)
    assert caught.value.code in {"INSUFFICIENT_CREDIT", "INSUFFICIENT_CREDITS"}
    assert mock.runs == []
    assert caught.value.balance == Decimal("0.00")
    assert "The balance is 0.00 USD." in caught.value.__notes__


def test_a_model_that_does_not_exist_is_an_error(client: Any) -> None:
    with pytest.raises(NotFound, match="POST /v1/models/acme/nothing/runs"):
        client.run("acme/nothing", {})


def test_an_input_that_is_refused_names_its_fields(client: Any) -> None:
    with pytest.raises(ValidationFailed) as caught:
        client.run(MODEL, {"resolution": "9K"}, strict=False)
    assert any("prompt" in place for place in caught.value.fields)
    assert any("resolution" in place for place in caught.value.fields)


def test_a_lost_answer_is_found_again_and_paid_once(client: Any, mock: MockRunflow) -> None:
    mock.fail_next("create_run", fault="reset_after")
    run = client.run(MODEL, INPUT)
    assert [entry.run_id for entry in mock.ledger] == [run.id]
    assert len(mock.runs) == 1


def test_trouble_while_waiting_is_waited_out(client: Any, mock: MockRunflow) -> None:
    mock.fail_next("get_run", status=500, count=2)
    mock.fail_next("get_run", fault="reset_before")
    mock.fail_next("get_run", fault="html")
    mock.fail_next("get_run", status=429, count=2)
    assert client.run(MODEL, INPUT).status == "succeeded"


@pytest.mark.parametrize("asked", ["2", "30", "3600"])
def test_a_create_without_time_for_another_attempt_is_rate_limited_and_sent_once(
    client: Any, mock: MockRunflow, asked: str
) -> None:
    mock.fail_next("create_run", status=429, retry_after=asked, count=None)
    with pytest.raises(RateLimited, match="answered 429") as caught:
        client.run(MODEL, INPUT, timeout=2)
    assert caught.value.attempts == 1
    assert any("nothing was created" in note for note in caught.value.__notes__)
    assert not mock.runs
    assert not mock.ledger


def test_html_where_json_should_be_is_a_typed_error(client: Any, mock: MockRunflow) -> None:
    run_id = client.submit(MODEL, INPUT).id
    mock.fail_next("get_run", fault="html", status=200)
    with pytest.raises(UnreadableAnswer, match="GET /v1/runs/"):
        client.runs.get(run_id)


def test_a_server_that_is_not_there_was_never_reached(connect: Any, mock: MockRunflow) -> None:
    client = connect(base_url="http://127.0.0.1:9", retries=RetryPolicy(attempts=2))
    with pytest.raises(ConnectFailed, match="POST /v1/models/google/nano-banana-pro/runs"):
        client.run(MODEL, INPUT)


def test_the_generated_client_is_sent_through_the_overlay(connect: Any, mock: MockRunflow) -> None:
    client = connect()
    mock.fail_next("get_balance", status=503)
    balance = (
        get_balance.sync(client=client.api)
        if isinstance(client, Runflow)
        else client._portal.call(_balance, client._awaited)
    )
    assert Decimal(str(balance.balance)) == mock.balance
    assert [request.raw_path for request in mock.requests] == ["/v1/billing/balance"] * 2


async def _balance(client: AsyncRunflow) -> Any:
    return await get_balance.asyncio(client=client.api)


def test_the_generated_client_raises_the_overlays_errors(mock: MockRunflow) -> None:
    with Runflow("rf_live_other", base_url=mock.base_url) as client, pytest.raises(Unauthorized):
        list_callback_secrets.sync(client=client.api)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_the_generated_client_does_not_pretend_to_change_how_requests_are_sent(
    kind: type[Runflow | AsyncRunflow],
) -> None:
    api = kind("rf_live_x").api
    changes: list[Callable[[], object]] = [
        lambda: api.with_timeout(1.0),
        lambda: api.with_cookies({"a": "b"}),
        lambda: api.set_httpx_client(httpx.Client()),
        lambda: api.set_async_httpx_client(httpx.AsyncClient()),
    ]
    for change in changes:
        with pytest.raises(RunflowError, match="Runflow"):
            change()


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_redirect_is_not_followed_with_the_key(colour: str) -> None:
    asked: list[httpx.Request] = []
    run_id = "0198c0de-0000-7000-8000-000000000000"
    settings: dict[str, Any] = {"api_key": "rf_live_x", "base_url": "https://api.test"}

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(307, headers={"Location": "https://elsewhere.test/steal?key=1"})

    def sync() -> None:
        with httpx.Client(transport=httpx.MockTransport(redirect), follow_redirects=True) as http:
            Runflow(http_client=http, **settings).runs.get(run_id)

    async def asynchronous() -> None:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(redirect), follow_redirects=True
        ) as http:
            await AsyncRunflow(http_client=http, **settings).runs.get(run_id)

    with pytest.raises(RedirectRefused, match=r"elsewhere\.test") as caught:
        asyncio.run(asynchronous()) if colour == "async" else sync()
    assert "key=1" not in str(caught.value)
    assert {request.url.host for request in asked} == {"api.test"}


@pytest.mark.parametrize(
    "model",
    ["", "google", "/google/x", "google//x", "google/../x", "google/./x", "https://a/b", "a/b?c"],
)
def test_a_model_id_that_cannot_be_right_is_refused_before_anything_is_sent(
    client: Any, mock: MockRunflow, model: str
) -> None:
    with pytest.raises(InvalidArgument):
        client.run(model, INPUT)
    assert mock.requests == []


@pytest.mark.parametrize("run_id", ["", "a/b", "..", "01J0", 7])
def test_a_run_id_that_cannot_be_right_is_refused(
    client: Any, mock: MockRunflow, run_id: Any
) -> None:
    with pytest.raises(InvalidArgument, match="run_id"):
        client.runs.get(run_id)
    assert mock.requests == []


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "input.x"),
        (float("nan"), "input.x"),
        ({1, 2}, "input.x"),
        ([1, {"y": float("inf")}], r"input.x\[1\].y"),
        ({1: 2}, "input.x"),
        ("\ud800", "input.x"),
    ],
)
def test_an_input_that_is_not_json_is_refused_by_its_place(
    client: Any, mock: MockRunflow, value: Any, place: str
) -> None:
    with pytest.raises(InvalidArgument, match=place):
        client.run(MODEL, {"x": value}, strict=False)
    assert mock.requests == []


@pytest.mark.parametrize("timeout", [-1, 0, float("nan"), float("inf")])
def test_a_timeout_that_is_none_is_refused(client: Any, mock: MockRunflow, timeout: float) -> None:
    with pytest.raises(InvalidArgument, match="timeout"):
        client.run(MODEL, INPUT, timeout=timeout)
    assert mock.requests == []


def test_a_saved_file_is_not_overwritten_by_default(client: Any, tmp_path: Path) -> None:
    (artifact,) = client.run(MODEL, INPUT).outputs
    target = tmp_path / "picture.png"
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        artifact.save(target)
    assert target.read_bytes() == b"mine"
    artifact.save(target, overwrite=True)
    assert target.read_bytes().startswith(b"\x89PNG")


def test_an_expired_url_leaves_no_file(client: Any, mock: MockRunflow, tmp_path: Path) -> None:
    (artifact,) = client.run(MODEL, INPUT).outputs
    mock.advance(30 * 24 * 3600)
    mock.fail_next("get_run", status=404)  # where a fresh URL would be had
    with pytest.raises(StorageRefused, match="expire"):
        artifact.save(tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []


def test_a_pickled_run_has_no_client_and_says_so(client: Any, tmp_path: Path) -> None:
    run = client.run(MODEL, INPUT)
    plain = run._awaited if hasattr(run, "_awaited") else run
    copy = pickle.loads(pickle.dumps(plain))
    assert copy == plain
    saving = copy.outputs[0].save
    with pytest.raises(RunflowError, match=r"client\.runs\.get"):
        asyncio.run(saving(tmp_path)) if asyncio.iscoroutinefunction(saving) else saving(tmp_path)


def test_cancelling_a_task_carries_the_run_id(mock: MockRunflow) -> None:
    mock.next_outcome("never")

    async def scenario() -> list[str]:
        started = asyncio.Event()

        class StuckTime:
            def now(self) -> float:
                return 0.0

            async def sleep(self, seconds: float) -> None:
                started.set()
                await asyncio.Event().wait()

        async with AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=StuckTime()) as client:
            task = asyncio.create_task(client.run(MODEL, INPUT))
            await started.wait()
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                return list(error.__notes__)
        raise AssertionError("the task was cancelled")

    notes = asyncio.run(scenario())
    assert any(str(mock.runs[0]["id"]) in note for note in notes)


def test_control_c_prints_the_run_id_and_how_to_resume(mock: MockRunflow) -> None:
    mock.next_outcome("never")
    program = (
        "import signal, sys; from runflow_client import Runflow\n"
        # a suite in the background inherits that it is ignored
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "client = Runflow(sys.argv[1], base_url=sys.argv[2])\n"
        f"client.run({MODEL!r}, {INPUT!r}, on_update=lambda run: print(run.status, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, mock.api_key, mock.base_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "queued\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    run_id = mock.runs[0]["id"]
    assert "KeyboardInterrupt" in said
    assert f"client.runs.attach('{run_id}').wait()" in said


def test_threads_share_one_client(mock: MockRunflow) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        ids: list[str] = []
        threads = [
            threading.Thread(target=lambda: ids.append(client.submit(MODEL, INPUT).id))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(ids)) == 8
