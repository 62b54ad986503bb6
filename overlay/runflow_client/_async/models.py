"""The catalog of models."""

from collections.abc import AsyncIterator

from runflow_api.api.models import get_model
from runflow_api.models.model import Model
from runflow_api.models.model_input import ModelInput

from .._errors import InvalidArgument, NotFound, RunflowError
from .._flows import paginate
from .._flows.commands import Context
from .._flows.request import request
from .._redaction import show_value
from .._responses import lenient, value_or_none
from .._transport.driver import AsyncDriver
from .._validation import WORKFLOWS, check_arguments, split_model_id


class AsyncModels:
    """The catalog of models."""

    def __init__(self, context: Context, driver: AsyncDriver) -> None:
        self._context = context
        self._driver = driver

    async def get(self, model: str) -> Model:
        """Read the catalog's entry of a model id such as `google/nano-banana-pro`.

        Raises NotFound and other ApiErrors, TransportError, and InvalidArgument for an invalid id.
        """
        check_arguments(model=model)
        from .._estimate import check_model_id, note_meant  # knows the catalog

        check_model_id(model)
        if model.startswith(WORKFLOWS):
            raise InvalidArgument(
                f"model is {show_value(model)}, a workflow: workflows.get reads it"
            )
        arguments = get_model.build_request(*split_model_id(model))
        try:
            return await self._driver.drive(request(self._context, arguments, lenient(Model)))
        except NotFound as error:
            note_meant(error, model)
            raise

    def list(
        self,
        *,
        slug: str | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> AsyncIterator[Model]:
        """Give every model that the filter lets through.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.models(
                self._context,
                slug=slug,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )

    async def inputs(
        self,
        model: str,
        *,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> AsyncIterator[ModelInput]:
        """Give the declared inputs of a model. Not documented by Runflow.

        The model is read first, when the first input is asked for: the list goes by the model's
        uuid. The options and errors are those of `client.runs.list`.
        """
        check_arguments(model=model, q=q, sort_by=sort_by)
        paginate.check_page(page_size, cursor, backward)
        model_id = value_or_none((await self.get(model)).id)
        if model_id is None:
            raise RunflowError(
                f"the catalog shows {model} without an id: its inputs are not listed"
            )
        async for found in self._driver.each(
            paginate.model_inputs(
                self._context,
                model_id,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        ):
            yield found
