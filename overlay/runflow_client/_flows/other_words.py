"""Arguments that other clients have, answered with the word of this one."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from inspect import Parameter, signature
from typing import Any, Final

_CALL: Final = {
    **dict.fromkeys(
        ("arguments", "inputs", "input_data", "input_args", "params", "parameters", "payload"),
        "input={...}, which may also be the second argument",
    ),
    **dict.fromkeys(
        ("webhook_url", "webhook", "fal_webhook", "callback_uri", "notify_url"), "callback_url=..."
    ),
    **dict.fromkeys(
        ("version", "model_version", "revision"),
        "no argument at all: the id alone names the model, such as 'google/nano-banana-pro'",
    ),
    **dict.fromkeys(
        ("model_id", "model_name", "application", "app", "endpoint", "ref"),
        "model=..., or the first argument",
    ),
    **dict.fromkeys(
        ("on_queue_update", "on_enqueue", "on_progress", "with_logs", "logs"),
        "on_update=..., which is called with the run at every change",
    ),
    **dict.fromkeys(
        ("wait", "max_wait", "start_timeout", "client_timeout", "wait_timeout"),
        "timeout=... in seconds; client.submit(...) does not wait",
    ),
    **dict.fromkeys(
        ("poll_interval", "interval"), "Runflow(schedule=PollSchedule(...)), for every wait"
    ),
    **dict.fromkeys(
        ("retries", "max_retries"), "Runflow(retries=RetryPolicy(attempts=...)), for every request"
    ),
    **dict.fromkeys(("api_key", "api_token", "token", "key"), "Runflow(api_key=...)"),
    **dict.fromkeys(("reference", "external_id", "tag"), "client_ref=..."),
}
_CLIENT: Final = {
    **dict.fromkeys(("token", "api_token", "key", "auth_token", "access_token"), "api_key=..."),
    **dict.fromkeys(("url", "api_base", "api_url", "host", "endpoint", "base"), "base_url=..."),
    **dict.fromkeys(("max_retries", "retry", "num_retries"), "retries=RetryPolicy(attempts=...)"),
    **dict.fromkeys(("organization", "org", "org_id"), "organization_id=..."),
    **dict.fromkeys(("poll_interval", "interval"), "schedule=PollSchedule(...)"),
    **dict.fromkeys(
        ("proxies", "proxy", "verify", "headers", "default_headers", "transport", "http"),
        "http_client=httpx.Client(...) with it (httpx.AsyncClient for AsyncRunflow)",
    ),
}


def refuse_call(method: Callable[..., Any], given: Mapping[str, Any], model: object) -> None:
    """Raise TypeError for arguments that this method, `run` or its like, does not have.

    Those that are no word of a known client are taken for fields of the model.
    """
    call = method.__name__
    for name in given:
        if name in _CALL:
            raise _error(call, name, f"Here it is {_CALL[name]}")
        if close := get_close_matches(name, _arguments(method), n=1, cutoff=0.8):
            raise _error(call, name, f"Did you mean {close[0]!r}?")
        shown = repr(model) if isinstance(model, str) else "model"
        raise _error(
            call,
            name,
            f"A field of the model stands in its input: client.{call}({shown}, {{{name!r}: ...}})",
        )


def refuse_settings(kind: type, given: Mapping[str, Any]) -> None:
    """Raise TypeError for arguments that a client of this class is not made with."""
    settings = _arguments(kind)
    for name in given:
        close = get_close_matches(name, settings, n=1, cutoff=0.6)
        if name in _CLIENT:
            answer = f"Here it is {_CLIENT[name]}"
        else:
            answer = f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(settings)}"
        raise _error(kind.__name__, name, answer)


def _arguments(function: Callable[..., Any]) -> list[str]:
    """Return the names of the arguments that it does have."""
    parameters = signature(function).parameters.values()
    return [one.name for one in parameters if one.kind is not Parameter.VAR_KEYWORD]


def _error(call: str, name: str, answer: str) -> TypeError:
    return TypeError(f"{call}() has no argument {name!r}. {answer}")
