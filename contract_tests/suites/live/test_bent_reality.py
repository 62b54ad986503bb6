"""The API answers otherwise than the document says: what is proposed takes the difference away."""

import json
from pathlib import Path
from typing import Any

import httpx
from runflow_conformance import Tap
from runflow_conformance.live._session import DIFFERENCES, PROPOSAL, check_live_api
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.contract.document import find_document

from .test_rehearsal import apply, settings_for

READ = ("/v1/runs", "/v1/billing/balance", "/v1/models", "/v1/auth/me")


def bent(folder: Path) -> Path:
    """Return a document of what the API does in truth: six things are otherwise."""
    content: dict[str, Any] = json.loads(find_document().read_text(encoding="utf-8"))
    schemas = content["components"]["schemas"]
    run = schemas["Run"]["properties"]
    run["cost"] = {"type": "number"}
    run["created_at"] = {"type": "integer"}
    run["request_id"] = {"type": "array", "items": {"type": "string"}}
    schemas["RunStatus"]["enum"] = ["pending", "processing", "completed", "error", "aborted"]
    schemas["CreditBalance"]["properties"]["balance"] = {"type": "number"}
    profile = schemas["UserProfile"]
    del profile["properties"]["timezone"]
    profile["required"].remove("timezone")
    profile["additionalProperties"] = False
    place = folder / "truth.json"
    place.write_text(json.dumps(content), encoding="utf-8")
    return place


def test_what_is_proposed_takes_every_difference_away(tmp_path: Path) -> None:
    settings = Settings(document=bent(tmp_path))
    with MockRunflow(SteppedClock(), settings=settings) as mock:
        key = {"Authorization": f"Bearer {mock.api_key}"}
        body = {"input": {"prompt": "A cathedral"}}
        place = f"{mock.base_url}/v1/models/google/nano-banana-pro/runs"
        httpx.post(place, json=body, headers=key).raise_for_status()
        mock.advance(60)
        check_live_api(settings_for(mock, tmp_path))
        differences = json.loads((tmp_path / DIFFERENCES).read_text(encoding="utf-8"))
        assert len({one["pointer"] for one in differences}) >= 6
        assert all(one["proposal"] for one in differences), differences
        tap = Tap(httpx.HTTPTransport(), apply(tmp_path / PROPOSAL, tmp_path))
        with httpx.Client(transport=tap, headers=key) as client:
            for path in READ:
                client.get(mock.base_url + path)
        assert tap.findings == [], tap.report()
