"""Evaluations of pictures."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from runflow_api.models.evaluation_create import EvaluationCreate

from .._flows import evaluations, paginate
from .._flows.evaluations import EvaluationFlows
from .._models.evaluation import Evaluation
from .._transport.driver import AsyncDriver
from .._validation import check_arguments, check_instance, read_id
from .handle import AsyncHandle

if TYPE_CHECKING:
    pass


class AsyncEvaluations:
    """Evaluations of pictures."""

    def __init__(self, flows: EvaluationFlows, driver: AsyncDriver) -> None:
        self._flows = flows
        self._driver = driver

    async def submit(
        self, evaluation: EvaluationCreate, *, idempotency_key: str | None = None
    ) -> AsyncHandle[Evaluation]:
        """Submit a picture for evaluation and return a handle.

        The idempotency key makes a repeated call safe. Default: a new one, for the retries of this
        call. Raises ApiError and TransportError.
        """
        check_instance("evaluation", evaluation, EvaluationCreate)
        check_arguments(idempotency_key=idempotency_key)
        created = await self._driver.drive(
            self._flows.create(evaluations.create_arguments(evaluation, idempotency_key))
        )
        return AsyncHandle(self._flows, self._driver, UUID(created.id), created)

    def attach(self, evaluation_id: str | UUID) -> AsyncHandle[Evaluation]:
        """Return a handle on the evaluation with this id. Nothing is sent yet."""
        return AsyncHandle(self._flows, self._driver, read_id("evaluation id", evaluation_id))

    async def get(self, evaluation_id: str | UUID) -> Evaluation:
        """Read the evaluation. Raises NotFound and other ApiErrors, and TransportError."""
        return await self.attach(evaluation_id).refresh()

    def list(
        self,
        *,
        status: str | None = None,
        run_id: str | UUID | None = None,
        client_ref: str | None = None,
        task_type: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> AsyncIterator[Evaluation]:
        """Give every evaluation that the filter lets through. Not documented by Runflow.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.evaluations(
                self._flows.context,
                Evaluation.of,
                status=status,
                run_id=run_id,
                client_ref=client_ref,
                task_type=task_type,
                created_after=created_after,
                created_before=created_before,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )
