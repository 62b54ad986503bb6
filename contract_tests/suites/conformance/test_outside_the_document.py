"""The operations that a correction adds from outside the document: the client, the mock server and
the corrected document agree on them.

The frozen vectors leave them out: those belong to the document as it was published.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_client import AsyncRunflow, NotFound, PermissionDenied, RetryPolicy, Runflow
from runflow_conformance import AsyncTap, Tap
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.contract.document import find_document

WORKFLOW = "comfyui-workflows/runflow-access/brand-locked-variant-nux"
ROOT = Path(__file__).parents[3]
PROGRAM = """
import json, sys
from regenerate.correct.corrected import correct
corrected = correct(json.load(sys.stdin))
json.dump({"document": corrected.published, "outside": corrected.outside()}, sys.stdout)
"""
ADDED = {
    "GET /v1/comfyui-workflows",
    "GET /v1/comfyui-workflows/{owner}/{slug}",
    "POST /v1/comfyui-workflows/{owner}/{slug}/runs",
}


@pytest.fixture(scope="module")
def corrected() -> dict[str, Any]:
    """Return the corrected document and what is outside the published one, from `regenerate`."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=find_document().read_bytes(),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_these_are_the_operations(corrected: dict[str, Any]) -> None:
    outside = {
        f"{method.upper()} {path}"
        for path, methods in corrected["outside"].items()
        for method in methods
    }
    assert outside == ADDED


@pytest.mark.parametrize("place", ["both", "run_id", "id"])
def test_both_sides_keep_to_the_corrected_document(place: str, corrected: dict[str, Any]) -> None:
    settings = Settings(comfyui_run_id=place)
    tap = Tap(httpx.HTTPTransport(), corrected["document"], strict=True)
    mock = MockRunflow(SteppedClock(step=2.0), settings=settings)
    with mock, httpx.Client(transport=tap) as http:
        client = Runflow(
            mock.api_key, base_url=mock.base_url, http_client=http, retries=RetryPolicy(attempts=1)
        )
        [listed] = client.workflows.list(page_size=1)
        assert client.workflows.get(WORKFLOW).id == listed.id
        handle = client.submit(WORKFLOW, {"prompt": "A poster"}, client_ref="p", metadata={})
        assert handle.refresh().id == handle.id
        with pytest.raises(NotFound):
            client.workflows.get("acme/none")
    assert (tap.findings, tap.interactions) == ([], 6)  # with the look for a run of this client_ref


def test_the_refusal_of_the_beta_is_in_the_corrected_document(corrected: dict[str, Any]) -> None:
    async def run(mock: MockRunflow, tap: AsyncTap) -> None:
        async with httpx.AsyncClient(transport=tap) as http:
            client = AsyncRunflow(mock.api_key, base_url=mock.base_url, http_client=http)
            with pytest.raises(PermissionDenied, match="beta"):
                await client.submit(WORKFLOW, {"prompt": "A poster"})

    tap = AsyncTap(httpx.AsyncHTTPTransport(), corrected["document"], strict=True)
    with MockRunflow(SteppedClock(), settings=Settings(comfyui_beta=False)) as mock:
        asyncio.run(run(mock, tap))
    assert (tap.findings, tap.interactions) == ([], 1)
