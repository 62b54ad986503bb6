"""Type hints of public objects resolve at run time, hashable objects hash, and every client has a
repr.
"""

import copy
import inspect
import pickle
import pkgutil
import traceback
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
import runflow_api
from runflow_client import (
    AsyncRunflow,
    InvalidArgument,
    RetryPolicy,
    Run,
    RunError,
    Runflow,
)
from runflow_mock import MockRunflow

from ..project.surface import PACKAGES, public_names
from .conftest import MockTime


def functions_of(kind: type) -> Iterator[Any]:
    for name, member in inspect.getmembers_static(kind):
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(member, property):
            yield member.fget
        elif inspect.isfunction(found := getattr(member, "func", member)):
            yield found


PUBLIC = {
    f"{package}.{name}": found
    for package in (*PACKAGES, "runflow_client.inputs", "runflow_mock", "runflow_conformance")
    for name in public_names(package)
    if callable(found := getattr(import_module(package), name))
}
CLASSES = {name: found for name, found in PUBLIC.items() if inspect.isclass(found)}
GENERATED = [one.name for one in pkgutil.walk_packages(runflow_api.__path__, "runflow_api.")]
MODELS = {
    name: kind
    for name in public_names("runflow_api.models")
    if attrs.has(kind := getattr(import_module("runflow_api.models"), name))
}
BAD: list[Any] = [object(), None, "x", 1, [], {}]


def resolve(found: Any) -> None:
    """Read the types of a class, its fields and methods, or of a function, as programs do."""
    get_type_hints(found)
    if inspect.isclass(found):
        for function in functions_of(found):
            get_type_hints(function)
            inspect.signature(function, eval_str=True)
        if attrs.has(found):
            attrs.resolve_types(found)
    elif inspect.isfunction(found):
        inspect.signature(found, eval_str=True)


def validate_calls(found: Any) -> None:
    """Let pydantic read the types of a function, or of the methods of a class."""
    pydantic = pytest.importorskip("pydantic")
    wrap = pydantic.validate_call(config={"arbitrary_types_allowed": True})
    for function in [*functions_of(found)] if inspect.isclass(found) else [found]:
        if inspect.isfunction(function):
            wrap(function)


@pytest.mark.parametrize("name", PUBLIC)
def test_type_hints_can_be_resolved(name: str) -> None:
    if get_origin(PUBLIC[name]) is not Literal:
        resolve(PUBLIC[name])


@pytest.mark.parametrize("name", PUBLIC)
def test_pydantic_takes_every_public_function(name: str) -> None:
    validate_calls(PUBLIC[name])


@pytest.mark.parametrize("name", GENERATED)
def test_programs_can_read_the_types_of_the_generated_package(name: str) -> None:
    for attribute, found in vars(import_module(name)).items():
        if attribute.startswith("_") or getattr(found, "__module__", None) != name:
            continue
        if inspect.isclass(found) or inspect.isfunction(found):
            resolve(found)
            if ".api." in name:
                validate_calls(found)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_read_can_be_copied_and_pickled(name: str) -> None:
    kind: Any = MODELS[name]
    made = kind.from_part({"id": "x", "newer": [{"a": None}]})
    for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert other == made
        assert other is not made
    assert set(get_type_hints(kind)) >= {one.name for one in attrs.fields(kind)}


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


def value_of(hint: Any) -> Any:
    """A value of a type, of those that cannot be hashed if there is a choice."""
    kind: Any = get_origin(hint) or hint
    if kind in {Union, UnionType}:
        return next(value_of(member) for member in get_args(hint) if member is not NoneType)
    if kind is tuple:
        return tuple(value_of(member) for member in get_args(hint) if member is not ...)
    if kind is frozenset or kind is Any or not inspect.isclass(kind):
        return frozenset()
    if issubclass(kind, Mapping):
        return {}
    if issubclass(kind, Collection) and not issubclass(kind, str | bytes):
        return []
    return filled(kind) if attrs.has(kind) and kind.__module__ in OURS else "x"


OURS = {found.__module__ for found in CLASSES.values()}


def filled(kind: Any) -> Any:
    """An object of this class, with a value of its type in each of its fields."""
    made = kind.__new__(kind)
    for attribute in attrs.fields(kind) if attrs.has(kind) else ():
        object.__setattr__(made, attribute.name, value_of(attribute.type))
    return made


@pytest.mark.parametrize(
    "name", [name for name, kind in CLASSES.items() if kind.__hash__ is not None]
)
def test_what_claims_to_be_hashable_is_whatever_it_holds(name: str) -> None:
    kind: Any = CLASSES[name]
    if getattr(kind, "_is_protocol", False) or inspect.isabstract(kind):
        return
    hash(filled(kind))


@pytest.mark.parametrize("name", CLASSES)
def test_what_a_failed_constructor_leaves_has_a_repr(name: str) -> None:
    """Debuggers and reporters show the objects in the frames of an error."""
    kind: Any = CLASSES[name]
    try:
        parameters = inspect.signature(kind).parameters.values()
    except ValueError:  # a class of Python's own
        return
    named = [one for one in parameters if one.kind not in {one.VAR_POSITIONAL, one.VAR_KEYWORD}]
    required = [one.name for one in named if one.default is one.empty]
    for bad in BAD:
        for one in (None, *(parameter.name for parameter in named)):
            given: dict[str, Any] = dict.fromkeys([*required, *([one] if one else [])], bad)
            positional = [
                given.pop(parameter.name)
                for parameter in named
                if parameter.kind is parameter.POSITIONAL_ONLY and parameter.name in given
            ]
            try:
                kind(*positional, **given)
            except Exception as error:
                for frame, _ in traceback.walk_tb(error.__traceback__):
                    for shown in frame.f_locals.values():
                        if isinstance(shown, kind):
                            repr(shown)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_a_client_whose_constructor_failed_has_a_repr(kind: Any) -> None:
    with pytest.raises(InvalidArgument):
        kind("not a key")
    assert repr(kind.__new__(kind)) == f"{kind.__name__}()"
