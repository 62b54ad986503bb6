"""Creating a run so that it is never paid for twice and never lost.

Every create carries an idempotency key and a client_ref. What provably did not reach the server is sent again. After
any other failure the run may exist: the flow looks for it by its client_ref, for a while, for lists may lag; adopts it
if it is there; and only when a list that was read after the grace period does not have it, sends again with the same key.
Files are known again by their asset's id in the URL that a run shows. What went inline, and a URL without the id, is not:
where runs share a client_ref (a caller's own, or those submitted together by an AsyncRunflow) and one differs from ours in
such files at most, or in its model, metadata or callback, or shows more input than was sent or none, nothing is sent again
while it is nobody's, and OutcomeUnknown names it.
Runflow documents the key for batches and evaluations ("a global middleware"); whether a single run honours it is INFERRED.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import evolve, field, frozen
from runflow_api.api.account import get_balance
from runflow_api.api.models import create_run
from runflow_api.models.credit_balance import CreditBalance
from runflow_api.models.json_object import JsonObject
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_create import RunCreate
from runflow_api.types import RequestArguments

from .adoption import Trace, Undecided, check_client_ref, find
from .claims import Claims, make_client_ref
from .deadlines import Deadline
from .errors import (
    ApiError,
    InsufficientCredit,
    OutcomeUnknown,
    RunflowError,
    TransportError,
    UnreadableAnswer,
)
from .exchanges import call, deliver, is_ambiguous
from .flows import Context, Flow
from .headers import IDEMPOTENCY_KEY
from .identifiers import check_idempotency_key, make_idempotency_key
from .json_values import check_json
from .model_ids import split_model_id
from .reading import salvage_answer
from .runs import read_money, read_run
from .unset import known

if TYPE_CHECKING:
    from .downloads import Progress

OnUnknownOutcome = Literal["resend", "raise"]

PATIENCE: Final = 5.0
"""Seconds that a refusal for want of credit waits for the balance."""


@frozen(kw_only=True)
class Create:
    """One logical create: all its attempts carry the same key and the same client_ref."""

    model: str
    input: Mapping[str, Any] = field(repr=False)
    callback_url: str | None = None
    metadata: Mapping[str, Any] | None = None
    client_ref: str = field(factory=make_client_ref)
    own_client_ref: bool = True
    """Whether the client_ref was made for this create alone, so that whatever carries it is ours."""
    idempotency_key: str = field(factory=make_idempotency_key)
    on_unknown_outcome: OnUnknownOutcome = "resend"
    inline_below: int = 0
    """Files of the input that have fewer bytes go inside it."""
    upload_progress: "Progress | None" = field(default=None, repr=False, eq=False)
    claims: Claims = field(factory=Claims, repr=False, eq=False)
    """Runs that carry the client_ref and are somebody's."""
    grace: float = 5.0
    """Seconds within which a created run is expected to show in a list."""

    def arguments(self) -> RequestArguments:
        """The request. Raises InvalidArgument for a model id, input, client_ref or key that cannot be right."""
        owner, slug = split_model_id(self.model)
        check_client_ref(self.client_ref)
        check_idempotency_key(self.idempotency_key)
        body = RunCreate(
            input_=JsonObject.from_dict(check_json(self.input)),
            callback_url=check_json(self.callback_url, "callback_url"),
            metadata=None if self.metadata is None else JsonObject.from_dict(check_json(self.metadata, "metadata")),
            client_ref=self.client_ref,
        )
        arguments = create_run.build_request(owner, slug, body=body)
        arguments["headers"] = {**arguments.get("headers", {}), IDEMPOTENCY_KEY: self.idempotency_key}
        return arguments

    def trace(self, started: float) -> Trace:
        """What to look for when an answer was lost; `started` is monotonic seconds when the create began."""
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
            model=self.model, client_ref=self.client_ref, idempotency_key=self.idempotency_key, reason=reason
        )


def create(context: Context, request: Create) -> Flow[RunModel]:
    """Create the run once, whatever the network does, and give back its first state.

    Raises ApiError when the server refused, ConnectFailed when it was never reached, OutcomeUnknown when it cannot be
    known whether the run exists.
    """
    arguments = request.arguments()
    started = context.now()
    doubt: RunflowError | None = None
    try:
        for _ in range(context.retries.attempts):
            refusal: RunflowError | None = None
            try:
                response = yield from deliver(context, arguments, repeatable=False)
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
                except UnreadableAnswer as error:  # created, for it says so: to send again would pay twice
                    doubt = refusal = error
                else:
                    adopter = request.claims.answer(str(run.id))
                    if adopter is None:
                        return run
                    request, arguments = adopter, adopter.arguments()
                    doubt = adopter.unknown("it took the run of an equal create, which goes on in its place")
            try:
                while True:
                    found = yield from find(context, request.trace(started))
                    if found is None or request.claims.adopt(str(found.id), request):
                        break
            except Undecided as error:
                raise request.unknown(f"{doubt}; and {error}") from error
            except RunflowError as error:
                raise request.unknown(f"{doubt}; and the runs could not be listed: {error}") from error
            if found is not None:
                return found
            if refusal is not None:
                raise request.unknown(f"an attempt was lost ({doubt}) and another answered: {refusal}") from refusal
            if request.on_unknown_outcome == "raise":
                break
        raise request.unknown(f"{doubt}") from doubt
    except BaseException as error:
        if not isinstance(error, Exception | GeneratorExit):
            error.add_note(
                f"The run of {request.model} may have been created: look for it with q=client_ref.EQ:'{request.client_ref}'."
            )
        raise


def tell_balance(context: Context, error: InsufficientCredit) -> Flow[None]:
    """Note the balance on the error; silently nothing where it cannot be read at once, for the refusal is what matters."""
    once, deadline = evolve(context, retries=evolve(context.retries, attempts=1)), Deadline.after(context.now, PATIENCE)
    try:
        balance = yield from call(once, get_balance.build_request(), salvage_answer(CreditBalance), deadline=deadline)
    except RunflowError:
        return
    error.balance = read_money(known(balance.balance))
    if error.balance is not None:
        error.add_note(f"The balance is {error.balance} USD.")
