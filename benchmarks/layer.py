"""What `client.api` and `client.runs.get` add to one GET: a run with its types and retries beside
bare httpx and json, and the same with httpx2.
"""

import json
from collections.abc import Callable
from typing import Final
from uuid import UUID

import httpx
import httpx2
from runflow_api.api.runs import get_run
from runflow_client import Runflow

from benchmarks.measuring import print_measured
from benchmarks.scripted_server import BODY, MODEL
from benchmarks.turns import compare

KEY: Final = "benchmark"


def measure(base_url: str) -> dict[str, dict[str, float]]:
    """Compare all on a run that has ended."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with (
        httpx.Client(headers=headers, timeout=60.0, trust_env=False) as http,
        httpx2.Client(headers=headers, timeout=60.0, trust_env=False) as http2,
        httpx2.Client(timeout=60.0, trust_env=False) as given,
        Runflow(KEY, base_url=base_url) as client,
        Runflow(KEY, base_url=base_url, http_client=given) as on_httpx2,
    ):
        created = http.post(
            f"{base_url}/v1/models/{MODEL}/runs", json={"input": BODY, "client_ref": "one"}
        )
        http.post(f"{base_url}/_bench/ends", json={"after": 0.0, "within": 0.0})
        run_id = UUID(created.json()["id"])
        url = f"{base_url}/v1/runs/{run_id}"

        def asking(bare_client: httpx.Client | httpx2.Client) -> Callable[[], object]:
            def ask() -> object:
                response = bare_client.get(url)
                response.raise_for_status()
                return json.loads(response.content)

            return ask

        bare, bare_httpx2 = asking(http), asking(http2)
        return {
            "api": compare(bare, lambda: get_run.sync(run_id, client=client.api)),
            "runs.get": compare(bare, lambda: client.runs.get(run_id)),
            "httpx2": compare(bare, bare_httpx2),
            "api on httpx2": compare(
                bare_httpx2, lambda: get_run.sync(run_id, client=on_httpx2.api)
            ),
            "runs.get on httpx2": compare(bare_httpx2, lambda: on_httpx2.runs.get(run_id)),
        }


if __name__ == "__main__":
    print_measured(measure, __doc__)
