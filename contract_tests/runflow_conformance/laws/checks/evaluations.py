"""Laws of evaluations: status, verdict, feedback and callback."""

from typing import Any
from uuid import UUID, uuid4

from runflow_api.api.evaluations import (
    create_evaluation,
    get_evaluation,
    list_evaluation_statuses,
    list_evaluations,
    list_run_evaluations,
    set_evaluation_feedback,
    set_run_evaluation_feedback,
)
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_api.models.feedback import Feedback
from runflow_api.types import RequestArguments
from runflow_client._models.statuses import EVALUATION_COMPLETED, EVALUATION_TERMINAL

from ..invariants import LawViolation, require
from ..target import Target
from ._requests import (
    MAX_POLLS,
    UNKNOWN,
    Json,
    ended_run,
    expect_refusal,
    get_json,
    get_json_list,
    ids_of,
    read_run,
)

ORDER = ("pending", "running")
ONE_HOUR = 3600.0  # seconds
EVALUATION_COUNT = 6  # enough that judges do not agree on all of them
JUDGED = {"generated_image_url": "https://example.com/picture.png", "task_type": "text_to_image"}


def evaluation_arguments(key: str | None = None, **fields: Any) -> RequestArguments:
    """Return the request that submits an image, with these further fields and Idempotency-Key."""
    body = EvaluationCreate.from_dict({**JUDGED, **fields})
    return create_evaluation.build_request(
        body=body, **({} if key is None else {"idempotency_key": key})
    )


def ended_evaluation(target: Target, **fields: Any) -> Json:
    """Submit an image with these further fields, let the evaluation end and return it."""
    return _ended(target, get_json(target.http, evaluation_arguments(**fields)))


def an_evaluation_ends_with_a_verdict(target: Target) -> None:
    """An evaluation starts pending, goes forward and ends with a verdict and completed_at."""
    given: Json = {
        **JUDGED,
        "client_ref": str(uuid4()),
        "task_description": "a red chair",
        "generation_prompt": "chair, red",
        "evaluation_instructions": "look at the legs",
        "input_attributes": {"legs": 4, "é": None},
        "reference_images": [
            {"url": "https://example.com/reference.png", "kind": "style", "description": "ours"}
        ],
    }
    created = get_json(target.http, evaluation_arguments(**given))
    require(
        created["status_code"] == ORDER[0],
        f"a new evaluation is {created['status_code']}, expected {ORDER[0]}",
    )
    ended = _ended(target, created)
    for shown in (created, ended):
        changed = sorted(name for name, value in given.items() if shown.get(name) != value)
        require(
            not changed,
            f"evaluation {ended['id']} does not have the {', '.join(changed)} that was sent",
        )
    found = ids_of(
        get_json(
            target.http, list_evaluations.build_request(q=f"client_ref.EQ:'{given['client_ref']}'")
        )
    )
    require(found == [ended["id"]], f"the client_ref of evaluation {ended['id']} finds {found}")
    target.pass_time(ONE_HOUR)
    require(
        _read(target, ended["id"]) == ended,
        f"evaluation {ended['id']} had ended and changed in an hour",
    )


def the_verdict_follows_from_the_judges(target: Target) -> None:
    """The pass rate is the weight of the judges that passed; the others name an issue."""
    for number in range(EVALUATION_COUNT):
        evaluation = ended_evaluation(
            target, generated_image_url=f"https://example.com/{number}.png"
        )
        if evaluation["status_code"] == EVALUATION_COMPLETED:
            _has_a_verdict(target, evaluation)


def an_evaluation_belongs_to_its_run(target: Target) -> None:
    """The evaluation of a run is listed below that run only, and the run has its verdict."""
    run_id, other = ended_run(target)["id"], ended_run(target)["id"]
    evaluation = ended_evaluation(target, run_id=run_id)
    for parent, expected in ((run_id, [evaluation["id"]]), (other, [])):
        found = ids_of(get_json(target.http, list_run_evaluations.build_request(UUID(parent))))
        require(
            found == expected,
            f"below run {parent} there are the evaluations {found}, expected {expected}",
        )
    require(
        evaluation["run_id"] == run_id,
        f"evaluation {evaluation['id']} of run {run_id} says {evaluation['run_id']}",
    )
    summary: Json = read_run(target, run_id)["current_evaluation_summary"] or {}
    shown = [summary.get(name) for name in ("passed", "status_code", "score")]
    wanted = [evaluation[name] for name in ("overall_passed", "status_code", "weighted_pass_rate")]
    require(shown == wanted, f"run {run_id} says {shown} of its evaluation, which says {wanted}")
    require(
        read_run(target, other)["current_evaluation_summary"] is None,
        f"run {other} has the evaluation of another",
    )
    expect_refusal(
        target.http,
        evaluation_arguments(run_id=str(UNKNOWN)),
        "for a run that does not exist",
        404,
        422,
    )
    feedback = Feedback.from_dict({"is_positive": True})
    elsewhere = set_run_evaluation_feedback.build_request(
        UUID(other), UUID(evaluation["id"]), body=feedback
    )
    expect_refusal(target.http, elsewhere, "below a run that it does not belong to", 404)


