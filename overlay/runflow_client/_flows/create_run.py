"""Create a run so that it is never paid twice."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from attrs import evolve, field, frozen
from runflow_api.api.account import get_balance
from runflow_api.api.models import create_run
from runflow_api.models.credit_balance import CreditBalance
from runflow_api.models.json_object import JsonObject
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_create import RunCreate
from runflow_api.types import RequestArguments

from .._errors import (
    ApiError,
    InsufficientCredit,
    InvalidArgument,
    OutcomeUnknown,
    RunflowError,
    TransportError,
    UnreadableAnswer,
)
from .._http import IDEMPOTENCY_KEY
from .._models.run import read_money, read_run
from .._responses import lenient, value_or_none
from .._time import Deadline
from .._validation import (
    check_client_ref,
    check_idempotency_key,
    check_json,
    make_idempotency_key,
    split_model_id,
)
from .commands import Context, Flow
from .find_lost_run import Trace, Undecided, find
from .request import is_ambiguous, request, send_with_retries

if TYPE_CHECKING:
    from .._typed_inputs.base import ModelInput
    from .download import Progress


OnUnknownOutcome = Literal["resend", "raise"]


BALANCE_TIMEOUT: Final = 5.0
"""Seconds that a refusal for want of credit waits for the balance."""


class Claims:
    """The runs of one client_ref that are somebody's already.

    A create whose answer was lost may adopt a run that is the answer of another create with equal
    input, still on its way. Equal inputs are interchangeable, so the two trade places: the adopter
    keeps the run, and the other goes on with what the adopter left undone.
    """

    def __init__(self) -> None:
        self._adopters: dict[str, Create | None] = {}

    def __contains__(self, run_id: object) -> bool:
        """Whether the run is somebody's."""
        return run_id in self._adopters

    def adopt(self, run_id: str, create: "Create") -> bool:
        """The create takes the run that a list showed, unless another thread's was quicker."""
        return self._adopters.setdefault(run_id, create) is create

    def answer(self, run_id: str) -> "Create | None":
        """A create was answered with this run. None if it is free; otherwise the adopter, whose
        place is to be taken.
        """
        adopter = self._adopters.setdefault(run_id, None)
        self._adopters[run_id] = None
        return adopter


def make_client_ref() -> str:
    """A client_ref that nothing else carries."""
    return f"runflow-client-{uuid.uuid4()}"


@frozen(kw_only=True)
class Create:
    """One logical create: all its attempts carry the same key and the same client_ref."""

    model: str
    input: Mapping[str, Any] = field(repr=False)
    callback_url: str | None = None
    metadata: Mapping[str, Any] | None = None
    client_ref: str = field(factory=make_client_ref)
    own_client_ref: bool = True
    """Whether the client_ref was made for this create alone, so that whatever carries it is ours.
    """
    idempotency_key: str = field(factory=make_idempotency_key)
    on_unknown_outcome: OnUnknownOutcome = "resend"
    inline_below: int = 0
    """Files of the input that have fewer bytes go inside it."""
    strict: bool = True
    """Whether files of another kind than the model takes are refused."""
    upload_progress: "Progress | None" = field(default=None, repr=False, eq=False)
    claims: Claims = field(factory=Claims, repr=False, eq=False)
    """Runs that carry the client_ref and are somebody's."""
    grace: float = 5.0
    """Seconds within which a created run is expected to show in a list."""

    def arguments(self) -> RequestArguments:
        """The request. Raises InvalidArgument for a model id, input, client_ref or key that cannot
        be right.
        """
        owner, slug = split_model_id(self.model)
        check_client_ref(self.client_ref)
        check_idempotency_key(self.idempotency_key)
        body = RunCreate(
            input_=JsonObject.from_dict(check_json(self.input)),
            callback_url=check_json(self.callback_url, "callback_url"),
            metadata=None
            if self.metadata is None
            else JsonObject.from_dict(check_json(self.metadata, "metadata")),
            client_ref=self.client_ref,
        )
        arguments = create_run.build_request(owner, slug, body=body)
        arguments["headers"] = {
            **arguments.get("headers", {}),
            IDEMPOTENCY_KEY: self.idempotency_key,
        }
        return arguments

    def trace(self, started: float) -> Trace:
        """What to look for when an answer was lost; `started` is monotonic seconds when the create
        began.
        """
        return Trace(
            client_ref=self.client_ref,
            unique=self.own_client_ref,
            input=check_json(self.input),
            model=self.model,
            metadata=self.metadata,
            callback_url=self.callback_url,
            claimed=self.claims,
            started=started,
            grace=self.grace,
        )

    def unknown(self, reason: str) -> OutcomeUnknown:
        """The error for a create that may or may not have happened."""
        return OutcomeUnknown(
            model=self.model,
            client_ref=self.client_ref,
            idempotency_key=self.idempotency_key,
            reason=reason,
        )


