"""What `client.api` adds to one GET: get-run with its types and retries beside bare httpx and
json.
"""

import argparse
import json
import sys
from typing import Final
from uuid import UUID

import httpx
from runflow_api.api.runs import get_run
from runflow_client import Runflow

from benchmarks.scripted_server import BODY, MODEL
from benchmarks.turns import compare

KEY: Final = "benchmark"


def measure(base_url: str) -> dict[str, float]:
    """Compare both on a run that has ended."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with (
        httpx.Client(
            headers=headers, timeout=httpx.Timeout(60.0, connect=10.0), trust_env=False
        ) as http,
        Runflow(KEY, base_url=base_url) as client,
    ):
        created = http.post(
            f"{base_url}/v1/models/{MODEL}/runs", json={"input": BODY, "client_ref": "one"}
        )
        http.post(f"{base_url}/_bench/ends", json={"after": 0.0, "within": 0.0})
        run_id = UUID(created.json()["id"])
        url = f"{base_url}/v1/runs/{run_id}"

        def bare() -> object:
            response = http.get(url)
            response.raise_for_status()
            return json.loads(response.content)

        return compare(bare, lambda: get_run.sync(run_id, client=client.api))


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="base URL of benchmarks.scripted_server")
    json.dump(measure(parser.parse_args().server), sys.stdout)


if __name__ == "__main__":
    main()
