"""Evaluations of pictures."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from .._flows import evaluations, paginate
from .._flows.evaluations import EvaluationFlows
from .._flows.other_words import in_own_words
from .._models.evaluation import Evaluation
from .._time import Deadline
from .._transport.driver import AsyncDriver
from .._validation import check_arguments, check_client_ref, read_id
from .handle import AsyncHandle


class AsyncEvaluations:
    """Evaluations of pictures."""

    def __init__(self, flows: EvaluationFlows, driver: AsyncDriver) -> None:
        self._flows = flows
        self._driver = driver

    @in_own_words
    async def submit(
        self,
        generated_image_url: str,
        task_type: str,
        *,
        task_description: str | None = None,
        generation_prompt: str | None = None,
        evaluation_instructions: str | None = None,
        input_attributes: Mapping[str, Any] | None = None,
        reference_images: Sequence[Mapping[str, str]] | None = None,
        run_id: str | UUID | None = None,
        client_ref: str | None = None,
        job_class: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> AsyncHandle[Evaluation]:
        """Submit a picture for evaluation and return a handle.

        Args:
            generated_image_url: the picture, such as `run.outputs[0].url`.
            task_type: what it was made for, such as `text_to_image`.
            task_description: that in words.
            generation_prompt: the prompt it was made with.
            evaluation_instructions: what the judges are to look at.
            input_attributes: any JSON object.
            reference_images: at most four dicts of `url`, `kind` and `description`.
            run_id: the run that made the picture.
            client_ref: your own reference.
            job_class: Default of the server: `standard`.
            callback_url: where Runflow posts the evaluation when it has ended.
            idempotency_key: makes a repeated call safe. Default: a new one, for the retries of this
                call.
            timeout: seconds for the create; the handle waits. Default: no limit.

        Raises:
            InvalidArgument: something cannot be right. Nothing was sent.
            ApiError, TransportError: anything else.
        """
        fields: dict[str, object] = {
            "generated_image_url": generated_image_url,
            "task_type": task_type,
            "task_description": task_description,
            "generation_prompt": generation_prompt,
            "evaluation_instructions": evaluation_instructions,
            "input_attributes": input_attributes,
            "reference_images": reference_images,
            "client_ref": client_ref,
            "job_class": job_class,
            "callback_url": callback_url,
        }
        check_arguments(**fields, idempotency_key=idempotency_key, timeout=timeout)
        deadline = Deadline.after(self._flows.context.now, timeout)
        if client_ref is not None:
            check_client_ref(client_ref)
        if run_id is not None:
            fields["run_id"] = str(read_id("run_id", run_id))
        created = await self._driver.drive(
            self._flows.create(evaluations.create_arguments(fields, idempotency_key), deadline)
        )
        return AsyncHandle(self._flows, self._driver, UUID(created.id), created)

    def attach(self, evaluation_id: str | UUID) -> AsyncHandle[Evaluation]:
        """Return a handle on the evaluation with this id. Nothing is sent yet."""
        return AsyncHandle(self._flows, self._driver, read_id("evaluation_id", evaluation_id))

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