def create(context: Context, request: Create) -> Flow[RunModel]:
    """Create the run once, whatever the network does, and give back its first state.

    Raises ApiError when the server refused, ConnectFailed when it was never reached, OutcomeUnknown
    when it cannot be known whether the run exists.
    """
    arguments = request.arguments()
    started = context.now()
    doubt: RunflowError | None = None
    try:
        for _ in range(context.retries.attempts):
            refusal: RunflowError | None = None
            try:
                response = yield from send_with_retries(context, arguments, repeatable=False)
            except (ApiError, TransportError) as error:
                if isinstance(error, InsufficientCredit):
                    yield from tell_balance(context, error)
                if is_ambiguous(error):
                    doubt = error
                elif doubt is None:
                    raise
                else:
                    refusal = error
            else:
                try:
                    run = read_run(response, create_run.parse_response)
                # created, for it says so: to send again would pay twice
                except UnreadableAnswer as error:
                    doubt = refusal = error
                else:
                    adopter = request.claims.answer(str(run.id))
                    if adopter is None:
                        return run
                    request, arguments = adopter, adopter.arguments()
                    doubt = adopter.unknown(
                        "it took the run of an equal create, which goes on in its place"
                    )
            try:
                while True:
                    found = yield from find(context, request.trace(started))
                    if found is None or request.claims.adopt(str(found.id), request):
                        break
            except Undecided as error:
                raise request.unknown(f"{doubt}; and {error}") from error
            except RunflowError as error:
                raise request.unknown(
                    f"{doubt}; and the runs could not be listed: {error}"
                ) from error
            if found is not None:
                return found
            if refusal is not None:
                raise request.unknown(
                    f"an attempt was lost ({doubt}) and another answered: {refusal}"
                ) from refusal
            if request.on_unknown_outcome == "raise":
                break
        raise request.unknown(f"{doubt}") from doubt
    except BaseException as error:
        if not isinstance(error, Exception | GeneratorExit):
            error.add_note(
                f"The run of {request.model} may have been created: look for it with "
                f"q=client_ref.EQ:'{request.client_ref}'."
            )
        raise


def tell_balance(context: Context, error: InsufficientCredit) -> Flow[None]:
    """Note the balance on the error; silently nothing where it cannot be read at once, for the
    refusal is what matters.
    """
    once, deadline = (
        evolve(context, retries=evolve(context.retries, attempts=1)),
        Deadline.after(context.now, BALANCE_TIMEOUT),
    )
    try:
        balance = yield from request(
            once, get_balance.build_request(), lenient(CreditBalance), deadline=deadline
        )
    except RunflowError:
        return
    error.balance = read_money(value_or_none(balance.balance))
    if error.balance is not None:
        error.add_note(f"The balance is {error.balance} USD.")


LARGEST_GROUP: Final = 400
"""Runs of one made-up client_ref: they fit into one page of a list, with room for those that were
sent twice.
"""


class Submissions:
    """Gives runs that are submitted together one register of claims, and one client_ref where they
    are to share it.
    """

    def __init__(self) -> None:
        self._given = LARGEST_GROUP
        self._client_ref = ""
        self._claims = Claims()

    def next(self) -> tuple[str, Claims]:
        """The client_ref and claims for one more run."""
        if self._given >= LARGEST_GROUP:
            self._given, self._client_ref, self._claims = 0, make_client_ref(), Claims()
        self._given += 1
        return self._client_ref, self._claims


class CreateOptions(TypedDict, total=False):
    """What can be said about a run besides its model and input."""

    callback_url: str
    """Where Runflow posts the run when it has ended; at most 2048 characters (INFERRED from
    batches).
    """
    metadata: Mapping[str, Any]
    """Comes back with the run and its callback."""
    client_ref: str
    """A word of yours to find the run by, at most 255 characters, not necessarily unique. Made up
    if not given.
    """
    idempotency_key: str
    """Stays the same when you send the same create again. Made up if not given."""
    max_cost: Decimal | float | str
    """Refuse beforehand what the catalog's price does not keep within so many US dollars, or does
    not tell (MaxCostExceeded).
    """
    on_unknown_outcome: OnUnknownOutcome
    """After a lost answer and a vain search: "resend" with the same key (the default), or "raise"
    OutcomeUnknown.
    """
    inline_below: int
    """Files of fewer bytes than this (0 at first, at most 1 MiB) go inside the input as data URIs
    and need no upload.
    """
    strict: bool
    """False sends an input that the catalog says is wrong, unchecked and without warning."""
    upload_progress: "Progress"
    """Called with the bytes of the input's files that were sent so far, and the bytes in all."""


def create_of(
    model: "str | ModelInput",
    input: Mapping[str, Any] | None,  # noqa: A002 # the API's own word
    options: CreateOptions,
    claims: Claims | None = None,
) -> Create:
    """The create that these arguments mean. Raises InvalidArgument, MaxCostExceeded among it, for
    what cannot be right.
    """
    max_cost, strict = options.pop("max_cost", None), options.pop("strict", True)
    if max_cost is not None:
        from .._estimate import check_cost  # which knows prices: few ask for them

        check_cost(model, max_cost, input)
    if not isinstance(model, str):
        from .._typed_inputs.base import check_alone  # loaded already, with the typed input

        check_alone(model, input)
        if not model.ENDPOINT.endswith(f"/models/{model.MODEL_ID}/runs"):
            raise InvalidArgument(
                f"{model.MODEL_ID} does not take single runs: its endpoint is {model.ENDPOINT}"
            )
        strict = strict and model.strict
        input, model = model.to_input(), model.MODEL_ID  # noqa: A001
    elif input is None:
        raise InvalidArgument(f"{model} needs an input: a dict with what its page lists")
    elif strict:
        from .._estimate import check_input  # knows the catalog, which no typed input needs

        check_input(model, input)
    unique = "client_ref" not in options
    return Create(  # type: ignore[misc] # max_cost is out
        model=model,
        input=input,
        strict=strict,
        own_client_ref=unique,
        claims=claims or Claims(),
        **options,  # pyright: ignore[reportCallIssue]
    )
