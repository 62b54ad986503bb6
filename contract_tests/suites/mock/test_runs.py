"""The life cycle of a run on the stepped clock."""

import threading
from collections.abc import Callable

import httpx
import pytest
from runflow_mock import (
    AcceleratedClock,
    MockRunflow,
    RealClock,
    Settings,
    SteppedClock,
    Timings,
    lognormal,
    uniform,
)

from .calling import NANO_BANANA, RUN_SECONDS, create_run, get_run


def test_a_run_is_queued_dispatching_running_succeeded(
    mock: MockRunflow, api: httpx.Client
) -> None:
    run_id = create_run(api)["id"]
    seen = [get_run(api, run_id)["status_code"]]
    for _ in range(6):
        mock.advance(1)
        seen.append(get_run(api, run_id)["status_code"])
    assert seen == [
        "queued",
        "dispatching",
        "running",
        "running",
        "running",
        "running",
        "succeeded",
    ]


def test_timings_of_a_model_are_those_of_its_new_runs_alone(
    mock: MockRunflow, api: httpx.Client
) -> None:
    mock.models.add("acme/own")
    first = create_run(api, "acme/own")["id"]
    mock.set_timings(Timings(0, 0, 9), "acme/own")
    mock.set_timings(Timings(0, 0, 2))
    second, other = create_run(api, "acme/own")["id"], create_run(api)["id"]
    mock.advance(9)
    shown = [get_run(api, one)["duration_ms"] for one in (first, second, other)]
    assert shown == [6000, 9000, 2000]


@pytest.mark.parametrize("status", ["canceled", "cancelled"])
def test_a_run_is_canceled_once_and_in_the_word_that_is_asked_for(
    mock: MockRunflow, api: httpx.Client, status: str
) -> None:
    run = create_run(api)["id"]
    assert [mock.cancel(run, status) for _ in range(2)] == [True, False]
    assert get_run(api, run)["status_code"] == status


def test_the_run_keeps_what_it_was_asked(mock: MockRunflow, api: httpx.Client) -> None:
    created = create_run(api, metadata={"order": [1, None, "ü"], "note": None}, client_ref="ours-1")
    assert created["status_code"] == "queued"
    mock.advance(RUN_SECONDS)
    run = get_run(api, created["id"])
    assert run["metadata"] == {"order": [1, None, "ü"], "note": None}
    assert run["client_ref"] == "ours-1"
    assert run["input"] == {"prompt": "a cathedral of stained glass"}
    assert run["duration_ms"] == 6000
    assert (run["created_at"], run["started_at"], run["completed_at"]) == (
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:02Z",
        "2026-01-01T00:00:06Z",
    )


