"""The settings of a mock server."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from attrs import converters, field, frozen, validators

from .conversions import to_decimal, to_path, to_texts
from .money import finite
from .timings import Timings

DAY = 24 * 60 * 60
FAIL, REFUSE, WARN = "fail", "refuse", "warn"
MEDIA_TYPES = (
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "audio/wav",
    "application/zip",
)
_WHOLE: Final = (validators.instance_of(int), validators.ge(0))
_TUPLE_OR_NONE: Final[Any] = validators.optional(validators.instance_of(tuple))
_PATH: Final = validators.optional(validators.instance_of(Path))


@frozen(kw_only=True)
class Settings:
    """Settings that hold for the life of a server.

    Times are in seconds, sizes in bytes, money in US dollars.
    """

    # The same seed gives the same ids and timings. None: each start has ids of its own, so that a
    # client that outlives a server never meets the id of an earlier run again.
    seed: int | None = None
    timings: Timings = field(factory=Timings, validator=validators.instance_of(Timings))
    opening_balance: Decimal = field(
        default=Decimal(100),
        converter=to_decimal,
        validator=[validators.instance_of(Decimal), finite],
    )
    output_url_lifetime: int = field(default=DAY, validator=[*_WHOLE])
    upload_url_lifetime: int = field(default=60 * 60, validator=[*_WHOLE])
    asset_url_lifetime: int = field(default=7 * DAY, validator=[*_WHOLE])
    callback_hosts: tuple[str, ...] = field(
        default=(), converter=to_texts, validator=validators.instance_of(tuple)
    )
    callback_timeout: float = field(
        default=10.0, validator=[validators.instance_of((int, float)), validators.gt(0)]
    )
    # Runflow's pages disagree on the output in a failed run's callback: an error envelope, or null.
    error_in_failed_callback: bool = True
    kept_requests: int = field(default=20_000, validator=[*_WHOLE])
    largest_body: int = field(default=64 * 1024 * 1024, validator=[*_WHOLE])
    # Whether the server refuses query parameters, body fields and model inputs that are described
    # neither in the document nor in the catalog. Runflow does not document what the API does.
    strict: bool = False
    # The media types that uploads may have, None for any. Runflow lists them at GET
    # /v1/assets/types; beside the four kinds of images the list is a guess.
    asset_media_types: tuple[str, ...] | None = field(
        default=MEDIA_TYPES,
        converter=converters.optional(to_texts),
        validator=_TUPLE_OR_NONE,
    )
    # What happens to a run whose input refers to an asset that does not exist: `fail` lets it fail
    # at its dispatch, `refuse` answers the create with 422. Runflow's pages have both.
    unknown_assets: str = field(default=FAIL, validator=validators.in_((FAIL, REFUSE)))
    # What happens to a list request whose `q`, `sort_by` or `fields` names a field that the items
    # do not have: `refuse` answers 422; `warn` answers as usual with a header that says so.
    unknown_fields: str = field(default=REFUSE, validator=validators.in_((REFUSE, WARN)))
    # Whether the organization may run ComfyUI workflows; if not, it is refused with 403.
    comfyui_beta: bool = True
    # Where the answer to a workflow's run has the run's id: both, or one of the two alone.
    comfyui_run_id: str = field(default="both", validator=validators.in_(("both", "run_id", "id")))
    # How clients reach the server, for the URLs in its answers: for a server behind a proxy.
    public_url: str | None = field(
        default=None, validator=validators.optional(validators.instance_of(str))
    )
    # Whether the server speaks https, with a certificate of its own making (extra `mock-tls`).
    tls: bool = False
    document: Path | None = field(
        default=None, converter=converters.optional(to_path), validator=_PATH
    )
    state_file: Path | None = field(
        default=None, converter=converters.optional(to_path), validator=_PATH
    )
