"""The program of `test_ray`: 200 rows on a local Ray cluster, by two actors."""

import os
import sys
from functools import partial
from pathlib import Path

import ray  # pyright: ignore[reportMissingImports] # installed by make test-ray
from runflow_client import AsyncRunflow
from runflow_client.bulk.ray import run_rows

ROWS = 200


def client(folder: str) -> AsyncRunflow:
    """Make the client of an actor, and leave the actor's process id in the folder."""
    (Path(folder) / "actors" / str(os.getpid())).touch()
    return AsyncRunflow()


def main(folder: str) -> None:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    rows = [{"key": f"k{number:03}", "animal": f"cat {number}"} for number in range(ROWS)]
    done = run_rows(
        ray.data.from_items(rows),
        "google/nano-banana-pro",
        job="cats",
        template={"prompt": "A {animal}"},
        output=f"{folder}/out",
        actors=2,
        batch_size=25,
        client=partial(client, folder),
    )
    done.write_parquet(f"{folder}/results")
    ray.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
