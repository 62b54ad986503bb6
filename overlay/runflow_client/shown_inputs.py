"""Whether the input of a run, as the server shows it, is one that was sent: files come back under other addresses.

Runflow signs a `runflow://assets/{id}` and makes an asset of a `data:` URI; a run that is read shows an https URL for either.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

_REFERENCE: Final = "runflow://assets/"
_ASSET: Final = re.compile(r"assets/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f-])")
_ADDRESSES: Final = ("https://", "http://", "runflow://")


def same_input(sent: object, shown: object) -> bool | None:
    """Whether they are the same; None where that cannot be told.

    An asset is known by its id in the URL. None is for a URL without an asset's id, for what was sent inline, and for members
    that are shown and were not sent: the server may have filled in what is usual.
    """
    if isinstance(sent, Mapping) and isinstance(shown, Mapping):
        ours, theirs = cast("Mapping[str, object]", sent), cast("Mapping[str, object]", shown)
        same = _all(same_input(value, theirs.get(name)) for name, value in ours.items())
        return None if same and any(value is not None and name not in ours for name, value in theirs.items()) else same
    if isinstance(sent, list | tuple) and isinstance(shown, list | tuple):
        members, others = cast("list[object]", sent), cast("list[object]", shown)
        return len(members) == len(others) and _all(map(same_input, members, others))
    if isinstance(sent, str) and isinstance(shown, str) and sent != shown:
        return _same_file(sent, shown)
    return sent == shown


def _all(answers: Iterable[bool | None]) -> bool | None:
    """False where one is, else None where one is, else True."""
    told = set(answers)
    return False if False in told else None if None in told else True


def _same_file(sent: str, shown: str) -> bool | None:
    if not shown.startswith(_ADDRESSES) or not sent.startswith((_REFERENCE, "data:")):
        return False
    found = _ASSET.findall(shown.partition("?")[0].lower())
    if sent.startswith(_REFERENCE) and found:
        return sent.removeprefix(_REFERENCE).lower() in found
    return None
