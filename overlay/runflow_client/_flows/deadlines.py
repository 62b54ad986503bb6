"""Carry out a flow within a deadline that it does not know."""

from typing import TypeVar

from attrs import evolve
from runflow_api.api.media import create_asset_upload

from .._errors import RequestTimeout
from .._redaction import show_address
from .._time import Deadline
from .commands import Command, Flow, LockTimeout, PutFile, SendRequest, Sleep, WithLock
from .execution import Ended, Execution

T = TypeVar("T")


def within(deadline: Deadline, flow: Flow[T], reason: str, request: tuple[str, str]) -> Flow[T]:
    """Carry the flow out with requests, transfers and pauses that end by the deadline.

    `request` is method and path of the first one. Raises RequestTimeout with the reason, about the
    last request, when no time is left for the next. What blocks in another thread is not
    interrupted.
    """
    execution = Execution(flow)
    try:
        while not isinstance(command := execution.next_command(), Ended):
            if isinstance(command, SendRequest):
                request = command.arguments["method"], command.arguments["url"]
            elif isinstance(command, PutFile):
                request = "PUT", show_address(command.url)
            if deadline.has_passed() or (
                isinstance(command, Sleep) and not deadline.allows(command.seconds)
            ):
                raise RequestTimeout(reason, method=request[0], path=request[1])
            try:
                execution.outcome = yield _ending_by(deadline, command, reason, request)
            except LockTimeout as error:
                raise RequestTimeout(reason, method=request[0], path=request[1]) from error
            except BaseException as error:
                execution.outcome = error
        return command.result
    finally:
        flow.close()


def uploaded_by(deadline: Deadline | None, uploading: Flow[T], kind: str) -> Flow[T]:
    """Return the flow that uploads the files of a create, ended by the deadline, if there is one.

    `kind` is what is created. It raises RequestTimeout when no time is left for the next request.
    """
    if deadline is None:
        return uploading
    reason = f"the files were not uploaded in time, so no {kind} was created"
    first = create_asset_upload.OPERATION
    return within(deadline, uploading, reason, (first.method, first.path))


def _ending_by(
    deadline: Deadline, command: Command, reason: str, request: tuple[str, str]
) -> Command:
    if isinstance(command, SendRequest):
        return evolve(command, timeout=deadline.clip(command.timeout))
    if isinstance(command, PutFile):
        seconds = deadline.clip(command.seconds) or 0.0
        return evolve(command, seconds=seconds, timeout=seconds)
    if isinstance(command, WithLock):
        flow = within(deadline, command.flow, reason, request)
        return evolve(command, flow=flow, timeout=deadline.remaining())
    return command
