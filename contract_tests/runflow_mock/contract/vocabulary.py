"""Words of the server in the spelling of a document: `succeeded` may be called `completed`."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

_WAITING = ("created", "submitted", "waiting", "scheduled", "accepted", "new")
_DONE = ("success", "successful", "complete", "done", "finished", "ok")
# What is meant by each status, and which one stands for it where a document has no such word.
_ALIKE = {
    "queued": ("pending", *_WAITING),
    "pending": ("queued", *_WAITING),
    "dispatching": ("dispatched", "starting", "preparing", "provisioning", "initializing"),
    "running": ("processing", "in_progress", "started", "executing", "active", "working"),
    "succeeded": ("completed", *_DONE),
    "completed": ("succeeded", *_DONE),
    "partial_succeeded": ("partially_succeeded", "partially_completed", "partial"),
    "failed": ("error", "errored", "failure"),
    "canceled": ("cancelled", "aborted", "stopped", "terminated", "revoked"),
}
_INSTEAD = {
    "dispatching": "running",
    "running": "queued",
    "partial_succeeded": "succeeded",
    "canceled": "failed",
}


def spelled(word: str, words: Collection[str]) -> str | None:
    """Return the word of the document that means the same or stands for it, None without one."""
    if word in words:
        return word
    plain = {one.lower().replace("-", "_").replace(" ", "_"): one for one in words}
    for alike in (word, *_ALIKE.get(word, ())):
        if alike in plain:
            return plain[alike]
    close = get_close_matches(word, list(plain), n=1, cutoff=0.75)
    if close:
        return plain[close[0]]
    return spelled(_INSTEAD[word], words) if word in _INSTEAD else None


def with_own_statuses(text: str, words: Collection[str], statuses: Iterable[str]) -> str:
    """Return a filter with the server's `statuses` for the document's words."""
    own = {word: status for status in reversed([*statuses]) if (word := spelled(status, words))}
    return re.sub(r"[\w-]+", lambda found: own.get(found[0], found[0]), text)
