"""Type hints of public objects resolve at run time, hashable objects hash, and every client has a
repr.
"""

import inspect
from collections.abc import Iterator
from typing import Any, Literal, get_origin, get_type_hints

import attrs
import pytest
import runflow_client
import runflow_mock
from runflow_client import (
    AsyncRunflow,
    InvalidArgument,
    RetryPolicy,
    Run,
    RunError,
    Runflow,
    bulk,
    callbacks,
    errors,
)
from runflow_client.callbacks import inbox
from runflow_mock import MockRunflow

from .conftest import MockTime


def functions_of(kind: type) -> Iterator[Any]:
    for name, member in inspect.getmembers_static(kind):
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(member, property):
            yield member.fget
        elif inspect.isfunction(found := getattr(member, "func", member)):
            yield found


MODULES = (runflow_client, bulk, callbacks, errors, inbox, runflow_mock)

PUBLIC = {
    f"{module.__name__}.{name}": found
    for module in MODULES
    for name in getattr(module, "__all__", dir(module))
    if not name.startswith("_") and callable(found := getattr(module, name))
}


@pytest.mark.parametrize("name", PUBLIC)
def test_type_hints_can_be_resolved(name: str) -> None:
    found: Any = PUBLIC[name]
    if get_origin(found) is Literal:
        return
    get_type_hints(found)
    if inspect.isclass(found):
        for function in functions_of(found):
            get_type_hints(function)
            inspect.signature(function, eval_str=True)
        if attrs.has(found):
            attrs.resolve_types(found)


@pytest.mark.parametrize("name", PUBLIC)
def test_pydantic_takes_every_public_function(name: str) -> None:
    pydantic = pytest.importorskip("pydantic")
    found: Any = PUBLIC[name]
    wrap = pydantic.validate_call(config={"arbitrary_types_allowed": True})
    functions = [*functions_of(found)] if inspect.isclass(found) else [found]
    for function in functions:
        if inspect.isfunction(function):
            wrap(function)


def test_type_hints_are_the_real_types() -> None:
    assert get_type_hints(Runflow.run)["return"] is Run
    assert get_type_hints(AsyncRunflow.__init__)["retries"] == RetryPolicy | None
    assert issubclass(Run, get_type_hints(RunError.__init__)["run"])


def test_pydantic_validates_a_call(mock: MockRunflow) -> None:
    pydantic = pytest.importorskip("pydantic")
    with Runflow(mock.api_key, base_url=mock.base_url, clock=MockTime(mock)) as client:
        run = pydantic.validate_call(config={"arbitrary_types_allowed": True})(client.run)
        assert run("google/nano-banana-pro", {"prompt": "x"}).status == "succeeded"
        with pytest.raises(pydantic.ValidationError):
            run("google/nano-banana-pro", {"prompt": "x"}, on_unknown_outcome="Raise")
        assert len(mock.runs) == 1


def test_what_claims_to_be_hashable_is(mock: MockRunflow) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url, clock=MockTime(mock)) as client:
        run = client.run("google/nano-banana-pro", {"prompt": "x"}, metadata={"a": [1]})
        image = {"image_url": "https://a.test/x.png"}
        batch = client.batches.create(
            "runflow/background-removal", [image], metadata={"a": [1]}
        ).wait()
        found = [run, run.outputs[0], batch, client.runs.page(), client, client.runs.attach(run.id)]
        found += [client.assets.upload(b"\x89PNG\r\n\x1a\n" + bytes(99)), RetryPolicy()]
        assert len(set(found)) == len(found)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_a_client_whose_constructor_failed_has_a_repr(kind: Any) -> None:
    with pytest.raises(InvalidArgument):
        kind("not a key")
    assert repr(kind.__new__(kind)) == f"{kind.__name__}()"
