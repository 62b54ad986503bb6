"""Calls written as for other clients, answered with the words of this one."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from inspect import iscoroutine, iscoroutinefunction
from typing import Any, Final, NoReturn, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_CALL: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(
        ("arguments", "inputs", "input_data", "input_args", "params", "parameters", "payload"),
        ("input", "input={...}, which may also be the second argument"),
    ),
    **dict.fromkeys(
        ("webhook_url", "webhook", "fal_webhook", "callback_uri", "notify_url"),
        ("callback_url", "callback_url=..."),
    ),
    **dict.fromkeys(
        ("version", "model_version", "revision"),
        (
            "model",
            "no argument at all: the id alone names the model, such as 'google/nano-banana-pro'",
        ),
    ),
    **dict.fromkeys(
        ("model_id", "model_name", "application", "app", "endpoint", "ref"),
        ("model", "model=..., or the first argument"),
    ),
    **dict.fromkeys(
        ("on_queue_update", "on_enqueue", "on_progress", "with_logs", "logs"),
        ("on_update", "on_update=..., which is called with the run at every change"),
    ),
    **dict.fromkeys(
        ("wait", "max_wait", "start_timeout", "client_timeout", "wait_timeout"),
        ("timeout", "timeout=... in seconds; client.submit(...) does not wait"),
    ),
    **dict.fromkeys(
        ("poll_interval", "interval"),
        ("model", "Runflow(schedule=PollSchedule(...)), for every wait"),
    ),
    **dict.fromkeys(
        ("retries", "max_retries"),
        ("model", "Runflow(retries=RetryPolicy(attempts=...)), for every request"),
    ),
    **dict.fromkeys(("api_key", "api_token", "token", "key"), ("model", "Runflow(api_key=...)")),
    **dict.fromkeys(("reference", "external_id", "tag"), ("client_ref", "client_ref=...")),
}
"""By the other client's word: the argument that is meant, and what to write."""
_CLIENT: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(
        ("token", "api_token", "key", "auth_token", "access_token"), ("api_key", "api_key=...")
    ),
    **dict.fromkeys(
        ("url", "api_base", "api_url", "host", "endpoint", "base"), ("base_url", "base_url=...")
    ),
    **dict.fromkeys(
        ("max_retries", "retry", "num_retries"), ("retries", "retries=RetryPolicy(attempts=...)")
    ),
    **dict.fromkeys(("organization", "org", "org_id"), ("organization_id", "organization_id=...")),
    **dict.fromkeys(("poll_interval", "interval"), ("schedule", "schedule=PollSchedule(...)")),
    **dict.fromkeys(
        ("proxies", "proxy", "verify", "headers", "default_headers", "transport", "http"),
        (
            "http_client",
            "http_client=httpx.Client(...) with it (httpx.AsyncClient for AsyncRunflow)",
        ),
    ),
}
_WAIT: Final = ("timeout", "on_update", "raise_on_failure")
_CREATE: Final = (
    "callback_url",
    "client_ref",
    "idempotency_key",
    "inline_below",
    "look_first",
    "max_cost",
    "metadata",
    "on_unknown_outcome",
    "strict",
    "upload_progress",
)
"""Arguments of creates: a call that lacks one does not take it for a field of the model."""
_NOT_AWAITED: Final = frozenset({"attach", "inputs", "items", "list", "logs"})
"""Methods of the parts of an asynchronous client that are called without `await`."""


def in_own_words(function: F) -> F:
    """Refuse arguments that a function does not have, and methods that are called on their class.

    The error is a TypeError, as in Python, and says what to write. An asynchronous function may
    return the coroutine that it ends with: it is awaited when the frame of the function is gone,
    which a thousand waits would keep.
    """
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    names = [name for name in parameters if name != "self"]
    known = frozenset(names)
    owner = function.__qualname__.rpartition(".")[0]
    is_awaited = iscoroutinefunction(function)

    def check(args: Sequence[Any], given: Mapping[str, Any]) -> None:
        if owner and (not args or all(kind.__name__ != owner for kind in type(args[0]).__mro__)):
            call = f"{_called(function)}(...)"
            raise TypeError(_on_the_class(owner, call, is_awaited=is_awaited))
        if not given.keys() <= known:
            _refuse(function, names, args, given)

    if is_awaited:

        @wraps(function)
        async def call_async(*args: Any, **given: Any) -> Any:
            check(args, given)
            made = function(*args, **given)
            del args, given  # a thousand waits would keep their inputs
            made = await made
            return await made if iscoroutine(made) else made

        return cast("F", call_async)

    @wraps(function)
    def call(*args: Any, **given: Any) -> Any:
        check(args, given)
        return function(*args, **given)

    return cast("F", call)


