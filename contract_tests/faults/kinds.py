"""The kinds of faults: what a refactoring breaks, whatever the code is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "missing check": "what must be refused is let through",
    "strict check": "what is allowed is refused or not understood",
    "bound": "a limit is missing, off by one or never reached",
    "omission": "what was given is not sent, stored or shown",
    "mix-up": "one name, value or place is taken for another",
    "default": "what holds where nothing was given is another value",
    "form": "the value is right; its type, spelling, encoding, unit or time zone is not",
    "null": "null, unset and empty are taken for each other",
    "order": "steps, rows or events come in another order",
    "repetition": "what must happen once happens twice",
    "loss": "what was accepted, or has begun, is forgotten or never done",
    "retry": "what is tried again, how often and after which pause",
    "ending": "a wait or a life ends too early, too late, never, or continues after its end",
    "resource": "a permit, a connection or half a file is left behind",
    "sharing": "what threads, tasks, processes or objects share is not guarded, or should not be "
    "shared",
    "staleness": "an old value is used after it changed or ran out",
    "ownership": "what belongs to another run, create or organization is taken or shown",
    "secrecy": "a key, a secret or a signed URL is shown or sent elsewhere",
    "trust": "a sender, a scope, an address or a certificate is not asked for",
    "error": "an error is swallowed, is of another class or lacks its facts",
    "colour": "one of the synchronous and the asynchronous client does otherwise",
    "newer server": "what is newer than the client is refused, dropped or misread",
    "pages": "a cursor, a filter or an order of a list is not heeded",
    "amount": "a price, a cost or a count is another number",
    "judgement": "a change of a document is not told, or told as another than it is",
}
"""The name of each kind, as a fault's file gives it, and what goes wrong."""
