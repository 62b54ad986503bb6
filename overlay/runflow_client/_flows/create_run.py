"""Create a run so that it is never paid twice.

All attempts of a create carry one idempotency key and one client_ref. When an answer is lost, the
run is looked for by the client_ref, and only where the lists show no such run the create is
sent again. So a run is paid twice only where the server ignores the key and its lists show the run
later than SEARCH_SECONDS.
"""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from attrs import field, frozen
from runflow_api.api.comfyui_workflows import create_comfyui_run
from runflow_api.api.models import create_run
from runflow_api.http_library import httpx
from runflow_api.models.json_object import JsonObject
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_create import RunCreate
from runflow_api.types import RequestArguments

from .._errors import (
    ApiError,
    InsufficientCredit,
    InvalidArgument,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RedirectRefused,
    RunflowError,
    ServerError,
)
from .._models.run import read_run, read_workflow_run
from .._responses import unreadable, value_or_none
from .._time import Deadline
from .._validation import (
    WORKFLOWS,
    check_arguments,
    check_blocking,
    check_choice,
    check_client_ref,
    check_idempotency_key,
    check_json,
    make_idempotency_key,
    split_run_id,
)
from .client_refs import ClientRef, SharedClientRef, UniqueClientRef, make_client_ref
from .commands import Context, Flow
from .credit import note_balance
from .find_lost_run import (
    MAX_SEARCH_SECONDS,
    find,
    list_by_client_ref,
    list_ids_before,
)
from .request import (
    check_time_left,
    naming_create,
    send_with_retries,
    with_idempotency_key,
)
from .retry import may_have_acted, may_pass

if TYPE_CHECKING:
    from .._typed_inputs.base import ModelInput
    from .commands import Progress


OnUnknownOutcome = Literal["resend", "raise"]

BETA_CODE: Final = "COMFYUI_DEPLOY_BETA_NOT_ENABLED"
"""The code of the refusal of an organization that is not in the beta of ComfyUI workflows."""

_KEYS: Final = uuid.UUID("6f0d1c52-6a55-4f0e-9f5e-8a1c0f3a7b21")
"""The namespace of the idempotency keys that get_or_create makes of a client_ref."""


def idempotency_key_of(client_ref: str) -> str:
    """Return the key of the one create of this client_ref, the same in every process."""
    return str(uuid.uuid5(_KEYS, client_ref))


