# Generated from _async/workflows.py by `make generate`. Edit that file.
"""ComfyUI workflows."""

from collections.abc import Iterator

from runflow_api.api.comfyui_workflows import get_comfyui_workflow
from runflow_api.models.comfyui_workflow import ComfyuiWorkflow

from .._flows import paginate
from .._flows.commands import Context
from .._flows.request import request
from .._responses import lenient
from .._transport.driver import Driver
from .._validation import WORKFLOWS, check_arguments, split_model_id


class Workflows:
    """ComfyUI workflows: outside the published document, described by a page of Runflow's.

    `client.run("comfyui-workflows/owner/name", {...})` runs one.
    """

    def __init__(self, context: Context, driver: Driver) -> None:
        self._context = context
        self._driver = driver

    def get(self, workflow: str) -> ComfyuiWorkflow:
        """Read a workflow by its id, such as `acme/poster` or `comfyui-workflows/acme/poster`.

        Its fields are not documented by Runflow: any may be missing.

        Raises NotFound and other ApiErrors, TransportError, and InvalidArgument for an invalid id.
        """
        check_arguments(workflow=workflow)
        arguments = get_comfyui_workflow.build_request(
            *split_model_id(workflow.removeprefix(WORKFLOWS), "workflow", "acme/poster")
        )
        return self._driver.drive(request(self._context, arguments, lenient(ComfyuiWorkflow)))

    def list(
        self,
        *,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[ComfyuiWorkflow]:
        """Give every workflow that the filter lets through, such as `slug.EQ:'poster'`.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.workflows(
                self._context,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )
