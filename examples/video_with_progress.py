"""A video, with its progress while it is made. Needs RUNFLOW_API_KEY."""

from runflow_client import Runflow, inputs

with Runflow() as client:
    asked = inputs.GoogleVeo31(prompt="Waves on a beach at dawn", duration="8s")
    handle = client.submit(asked)
    print(
        f"run {handle.id}: it can be waited for from anywhere with "
        f"client.runs.attach({handle.id!r}).wait()"
    )
    for run in handle.updates(timeout=1800):
        print(f"{run.status}: {run.nodes_completed or 0} of {run.nodes_total or '?'} nodes")
    for path in handle.wait().save_all("."):
        print(f"saved {path}")
