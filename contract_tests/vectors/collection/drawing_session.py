"""A pytest module in which schemathesis draws the cases. `drawing.py` runs it."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUntypedFunctionDecorator=false
# schemathesis leaves parts of these types open.

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET

_ASKED: dict[str, Any] = json.loads(Path(os.environ["RUNFLOW_DRAWING"]).read_text(encoding="utf-8"))
_ONLY_ITS_OWN = {"extra-data-sources": {"responses": False}}

schema = schemathesis.openapi.from_dict(
    _ASKED["description"],
    config=SchemathesisConfig.from_dict(
        {
            "seed": _ASKED["seed"],
            "generation": {
                "mode": "positive",
                "max-examples": _ASKED["examples"],
                "deterministic": _ASKED["deterministic"],
                "database": "none",
                "no-shrink": True,
            },
            "phases": {
                "examples": _ONLY_ITS_OWN,
                "coverage": {**_ONLY_ITS_OWN, "unexpected-methods": []},
                "fuzzing": _ONLY_ITS_OWN,
                "stateful": {"enabled": False},
            },
        }
    ),
)


@schema.parametrize()
def test_draw(case: schemathesis.Case[Any]) -> None:
    """Write the case: its arguments and the request that schemathesis makes of them."""
    headers = _texts(case.headers)
    headers.pop("Authorization", None)
    case.headers.pop("Authorization", None)
    case.query = {name: value for name, value in _texts(case.query).items() if value is not None}
    prepared = requests.Request(
        **case.as_transport_kwargs(base_url="http://document.invalid")
    ).prepare()
    target = urlsplit(prepared.url or "")
    body = {} if case.body is NOT_SET else {"body": case.body}
    line: dict[str, Any] = {
        "label": case.operation.label,
        "phase": case.meta.phase.name.value if case.meta else "unknown",
        "arguments": {"query": case.query, "headers": headers, **body},
        "method": prepared.method,
        "target": target.path + (f"?{target.query}" if target.query else ""),
        "headers": {name: value for name, value in prepared.headers.items() if name in headers},
    }
    with open(_ASKED["output"], "a", encoding="ascii") as output:
        output.write(json.dumps(line) + "\n")


def _texts(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the parameters as texts, as on the wire; null is kept."""
    return {
        name: value if isinstance(value, str | list) or value is None else json.dumps(value)
        for name, value in (values or {}).items()
    }
