"""What a batch says of its runs is what its runs say, at every moment of any mixture of endings."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from itertools import combinations_with_replacement
from typing import Any

import pytest
from runflow_mock import MockRunflow, Settings, SteppedClock, Timings, uniform

MODEL = "runflow/tag-removal"
OUTCOMES = ("succeeded", "failed", "canceled", "partial_succeeded")
MIXTURES = [
    list(some) for count in (1, 2) for some in combinations_with_replacement(OUTCOMES, count)
]
SECONDS = 16
"""Longer than any run takes here."""


def ends(statuses: Counter[str]) -> str:
    """The status of a batch whose runs have ended with these."""
    [*kinds] = statuses
    return kinds[0] if len(kinds) == 1 else "partial_succeeded"


def moments(rows: list[dict[str, Any]], name: str) -> list[datetime]:
    """The moments of this name that rows have, the earliest first."""
    return sorted(datetime.fromisoformat(row[name]) for row in rows if row[name] is not None)


@pytest.mark.parametrize("seed", range(1, 3))
@pytest.mark.parametrize("outcomes", MIXTURES, ids="+".join)
def test_a_batch_says_what_its_runs_say(outcomes: list[str], seed: int) -> None:
    timings = Timings(queued=uniform(0, 4), dispatching=uniform(0, 4), running=uniform(1, 5))
    settings = Settings(seed=seed, timings=timings)
    with MockRunflow(SteppedClock(), settings=settings) as mock, mock.client() as client:
        for outcome in outcomes:
            mock.next_outcome(outcome)
        items = [{"image_url": f"https://a.test/{n}.png"} for n in range(len(outcomes))]
        batch_id, batch, is_over = client.batches.create(MODEL, items).id, {}, False
        for _ in range(SECONDS):
            mock.advance(1)
            batch = client.batches.get(batch_id).raw.to_dict()
            runs = [run for run in mock.runs if run["batch_id"] == batch_id]
            assert len(runs) == len(outcomes)
            counts = Counter(run["status_code"] for run in runs)
            good = counts["succeeded"] + counts["partial_succeeded"]
            assert batch["items_total"] == len(runs)
            assert batch["items_succeeded"] == good
            assert batch["items_failed"] == counts["failed"]
            assert batch["items_cancelled"] == counts["canceled"]
            costs = [Decimal(run["cost"]) for run in runs if run["cost"] is not None]
            assert Decimal(batch["cost"]) == sum(costs)
            begun = moments(runs, "started_at")
            assert moments([batch], "started_at") == begun[:1]
            ended = moments(runs, "completed_at")
            is_over = len(ended) == len(runs)
            assert moments([batch], "completed_at") == (ended[-1:] if is_over else [])
            if is_over:
                assert batch["status_code"] == ends(counts)
                times = {(run["started_at"], run["completed_at"]) for run in runs}
                assert len(times) == len(runs), "each run draws its own times"
        assert is_over
        assert sum(entry.amount for entry in mock.ledger) == Decimal(batch["cost"])
