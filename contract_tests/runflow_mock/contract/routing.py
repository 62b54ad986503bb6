"""Find the operation of a request.

The raw path is matched, so that an encoded slash is not a separator.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from attrs import frozen

from .document import Operation
from .recognition import extra_parameters

# A model id has 2 to 5 segments, so the parameter after the owner's spans up to 4.
MAX_SPAN = 4


@frozen
class Match:
    """An operation and the values of its path parameters, decoded."""

    operation: Operation
    path_values: dict[str, str]


@frozen
class _Route:
    operation: Operation
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    fixed: int
    spans: int


class Router:
    """The operations of a document, found by raw path and method.

    Of the path templates that match, those with the most fixed segments count. There may be
    several: `/v1/models/acme/outputs/runs` matches `/v1/models/{owner}/{slug}/runs` and
    `/v1/models/{model_id}/outputs/{id}`. Then the method decides.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._routes = sorted(
            (_route(operation) for operation in operations),
            key=lambda route: (-route.fixed, route.spans),
        )

    def match(self, method: str, raw_path: str) -> Match | None:
        """Return the operation of that method and path, None if there is none."""
        return next(
            (match for match in self._matches(raw_path) if match.operation.method == method), None
        )

    def allowed(self, raw_path: str) -> list[str]:
        """Return the methods that the path has, empty if no template fits it."""
        return sorted({match.operation.method for match in self._matches(raw_path)})

    def _matches(self, raw_path: str) -> Iterator[Match]:
        decided: int | None = None
        for route in self._routes:
            if decided not in (None, route.fixed):
                return
            found = route.pattern.fullmatch(raw_path)
            if found is not None:
                decided = route.fixed
                values = [unquote(value, errors="replace") for value in found.groups()]
                yield Match(route.operation, dict(zip(route.names, values, strict=True)))


def _route(operation: Operation) -> _Route:
    """Make the pattern of a template.

    A parameter that directly follows another one may span several segments; so may one that the
    server knows as two, or that has the converter `path`.
    """
    pattern, names, fixed, spans = "", list[str](), 0, 0
    segments = operation.path.strip("/").split("/")
    parameters = [re.fullmatch(r"\{([^}]*)\}", segment) for segment in segments]
    missing = iter(extra_parameters(operation.path, operation.signature[1]))
    for index, (segment, parameter) in enumerate(zip(segments, parameters, strict=True)):
        is_after = index > 0 and parameters[index - 1] is not None
        if parameter is None:
            pattern += rf"/(?:{re.escape(segment)}|{re.escape(quote(segment))})"
            fixed += 1
            continue
        more = 0 if is_after else max(next(missing), 0)
        if is_after or more or parameter[1].endswith(":path"):
            pattern += rf"/([^/]+(?:/[^/]+){{0,{MAX_SPAN - 1 + more}}})"
            spans += 1
        else:
            pattern += "/([^/]+)"
        names.append(parameter[1].partition(":")[0])
    pattern += "/?" if operation.path.endswith("/") else ""
    return _Route(operation, re.compile(pattern), tuple(names), fixed, spans)