def _plain_metadata(metadata: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if metadata is None else check_json(metadata, "metadata")


@frozen(kw_only=True)
class Create:
    """One logical create. Raises InvalidArgument for whatever cannot be right; the input is checked
    already.
    """

    model: str
    input: Mapping[str, Any] = field(repr=False)
    """Plain JSON, but for the files that are yet to be uploaded."""
    callback_url: str | None = None
    metadata: Mapping[str, Any] | None = field(default=None, converter=_plain_metadata)
    client_ref: str = field(factory=make_client_ref)
    is_shared: bool = False
    """Whether other runs may carry the client_ref, for the caller gave it."""
    idempotency_key: str = field(factory=make_idempotency_key)
    on_unknown_outcome: OnUnknownOutcome = "resend"
    inline_below: int = 0
    """Files of the input that have fewer bytes go inside it."""
    strict: bool = True
    """Whether files of another kind than the model takes are refused."""
    upload_progress: "Progress | None" = field(default=None, repr=False, eq=False)
    is_workflow: bool = False
    """Whether `model` is a ComfyUI workflow."""

    def __attrs_post_init__(self) -> None:
        split_run_id(self.model)
        check_client_ref(self.client_ref)
        check_idempotency_key(self.idempotency_key)
        check_choice("on_unknown_outcome", self.on_unknown_outcome, get_args(OnUnknownOutcome))

    def build_request(self) -> RequestArguments:
        """Build the request that every attempt sends."""
        owner, slug = split_run_id(self.model)
        body = RunCreate(
            input_=JsonObject.from_dict(self.input),
            callback_url=self.callback_url,
            metadata=None if self.metadata is None else JsonObject.from_dict(self.metadata),
            client_ref=self.client_ref,
        )
        build = create_comfyui_run.build_request if self.is_workflow else create_run.build_request
        arguments = build(owner, slug, body=body)
        return with_idempotency_key(arguments, self.idempotency_key)

    def unknown(self, reason: str) -> OutcomeUnknown:
        """Make the error for a create that may or may not have happened."""
        return OutcomeUnknown(
            model=self.model,
            client_ref=self.client_ref,
            idempotency_key=self.idempotency_key,
            reason=reason,
        )


def max_create_seconds(context: Context) -> float:
    """Seconds after which a create ends whatever the server does: the client's timeout for each
    attempt, and one search.
    """
    return context.retries.attempts * context.timeout + MAX_SEARCH_SECONDS


def create(
    context: Context, request: Create, *, deadline: Deadline | None = None
) -> Flow[RunModel]:
    """Create the run once, whatever the network does, and return its first state.

    It ends after max_create_seconds, or at the deadline if that is earlier. Raises ApiError when
    the server refused, ConnectFailed when it was never reached, OutcomeUnknown when it is unknown
    whether the run exists. Every error names the create.
    """
    arguments = request.build_request()
    seconds = max_create_seconds(context)
    deadline = Deadline.after(context.now, deadline.clip(seconds) if deadline else seconds)
    try:
        return (yield from _create(context, request, arguments, deadline))
    except InsufficientCredit as error:
        # the create is over: what interrupts this read says nothing of a run
        yield from note_balance(context, error)
        raise


def _create(
    context: Context, request: Create, arguments: RequestArguments, deadline: Deadline
) -> Flow[RunModel]:
    if not request.is_shared:
        return (yield from _send(context, request, arguments, UniqueClientRef(), deadline))
    creates = context.client_refs
    creates.begin(request.client_ref)
    is_lost = False
    try:
        before = yield from list_ids_before(context, request.client_ref, deadline)
        owner = SharedClientRef(request.client_ref, request.idempotency_key, creates, before)
        is_lost = True
        run = yield from _send(context, request, arguments, owner, deadline)
        is_lost = False
        return run
    except RunflowError as error:
        is_lost = is_lost and may_have_acted(error)
        raise
    finally:
        creates.end(request.client_ref, is_lost=is_lost)


def _send(
    context: Context,
    request: Create,
    arguments: RequestArguments,
    owner: ClientRef,
    deadline: Deadline,
) -> Flow[RunModel]:
    """Send the create until its run is found, an attempt is refused, or the outcome stays open."""
    key, client_ref = request.idempotency_key, request.client_ref
    hint = (
        f"The run of {request.model} may have been created: look for it with "
        f"q=client_ref.EQ:'{client_ref}' before you send again (idempotency key {key})."
    )
    with naming_create(hint, idempotency_key=key, client_ref=client_ref):
        return (yield from _send_until_known(context, request, arguments, owner, deadline))


def _send_until_known(
    context: Context,
    request: Create,
    arguments: RequestArguments,
    owner: ClientRef,
    deadline: Deadline,
) -> Flow[RunModel]:
    attempts = 0
    lost: RunflowError | None = None
    check_time_left(deadline, arguments, "run")
    while True:
        attempts += 1
        try:
            response = yield from send_with_retries(
                context, arguments, deadline=deadline, repeatable=False
            )
            return _read_own(response, request, owner)
        except RunflowError as error:  # also that of a client which was closed meanwhile
            failure = error
        if isinstance(failure, PermissionDenied) and failure.code == BETA_CODE:
            failure.add_note(
                "The organization is not in the beta of ComfyUI workflows: "
                "ask Runflow to enrol it. "
                "Nothing was created. Runs and workflows can be read all the same."
            )
        if isinstance(failure, NotFound):
            from .._estimate import note_meant  # knows the catalog, which few need

            note_meant(failure, request.model)
        if lost is None and not may_have_acted(failure):
            raise failure
        lost = lost or failure
        found, search = None, None
        try:
            found = yield from find(context, request.client_ref, owner, deadline)
        except RunflowError as error:
            search = error
        if found is not None:
            return found
        if failure is lost and _is_word_of_the_server(failure):
            raise failure
        if (
            search is not None
            or not (may_have_acted(failure) and may_pass(failure))
            or request.on_unknown_outcome == "raise"
            or attempts == context.retries.attempts
            or deadline.has_passed()
        ):
            raise _unknown(request, lost, failure, search) from (search or failure)


def _read_own(response: httpx.Response, request: Create, owner: ClientRef) -> RunModel:
    """Return the run in the answer to the create. Raises UnreadableAnswer for another
    create's run: a proxy may have sent an answer twice.
    """
    if request.is_workflow:
        run = read_workflow_run(response, create_comfyui_run.parse_response)
    else:
        run = read_run(response, create_run.parse_response)
    shown = value_or_none(run.client_ref)
    # an answer without a client_ref says nothing against it: every field may be left out
    if shown not in {None, request.client_ref} or not owner.owns(str(run.id)):
        raise unreadable(response, "the answer shows the run of another create")
    return run


def _is_word_of_the_server(failure: RunflowError) -> bool:
    """Whether the error says more than that the answer was lost: 408, 409, 425, a redirect."""
    return isinstance(failure, ApiError | RedirectRefused) and not isinstance(failure, ServerError)


def _unknown(
    request: Create,
    lost: RunflowError,
    failure: RunflowError,
    search: RunflowError | None,
) -> OutcomeUnknown:
    reason = f"{lost}"
    if str(failure) != reason:
        reason = f"an attempt was lost ({lost}) and another ended with: {failure}"
    if search is not None:
        reason += f"; and looking for the run ended with: {search}"
    return request.unknown(reason)


def find_existing(context: Context, request: Create) -> Flow[RunModel | None]:
    """Return the newest run that carries the client_ref already; None where there is none.

    Raises OutcomeUnknown where the list does not say, ApiError and TransportError where it cannot
    be read.
    """
    deadline = Deadline.after(context.now, max_create_seconds(context))
    listing = yield from list_by_client_ref(context, request.client_ref, deadline)
    if listing.runs:
        return listing.runs[0]
    if not listing.is_whole:
        raise request.unknown(
            "the list of runs does not come to an end, or does not show the client_ref of every run"
        )
    return None


def create_of(
    model: "str | ModelInput",
    input: Mapping[str, Any] | None,  # noqa: A002 # the API's own word
    *,
    callback_url: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    client_ref: str | None = None,
    idempotency_key: str | None = None,
    max_cost: Decimal | float | str | None = None,
    on_unknown_outcome: OnUnknownOutcome = "resend",
    inline_below: int = 0,
    upload_progress: "Progress | None" = None,
    strict: bool = True,
    is_identified: bool = False,
) -> Create:
    """Make the create that these arguments mean; `is_identified` says that the client_ref names one
    run.

    Raises InvalidArgument, MaxCostExceeded among it, for what cannot be right.
    """
    check_arguments(
        model=model,
        input=input,
        callback_url=callback_url,
        metadata=metadata,
        client_ref=client_ref,
        idempotency_key=idempotency_key,
        max_cost=max_cost,
        on_unknown_outcome=on_unknown_outcome,
        inline_below=inline_below,
        upload_progress=upload_progress,
        strict=strict,
    )
    check_blocking(upload_progress=upload_progress)
    if max_cost is not None:
        from .._estimate import check_cost  # which knows prices: few ask for them

        check_cost(model, max_cost, input)
    if not isinstance(model, str):
        from .._typed_inputs.base import check_alone  # loaded already, with the typed input

        check_alone(model, input)
        workflow = f"/v1/{WORKFLOWS}{model.MODEL_ID}/runs" == model.ENDPOINT
        if not workflow and not model.ENDPOINT.endswith(f"/models/{model.MODEL_ID}/runs"):
            raise InvalidArgument(
                f"{model.MODEL_ID} does not take single runs: its endpoint is {model.ENDPOINT}"
            )
        strict = strict and model.strict
        values, model = model.to_input(), model.MODEL_ID
    else:
        from .._estimate import check_input, check_model_id, is_workflow  # knows the catalog
        from .._typed_inputs.files import keep_local_file  # loaded already, with the uploads

        check_model_id(model)
        if input is None:
            raise InvalidArgument(f"{model} needs an input: a dict with what its page lists")
        values = check_json(input, replace=keep_local_file)
        workflow = is_workflow(model)
        if strict:
            check_input(model, values)
    if is_identified:
        check_client_ref(client_ref)
        idempotency_key = idempotency_key_of(str(client_ref))
    return Create(
        model=model,
        input=values,
        callback_url=callback_url,
        metadata=metadata,
        client_ref=make_client_ref() if client_ref is None else client_ref,
        is_shared=client_ref is not None and not is_identified,
        idempotency_key=make_idempotency_key() if idempotency_key is None else idempotency_key,
        on_unknown_outcome=on_unknown_outcome,
        inline_below=inline_below,
        upload_progress=upload_progress,
        strict=strict,
        is_workflow=workflow,
    )
