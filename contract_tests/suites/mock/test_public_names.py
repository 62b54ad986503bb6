"""The public names of the mock server and their signatures, as `public_names.txt` lists them."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import runflow_mock
from runflow_mock import MockRunflow

from ..snapshot import check_snapshot

LIST = Path(__file__).with_name("public_names.txt")


def signature(value: object) -> str:
    """Return names, kinds and defaults of a callable's parameters."""
    if not callable(value):
        return ""
    found = inspect.signature(value)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in found.parameters.values()
        if parameter.name != "self"
    ]
    return str(inspect.Signature(bare))


def members(kind: type) -> Iterator[str]:
    for name in sorted(name for name in dir(kind) if not name.startswith("_")):
        yield f"    {name}{signature(getattr(kind, name))}"


def surface(mock: MockRunflow) -> Iterator[str]:
    for name in dir(runflow_mock):
        value = getattr(runflow_mock, name)
        yield name + signature(value)
        if inspect.isclass(value):
            yield from members(value)
    for name in ("faults", "keys", "models"):
        yield f"MockRunflow.{name}"
        yield from members(type(getattr(mock, name)))


def test_the_public_names_and_their_signatures_are_those_that_are_pinned(mock: MockRunflow) -> None:
    check_snapshot(LIST, "\n".join(surface(mock)) + "\n")


def test_completion_offers_the_public_names_and_nothing_else() -> None:
    assert dir(runflow_mock) == sorted(runflow_mock.__all__)
    assert len(runflow_mock.__all__) == 16
