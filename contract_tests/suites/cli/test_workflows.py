"""`runflow run` of a ComfyUI workflow, and `runflow workflows`."""

import json
from pathlib import Path

from runflow_mock import MockRunflow

from .conftest import Run

WORKFLOW = "runflow-access/brand-locked-variant-nux"


def test_a_workflow_is_run_and_its_output_saved(runflow: Run, tmp_path: Path) -> None:
    done = runflow("run", WORKFLOW, "--prompt", "A poster", "--yes", "-o", "poster.png")
    assert (done.code, done.out) == (0, "poster.png\n")
    assert (tmp_path / "poster.png").stat().st_size > 0


def test_a_workflow_of_ones_own_takes_any_field(runflow: Run, mock: MockRunflow) -> None:
    mock.models.add("acme/poster", is_workflow=True)
    done = runflow("run", "comfyui-workflows/acme/poster", "-i", "Any Key=3", "--yes", "--json")
    assert done.code == 0
    assert json.loads(done.out)["run"]["target_type"] == "comfyui_workflow"


def test_workflows_are_listed_and_shown(runflow: Run) -> None:
    listed = runflow("workflows", "list", "--json")
    assert [one["slug"] for one in json.loads(listed.out)["workflows"]] == [
        WORKFLOW.partition("/")[2]
    ]
    shown = runflow("workflows", "get", WORKFLOW)
    assert "slug: brand-locked-variant-nux" in shown.out
    assert runflow("workflows", "get", "acme/none").code == 3
