"""ComfyUI workflows: run, waited for, listed and read, in both colours, against the mock server."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runflow_client import (
    AsyncRunflow,
    InvalidArgument,
    MaxCostExceeded,
    NotFound,
    PermissionDenied,
    Run,
    RunFailed,
    Runflow,
    UnknownInput,
)
from runflow_client.inputs import RunflowAccessBrandLockedVariantNux
from runflow_mock import MockRunflow, Settings

WORKFLOW = "runflow-access/brand-locked-variant-nux"
OWN = "comfyui-workflows/acme/poster"


def run_blocking(model: Any, values: dict[str, Any] | None, **options: Any) -> Any:
    """Run it with the synchronous client."""
    with Runflow() as client:
        return client.run(model, values, **options)


def run_awaited(model: Any, values: dict[str, Any] | None, **options: Any) -> Any:
    """Run it with the asynchronous client."""

    async def run() -> Any:
        async with AsyncRunflow() as client:
            return await client.run(model, values, **options)

    return asyncio.run(run())


COLOURS = pytest.mark.parametrize("run", [run_blocking, run_awaited])
Colour = Callable[..., Run]


@pytest.fixture
def runflow_mock_settings(request: pytest.FixtureRequest) -> Settings:
    """Return the settings that a test asks for with `indirect`."""
    return Settings(**getattr(request, "param", {}))


@COLOURS
@pytest.mark.parametrize(
    "runflow_mock_settings",
    [{"comfyui_run_id": place} for place in ("run_id", "id", "both")],
    indirect=True,
)
@pytest.mark.parametrize(
    ("model", "values"),
    [
        (RunflowAccessBrandLockedVariantNux(prompt="A poster"), None),
        (WORKFLOW, {"prompt": "A poster"}),
        (f"comfyui-workflows/{WORKFLOW}", {"prompt": "A poster"}),
        (OWN, {"Any Key": "A poster"}),
    ],
)
def test_a_workflow_is_run_waited_for_and_billed_once(
    runflow_mock: MockRunflow, run: Colour, model: Any, values: dict[str, Any] | None
) -> None:
    runflow_mock.models.add(OWN.partition("/")[2], is_workflow=True)
    ended = run(model, values)
    assert (ended.status, len(ended.outputs)) == ("succeeded", 1)
    assert ended.raw.target_type == "comfyui_workflow"
    assert [entry.run_id for entry in runflow_mock.ledger] == [ended.id]


def test_its_outputs_are_saved(runflow_mock: MockRunflow, tmp_path: Path) -> None:
    with Runflow() as client:
        paths = client.run(WORKFLOW, {"prompt": "A poster"}).save_all(tmp_path / "made")
    assert [path.stat().st_size > 0 for path in paths] == [True]


@COLOURS
@pytest.mark.parametrize("runflow_mock_settings", [{"comfyui_beta": False}], indirect=True)
def test_the_beta_refusal_says_what_to_do(runflow_mock: MockRunflow, run: Colour) -> None:
    with pytest.raises(PermissionDenied) as raised:
        run(WORKFLOW, {"prompt": "A poster"})
    assert raised.value.code == "COMFYUI_DEPLOY_BETA_NOT_ENABLED"
    assert "ask Runflow to enrol it" in "".join(raised.value.__notes__)
    with Runflow() as client:
        assert list(client.runs.list()) == []
        assert client.workflows.get(WORKFLOW).name  # reads are not gated


def test_another_refusal_says_nothing_of_the_beta(runflow_mock: MockRunflow) -> None:
    runflow_mock.fail_next("create_comfyui_run", status=403, code="SCOPE_MISSING")
    with Runflow() as client, pytest.raises(PermissionDenied) as raised:
        client.run(WORKFLOW, {"prompt": "A poster"})
    assert raised.value.code == "SCOPE_MISSING"
    assert "beta" not in "".join(raised.value.__notes__)


@COLOURS
@pytest.mark.parametrize(
    ("message", "lacks"),
    [
        ("There is no worker in the fleet for this run", True),
        ("Worker pool is full", True),
        ("the queue is full", True),
        ("a node is missing", False),
    ],
)
def test_want_of_capacity_says_try_again_and_does_not(
    runflow_mock: MockRunflow, run: Colour, message: str, lacks: bool
) -> None:
    runflow_mock.next_outcome("failed", model=WORKFLOW, failure_message=message)
    with pytest.raises(RunFailed) as raised:
        run(WORKFLOW, {"prompt": "A poster"})
    assert raised.value.lacks_capacity is lacks
    assert ("try again later" in str(raised.value)) is lacks
    creates = [one for one in runflow_mock.requests if one.method == "POST"]
    assert len(creates) == 1


@COLOURS
def test_a_lost_answer_is_not_paid_twice(runflow_mock: MockRunflow, run: Colour) -> None:
    runflow_mock.fail_next("create_comfyui_run", fault="reset_after")
    ended = run(WORKFLOW, {"prompt": "A poster"})
    assert [entry.run_id for entry in runflow_mock.ledger] == [ended.id]
    (sent,) = [one for one in runflow_mock.requests if one.method == "POST"]
    assert sent.headers["idempotency-key"]


@COLOURS
def test_what_is_wrong_is_refused_unsent(runflow_mock: MockRunflow, run: Colour) -> None:
    with pytest.raises(InvalidArgument):
        run(WORKFLOW, {"prompt": 3})
    with pytest.raises(InvalidArgument):
        run("comfyui-workflows/poster", {})
    with pytest.raises(MaxCostExceeded):
        run(WORKFLOW, {"prompt": "A poster"}, max_cost="5")
    with pytest.raises(InvalidArgument):
        run(f"comfyui-workflows/{WORKFLOW}", {"prompt": "A poster", "logo": 3})
    assert runflow_mock.requests == []
    with pytest.warns(UnknownInput):
        run(f"comfyui-workflows/{WORKFLOW}", {"promt": "A poster"})


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("workflow", [WORKFLOW, f"comfyui-workflows/{WORKFLOW}", OWN])
def test_a_workflow_in_a_batch_is_refused_unsent(
    runflow_mock: MockRunflow, workflow: str, strict: bool
) -> None:
    with Runflow() as client, pytest.raises(InvalidArgument, match="batches take models only"):
        client.batches.create(workflow, [{"prompt": "A poster"}], strict=strict)
    assert runflow_mock.requests == []


def test_models_and_workflows_are_two_things(runflow_mock: MockRunflow) -> None:
    with Runflow() as client:
        with pytest.raises(NotFound):
            client.run("comfyui-workflows/google/nano-banana-pro", {"any": "thing"})
        with pytest.raises(NotFound):
            client.models.get(WORKFLOW)
        assert [one.slug for one in client.workflows.list()] == [WORKFLOW.partition("/")[2]]


def test_the_asynchronous_client_lists_and_gets(runflow_mock: MockRunflow) -> None:
    async def read() -> list[object]:
        async with AsyncRunflow() as client:
            found = [one.name async for one in client.workflows.list()]
            return [*found, (await client.workflows.get(f"comfyui-workflows/{WORKFLOW}")).name]

    first, second = asyncio.run(read())
    assert first == second


def test_get_or_create_continues_with_the_same_run(runflow_mock: MockRunflow) -> None:
    with Runflow() as client:
        first = client.runs.get_or_create(WORKFLOW, {"prompt": "A poster"}, client_ref="order-7")
        again = client.runs.get_or_create(WORKFLOW, {"prompt": "A poster"}, client_ref="order-7")
        assert first.id == again.id
