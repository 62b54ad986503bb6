"""Planned faults: which requests or callbacks they change, how often, and how likely."""

import random
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, Self

from attrs import (
    asdict,
    converters,
    define,
    evolve,
    field as attrs_field,
    fields as attrs_fields,
    validators,
)

from ..contract.answers import Reply, default_code, storage_error
from ..contract.choices import did_you_mean, one_of
from ..contract.document import Operation
from ..contract.json_types import JsonObject
from ..contract.recognition import nameless
from ..contract.requests import IncomingRequest

# Instead of acting on the request.
STATUS, HTML, RESET_BEFORE, STALL = "status", "html", "reset_before", "stall"
# After acting, on the wire.
RESET_AFTER, SLOW_HEADERS, TRICKLE, TRUNCATE = "reset_after", "slow_headers", "trickle", "truncate"
# After acting, in the body.
UNKNOWN_STATUS, UNKNOWN_FIELD, UNKNOWN_ENUM = "unknown_status", "unknown_field", "unknown_enum"
NULL, WRONG_TYPE, MISSING_FIELD, CLOCK_SKEW = "null", "wrong_type", "missing_field", "clock_skew"
# To a callback.
DUPLICATE_CALLBACK, LOST_CALLBACK, LATE_CALLBACK = (
    "duplicate_callback",
    "lost_callback",
    "late_callback",
)
REORDERED_CALLBACK, UNKNOWN_EVENT = "reordered_callback", "unknown_event"

INSTEAD = frozenset({STATUS, HTML, RESET_BEFORE, STALL})
ON_THE_WIRE = frozenset({RESET_AFTER, SLOW_HEADERS, TRICKLE, TRUNCATE})
IN_THE_BODY = frozenset(
    {UNKNOWN_STATUS, UNKNOWN_FIELD, UNKNOWN_ENUM, NULL, WRONG_TYPE, MISSING_FIELD, CLOCK_SKEW}
)
TO_A_CALLBACK = frozenset(
    {DUPLICATE_CALLBACK, LOST_CALLBACK, LATE_CALLBACK, REORDERED_CALLBACK, UNKNOWN_EVENT}
)
KINDS = INSTEAD | ON_THE_WIRE | IN_THE_BODY | TO_A_CALLBACK
EVERY_OPERATION = "*"
STORAGE = "storage"
_STORAGE_SIGNATURE = ("", STORAGE)


Check = Callable[[object, Any, Any], None]
"""A validator of attrs. What it refuses would fail when the fault applies."""


def _is(expected: str, *kinds: type) -> Check:
    """Return a validator that raises TypeError for a value of another kind."""

    def check(instance: object, attribute: Any, value: object) -> None:
        if not isinstance(value, kinds):
            raise TypeError(f"{attribute.name} is {value!r}: expected {expected}")

    return check


_TEXT: Final = _is("a text", str)
_TEXT_OR_NONE: Final = _is("a text, or None", str, type(None))
_SECONDS: Final = _is("a number of seconds", int, float)
_LONGEST: Final = timedelta(days=365 * 1000).total_seconds()
_HEADER: Final = re.compile(r"[ -~]*")


