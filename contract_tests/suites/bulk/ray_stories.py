"""Write down what becomes of the rows of a Ray actor: what is sent, waited for and returned.

A story's rows are run twice by two actors, as rows are whose node died. Ray itself is not needed.
"""

import asyncio
import random
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow
from attrs import field, frozen
from runflow_client import AsyncRunflow, RetryPolicy
from runflow_client.bulk._items import client_ref_of
from runflow_client.bulk.ray import RunRows

from ..client.calls import unified
from .bulk_stories import HANGS, MODEL, NO_LIMIT, Clock, Server, counted, make_client

JOB: Final = "pets"
ANIMALS: Final = ({"key": "a", "prompt": "a cat"}, {"key": "b", "prompt": "a dog"})


class RowsServer(Server):
    """Names a run by the key of its row."""

    def named(self, text: str) -> str:
        """Put the key in place of its client_ref."""
        for key in "abcdefg7AB":
            for job in (JOB, "others"):
                text = text.replace(client_ref_of(job, key), key if job == JOB else f"{job}' {key}")
        return text.removeprefix("client_ref.EQ:")


@frozen
class Story:
    """Rows, what they meet, and how they are run."""

    rows: tuple[Mapping[str, Any], ...] = ANIMALS
    ends: tuple[str, ...] = ()
    trouble: Mapping[str, tuple[str, float]] = field(factory=dict[str, Any])
    options: Mapping[str, Any] = field(factory=dict[str, Any])
    is_saved: bool = False
    """For one row: files are written in threads, whose order is not always the same."""
    retries: RetryPolicy = field(factory=lambda: RetryPolicy(attempts=1))


RESULTS: Final = {
    **dict.fromkeys(("status", "run_id", "cost"), "string"),
    "paths": "list<item: string>",
    "failure": "string",
}
"""The columns that are added, and what they hold."""
LOST: Final = {"list": {"create": ("lost after it acted", 1.0)}}
"""What makes an actor look into a list."""

TROUBLING: Final = ("400", "401", "402", "404", "429", "503 for 7 s", "no answer in time")

STORIES: Final[dict[str, Story]] = {
    "all is well": Story(ANIMALS[:1], is_saved=True),
    "two rows at once": Story(),
    "no rows": Story(rows=()),
    "several outputs": Story(ANIMALS[:1], ("partial_succeeded",), is_saved=True),
    "runs that fail": Story(ends=("failed", "failed without a word")),
    "a run that costs nothing": Story(ends=("free",)),
    "a run that is canceled": Story(ends=("canceled",)),
    "a run that is gone": Story(ends=("gone",)),
    "another job": Story(options={"job": "others"}),
    "another column of keys": Story(
        rows=({"name": "a", "prompt": "x"}, {"name": None, "prompt": "x"}, {"prompt": "x"}),
        options={"key": "name"},
    ),
    "numbers as keys": Story(rows=({"key": 7, "prompt": "x"},)),
    "keys that differ by case, and by blanks": Story(
        rows=tuple({"key": key, "prompt": "x"} for key in ("a", "A", " B "))
    ),
    "a key in capitals": Story(rows=({"key": "B", "prompt": "x"},), is_saved=True),
    "a template": Story(
        rows=({"key": "a", "animal": "cat"}, {"key": "b", "animal": None}),
        options={"template": {"prompt": "a {animal} at dusk", "num_images": 1}},
    ),
    "rows that cannot be run": Story(
        rows=(
            {"key": "a", "prompt": "x", "resolution": "2k", "size": None},
            {"key": "b", "prompt": "x", "resolution": None, "size": 7},
            {"key": "c", "prompt": None, "resolution": None, "size": None},
            {"key": "d", "prompt": "x", "resolution": "2K", "size": None},
        ),
    ),
    "results of an earlier pass": Story(
        rows=({"key": "a", "status": "failed", "paths": ["x"], "cost": "9", "prompt": "x"},),
        options={"template": {"prompt": "{prompt}"}},
    ),
    "one that costs too much": Story(options={"max_cost_each": "0.10"}),
    "no money for one row": Story(options={"max_cost_each": "0"}),
    "a rate": Story(options={"rate": 0.5}),
    **{
        f"{place} meets {trouble}{when}": Story(
            rows=ANIMALS[:1],
            is_saved=True,
            trouble={**LOST.get(place, {}), place: (trouble, times)},
            options={"max_outage": 60.0},
        )
        for place in ("create", "list", "read", "file")
        for trouble in TROUBLING
        for when, times in ((", once", 1), (", always", 3 if trouble == "429" else NO_LIMIT))
    },
    **{
        f"{place} meets {trouble}, once": Story(ANIMALS[:1], trouble={place: (trouble, 1)})
        for place in ("create", "read")
        for trouble in ("403", "409", "429 for 100 s")
    },
    "read meets 429 for 100 s, twice, and little patience": Story(
        ANIMALS[:1], trouble={"read": ("429 for 100 s", 2)}, options={"max_outage": 8.0}
    ),
    "an outage, and no patience": Story(
        ANIMALS[:1],
        trouble={"create": ("no connection", NO_LIMIT)},
        options={"max_outage": 0.0},
    ),
}


async def _run(story: Story, server: RowsServer, folder: Path) -> list[str]:
    clients: list[AsyncRunflow] = []
    client = partial(make_client, clients, server, story.retries)

    given: dict[str, Any] = {
        "job": JOB,
        "key": "key",
        "template": None,
        "output": str(folder / "out" / "pets") if story.is_saved else None,
        "rate": None,
        "max_cost_each": None,
        "max_outage": 3600.0,
    }
    asked = {**given, **story.options}
    actor = RunRows(MODEL, **asked, client=client, clock=server.clock)
    columns = list(dict.fromkeys(name for row in story.rows for name in row))
    table = pyarrow.table({name: [row.get(name) for row in story.rows] for name in columns})
    try:
        done = await actor(table)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    finally:
        for one in clients:
            await one.close()
    kinds = {one.name: str(one.type) for one in done.schema}
    given_alone = [name for name in columns if name not in RESULTS]
    assert [one.name for one in done.schema] == [*given_alone, *RESULTS]
    assert {name: kinds[name] for name in RESULTS} == RESULTS
    return [
        ", ".join(f"{name} {value}" for name, value in row.items() if value not in (None, []))
        for row in done.to_pylist()
    ]


async def _told(story: Story) -> list[str]:
    random.seed(7)
    log: list[str] = []
    found: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = RowsServer(
            log, Clock(log), [*story.ends], {**story.trouble}, folder, give_up=_give_up
        )
        for when in ("first", "again"):
            log.clear()
            results = await _run(story, server, folder)
            found += [f"{when}: {counted(log)}", *(f"    {line}" for line in results)]
            server.trouble.clear()
        files = sorted((folder / "out").rglob("*.*"))
        found += [f"file {path.relative_to(folder)}" for path in files]
        found = [unified(server.named(line).replace(name, "FOLDER")) for line in found]
    return [*found, f"runs that were made: {len(server.runs)}"]


def _give_up(reason: str, why: str) -> None:
    raise AssertionError(why)


def lines() -> list[str]:
    """Return the list."""
    first: dict[tuple[str, ...], str] = {}
    found: list[str] = []
    for name, story in STORIES.items():
        told = asyncio.run(asyncio.wait_for(_told(story), HANGS))
        same = first.setdefault(tuple(told), name)
        found += [f"{name}: as {same}"] if same != name else [f"{name}:"]
        found += [f"    {line}" for line in told] if same == name else []
    return found
