"""One output of a run: data, without a client inside."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from .._files.media_types import is_data_uri, kind_of, plain_type, suffix_of, type_by_name, type_in
from .._files.names import different_names, has_suffix, name_in, safe_name
from .._json import as_list, as_object, as_text
from .._redaction import show_address

OUTPUTS: Final = "outputs"

ABOUT_THE_RUN: Final = frozenset({OUTPUTS, "model_data", "seed", "timing", "nsfw_detected"})
"""Members of an output that are no files."""

_LINK: Final = r"(?i)data:|[a-z][a-z0-9+.-]*://"

_KIND_IN_KEY: Final = r"(?i)(image|video|audio)(_urls?|s)?"

_SIZES: Final = ("size_bytes", "file_size", "size")

_TYPES: Final = ("mime_type", "content_type")


def read_artifacts(output: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the arguments of an artifact for each file in a run's output."""
    found = [] if output is None else list(_normalized(output)) or list(_keyed(output))
    names = different_names(
        _name(url, entry, number) for number, (url, _, entry) in enumerate(found, start=1)
    )
    return [
        {
            "url": url,
            "type": as_text(entry.get("type")) or kind or kind_of(_media_type(url, entry)),
            "media_type": _media_type(url, entry),
            "width": _whole(entry.get("width")),
            "height": _whole(entry.get("height")),
            "duration": _seconds(entry.get("duration")),
            "size_bytes": next(
                (size for key in _SIZES if (size := _whole(entry.get(key))) is not None), None
            ),
            "name": name,
            "number": number,
            "details": dict(entry),
        }
        for number, (name, (url, kind, entry)) in enumerate(zip(names, found, strict=True))
    ]


def _normalized(output: Mapping[str, Any]) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    for member in as_list(output.get(OUTPUTS)) or ():
        entry = as_object(member) or {"url": member}
        if (url := as_text(entry.get("url"))) is not None:
            yield url, None, entry


def _keyed(output: Mapping[str, Any]) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    for key, value in output.items():
        if key in ABOUT_THE_RUN:
            continue
        match = re.fullmatch(_KIND_IN_KEY, key)
        for member in as_list(value) or [value]:
            entry = as_object(member) or {"url": member}
            url = as_text(entry.get("url"))
            if url is not None and re.match(_LINK, url) is not None:
                yield url, None if match is None else match[1].lower(), entry


def _media_type(url: str, entry: Mapping[str, Any]) -> str | None:
    declared = next(
        (text for key in _TYPES if (text := plain_type(as_text(entry.get(key)))) is not None), None
    )
    return declared or (
        plain_type(type_in(url)) if is_data_uri(url) else type_by_name(name_in(url))
    )


def _name(url: str, entry: Mapping[str, Any], number: int) -> str:
    media_type = _media_type(url, entry)
    suffix = "" if media_type is None else suffix_of(media_type)
    otherwise = f"output-{number}{suffix}"
    if is_data_uri(url):
        return otherwise
    name = safe_name(name_in(url), otherwise)
    return name if has_suffix(name) else name + suffix


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**63:
        return None  # NaN is not, either, and an integer may be too large for a float
    return float(value)


@frozen(kw_only=True)
class BaseArtifact:
    """One file that a run made.

    `type` is `image`, `video` or `audio` or None; `width` and `height` are pixels,
    `duration` seconds, `size_bytes` bytes, where the server says so. `name` is safe as a file name,
    and no other artifact of the run has it; where the server names no type, it has no suffix, and
    the saved file gets one by its content. `details` holds every field that the server sent.
    """

    url: str = field(repr=show_address)
    type: str | None
    media_type: str | None
    width: int | None
    height: int | None
    duration: float | None
    size_bytes: int | None
    name: str
    number: int
    """Its index among the run's artifacts, from 0."""
    run_id: str
    details: Mapping[str, Any] = field(repr=False, hash=False)
