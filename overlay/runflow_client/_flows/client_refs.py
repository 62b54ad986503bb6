"""Which run a create owns, of those that carry its client_ref.

A made-up client_ref names one run: whatever carries it is its create's. A client_ref of the
caller's may be on many runs. Of those a create owns the run of its own answer, and after a lost
answer the only one that is new, provided that no other create of this process can own it.
"""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final, NoReturn, Protocol, TypeVar
from weakref import WeakValueDictionary

from attrs import define, field

from .._errors import RunflowError

if TYPE_CHECKING:
    from runflow_api.models.run import Run as RunModel

V = TypeVar("V")

MAX_REMEMBERED: Final = 10_000
"""How many runs, and client_refs of which a create was lost for good, one process remembers, and
how many ids of other creates one client remembers.
"""


MADE_UP_REF: Final = "runflow-client-"
"""Begins the client_ref of a create that was given none."""

_REFS: Final = uuid.UUID("2b7d4c7e-4a0f-4b7f-9c55-0d9a3f6f1e08")
"""The namespace of the client_refs that are made of idempotency keys."""


def make_client_ref() -> str:
    """Make a client_ref that nothing else carries."""
    return f"{MADE_UP_REF}{uuid.uuid4()}"


def client_ref_of(idempotency_key: str) -> str:
    """Return the client_ref of the create with this key where the caller gave none.

    It is the same when the call is made again with its key, for then the body must be the same.
    """
    return f"{MADE_UP_REF}{uuid.uuid5(_REFS, idempotency_key)}"


class ClientRef(Protocol):
    """The client_ref of one create."""

    def owns(self, run_id: str) -> bool:
        """Whether the run of an answer that carries the client_ref is the create's own."""
        ...

    def choose(self, runs: Sequence[RunModel], *, whole: bool) -> RunModel | None:
        """Return the create's own run, of these that carry the client_ref, if that can be said.
        `whole` says that no others are expected.
        """
        ...

    def excludes(self, runs: Sequence[RunModel]) -> bool:
        """Whether none of these that carry the client_ref can be the create's own."""
        ...


class UniqueClientRef:
    """A client_ref that names one run."""

    def owns(self, run_id: str) -> bool:
        """Every run that carries it is the create's own."""
        return True

    def choose(self, runs: Sequence[RunModel], *, whole: bool) -> RunModel | None:
        """Return the newest of them."""
        return runs[0] if runs else None

    def excludes(self, runs: Sequence[RunModel]) -> bool:
        """Only where there is none."""
        return not runs


@define(eq=False, repr=False)
class SharedClientRefs:
    """The creates of one process whose client_ref the caller gave. May be used from any thread."""

    lock: threading.Lock = field(factory=threading.Lock)
    open: Counter[str] = field(factory=Counter[str])
    """How many creates of each client_ref are under way."""
    lost: dict[str, None] = field(factory=dict[str, None])
    """Client_refs of creates that ended without knowing their run: it may show at any time."""
    owners: dict[str, str] = field(factory=dict[str, str])
    """The idempotency key of the create that each run belongs to."""

    def __deepcopy__(self, memo: object) -> SharedClientRefs:
        """Return the register itself: the clients of a process share it, copied or not."""
        return self

    def __reduce__(self) -> NoReturn:
        """Raise RunflowError: what belongs to a client stays in its process."""
        raise RunflowError(
            "the parts of a client, such as client.callbacks, cannot be pickled: make a client in "
            "each process"
        )

    def begin(self, client_ref: str) -> None:
        """Note that a create is under way."""
        with self.lock:
            self.open[client_ref] += 1

    def end(self, client_ref: str, *, is_lost: bool) -> None:
        """Note that a create has ended. `is_lost` says that it may have made a run that it does not
        know.
        """
        with self.lock:
            self.open[client_ref] -= 1
            if not self.open[client_ref]:
                del self.open[client_ref]
            if is_lost:
                _remember(self.lost, client_ref, None)


_client_refs: Final = WeakValueDictionary[str, SharedClientRefs]()


def shared_client_refs(base_url: str) -> SharedClientRefs:
    """Return the creates of this process at this server, whichever client they go through."""
    return _client_refs.setdefault(base_url, SharedClientRefs())


@define(eq=False, repr=False)
class CreatedIds:
    """What each create of one client got, by its id. May be used from any thread."""

    _lock: threading.Lock = field(init=False, factory=threading.Lock)
    _keys: dict[str, str] = field(init=False, factory=dict[str, str])

    def __deepcopy__(self, memo: object) -> CreatedIds:
        """Return the register itself: it belongs to the client."""
        return self

    def take(self, subject_id: str, key: str) -> bool:
        """Note that the create with this key got this. False if another create did: a proxy, or a
        kept connection, may give an answer twice.
        """
        with self._lock:
            return _take(self._keys, subject_id, key)


def _take(keys: dict[str, str], subject_id: str, key: str) -> bool:
    """Note whose this is, by the key of a create. False if another create got it before."""
    if keys.get(subject_id, key) != key:
        return False
    _remember(keys, subject_id, key)
    return True


def _remember(memory: dict[str, V], name: str, value: V) -> None:
    memory[name] = value
    if len(memory) > MAX_REMEMBERED:
        del memory[next(iter(memory))]


@define(eq=False, repr=False)
class SharedClientRef:
    """A client_ref of the caller's, in one create."""

    value: str
    idempotency_key: str
    creates: SharedClientRefs
    before: Collection[str] | None
    """Ids of the runs that carried it before the create; None where that is not known."""

    def owns(self, run_id: str) -> bool:
        """Whether no other create got this run. An answer that came twice is another create's."""
        with self.creates.lock:
            return _take(self.creates.owners, run_id, self.idempotency_key)

    def choose(self, runs: Sequence[RunModel], *, whole: bool) -> RunModel | None:
        """Return the only new run, where no other create of this process can own it."""
        with self.creates.lock:
            new = self._new(runs)
            is_alone = self.creates.open[self.value] == 1 and self.value not in self.creates.lost
            if not (whole and is_alone and self.before is not None and len(new) == 1):
                return None
            _remember(self.creates.owners, str(new[0].id), self.idempotency_key)
            return new[0]

    def excludes(self, runs: Sequence[RunModel]) -> bool:
        """Whether each was there before the create or is another create's."""
        return not self._new(runs)

    def _new(self, runs: Sequence[RunModel]) -> list[RunModel]:
        before = self.before or ()
        return [
            run for run in runs if str(run.id) not in before and not self._is_anothers(str(run.id))
        ]

    def _is_anothers(self, run_id: str) -> bool:
        return self.creates.owners.get(run_id, self.idempotency_key) != self.idempotency_key
