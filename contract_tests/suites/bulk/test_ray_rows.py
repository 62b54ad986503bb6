"""The rows of a Ray actor, and what is asked of `run_rows`. Ray itself is in cluster/."""

import asyncio
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pyarrow
import pytest
from attrs import define, field
from runflow_client import AsyncRunflow, InvalidArgument
from runflow_client.bulk.ray import RunRows, run_rows

from ..snapshot import check_snapshot
from . import ray_stories

LIST: Final = Path(__file__).with_name("ray_stories.txt")
MODEL: Final = "google/nano-banana-pro"


def test_what_becomes_of_rows_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(ray_stories.lines()) + "\n")


@define
class Dataset:
    """Notes what it is asked to map."""

    asked: list[Any] = field(factory=list[Any])

    def map_batches(self, *given: Any, **options: Any) -> str:
        """Note it."""
        self.asked.append((given, options))
        return "mapped"


@pytest.fixture
def dataset(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Return a dataset of a Ray that is installed."""
    for name in ("ray", "ray.data"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    return Dataset()


def client() -> AsyncRunflow:
    raise AssertionError("it is made by an actor")


def test_each_argument_goes_to_the_actors(dataset: Dataset) -> None:
    assert run_rows(dataset, MODEL, job="pets") == "mapped"
    run_rows(dataset, MODEL, job="pets", max_cost_each=0, max_outage=0.0, output="", template={})
    nothing = dataset.asked.pop()[1]["fn_constructor_args"]
    assert nothing == (MODEL, "pets", "key", {}, "", None, "0", 0.0, None)
    options = {"num_gpus": 1, "num_cpus": 2}
    template = {"prompt": "a {animal}"}
    run_rows(
        dataset,
        MODEL,
        job="cats",
        key="name",
        template=template,
        output="/shared",
        actors=3,
        batch_size=7,
        rate=0.5,
        max_cost_each=0.25,
        max_outage=60.0,
        client=client,
        **options,
    )
    shape = {"concurrency": 1, "batch_size": 50, "batch_format": "pyarrow", "num_cpus": 0.1}
    assert dataset.asked == [
        (
            (RunRows,),
            {
                "fn_constructor_args": (
                    *(MODEL, "pets", "key", None, None, None, None, 3600.0, None),
                ),
                **shape,
            },
        ),
        (
            (RunRows,),
            {
                "fn_constructor_args": (
                    *(MODEL, "cats", "name", template, "/shared", 0.5, "0.25", 60.0, client),
                ),
                **shape,
                **options,
                "concurrency": 3,
                "batch_size": 7,
            },
        ),
    ]


async def no_client() -> AsyncRunflow:
    raise AssertionError


REFUSED: Final = [
    ("model", "nano-banana-pro"),
    ("model", None),
    *(("job", value) for value in ("", None, 7, "half a \ud800")),
    *(("key", value) for value in (None, 7)),
    *(("template", value) for value in (7, "prompt", ["prompt"], {"prompt": "{"}, {"p": "{0!r}"})),
    ("output", 7),
    *(
        (name, value)
        for name in ("actors", "batch_size")
        for value in (0, -1, 1.5, "2", None, True)
    ),
    *(("rate", value) for value in (0, -1, float("nan"), float("inf"), "2", True)),
    *(("max_cost_each", value) for value in (-1, "x", float("nan"), True)),
    *(("max_outage", value) for value in (-1, None, "60", float("nan"))),
    *(("client", value) for value in (7, "client", no_client)),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_an_argument_that_cannot_be_right_is_refused_before_it_begins(
    dataset: Dataset, name: str, value: Any
) -> None:
    given: dict[str, Any] = {"model": MODEL, "job": "pets", name: value}
    with pytest.raises(InvalidArgument, match="job|text" if name == "job" else name):
        run_rows(dataset, **given)
    assert dataset.asked == []


def test_an_actor_makes_its_client_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given: Any = (MODEL, "pets", "key", None, None, None, None, 60.0, None)
    monkeypatch.setenv("RUNFLOW_API_KEY", "")
    monkeypatch.setenv("HOME", "/nowhere")
    with pytest.raises(InvalidArgument, match="no API key"):
        RunRows(*given)
    monkeypatch.setenv("RUNFLOW_API_KEY", "rf_live_x")
    done = asyncio.run(RunRows(*given)(pyarrow.table({"key": ["a"], "prompt": [""]})))
    assert [row["failure"] for row in done.to_pylist()] == ["prompt is empty"]


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModuleNotFoundError, match=r"runflow-client\[ray\]"):
        run_rows(Dataset(), MODEL, job="pets")
