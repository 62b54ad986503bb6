"""What the clients of replicate, fal, openai and Runway add to one GET: each beside the HTTP
library that it stands on.

Runs in an environment of its own (`make bench` makes it), where the newest of them are installed.
Each reads the thing that its users poll: a prediction, the status of a request, a batch,
a task.
"""

import importlib
import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, Final

from benchmarks.measuring import print_measured
from benchmarks.turns import compare

KEY: Final = "benchmark"

PREDICTION: Final[Mapping[str, Any]] = {
    "id": "one",
    "model": "google/nano-banana-pro",
    "version": "hidden",
    "input": {"prompt": "A cathedral made entirely of stained glass"},
    "output": "https://example.invalid/one.png",
    "logs": "",
    "error": None,
    "status": "succeeded",
    "metrics": {"predict_time": 4.0},
    "created_at": "2026-01-01T00:00:00Z",
    "started_at": "2026-01-01T00:00:02Z",
    "completed_at": "2026-01-01T00:00:06Z",
    "urls": {"get": "https://example.invalid/one", "cancel": "https://example.invalid/one/cancel"},
}
STATUS: Final[Mapping[str, Any]] = {
    "status": "COMPLETED",
    "logs": [],
    "metrics": {"inference_time": 4.0},
}
BATCH: Final[Mapping[str, Any]] = {
    "id": "one",
    "object": "batch",
    "endpoint": "/v1/responses",
    "model": "gpt-5",
    "errors": None,
    "input_file_id": "file-one",
    "completion_window": "24h",
    "status": "completed",
    "output_file_id": "file-two",
    "error_file_id": None,
    "created_at": 1767225600,
    "in_progress_at": 1767225602,
    "expires_at": 1767312000,
    "finalizing_at": 1767225605,
    "completed_at": 1767225606,
    "failed_at": None,
    "expired_at": None,
    "cancelling_at": None,
    "cancelled_at": None,
    "request_counts": {"total": 1, "completed": 1, "failed": 0},
    "metadata": {"prompt": "A cathedral made entirely of stained glass"},
}

TASK: Final[Mapping[str, Any]] = {
    "id": "0198c0de-0000-7000-8000-000000000000",
    "status": "SUCCEEDED",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "output": ["https://example.invalid/one.mp4"],
}

Get = Callable[[], object]


def _replicate(base_url: str) -> Get:
    client = importlib.import_module("replicate").Client(api_token=KEY, base_url=base_url)
    return lambda: client.predictions.get("one")


def _fal(base_url: str) -> Get:
    fal = importlib.import_module("fal_client.client")
    url = f"{base_url}/fal/one/status"
    # A handle made by hand: the client itself would only take an https address.
    handle = fal.SyncRequestHandle("one", url, url, url, fal.SyncClient(key=KEY)._client)
    return lambda: handle.status()


def _openai(base_url: str) -> Get:
    client = importlib.import_module("openai").OpenAI(api_key=KEY, base_url=f"{base_url}/openai")
    return lambda: client.batches.retrieve("one")


def _runwayml(base_url: str) -> Get:
    client = importlib.import_module("runwayml").RunwayML(api_key=KEY, base_url=base_url)
    return lambda: client.tasks.retrieve(TASK["id"])


PEERS: Final[Mapping[str, tuple[Callable[[str], Get], str, Mapping[str, Any], str]]] = {
    "replicate": (_replicate, "/v1/predictions/one", PREDICTION, "httpx"),
    "fal-client": (_fal, "/fal/one/status", STATUS, "httpx"),
    "openai": (_openai, "/openai/batches/one", BATCH, "httpx2"),
    "runwayml": (_runwayml, f"/v1/tasks/{TASK['id']}", TASK, "httpx"),
}


def measure(base_url: str) -> dict[str, dict[str, Any]]:
    """Compare each with the library that it stands on."""
    measured: dict[str, dict[str, Any]] = {}
    for name, (make, path, answer, library) in PEERS.items():
        http = importlib.import_module(library).Client(
            headers={"Authorization": f"Bearer {KEY}"}, trust_env=False
        )
        http.post(f"{base_url}/_bench/answers", json={"path": path, "answer": answer})

        def bare(http: Any = http, url: str = base_url + path) -> object:
            response = http.get(url)
            response.raise_for_status()
            return json.loads(response.content)

        measured[name] = {
            "version": version(name),
            "library": library,
            **compare(bare, make(base_url)),
        }
        http.close()
    return measured


if __name__ == "__main__":
    print_measured(measure, __doc__)
