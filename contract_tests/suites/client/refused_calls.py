"""Write down what each public method says to values at the edge of what its options take, and
whether something is sent then: empty texts, numbers beyond a bound, wrong ids.
"""

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from runflow_api.http_library import httpx
from runflow_client import ConnectFailed, RetryPolicy

from .calls import ARGUMENTS, ARGUMENTS_THERE, BASE, FILE, Store, methods, settled, unified
from .connected import connected

PICTURE: Final = {"url": "https://a.test/1.png"}
BATCHED: Final = {"image_url": FILE}

VALUES: Final[Mapping[str, tuple[Any, ...]]] = {
    "backward": (True,),  # without a cursor
    "callback_url": ("", "me"),
    "client_ref": ("", "it's", "a" * 256),
    "created_after": (datetime(2026, 1, 2),),  # without a zone
    "created_before": (datetime(2026, 1, 2),),
    "file": (b"", "lamp.png"),
    "generated_image_url": ("",),
    "idempotency_key": ("", "k\n"),
    "inline_below": (-1, 1_048_577),
    "input": ({},),
    "input_attributes": ({"a": float("nan")},),
    "inputs": ([], [BATCHED, {"image_url": FILE, "client_ref": "it's"}]),
    "label": ("a" * 255, "a" * 256),
    "level": ("", "it's"),
    "longest": (0.0, 10.0),
    "max_cost": ("-1", "0.149", "nan", ""),
    "metadata": ({"a": object}, {"a": float("inf")}),
    "mime_type": ("", "png"),
    "model": ("",),
    "on_unknown_outcome": ("", "never"),
    "page_size": (0, 501),
    "quiet": (0.0, 29.9, 30.0),
    "reference_images": ([{"url": ""}], [PICTURE] * 5),
    "slug": ("", "it's"),
    "sort_by": ("", "created_at:up"),
    "status": ("", "done"),
    "task_type": ("",),
    "timeout": (-1.0, 0.0, float("nan")),
    "workflow": ("", "poster"),
}
"""For each option; those for ids are below."""
NO_IDS: Final = ("", "0198c0de-0000-7000-8000-00000000000")
NOT_TRIED: Final = (
    *("callback", "on_update", "progress", "put", "store", "upload_progress"),  # functions
    *("look_first", "raise_on_failure", "strict"),  # which are true or false
    *("cursor", "evaluation_instructions", "generation_prompt", "job_class", "name"),  # any text
    *("q", "task_description"),
)


def values_of(option: str) -> tuple[Any, ...]:
    """Return the values that are tried of an option."""
    if option in NOT_TRIED:
        return ()
    return NO_IDS if option.endswith("_id") else VALUES[option]


def _given(name: str, method: Callable[..., Any], option: str) -> dict[str, Any]:
    """Return the other arguments without which nothing is right."""
    needed = {"input", "store", "put", "longest"} | ({"client_ref"} if option == "put" else set())
    return {
        one.name: Store()
        if one.name == "store"
        else ARGUMENTS_THERE.get(f"{name}.{one.name}", ARGUMENTS.get(one.name))
        for one in inspect.signature(method).parameters.values()
        if one.default is one.empty or one.name in needed
    }


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:30]}... of {len(text)}"


class Unreachable:
    """A network that nothing comes through, which counts what is sent."""

    sent = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Count the request."""
        self.sent += 1
        raise httpx.ConnectError("away", request=request)


async def _told(network: Unreachable, method: Callable[..., Any], given: dict[str, Any]) -> str:
    network.sent = 0
    try:
        await settled(method(**given))
    except ConnectFailed:
        return "is sent"
    except Exception as error:
        told = unified(f"{type(error).__name__}: {error}")
        return told if not network.sent else f"too late, {told}"
    return "is sent" if network.sent else "is taken"


async def _lines(network: Unreachable, client: Any) -> list[str]:
    found: dict[str, list[str]] = {}
    for name, method in methods(client):
        for option in inspect.signature(method).parameters:
            for value in values_of(option):
                given = {**_given(name, method, option), option: value}
                outcome = await _told(network, method, given)
                found.setdefault(f"{option} {_shown(value)}: {outcome}", []).append(name)
    return [line for told in sorted(found) for line in (told, f"    {', '.join(found[told])}")]


async def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""
    network = Unreachable()
    retries = RetryPolicy(attempts=1)
    async with connected(colour, network.answer, base_url=BASE, retries=retries) as client:
        return await _lines(network, client)