@define(kw_only=True)
class Fault:
    """One planned fault.

    `kind` is what happens:

    - instead of acting on the request: `status`, `html`, `reset_before`, `stall`;
    - after acting, on the connection: `reset_after`, `slow_headers`, `trickle`, `truncate`;
    - after acting, in the body: `unknown_status`, `unknown_field`, `unknown_enum`, `null`,
      `wrong_type`, `missing_field`, `clock_skew`;
    - to a callback: `duplicate_callback`, `lost_callback`, `late_callback`, `reordered_callback`,
      `unknown_event`.

    `operation` is a name such as `get_run`, a method and path template, `*` for any of the API, or
    `storage` for uploads and downloads of files, which has no faults in the body. Only those
    requests are changed that have `contains` in path, query or body, and callbacks in the payload.
    `count` is how many are, None for all. `probability` is decided by a random source with the seed
    `seed`: the same requests in the same order get the same faults.

    `status`, `code`, `message` and `retry_after` make the answer of `status`. `delay` is in real
    seconds for `slow_headers` (once) and `trickle` (between pieces), and in seconds of the server's
    clock for `late_callback`. `field` is the dotted path that a body fault changes
    (`output.outputs.0.url`); without it the fault picks one. `value` is the unknown status, enum
    value or event. `skew` is in seconds.
    """

    kind: str = attrs_field(validator=one_of("fault", sorted(KINDS)))
    operation: str = attrs_field(default=EVERY_OPERATION, validator=_TEXT)
    contains: str = attrs_field(default="", validator=_TEXT)
    count: int | None = attrs_field(
        default=1, validator=_is("a whole number, or None for all", int, type(None))
    )
    probability: float = attrs_field(default=1.0, validator=_is("a number", int, float))
    seed: int = attrs_field(default=0, validator=_is("a whole number", int))
    status: int = attrs_field(
        default=500,
        validator=[_is("a whole number", int), validators.ge(200), validators.le(999)],
    )
    code: str | None = attrs_field(default=None, validator=_TEXT_OR_NONE)
    message: str | None = attrs_field(default=None, validator=_TEXT_OR_NONE)
    retry_after: str | None = attrs_field(default=None, converter=converters.optional(str))
    delay: float = attrs_field(default=0.05, validator=_SECONDS)
    field: str | None = attrs_field(default=None, validator=_TEXT_OR_NONE)
    value: str = "mock_unknown"
    skew: float = attrs_field(default=3600.0, validator=_SECONDS)
    source: random.Random = attrs_field(init=False, repr=False, eq=False)
    signature: tuple[str, str] | None = attrs_field(init=False, default=None, repr=False)
    applied: int = attrs_field(init=False, default=0, repr=False, eq=False)
    changed: bool = attrs_field(init=False, default=False, repr=False, eq=False)
    """Whether it has changed anything: a body fault may find nothing to change."""

    def __attrs_post_init__(self) -> None:
        self.source = random.Random(self.seed)
        if self.count is not None and self.count < 1:
            raise ValueError(f"count is {self.count}: expected 1 or more, or None for all")
        if not 0 < self.probability <= 1:
            raise ValueError(f"probability is {self.probability}: expected above 0, at most 1")
        for name, seconds in (("delay", self.delay), ("skew", self.skew)):
            if not abs(seconds) <= _LONGEST:
                raise ValueError(f"{name} is {seconds}: expected seconds of at most 1000 years")
        if self.delay < 0:
            raise ValueError(f"delay is {self.delay}: expected 0 or more seconds")
        if self.retry_after is not None and not _HEADER.fullmatch(self.retry_after):
            raise ValueError(
                f"retry_after is {self.retry_after!r}: expected text that a header can hold"
            )

    @classmethod
    def read(cls, fields: JsonObject) -> Self:
        """Return the fault that a JSON object describes.

        Raise ValueError or TypeError if it describes none.
        """
        known = {attribute.name for attribute in attrs_fields(cls) if attribute.init}
        unknown = sorted(set(fields) - known)
        if unknown:
            raise ValueError(
                f"a fault has no {', '.join(unknown)}; it has {', '.join(sorted(known))}"
            )
        return cls(**fields)

    def describe(self) -> JsonObject:
        """Return the fault as a JSON object."""
        chosen: dict[str, Any] = asdict(self, filter=lambda attribute, _: attribute.init)
        return chosen

    def hits(self, signature: tuple[str, str] | None, text: str) -> bool:
        """Return whether the fault applies to this request or callback; if so, count it as used.

        `signature` is that of the request's operation, None for a callback.
        """
        is_every = self.signature is None and signature != _STORAGE_SIGNATURE
        if not (is_every or self.signature == signature):
            return False
        if self.count == 0 or self.contains not in text:
            return False
        if self.source.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        self.applied += 1
        self.changed = self.changed or self.kind not in IN_THE_BODY
        return True

    def reply(self) -> Reply:
        """Return the answer that the fault gives instead of the real one."""
        if self.kind == HTML:
            title = "502 Bad Gateway"
            page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
            return Reply(
                page.encode(), 502 if self.status == 500 else self.status, media_type="text/html"
            )
        headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        message = self.message or f"a planned fault of the mock server: {self.status}"
        code = default_code(self.status)
        if self.operation == STORAGE:
            code = self.code or code.title().replace("_", "")
            return evolve(storage_error(self.status, code, message), headers=headers)
        body = {"code": self.code or code, "message": message, "errors": None}
        return Reply(body, self.status, headers)


