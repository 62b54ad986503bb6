"""Which run belongs to which create, where several creates share one client_ref."""

import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .creation import Create


class Claims:
    """The runs of one client_ref that are somebody's already.

    A create whose answer was lost may adopt a run that is the answer of another create with equal input, still on its way.
    Equal inputs are interchangeable, so the two trade places: the adopter keeps the run, and the other goes on with what the
    adopter left undone.
    """

    def __init__(self) -> None:
        self._adopters: dict[str, Create | None] = {}

    def __contains__(self, run_id: object) -> bool:
        """Whether the run is somebody's."""
        return run_id in self._adopters

    def adopt(self, run_id: str, create: "Create") -> bool:
        """The create takes the run that a list showed, unless another thread's was quicker."""
        return self._adopters.setdefault(run_id, create) is create

    def answer(self, run_id: str) -> "Create | None":
        """A create was answered with this run. None if it is free; otherwise the adopter, whose place is to be taken."""
        adopter = self._adopters.setdefault(run_id, None)
        self._adopters[run_id] = None
        return adopter


LARGEST_GROUP: Final = 400
"""Runs of one made-up client_ref: they fit into one page of a list, with room for those that were sent twice."""


class Submissions:
    """Gives runs that are submitted together one register of claims, and one client_ref where they are to share it."""

    def __init__(self) -> None:
        self._given = LARGEST_GROUP
        self._client_ref = ""
        self._claims = Claims()

    def next(self) -> tuple[str, Claims]:
        """The client_ref and claims for one more run."""
        if self._given >= LARGEST_GROUP:
            self._given, self._client_ref, self._claims = 0, make_client_ref(), Claims()
        self._given += 1
        return self._client_ref, self._claims


def make_client_ref() -> str:
    """A client_ref that nothing else carries."""
    return f"runflow-client-{uuid.uuid4()}"
