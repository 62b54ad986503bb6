"""One picture: run a model, wait, save what it made. Needs RUNFLOW_API_KEY."""

from runflow_client import Runflow, inputs

with Runflow() as client:
    asked = inputs.GoogleNanoBananaPro(prompt="A cathedral made of stained glass", resolution="2K")
    run = client.run(asked, max_cost="0.15")
    for path in run.save_all("."):
        print(f"saved {path}, paid {run.cost} USD")
