"""The older spelling of canceled.

A run that a test ended as `cancelled` is returned with that status, although the document has
`canceled` only. So an answer is checked in the document's spelling.
"""

from itertools import zip_longest

from ..contract.json_types import JsonObject, as_object
from ..simulation.outcomes import CANCELED, CANCELLED

STATUS = "status_code"


def shown_status(row: JsonObject) -> str:
    """Return the status of a run as it is sent."""
    return CANCELLED if row.get("_spelling") == CANCELLED else str(row[STATUS])


def in_documented_spelling(body: object) -> object:
    """Return the answer with the statuses that the document has."""
    return _respelled(body, body, CANCELED)


def in_legacy_spelling(body: object, sent: object) -> object:
    """Return the answer with the older spelling where `sent`, which it was made of, has it."""
    return _respelled(body, sent, CANCELLED)


def _respelled(body: object, sent: object, status: str) -> object:
    content, given = as_object(body), as_object(sent)
    if isinstance(content.get("items"), list) and isinstance(given.get("items"), list):
        # a document may have another number of items, and those beyond are made up
        rows = zip_longest(content["items"], given["items"][: len(content["items"])])
        return {**content, "items": [_respelled(one, other, status) for one, other in rows]}
    if STATUS in content and given.get(STATUS) == CANCELLED:
        return {**content, STATUS: status}
    return body