def with_parts(kind: type[T]) -> type[T]:
    """Let the parts of a client, such as `Runflow.runs`, say that their class is no client."""
    for name, value in list(vars(kind).items()):
        if isinstance(value, cached_property):
            part = _Part(value.func)
            part.__set_name__(kind, name)
            setattr(kind, name, part)
    return kind


class _Part(cached_property[Any]):
    """A cached property whose attributes, asked for on the class, say to make a client."""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        super().__set_name__(owner, name)
        self.owner = owner

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_") or "owner" not in vars(self):
            raise AttributeError(name)
        call, is_awaited = f"client.{self.attrname}.{name}(...)", name not in _NOT_AWAITED
        raise AttributeError(_on_the_class(self.owner.__name__, call, is_awaited=is_awaited))


def _on_the_class(owner: str, call: str, *, is_awaited: bool) -> str:
    """Say that `call` takes a client, where it was written with the class."""
    is_async = owner.startswith("Async")
    client, colour = ("AsyncRunflow", "async ") if is_async else ("Runflow", "")
    wait = "await " if is_async and is_awaited else ""
    return f"{owner} is a class. Make a client: {colour}with {client}() as client: {wait}{call}"


def _refuse(
    function: Callable[..., Any],
    names: Sequence[str],
    args: Sequence[Any],
    given: Mapping[str, Any],
) -> NoReturn:
    """Raise TypeError for the first argument that the function does not have."""
    from .._validation import nearest  # which importing a client does not need

    makes_client = function.__name__ == "__init__"
    words = _CLIENT if makes_client else _CALL
    call = type(args[0]).__name__ if makes_client else _called(function)
    name = next(name for name in given if name not in names)
    meant, answer = words.get(name, ("", ""))
    close = nearest(name, names, cutoff=0.6 if makes_client else 0.8)
    is_of_a_wait = bool({name, meant} & set(_WAIT)) and "on_update" not in names
    if meant in names and not is_of_a_wait:
        told = f"Here it is {answer}"
    elif name == "look_first" and "input" in names:
        told = "It belongs to client.runs.get_or_create(..., client_ref=...)"
    elif meant == "input" and "inputs" in names:
        told = "Here it is inputs=[{...}, ...], which may also be the second argument"
    elif close:
        told = f"Did you mean {close!r}?"
    elif is_of_a_wait and "callback_url" in names:
        own = name if name in _WAIT else meant
        told = f"It belongs to the wait: handle.wait({own}=...)"
        told += f", or client.run(..., {own}=...)" if "input" in names else ""
    elif {"input", "inputs"} & set(names) and not {name, meant} & {*_WAIT, *_CREATE}:
        told = _as_field(function, names, args, given, name)
    else:
        told = f"It has {', '.join(names)}"
    raise TypeError(f"{call}() has no argument {name!r}. {told}")


def _as_field(
    function: Callable[..., Any],
    names: Sequence[str],
    args: Sequence[Any],
    given: Mapping[str, Any],
    name: str,
) -> str:
    """Say where a field of the model stands: a name that no client uses is taken for a field."""
    model: Any = given.get("model", args[1] if len(args) > 1 else None)
    shown = repr(model) if isinstance(model, str) else "model"
    fields = f"{{{name!r}: ...}}"
    fields, where = (fields, "input") if "input" in names else (f"[{fields}]", "inputs")
    needed = ", client_ref=..." if function.__name__ == "get_or_create" else ""
    return (
        f"A field of the model stands in its {where}: "
        f"{_called(function)}({shown}, {fields}{needed})"
    )


def _called(function: Callable[..., Any]) -> str:
    """Return how the function is called, such as `client.runs.get`."""
    owner = function.__qualname__.rpartition(".")[0].removeprefix("Async")
    where = function.__module__.split(".")[-2] if not owner else "client"
    part = f".{owner.lower()}" if owner not in ("", "Runflow") else ""
    return f"{where}{part}.{function.__name__}"
