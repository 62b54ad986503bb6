"""Which laws see that every answer of a server is bent in one way."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import frozen
from runflow_conformance.laws import CHECKS, LawViolation

from ..snapshot import check_snapshot
from .mock_target import mock_target

Body = dict[str, Any]

ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:]+Z", re.I)
SHOWN: Final = 50
"""Letters of what a law says."""


def of_pages(change: Callable[[list[Any]], list[Any]]) -> Callable[[Body], Body]:
    """Change the rows of a page."""
    return lambda body: {**body, "items": change(body["items"])} if "items" in body else body


def of_errors(change: Callable[[Body], Body]) -> Callable[[Body], Body]:
    """Add a changed copy of its first entry to a refusal with `errors`."""

    def added(body: Body) -> Body:
        entries = body.get("errors")
        return {**body, "errors": [*entries, change(entries[0])]} if entries else body

    return added


def with_null(ending: str) -> Callable[[Body], Body]:
    """Take away what is at names that end so."""

    def cleared(body: Any) -> Any:
        if isinstance(body, list):
            return [cleared(one) for one in body]
        if isinstance(body, dict):
            return {
                name: None if name.endswith(ending) else cleared(value)
                for name, value in body.items()
            }
        return body

    return cleared


def with_one_more(name: str) -> Callable[[Body], Body]:
    """Count one more than there are."""
    return lambda body: {**body, name: body[name] + 1} if name in body else body


BENDS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Body], Body]]]] = {
    "a row is twice on its page": (
        ("lists", "run_details"),
        of_pages(lambda rows: [*rows[:1], *rows]),
    ),
    "the last row of several is lost": (
        ("lists", "run_details"),
        of_pages(lambda rows: rows[: max(len(rows) - 1, 1)]),
    ),
    "the rows stand in the reverse order": (
        ("lists", "run_details"),
        of_pages(lambda rows: rows[::-1]),
    ),
    "an error has no place": (("refusals",), of_errors(lambda entry: {**entry, "loc": []})),
    "an error has no text": (("refusals",), of_errors(lambda entry: {**entry, "msg": ""})),
    **{
        f"items_{name} is one more": (
            ("a_batch_ends_with_its_last_item",),
            with_one_more(f"items_{name}"),
        )
        for name in ("total", "succeeded", "failed", "cancelled")
    },
    "no moment is shown": (("completeness", "run_details"), with_null("_at")),
}
"""The laws that are tried, for speed, by module or name, and what is done to each answer."""


@frozen
class Bent(httpx.BaseTransport):
    """Bends each JSON object that a server answers."""

    inner: httpx.BaseTransport
    bend: Callable[[Body], Body]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        content = response.read()
        response.close()
        if content.startswith(b"{"):
            content = json.dumps(self.bend(json.loads(content))).encode()
        return httpx.Response(
            response.status_code, headers={"Content-Type": "application/json"}, content=content
        )

    def close(self) -> None:
        self.inner.close()


def seen(tried: Collection[str], bend: Callable[[Body], Body]) -> Iterator[str]:
    """Give the laws that are broken by a server that bends its answers so, and what they say."""
    with mock_target(through=lambda wire: Bent(wire, bend)) as target:
        for check in CHECKS:
            if not {check.__module__.rpartition(".")[2], check.__name__}.intersection(tried):
                continue
            try:
                check(target)
            except LawViolation as violation:
                said = " ".join(ID.sub("ID", str(violation)).split())
                yield f"  {check.__name__}: {said[:SHOWN]}"
            except Exception as error:
                yield f"  {check.__name__}: {type(error).__name__}"


def test_the_laws_that_see_a_bend_are_those_of_the_list() -> None:
    lines = [line for name, bend in BENDS.items() for line in (name, *seen(*bend))]
    check_snapshot(Path(__file__).with_name("bent_answers.txt"), "\n".join(lines) + "\n")
