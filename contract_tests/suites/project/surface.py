"""List what users can name: every public name of the client's packages with its signature.

A change of this list is a change of the public surface.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_origin

PACKAGES = (
    "runflow_client",
    "runflow_client.bulk",
    "runflow_client.callbacks",
    "runflow_client.callbacks.asgi",
    "runflow_client.callbacks.django",
    "runflow_client.callbacks.flask",
    "runflow_client.callbacks.inbox",
    "runflow_client.callbacks.starlette",
    "runflow_client.callbacks.wsgi",
    "runflow_client.errors",
    "runflow_client.testing",
)


def public_names(package: str) -> list[str]:
    """The names that a module shows to users: `__all__`, else what `dir` shows of its own."""
    module = import_module(package)
    names = getattr(module, "__all__", None)
    if names is not None:
        return sorted(names)
    return sorted(
        name
        for name in dir(module)
        if not name.startswith("_")
        and getattr(getattr(module, name), "__module__", "").startswith("runflow_client")
    )


def lines() -> Iterator[str]:
    """The list, line by line."""
    for package in PACKAGES:
        yield f"[{package}]"
        for name in public_names(package):
            yield from _described(name, getattr(import_module(package), name))
        yield ""


def _described(name: str, value: Any) -> Iterator[str]:
    if inspect.ismodule(value):
        yield f"{name}: module"
    elif get_origin(value) is not None:
        yield f"{name} = {value}"
    elif inspect.isclass(value):
        yield f"class {name}{_bases(value)}{_signature(value)}"
        for member, found in sorted(vars(value).items()):
            if not member.startswith("_"):
                yield f"    {_member(member, found)}"
        for base in value.__mro__[1:]:
            if base.__module__.startswith("runflow_client.") and base.__name__.startswith("Base"):
                for member, found in sorted(vars(base).items()):
                    if not member.startswith("_") and member not in vars(value):
                        yield f"    {_member(member, found)}"
    elif callable(value):
        yield f"def {name}{_signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _bases(value: type) -> str:
    ours = [base.__name__ for base in value.__bases__ if base is not object]
    return f"[{', '.join(ours)}]" if ours else ""


def _member(name: str, found: Any) -> str:
    if isinstance(found, (classmethod, staticmethod)):
        return f"{type(found).__name__} {name}{_signature(found.__func__)}"
    if inspect.isfunction(found):
        kind = "async def" if inspect.iscoroutinefunction(found) else "def"
        return f"{kind} {name}{_signature(found)}"
    return name


def _signature(value: Any) -> str:
    try:
        said = str(inspect.signature(value)).replace("runflow_client.", "")
        return said.replace("pathlib._local.", "pathlib.")  # where 3.13 keeps Path
    except (TypeError, ValueError):
        return "(...)"
