"""Helpers that call the mock server in tests."""

from typing import Any

import httpx

NANO_BANANA = "google/nano-banana-pro"
RUN_SECONDS = 6.0  # seconds that a run takes with the default timings


def create_run(
    api: httpx.Client,
    model: str = NANO_BANANA,
    /,
    headers: dict[str, str] | None = None,
    **body: Any,
) -> Any:
    """Create a run that must be accepted, and return it.

    Without an input it has a prompt, and a picture where the model edits one.
    """
    if "input" not in body:
        picture = {"image_urls": ["https://example.com/a.png"]} if model.endswith("edit") else {}
        body["input"] = {"prompt": "a cathedral of stained glass", **picture}
    response = api.post(f"/v1/models/{model}/runs", json=body, headers=headers)
    assert response.status_code == 201, response.text
    return response.json()


def get_run(api: httpx.Client, run_id: str) -> Any:
    """Return the run as it is now."""
    response = api.get(f"/v1/runs/{run_id}")
    assert response.status_code == 200, response.text
    return response.json()


def error_of(response: httpx.Response, status: int) -> Any:
    """Return the error envelope of a response that must have that status."""
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"code", "message", "errors"}
    return body
