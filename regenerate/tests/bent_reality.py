"""An API that answers otherwise than its document says, in many ways: the mock server, bent."""

import copy
import json
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import frozen
from runflow_conformance import Finding, Interaction, Tap
from runflow_mock import MockRunflow, Settings, SteppedClock

from ..document.json_tree import parse_document
from ..project.paths import DOCUMENT
from .respelling import Edit

CREATE: Final = "/v1/models/google/nano-banana-pro/runs"
READ: Final = (
    "/v1/runs",
    "/v1/runs?limit=500",
    "/v1/assets/types",
    "/v1/auth/me",
    "/v1/billing/balance",
    "/v1/callback-secrets",
    "/v1/model-creators",
    "/v1/models",
    "/v1/webhooks",
    "/v1/webhooks/event-types",
)


@frozen(kw_only=True)
class Bend:
    """A difference: `rule` and `pointer` are those of the finding.

    The server follows the document with `reality`, and what `fault` does to an operation. Where a
    server of ours cannot be bent, `told` lets the document say something else.
    """

    rule: str
    pointer: str
    reality: Edit | None = None
    fault: tuple[str, dict[str, Any]] | None = None
    told: Edit | None = None


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the document."""
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def answers(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """Return the responses of an operation."""
    found: dict[str, Any] = document["paths"][path][method]["responses"]
    return found


def created_with_200(document: dict[str, Any]) -> None:
    """Answer a create with 200."""
    found = answers(document, "post", "/v1/models/{owner}/{slug}/runs")
    found["200"] = found.pop("201")


def without_timezone(document: dict[str, Any]) -> None:
    """Leave out a field that the document requires."""
    profile = schemas(document)["UserProfile"]
    del profile["properties"]["timezone"]
    profile["required"].remove("timezone")
    profile["additionalProperties"] = False


def field_of(schema: str, name: str, kind: dict[str, Any]) -> Edit:
    """Return what gives a field another schema."""

    def bend(document: dict[str, Any]) -> None:
        schemas(document)[schema]["properties"][name] = kind

    return bend


def small_pages(document: dict[str, Any]) -> None:
    """Take a limit of 100 where runs are listed."""
    for parameter in document["paths"]["/v1/runs"]["get"]["parameters"]:
        if parameter["name"] == "limit":
            parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": 100}


def trace_header(document: dict[str, Any]) -> None:
    """Say that a header always comes."""
    header = {"required": True, "schema": {"type": "string"}}
    answers(document, "get", "/v1/models")["200"]["headers"] = {"X-Trace-Id": header}


def no_body(document: dict[str, Any]) -> None:
    """Say that an answer has no body."""
    del answers(document, "get", "/v1/webhooks/event-types")["200"]["content"]


LISTED: Final = "/paths/~1v1~1runs/get"
BENDS: Final[dict[str, Bend]] = {
    "another status of success": Bend(
        reality=created_with_200,
        rule="undocumented_status",
        pointer="/paths/~1v1~1models~1{owner}~1{slug}~1runs/post/responses",
    ),
    "an error that is not documented": Bend(
        fault=("GET /v1/assets/types", {"status": 451}),
        rule="undocumented_status",
        pointer="/paths/~1v1~1assets~1types/get/responses",
    ),
    "a required field is missing": Bend(
        reality=without_timezone,
        rule="schema:required",
        pointer="/components/schemas/UserProfile/required",
    ),
    "one more word of an enum": Bend(
        fault=("GET /v1/runs", {"fault": "unknown_status", "value": "archived"}),
        rule="schema:enum",
        pointer="/components/schemas/RunStatus/enum",
    ),
    "null where it is not allowed": Bend(
        fault=("GET /v1/callback-secrets", {"fault": "null", "field": "items"}),
        rule="schema:type",
        pointer="/components/schemas/CallbackSecretPage/properties/items/type",
    ),
    "a number for text": Bend(
        reality=field_of("Run", "cost", {"type": "number"}),
        rule="schema:type",
        pointer="/components/schemas/Run/properties/cost/anyOf/0/type",
    ),
    "an array for text": Bend(
        reality=field_of("Run", "request_id", {"type": "array", "items": {"type": "string"}}),
        rule="schema:type",
        pointer="/components/schemas/Run/properties/request_id/anyOf/0/type",
    ),
    "an array for an object": Bend(
        told=field_of("ModelPage", "items", {"type": "object"}),
        rule="schema:type",
        pointer="/components/schemas/ModelPage/properties/items/type",
    ),
    "another content type": Bend(
        fault=("GET /v1/webhooks", {"fault": "html", "status": 503}),
        rule="content_type",
        pointer="/paths/~1v1~1webhooks/get/responses/503/content",
    ),
    "a body that is not documented": Bend(
        told=no_body,
        rule="unexpected_body",
        pointer="/paths/~1v1~1webhooks~1event-types/get/responses/200",
    ),
    "a smaller limit of a parameter": Bend(
        reality=small_pages,
        rule="refused:maximum",
        pointer=f"{LISTED}/parameters/1/schema/anyOf/0",
    ),
    "a header that does not come": Bend(
        told=trace_header,
        rule="required_header",
        pointer="/paths/~1v1~1models/get/responses/200",
    ),
    "a field of another format": Bend(
        told=field_of("UserProfile", "id", {"type": "string", "format": "date-time"}),
        rule="schema:format",
        pointer="/components/schemas/UserProfile/properties/id/format",
    ),
    "a field that a closed object does not have": Bend(
        told=lambda document: schemas(document)["CreditBalance"].update(
            additionalProperties=False,
            properties={"balance": {"type": "string"}},
            required=["balance"],
        ),
        rule="schema:additionalProperties",
        pointer="/components/schemas/CreditBalance/additionalProperties",
    ),
}


@frozen
class Seen:
    """What a server with every bend answered.

    `document` is what was published, in the file `path`; the server follows the file `truth`.
    """

    document: dict[str, Any]
    path: Path
    truth: Path
    interactions: list[Interaction]
    findings: list[Finding]


def seen(folder: Path) -> Seen:
    """Run a mock server with every bend, create a run and read, and compare with the document."""
    truth: dict[str, Any] = {**parse_document(DOCUMENT.read_bytes())}
    told = copy.deepcopy(truth)
    for one in BENDS.values():
        if one.reality is not None:
            one.reality(truth)
        if one.told is not None:
            one.told(told)
    served, path = folder / "truth.json", folder / "published.json"
    served.write_text(json.dumps(truth), encoding="utf-8")
    path.write_text(json.dumps(told), encoding="utf-8")
    interactions: list[Interaction] = []
    tap = Tap(
        httpx.HTTPTransport(),
        told,
        check_requests=False,
        on_interaction=lambda one, _: interactions.append(one),
    )
    with MockRunflow(SteppedClock(step=1.0), settings=Settings(document=served)) as mock:
        for one in BENDS.values():
            if one.fault is not None:
                operation, details = one.fault
                mock.fail_next(*operation.split(" ", 1), count=None, **details)
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        with httpx.Client(transport=tap, base_url=mock.base_url, headers=headers) as client:
            client.post(CREATE, json={"input": {"prompt": "A cathedral"}})
            mock.advance(60)
            for address in READ:
                client.get(address)
    return Seen(told, path, served, interactions, tap.findings)