def feedback_is_set_and_cleared(target: Target) -> None:
    """Feedback is stored, replaced by later feedback, and cleared by null; the verdict stays."""
    run_id = ended_run(target)["id"]
    evaluation = ended_evaluation(target, run_id=run_id)
    identifier = UUID(evaluation["id"])
    for below_the_run in (False, True):
        for positive, reason in ((False, "the light"), (True, "the legs"), (None, None)):
            body = Feedback.from_dict({"is_positive": positive, "reason": reason})
            arguments = (
                set_run_evaluation_feedback.build_request(UUID(run_id), identifier, body=body)
                if below_the_run
                else set_evaluation_feedback.build_request(identifier, body=body)
            )
            wanted = {**evaluation, "feedback_is_positive": positive, "feedback_reason": reason}
            for shown in (get_json(target.http, arguments), _read(target, evaluation["id"])):
                changed = sorted(
                    name
                    for name in wanted
                    if name != "updated_at" and shown.get(name) != wanted[name]
                )
                require(
                    not changed,
                    f"feedback {positive} on evaluation {identifier} changed {', '.join(changed)}",
                )


def an_evaluation_calls_back_once(target: Target) -> None:
    """An evaluation with a callback_url calls back once, after its end, and names itself."""
    target.received()
    created = get_json(target.http, evaluation_arguments(callback_url=target.callback_url))
    require(not target.received(), f"evaluation {created['id']} called back before it began")
    _ended(target, created)
    target.pass_time(ONE_HOUR)
    received = target.received()
    require(
        len(received) == 1,
        f"evaluation {created['id']} has ended and called back {len(received)} times",
    )
    require(
        created["id"].encode() in received[0].body,
        f"the callback of evaluation {created['id']} does not name it",
    )


def other_organizations_see_no_evaluation(target: Target) -> None:
    """Another organization cannot read or list an evaluation, or give feedback on it."""
    if target.other_org is None:
        return
    evaluation = UUID(get_json(target.http, evaluation_arguments())["id"])
    feedback = Feedback.from_dict({"is_positive": True})
    for arguments in (
        get_evaluation.build_request(evaluation),
        set_evaluation_feedback.build_request(evaluation, body=feedback),
    ):
        expect_refusal(
            target.other_org, arguments, "for the evaluation of another organization", 404
        )
    listed = ids_of(get_json(target.other_org, list_evaluations.build_request()))
    require(
        str(evaluation) not in listed,
        f"the list of evaluations shows {evaluation} to another organization",
    )
    for arguments in (
        get_evaluation.build_request(UNKNOWN),
        set_evaluation_feedback.build_request(UNKNOWN, body=feedback),
    ):
        expect_refusal(target.http, arguments, "for an evaluation that does not exist", 404)


def statuses_are_listed(target: Target) -> None:
    """The list of statuses names every status of an evaluation."""
    codes = {
        row.get("code")
        for row in get_json_list(target.http, list_evaluation_statuses.build_request())
    }
    missing = {*ORDER, *EVALUATION_TERMINAL} - codes
    require(not missing, f"the statuses of evaluations lack {sorted(missing)}")


def _read(target: Target, identifier: str, embed: str | None = None) -> Json:
    shown = get_json(target.http, get_evaluation.build_request(UUID(identifier), embed=embed))
    require(
        shown.get("id") == identifier,
        f"GET of evaluation {identifier} returns {shown.get('id')}",
    )
    return shown


def _ended(target: Target, created: Json) -> Json:
    """Let time pass until the evaluation has ended and return it. It must never go back."""
    place = 0
    for _ in range(MAX_POLLS * 15):
        shown = _read(target, created["id"])
        status = shown["status_code"]
        ended = status in EVALUATION_TERMINAL
        require(
            (shown["completed_at"] is not None) == ended,
            f"evaluation {shown['id']} is {status}, its completed_at is {shown['completed_at']}",
        )
        if ended:
            return shown
        now = ORDER.index(status) if status in ORDER else place
        require(now >= place, f"evaluation {shown['id']} went back from {ORDER[place]} to {status}")
        require(
            shown["overall_passed"] is None,
            f"evaluation {shown['id']} is {status} and has a verdict",
        )
        place = now
        target.pass_time(1.0)
    raise LawViolation(f"evaluation {created['id']} never ends")


def _has_a_verdict(target: Target, evaluation: Json) -> None:
    label = f"evaluation {evaluation['id']}"
    require(
        isinstance(evaluation["overall_passed"], bool),
        f"{label} is completed without overall_passed",
    )
    rate = float(
        evaluation["weighted_pass_rate"] if evaluation["weighted_pass_rate"] is not None else -1
    )
    require(
        0 <= rate <= 1, f"{label} has the weighted_pass_rate {evaluation['weighted_pass_rate']}"
    )
    require(not evaluation.get("judges"), f"{label} shows judges without being asked")
    judges: list[Json] = _read(target, evaluation["id"], "judges").get("judges") or []
    require(bool(judges), f"{label} has no judges although they were asked for")
    for judge in judges:
        require(
            judge["evaluation_id"] == evaluation["id"],
            f"{label} shows a judge of {judge['evaluation_id']}",
        )
        require(
            judge["passed"] or bool(judge["issues"]),
            f"judge {judge['name']} of {label} has failed it for no issue",
        )
    weights = [(float(judge["weight"]), bool(judge["passed"])) for judge in judges]
    weighed = sum(weight for weight, passed in weights if passed) / sum(
        weight for weight, _ in weights
    )
    require(
        abs(weighed - rate) < 0.01,
        f"{label} has the weighted_pass_rate {rate}, its judges say {weighed:.2f}",
    )


CALLBACK_CHECKS = (an_evaluation_calls_back_once,)
CHECKS = (
    *CALLBACK_CHECKS,
    an_evaluation_ends_with_a_verdict,
    the_verdict_follows_from_the_judges,
    an_evaluation_belongs_to_its_run,
    feedback_is_set_and_cleared,
    other_organizations_see_no_evaluation,
    statuses_are_listed,
)
