"""What a server answers to a command: the one body of `client.calls`, or a file."""

from collections.abc import Callable
from typing import Any

from runflow_api.http_library import httpx

from ..client.answering import Asked, Told
from ..client.calls import FILE, body_of


def answer_to(
    one: Asked,
    base_url: str,
    *,
    query: str = "",
    created: int = 0,
    change: Callable[[Any], Any] = lambda body: body,
) -> Told:
    """Return the answer. `query` is what of the request's is looked at, `created` how many creates
    were answered before, and `change` makes another body of the one.
    """
    if one.path.endswith(".png"):
        return Told(FILE, headers={"Content-Type": "image/png"})
    content = one.body if one.headers.get("Content-Type") == "application/json" else b""
    request = httpx.Request(one.method, f"{base_url}{one.path}{query}", content=content)
    body = change(body_of(request, base_url, created))
    return Told(body, 201 if one.method == "POST" else 200)
