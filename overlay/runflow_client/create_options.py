"""From the arguments of `run` and `submit` to one create."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from .claims import Claims
from .creation import Create, OnUnknownOutcome
from .errors import InvalidArgument

if TYPE_CHECKING:
    from .downloads import Progress
    from .model_inputs import ModelInput


class CreateOptions(TypedDict, total=False):
    """What can be said about a run besides its model and input."""

    callback_url: str
    """Where Runflow posts the run when it has ended; at most 2048 characters (INFERRED from batches)."""
    metadata: Mapping[str, Any]
    """Comes back with the run and its callback."""
    client_ref: str
    """A word of yours to find the run by, at most 255 characters, not necessarily unique. Made up if not given."""
    idempotency_key: str
    """Stays the same when you send the same create again. Made up if not given."""
    max_cost: Decimal | float | str
    """Refuse beforehand what the catalog's price does not keep within so many US dollars, or does not tell (MaxCostExceeded)."""
    on_unknown_outcome: OnUnknownOutcome
    """After a lost answer and a vain search: "resend" with the same key (the default), or "raise" OutcomeUnknown."""
    inline_below: int
    """Files of fewer bytes than this (0 at first, at most 1 MiB) go inside the input as data URIs and need no upload."""
    upload_progress: "Progress"
    """Called with the bytes of the input's files that were sent so far, and the bytes in all."""


def create_of(
    model: "str | ModelInput",
    input: Mapping[str, Any] | None,  # noqa: A002 # the API's own word
    options: CreateOptions,
    claims: Claims | None = None,
) -> Create:
    """The create that these arguments mean. Raises InvalidArgument, MaxCostExceeded among it, for what cannot be right."""
    max_cost = options.pop("max_cost", None)
    if max_cost is not None:
        from .estimates import check_cost  # which knows prices: few ask for them

        check_cost(model, max_cost, input)
    if not isinstance(model, str):
        from .model_inputs import check_alone  # loaded already, with the typed input

        check_alone(model, input)
        if not model.ENDPOINT.endswith(f"/models/{model.MODEL_ID}/runs"):
            raise InvalidArgument(f"{model.MODEL_ID} does not take single runs: its endpoint is {model.ENDPOINT}")
        input, model = model.to_input(), model.MODEL_ID  # noqa: A001
    elif input is None:
        raise InvalidArgument(f"{model} needs an input: a dict with what its page lists")
    unique = "client_ref" not in options
    return Create(model=model, input=input, own_client_ref=unique, claims=claims or Claims(), **options)  # type: ignore[misc] # max_cost is out
