"""What comes after trouble is taken as if it had come first: nothing of an earlier try is left in
what is checked, counted or told.
"""

from typing import Any

import pytest
from runflow_client import RetryPolicy
from runflow_client._flows.commands import Context
from runflow_client._flows.download import Source, fetch
from runflow_client._flows.save import MemorySink

from .test_fetching import BROKEN, PNG, URL, ScriptedStorage, answered, never, rest

GIF = b"GIF89a" + bytes(range(250)) * 4

OLD = "Wed, 06 May 2026 07:08:09 GMT"
NOW = "Wed, 06 May 2026 07:18:09 GMT"

LAST: dict[str, tuple[bytes, dict[str, str]]] = {
    "the same": (PNG, {}),
    "another picture": (GIF, {"Content_Type": "image/gif"}),
    "a picture of another name": (GIF, {}),
    "a shorter one": (PNG[:2000], {"Content_Length": "2000"}),
    "a page": (b"<!DOCTYPE html><html>" + bytes(600), {"Content_Type": "text/html"}),
    "a page called a picture": (b"<!DOCTYPE html><html>" + bytes(600), {}),
    "a film": (b"\0\0\0\x18ftypmp42" + bytes(600), {"Content_Type": "video/mp4"}),
    "nothing": (b"", {"Content_Length": "0"}),
    "too much": (PNG + PNG, {}),
}

BEFORE: dict[str, tuple[Any, ...]] = {
    "a break": (lambda: answered(200, PNG[:3000], BROKEN),),
    "a break of a marked one": (lambda: answered(200, PNG[:3000], BROKEN, ETag='"one"'),),
    "a break of an old one": (
        lambda: answered(200, PNG[:3000], BROKEN, Last_Modified=OLD, Date=NOW),
    ),
    "an early break": (lambda: answered(200, PNG[:9], BROKEN, ETag='"one"'),),
    "a rest of another": (
        lambda: answered(200, PNG[:3000], BROKEN, ETag='"one"'),
        lambda: rest(3000, PNG[3000:], ETag='"two"'),
    ),
    "a rest of another length": (
        lambda: answered(200, PNG[:3000], BROKEN, ETag='"one"', Content_Length=str(len(PNG))),
        lambda: rest(3000, PNG[3000:], total=len(PNG) + 1),
    ),
    "no rest": (
        lambda: answered(200, PNG[:3000], BROKEN, ETag='"one"'),
        lambda: answered(416),
    ),
    "a longer one than was said": (
        lambda: answered(200, PNG, b"more", Content_Length=str(len(PNG)), ETag='"one"'),
    ),
    "trouble": (lambda: answered(500),),
}


def of_last(last: str, *before: Any) -> tuple[object, ...]:
    """What becomes of the file that is sent last, whatever was sent before it."""
    content, headers = LAST[last]
    heard: list[tuple[int, int | None]] = []
    made = [*(answer() for answer in before), answered(200, content, ETag='"three"', **headers)]
    storage, sink = ScriptedStorage(made), MemorySink()
    context = Context(lambda: 0.0, lambda: 0.5, RetryPolicy())
    source = Source(url=URL, kinds=("image",), renew=never)
    try:
        found: object = storage.drive(
            fetch(
                context,
                source,
                sink,
                max_bytes=len(PNG) + 4,
                progress=lambda *counts: heard.append(counts),
            )
        )
    except Exception as error:
        return type(error), str(error)
    assert storage.open_now == 0
    return found, bytes(sink.content), heard[-1]


@pytest.mark.parametrize("last", LAST)
@pytest.mark.parametrize("before", BEFORE)
def test_a_file_that_comes_after_trouble_is_taken_as_if_it_came_first(
    before: str, last: str
) -> None:
    assert of_last(last, *BEFORE[before]) == of_last(last)
