"""ComfyUI workflows: outside the published document, described by a page of their own."""

from ...contract.answers import Refusal, not_found
from ...contract.identifiers import named_id
from ...contract.json_types import JsonObject, public
from ...simulation.catalog import CatalogModel
from ...state.clock import STEPPED_START, api_instant
from ..calls import Call, handles
from ..lists import page
from .runs import new_run

BETA_CODE = "COMFYUI_DEPLOY_BETA_NOT_ENABLED"
READ = "comfyui-workflows:read"


@handles("list_comfyui_workflows", "GET", "/v1/comfyui-workflows", scope=READ)
def list_comfyui_workflows(call: Call) -> JsonObject:
    """Return a page of the workflows."""
    return page([_row(one) for one in call.simulation.catalog.workflows()], call.query)


@handles("get_comfyui_workflow", "GET", "/v1/comfyui-workflows/{owner}/{slug}", scope=READ)
def get_comfyui_workflow(call: Call) -> JsonObject:
    """Return one workflow."""
    return _row(_workflow_of(call))


@handles(
    "create_comfyui_run", "POST", "/v1/comfyui-workflows/{owner}/{slug}/runs", scope="runs:create"
)
def create_comfyui_run(call: Call) -> JsonObject:
    """Create a run of a workflow, if the organization is in the beta."""
    workflow = _workflow_of(call)
    if not call.state.settings.comfyui_beta:
        raise Refusal(403, "ComfyUI Deploy is not enabled for this organization", code=BETA_CODE)
    answer = public(new_run(call, workflow))
    place = call.state.settings.comfyui_run_id
    if place != "id":
        answer["run_id"] = answer["id"]
    if place == "run_id":
        del answer["id"]
    return answer


def _workflow_of(call: Call) -> CatalogModel:
    """Return the workflow of the path. Raise the 404 if there is none."""
    owner, slug = call.path_values
    found = call.simulation.catalog.get(f"{owner}/{slug}")
    if found is None or not found.is_workflow:
        raise not_found("workflow", f"{owner}/{slug}", "COMFYUI_WORKFLOW_NOT_FOUND")
    return found


def _row(workflow: CatalogModel) -> JsonObject:
    created = api_instant(STEPPED_START)
    return {
        "id": workflow.id,
        "org_id": named_id("organization", workflow.owner),
        "slug": workflow.slug,
        "name": workflow.name,
        "description": None,
        "is_public": True,
        "created_at": created,
        "updated_at": created,
    }