class Faults:
    """The planned faults, in the order in which they were planned.

    They may be used from any thread.
    """

    def __init__(
        self, names: Mapping[str, tuple[str, str]], documented: Iterable[Operation]
    ) -> None:
        """Plan faults of the operations that are `documented`.

        `names` gives method and path template of each operation's name.
        """
        self._names = names
        self._documented: dict[tuple[str, str] | None, tuple[str, str]] = {}
        for operation in documented:
            spelled = operation.method, nameless(operation.path)
            self._documented |= dict.fromkeys((operation.signature, spelled), operation.signature)
        self._planned: list[Fault] = []
        self._added: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Plan a fault and return it. Raise ValueError if it could never apply."""
        fault.signature = self._signature_of(fault)
        with self._lock:
            self._planned.append(fault)
            self._added.append(fault)
        return fault

    def clear(self) -> None:
        """Remove every planned fault."""
        with self._lock:
            self._planned.clear()
            self._added.clear()

    def unused(self) -> list[Fault]:
        """Return the faults that never changed anything, without those that chance decides."""
        with self._lock:
            return [fault for fault in self._added if not fault.changed and fault.probability >= 1]

    def for_request(self, signature: tuple[str, str], request: IncomingRequest) -> Fault | None:
        """Return the fault that applies to a request to this operation, or None."""
        return self._take(KINDS - TO_A_CALLBACK, signature, request.text) if self._planned else None

    def for_storage(self, request: IncomingRequest) -> Fault | None:
        """Return the fault that applies to an upload or a download, or None."""
        return self.for_request(_STORAGE_SIGNATURE, request)

    def for_callback(self, payload: str) -> Fault | None:
        """Return the fault that applies to a callback, or None."""
        return self._take(TO_A_CALLBACK, None, payload)

    def _signature_of(self, fault: Fault) -> tuple[str, str] | None:
        """Return the signature of the fault's operation, None for `*`."""
        if fault.operation == EVERY_OPERATION:
            return None
        if fault.operation == STORAGE:
            if fault.kind not in INSTEAD | ON_THE_WIRE:
                raise ValueError(f"{fault.kind} changes answers of the API or callbacks, no files")
            return _STORAGE_SIGNATURE
        if fault.kind in TO_A_CALLBACK:
            raise ValueError(
                f"{fault.kind} applies to callbacks, which have no operation: leave "
                f"{fault.operation!r} out; `contains` chooses by the payload"
            )
        method, _, path = fault.operation.partition(" ")
        named = (method.upper(), path) if path else self._names.get(fault.operation)
        signature = None if named is None else (named[0], nameless(named[1]))
        if signature not in self._documented:
            hint = did_you_mean(fault.operation, self._names)
            raise ValueError(
                f"the document has no operation {fault.operation!r}{hint}: "
                "give a name such as 'get_run', or method and path as in 'GET /v1/runs/{id}'"
            )
        return self._documented[signature]

    def _take(
        self, kinds: Collection[str], signature: tuple[str, str] | None, text: str
    ) -> Fault | None:
        with self._lock:
            for fault in self._planned:
                if fault.kind in kinds and fault.hits(signature, text):
                    if fault.count == 0:
                        self._planned.remove(fault)
                    return fault
        return None

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._planned))