def test_progress_is_counted_in_nodes(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    progress: list[int] = []
    for _ in range(7):
        progress.append(get_run(api, run_id)["nodes_completed"])
        mock.advance(1)
    assert progress == sorted(progress)
    assert progress[0] == 0
    assert set(progress) >= {0, 1, 2}
    assert progress[-1] == get_run(api, run_id)["nodes_total"] == 3


@pytest.mark.parametrize("status", ["partial_succeeded", "failed", "canceled", "cancelled"])
def test_a_test_decides_how_a_run_ends(mock: MockRunflow, api: httpx.Client, status: str) -> None:
    mock.next_outcome(status)
    run_id, second = create_run(api)["id"], create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    assert get_run(api, run_id)["status_code"] == status
    assert get_run(api, second)["status_code"] == "succeeded"
    assert [run["status_code"] for run in api.get("/v1/runs").json()["items"]] == [
        "succeeded",
        status,
    ]


def test_a_failure_has_the_code_and_message_that_the_test_chose(
    mock: MockRunflow, api: httpx.Client
) -> None:
    mock.next_outcome(
        "failed",
        failure_code="NSFW",
        failure_message="not this",
        failure_stage_code="execution",
        model=NANO_BANANA,
    )
    other, run_id = create_run(api, "google/nano-banana-2")["id"], create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    run = get_run(api, run_id)
    assert (run["failure_code"], run["failure_message"], run["failure_stage_code"]) == (
        "NSFW",
        "not this",
        "execution",
    )
    assert run["output"] is None
    assert get_run(api, other)["status_code"] == "succeeded"


def test_a_failure_at_dispatch_never_runs(mock: MockRunflow, api: httpx.Client) -> None:
    mock.next_outcome("failed", failure_stage_code="dispatch")
    run_id = create_run(api)["id"]
    mock.advance(2)
    run = get_run(api, run_id)
    assert (run["status_code"], run["started_at"]) == ("failed", None)


def test_a_run_that_never_ends_stays_running(mock: MockRunflow, api: httpx.Client) -> None:
    mock.next_outcome("never")
    run_id = create_run(api)["id"]
    mock.advance(1_000_000)
    assert get_run(api, run_id)["status_code"] == "running"


def test_a_terminal_run_stays_as_it_is(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    assert mock.cancel(run_id) is True
    assert mock.cancel(run_id) is False
    mock.advance(RUN_SECONDS)
    assert get_run(api, run_id)["status_code"] == "canceled"
    with pytest.raises(KeyError):
        mock.cancel("no such run")


def test_an_unknown_outcome_is_refused(mock: MockRunflow) -> None:
    with pytest.raises(ValueError, match="exploded"):
        mock.next_outcome("exploded")


def test_an_outcome_or_timings_of_a_model_that_is_not_in_the_catalog_are_refused(
    mock: MockRunflow, api: httpx.Client
) -> None:
    with pytest.raises(ValueError, match="did you mean 'google/nano-banana-pro'"):
        mock.next_outcome("failed", model="google/nano-bananapro")
    with pytest.raises(ValueError, match=r"models\.add\('acme/own'\)"):
        mock.set_timings(Timings(0, 0, 1), model="acme/own")
    mock.models.add("acme/own")
    mock.next_outcome("failed", model="acme/own")
    run_id = create_run(api, "acme/own")["id"]
    mock.advance(RUN_SECONDS)
    assert get_run(api, run_id)["status_code"] == "failed"


def test_timings_are_drawn_the_same_way_for_a_seed() -> None:
    def ends(seed: int) -> list[int]:
        settings = Settings(seed=seed, timings=Timings(uniform(0, 60), lognormal(3), 5))
        with MockRunflow(SteppedClock(), settings=settings) as mock:
            mock.set_timings(Timings(0, 0, 1), model="google/nano-banana-2")
            headers = {"Authorization": f"Bearer {mock.api_key}"}
            with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
                for _ in range(5):
                    create_run(api)
                create_run(api, "google/nano-banana-2")
                mock.advance(1_000)
                return [run["duration_ms"] for run in mock.runs]

    first = ends(1)
    assert first == ends(1)
    assert first != ends(2)
    assert len(set(first)) == 6
    assert first[-1] == 1000


def test_a_run_progresses_by_itself_on_a_clock_that_does() -> None:
    woken = threading.Event()
    with MockRunflow(AcceleratedClock(100_000)) as mock:
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
            run_id = create_run(api)["id"]
            while get_run(api, run_id)["status_code"] != "succeeded":
                woken.wait(0)
        with pytest.raises(TypeError, match="stepped"):
            mock.advance(1)
    assert RealClock().real_seconds(2) == 2


def test_clocks_refuse_to_go_back_or_stand() -> None:
    with pytest.raises(ValueError, match="back"):
        SteppedClock().advance(-1)
    with pytest.raises(ValueError, match="greater than 0"):
        AcceleratedClock(0)


@pytest.mark.parametrize("status", ["canceld", "Canceled", "succeeded", ""])
def test_a_run_is_canceled_with_no_other_status(
    mock: MockRunflow, api: httpx.Client, status: str
) -> None:
    run_id = create_run(api)["id"]
    with pytest.raises(ValueError, match="expected canceled or cancelled"):
        mock.cancel(run_id, status)
    assert get_run(api, run_id)["status_code"] == "queued"


def test_what_a_server_is_made_of_is_of_its_kind(mock: MockRunflow) -> None:
    wrong: list[tuple[str, Callable[[], object]]] = [
        ("clock", lambda: MockRunflow("stepped")),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        ("settings", lambda: MockRunflow(settings={"strict": True})),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        ("timings", lambda: mock.set_timings("fast")),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ]
    for name, make in wrong:
        with pytest.raises(TypeError, match=f"^{name} is "):
            make()
