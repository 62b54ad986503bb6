"""Use the client against the mock server of the document beside it, and print what was seen.

Arguments: where a file is saved; the document to serve, if it is another one.
"""

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from runflow_client import RunFailed, Runflow
from runflow_mock import MockRunflow, Settings, SteppedClock

MODEL = "bytedance/seedance/2.0/fast/text-to-video"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
)


def main() -> None:
    """Do what programs do: run, submit, wait, list, batch, evaluate, upload, ask the account."""
    settings = Settings(document=Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    with MockRunflow(SteppedClock(step=1.0, idle=0.02), settings=settings) as mock:
        os.environ.update(mock.environment)
        with Runflow() as client:
            print(json.dumps(use(client, mock), sort_keys=True))


def use(client: Runflow, mock: MockRunflow) -> dict[str, Any]:
    """Return what was seen."""
    seen: dict[str, Any] = {}
    run = client.run(MODEL, {"prompt": "A cathedral"}, client_ref="order-1")
    seen["run"] = [run.status, run.client_ref, bool(run.outputs), float(run.cost or 0) > 0]
    seen["saved"] = run.outputs[0].save(Path(sys.argv[1])).stat().st_size > 0
    handle = client.submit("google/nano-banana-pro", {"prompt": "A cathedral"})
    seen["attached"] = client.runs.attach(handle.id).wait().status
    seen["again"] = client.runs.get(run.id).id == run.id
    seen["listed"] = sorted(one.status or "" for one in client.runs.list())
    mock.next_outcome("failed")
    try:
        seen["failed"] = client.run("google/nano-banana-pro", {"prompt": "A cathedral"}).status
    except RunFailed as error:
        seen["failed"] = error.run.status
    batch = client.batches.create(
        "runflow/background-removal", [{"image_url": run.outputs[0].url}] * 2, strict=False
    ).wait()
    seen["batch"] = [batch.status, batch.items_total, batch.items_succeeded]
    seen["items"] = len([*client.batches.items(batch.id)])
    found = client.evaluations.submit(run.outputs[0].url, "text_to_image").wait()
    seen["evaluation"] = found.has_ended
    asset = client.assets.upload(PNG, name="a.png")
    seen["asset"] = [asset.name, asset.ref.startswith("runflow://")]
    seen["model"] = client.models.get(MODEL).to_dict().get("id") is not None
    seen["billed"] = len(mock.ledger)
    posted = {one.raw_path for one in mock.requests if one.method == "POST"}
    seen["creates"] = sorted(path for path in posted if "/models/" in path)
    return seen


if __name__ == "__main__":
    main()
