"""Runs that exist already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .._flows.commands import Progress
from .._flows.other_words import in_own_words
from .._flows.runs import RunFlows
from .._responses import Page
from .._transport.driver import AsyncDriver
from .._validation import check_arguments, read_id
from .handle import AsyncRunHandle
from .run import AsyncRun

if TYPE_CHECKING:
    from runflow_api.models.run_log import RunLog

    from .._flows.create_run import OnUnknownOutcome
    from .._typed_inputs.base import ModelInput as TypedInput
    from ..callbacks._wakeup import Wakeup  # async only


class AsyncRuns:
    """Runs that exist already."""

    def __init__(self, flows: RunFlows[AsyncRun], driver: AsyncDriver) -> None:
        self._flows = flows
        self._driver = driver

    def attach(
        self,
        run_id: str | UUID,
        *,  # async only
        callback: Wakeup | None = None,  # async only
    ) -> AsyncRunHandle:
        """Return a handle on the run with this id. Nothing is sent yet.

        With `callback`, the Wakeup that the run was created with (where the client is awaited), the
        run's callback ends the waits of the handle. Raises InvalidArgument for an invalid id.
        """
        flows = self._flows
        flows, _ = flows.with_callback(callback)  # async only
        return AsyncRunHandle(flows, self._driver, read_id("run_id", run_id))

    async def get(self, run_id: str | UUID) -> AsyncRun:
        """Read the run.

        Raises NotFound and other ApiErrors, TransportError, and InvalidArgument for an invalid id.
        """
        return await self.attach(run_id).refresh()

    @in_own_words
    async def get_or_create(
        self,
        model: str | TypedInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        *,
        client_ref: str,
        callback_url: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        max_cost: Decimal | float | str | None = None,
        on_unknown_outcome: OnUnknownOutcome = "resend",
        inline_below: int = 0,
        upload_progress: Progress | None = None,
        strict: bool = True,
        look_first: bool = True,
        callback: Wakeup | None = None,  # async only
    ) -> AsyncRunHandle:
        """Return a handle on the run that carries this client_ref; create it only if there is none.

        The client_ref names one run. A process that was killed between create and answer makes the
        same call again and continues with the same run, whatever the input says now. The input is
        checked all the same, its files too, before anything is sent. Where several runs carry the
        client_ref, the newest counts.

        The idempotency key is made of the client_ref, so of two processes at once only one creates,
        if the server honours the key (not documented by Runflow for single runs). If it does not,
        two runs are possible: where both look before the list shows the other's run, for which 5
        seconds are allowed.

        The other options are those of `client.run`.

        Args:
            client_ref: names the run, at most 255 characters.
            look_first: False where no run can carry the client_ref yet, as a journal says that its
                create was never sent. That saves the list; a lost answer is looked for all the
                same.
            callback: a Wakeup, as in `client.run`: it ends the waits of the handle.

        Raises:
            OutcomeUnknown: the list does not say whether there is a run, or the answer was lost.
            What `client.submit` raises.
        """
        from .._flows.create_run import create_of

        check_arguments(look_first=look_first)
        flows = self._flows
        flows, callback_url = flows.with_callback(callback, callback_url)  # async only
        request = create_of(
            model,
            input,
            client_ref=client_ref,
            callback_url=callback_url,
            metadata=metadata,
            max_cost=max_cost,
            on_unknown_outcome=on_unknown_outcome,
            inline_below=inline_below,
            upload_progress=upload_progress,
            strict=strict,
            is_identified=True,
        )
        run = await self._driver.drive(flows.create(request, look_first=look_first))
        return AsyncRunHandle(flows.of_model(request.model), self._driver, UUID(run.id), run)

    def list(
        self,
        *,
        status: str | None = None,
        client_ref: str | None = None,
        batch_id: str | UUID | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> AsyncIterator[AsyncRun]:
        """Give every run that the filters let through, each once, page by page as you go on.

        Args:
            status: such as `succeeded`; `canceled` finds both spellings. An unknown one is refused.
            client_ref: your own reference.
            batch_id: the id of a batch. That the server compares it is not documented by Runflow.
            created_after: a moment with a time zone. Moments are compared here, and the list ends
                where all that follows is older.
            created_before: a moment with a time zone.
            q: a filter for the rest, such as `failure_code.EQ:'TIMEOUT'`. It goes to the server as
                it is, joined with the others by AND.
            sort_by: an order, such as `created_at:desc`; several keys are separated by commas.
                Default: the server's, and the newest first where a moment is given.
            page_size: items in one request, 1 to 500.
            cursor: where to begin: a Page's `next` or `previous`. Default: the first page.
            backward: go on to the previous pages instead of the next ones; needs a cursor.

        Raises:
            InvalidArgument: a value that cannot be right, such as a moment without a time zone, a
                page size outside 1 to 500, or `backward` without a cursor.
            ApiError, TransportError: while the items are read.
        """
        from .._flows import paginate

        return self._driver.each(
            paginate.runs(
                self._flows.context,
                self._flows.show,
                status=status,
                client_ref=client_ref,
                batch_id=batch_id,
                created_after=created_after,
                created_before=created_before,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )

    async def page(
        self,
        *,
        status: str | None = None,
        client_ref: str | None = None,
        batch_id: str | UUID | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Page[AsyncRun]:
        """Return one page of runs, with the cursors of its neighbours.

        The options and errors are those of `list`.
        """
        from .._flows import paginate

        return await self._driver.drive(
            paginate.runs_page(
                self._flows.context,
                self._flows.show,
                status=status,
                client_ref=client_ref,
                batch_id=batch_id,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )

    def logs(
        self,
        run_id: str | UUID,
        *,
        level: str | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> AsyncIterator[RunLog]:
        """Give the log lines of a run.

        The options and errors are those of `client.runs.list`.
        """
        from .._flows import paginate

        return self._driver.each(
            paginate.run_logs(
                self._flows.context,
                read_id("run_id", run_id),
                level=level,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )
