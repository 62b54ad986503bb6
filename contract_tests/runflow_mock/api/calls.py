"""A call, and the table of the handlers of operations.

A call is one accepted request on its way to the handler of its operation.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from attrs import frozen

from ..contract.answers import not_found
from ..contract.json_types import JsonObject, as_object
from ..contract.recognition import nameless
from ..simulation.simulation import Simulation
from ..state.keys import ApiKey
from ..state.state import State
from ..state.tables import Table


@frozen
class Call:
    """What a handler works with.

    `path_values` are those of the handler's path, in its order: names and spelling of the path in
    the document do not matter.
    """

    simulation: Simulation
    path_values: tuple[str, ...]
    query: JsonObject
    headers: dict[str, str]
    body: Any
    key: ApiKey | None
    organization_id: str
    now: datetime

    @property
    def state(self) -> State:
        """What the server keeps."""
        return self.simulation.state

    @property
    def fields(self) -> JsonObject:
        """The JSON object of the body, empty if there is none."""
        return as_object(self.body)

    def own(self, table: Table, identifier: str, what: str, code: str | None = None) -> JsonObject:
        """Return the row of the caller's organization with that id.

        Raise the 404 if there is none.
        """
        row = table.get(identifier)
        if row is None or row.get("org_id") not in (None, self.organization_id):
            raise not_found(what, identifier, code)
        return row

    def owned(self, table: Table) -> list[JsonObject]:
        """Return the rows of the caller's organization."""
        return table.where(org_id=self.organization_id)


Handle: TypeAlias = Callable[[Call], object]


@frozen
class Handler:
    """The code behind an operation.

    `scope` is what the key must allow; `keyless` operations need no key.
    """

    name: str
    method: str
    path: str
    handle: Handle
    scope: str | None
    keyless: bool


HANDLERS: dict[tuple[str, str], Handler] = {}


def handles(
    name: str, method: str, path: str, *, scope: str | None = None, keyless: bool = False
) -> Callable[[Handle], Handle]:
    """Make a function the handler of an operation.

    It returns a body, or a Reply, and raises Refusal.
    """

    def register(handle: Handle) -> Handle:
        HANDLERS[method, nameless(path)] = Handler(name, method, path, handle, scope, keyless)
        return handle

    return register
