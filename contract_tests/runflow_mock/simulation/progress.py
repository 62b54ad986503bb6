"""Log lines and node runs, made from the row of their run."""

from collections.abc import Iterator

from ..contract.identifiers import named_id
from ..contract.json_types import JsonObject

NODES = ("prepare", "generate", "store")
COMPLETED, RUNNING_STATE, STOPPED = "completed", "running", "stopped"


def log_rows(run: JsonObject) -> Iterator[JsonObject]:
    """Yield the log lines of the run, oldest first."""
    for number, (instant, what) in enumerate(run["_history"]):
        yield {
            "id": named_id("log", run["id"], str(number)),
            "run_id": run["id"],
            "level_code": "error" if what == "failed" else "info",
            "message": f"node {what} completed" if what in NODES else f"run is {what}",
            "timestamp": instant,
            "meta": {"sequence": number},
            "run": None,
            "created_at": instant,
        }


def node_run_rows(run: JsonObject) -> Iterator[JsonObject]:
    """Yield the node runs of the run that have begun, in their order."""
    begun = run["started_at"]
    finished = [instant for instant, what in run["_history"] if what in NODES]
    ended = run["completed_at"]
    for number, name in enumerate(NODES):
        if begun is None:
            return
        done = (
            finished[number]
            if number < len(finished)
            else ended
            if run["nodes_completed"] > number
            else None
        )
        yield {
            "id": named_id("node run", run["id"], name),
            "run_id": run["id"],
            "node_id": named_id("node", name),
            "flow_id": None,
            "state_code": COMPLETED if done else STOPPED if ended else RUNNING_STATE,
            "input": run["input"] if number == 0 else {},
            "output": {} if done else None,
            "input_signature": None,
            "preview_type": None,
            "preview_value": None,
            "duration_ms": None,
            "cost": None,
            "retry_count": 0,
            "error_message": run["failure_message"] if not done and ended else None,
            "created_at": begun,
            "started_at": begun,
            "completed_at": done or ended,
        }
        begun = done
