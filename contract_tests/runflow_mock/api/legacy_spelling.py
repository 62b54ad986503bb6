"""The older spelling of canceled.

A run that a test ended as `cancelled` is returned with that status, although the document has
`canceled` only.
"""

from typing import cast

from ..contract.json_types import JsonObject
from ..simulation.outcomes import CANCELLED
from ..state.tables import Table


def with_legacy_spelling(body: object, runs: Table) -> object:
    """Return the answer with the `status_code` that such runs were ended with."""
    if isinstance(body, list):
        return [with_legacy_spelling(item, runs) for item in cast("list[object]", body)]
    if not isinstance(body, dict):
        return body
    content = cast(JsonObject, body)
    if isinstance(content.get("items"), list):
        return {**content, "items": with_legacy_spelling(content["items"], runs)}
    row = runs.get(str(content.get("id")))
    if row is not None and row.get("_spelling") == CANCELLED and "status_code" in content:
        return {**content, "status_code": CANCELLED}
    return content
