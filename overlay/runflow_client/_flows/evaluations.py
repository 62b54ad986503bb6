"""What can be done with evaluations."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, cast
from uuid import UUID

from attrs import frozen
from runflow_api.api.evaluations import create_evaluation, get_evaluation
from runflow_api.models.evaluation import Evaluation as EvaluationModel
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_api.types import RequestArguments

from .._errors import InvalidArgument
from .._models.evaluation import Evaluation, read_evaluation
from .._models.outcome_errors import EvaluationFailed
from .._responses import value_or_none
from .._time import Deadline
from .._validation import check_idempotency_key, check_json, make_idempotency_key
from .client_refs import client_ref_of
from .commands import Context, Flow
from .poll import WaitFlows
from .request import post_idempotent, send_with_retries

MAX_REFERENCE_IMAGES: Final = 4
"""From the create body's own bounds."""


def create_arguments(fields: Mapping[str, object], idempotency_key: str | None) -> RequestArguments:
    """Build the request that submits an evaluation; a field that is None is left out, but for the
    client_ref, which is made up.

    Raises InvalidArgument for what cannot be right, a key that no header can carry among it.
    """
    key = make_idempotency_key() if idempotency_key is None else idempotency_key
    check_idempotency_key(key)
    given = {name: check_json(value, name) for name, value in fields.items() if value is not None}
    given.setdefault("client_ref", client_ref_of(key))
    pictures = given.get("reference_images", [])
    if not isinstance(pictures, list) or len(cast("list[object]", pictures)) > MAX_REFERENCE_IMAGES:
        raise InvalidArgument(f"reference_images is a list of at most {MAX_REFERENCE_IMAGES} dicts")
    for number, picture in enumerate(cast("list[dict[str, object]]", pictures)):
        if not isinstance(picture.get("url"), str) or not picture["url"]:
            raise InvalidArgument(
                f"reference_images[{number}] has no url: expected url, and perhaps kind and "
                f"description, not {', '.join(map(repr, picture)) or 'nothing'}"
            )
    for name in ("generated_image_url", "task_type"):
        if not given.get(name):
            raise InvalidArgument(f"{name} is missing: an evaluation needs it")
    try:
        body = EvaluationCreate.from_dict(given)
    except ValueError as error:
        raise InvalidArgument(f"the evaluation cannot be right: {error}") from None
    return create_evaluation.build_request(body=body, idempotency_key=key)


@frozen
class EvaluationFlows(WaitFlows[Evaluation]):
    """The flows of evaluations. A picture that did not pass is no failure of the evaluation."""

    kind: ClassVar[str] = "evaluation"
    attach_method: ClassVar[str] = "client.evaluations.attach"
    failed: ClassVar[type[EvaluationFailed]] = EvaluationFailed

    def create(
        self, arguments: RequestArguments, deadline: Deadline | None = None
    ) -> Flow[Evaluation]:
        """Submit it by the deadline. The idempotency key, which Runflow honours for evaluations,
        makes every retry safe. An answer that shows another client_ref is another create's.
        """
        body: Any = arguments.get("json")
        sent: str = body["client_ref"]
        return (
            yield from post_idempotent(
                self.context,
                arguments,
                read_evaluation,
                self.kind,
                lambda made: value_or_none(made.raw.client_ref) in {None, sent},
                sent,
                deadline,
            )
        )

    def read(
        self, context: Context, subject_id: UUID, deadline: Deadline | None
    ) -> Flow[Evaluation]:
        """Read the evaluation once, with the context's retries."""
        response = yield from send_with_retries(
            context, get_evaluation.build_request(subject_id), deadline=deadline
        )
        return read_evaluation(response, subject_id)

    def unseen(self, subject_id: UUID) -> Evaluation:
        """Make an evaluation of which only the id is known."""
        return Evaluation.of(EvaluationModel.from_part({"id": str(subject_id)}))
