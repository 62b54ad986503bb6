"""Laws of organizations and keys: no access without the right key."""

from uuid import UUID

from runflow_api.api.account import get_balance, get_current_user
from runflow_api.api.batches import get_batch, list_batch_items, list_batches
from runflow_api.api.models import list_models
from runflow_api.api.runs import (
    get_run,
    list_node_runs,
    list_run_callback_deliveries,
    list_run_logs,
    list_runs,
    redeliver_run_callback,
)
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from ..invariants import require
from ..target import Target
from ._requests import ended_run, expect_refusal, get_json, ids_of, run_arguments
from .batches import batch_arguments, new_batch
from .evaluations import evaluation_arguments
from .removal import KINDS


def other_organizations_see_no_run(target: Target) -> None:
    """Another organization cannot find or list runs and batches, and does not pay for them."""
    if target.other_org is None:
        return
    before, both = _money(target.other_org), (target.http, target.other_org)
    run_id, batch_id = UUID(ended_run(target)["id"]), UUID(new_batch(target, "ours")["id"])
    for arguments in (
        get_run.build_request(run_id),
        list_run_logs.build_request(str(run_id)),
        list_node_runs.build_request(str(run_id)),
        list_run_callback_deliveries.build_request(run_id),
        get_batch.build_request(batch_id),
        list_batch_items.build_request(batch_id),
    ):
        expect_refusal(target.other_org, arguments, "for another organization", 404)
    for arguments in (
        list_runs.build_request(),
        list_runs.build_request(q=f"id.EQ:'{run_id}'"),
        list_batches.build_request(),
        list_run_logs.build_request("any"),
        list_node_runs.build_request("any"),
    ):
        seen, theirs = (set(ids_of(get_json(http, arguments))) for http in both)
        shared = len(seen & theirs)
        require(
            not shared,
            f"GET {arguments['url']} shows another organization {shared} entries",
        )
    require(_money(target.other_org) == before, "runs of one organization were paid by another")
    get_json(target.http, get_run.build_request(run_id))


def other_organizations_change_nothing(target: Target) -> None:
    """Another organization cannot read, list, change or delete assets, secrets and webhooks."""
    if target.other_org is None:
        return
    for kind in KINDS:
        ours = UUID(kind.make(target)["id"])
        before = get_json(target.http, kind.read(ours))
        listed = ids_of(get_json(target.other_org, kind.everything()))
        require(
            str(ours) not in listed,
            f"the list of {kind.name}s shows {ours} to another organization",
        )
        for arguments in (kind.read(ours), kind.patch(ours, kind.changes[0]), kind.delete(ours)):
            expect_refusal(
                target.other_org, arguments, f"for the {kind.name} of another organization", 404
            )
        after = get_json(target.http, kind.read(ours))
        require(
            after["updated_at"] == before["updated_at"],
            f"{kind.name} {ours} was changed by another organization",
        )


def a_key_acts_for_its_organization_only(target: Target) -> None:
    """X-Organization-Id cannot name an organization that the key does not belong to."""
    if target.other_org is None:
        return
    ours, theirs = (
        get_json(http, get_balance.build_request())["org_id"]
        for http in (target.http, target.other_org)
    )
    for http, organization in ((target.http, ours), (target.other_org, theirs)):
        shown = get_json(http, get_balance.build_request(x_organization_id=organization))["org_id"]
        require(
            shown == organization,
            f"a key that acts for its organization {organization} reads the balance of {shown}",
        )
    for arguments in (
        list_runs.build_request(x_organization_id=ours),
        get_balance.build_request(x_organization_id=ours),
        get_balance.build_request(x_organization_id="no-id"),
        list_batches.build_request(x_organization_id=ours),
    ):
        expect_refusal(
            target.other_org,
            arguments,
            "for an organization that the key does not belong to",
            403,
            404,
            422,
        )


def scopes_limit_a_key(target: Target) -> None:
    """A key that may read runs can do that. Everything else gives 403."""
    if target.read_only is None:
        return
    run_id = ended_run(target)["id"]
    shown = get_json(target.read_only, get_run.build_request(UUID(run_id)))
    require(shown["id"] == run_id, f"a key that may read runs reads {shown['id']} for run {run_id}")
    for arguments in (
        list_runs.build_request(),
        list_run_logs.build_request(run_id),
        list_batches.build_request(),
    ):
        get_json(target.read_only, arguments)
    before = set(ids_of(get_json(target.http, list_runs.build_request(limit=500))))
    for arguments in (
        run_arguments(target),
        batch_arguments(target, "x"),
        redeliver_run_callback.build_request(UUID(run_id)),
        evaluation_arguments(),
        get_balance.build_request(),
        list_models.build_request(),
        *(kind.everything() for kind in KINDS),
    ):
        expect_refusal(target.read_only, arguments, "for a key that may only read runs", 403)
    for kind in KINDS:
        made = UUID(kind.make(target)["id"])
        for arguments in (kind.patch(made, kind.changes[0]), kind.delete(made)):
            expect_refusal(target.read_only, arguments, "for a key that may only read runs", 403)
        get_json(target.http, kind.read(made))
    made_since = set(ids_of(get_json(target.http, list_runs.build_request(limit=500)))) - before
    require(not made_since, f"a key that may only read runs made {sorted(made_since)}")


def a_valid_key_is_required(target: Target) -> None:
    """Without a valid key requests give 401 and create nothing."""
    run_id = UUID(ended_run(target)["id"])
    before = ids_of(get_json(target.http, list_runs.build_request(limit=500)))
    right = target.http.headers["Authorization"].partition(" ")[2]
    for wrong in (None, "Bearer rf_live_nobody_has_this_key", f"Basic {right}", right, "Bearer"):
        for arguments in (
            get_run.build_request(run_id),
            list_runs.build_request(),
            run_arguments(target),
            get_balance.build_request(),
            get_current_user.build_request(),
            list_models.build_request(),
        ):
            _refuses(target, arguments, wrong)
    require(
        ids_of(get_json(target.http, list_runs.build_request(limit=500))) == before,
        "a run was made without a key",
    )


def _refuses(target: Target, arguments: RequestArguments, authorization: str | None) -> None:
    request = target.http.build_request(**arguments)
    del request.headers["Authorization"]
    if authorization is not None:
        request.headers["Authorization"] = authorization
    status = target.http.send(request).status_code
    scheme, _, _ = (authorization or "").rpartition(" ")
    given = (
        "no key"
        if authorization is None
        else f"a key that is not accepted (scheme: {scheme or 'none'})"
    )
    require(
        status == 401,
        f"{request.method} {request.url.path} returns {status} to {given}, expected 401",
    )


def _money(http: httpx.Client) -> object:
    return get_json(http, get_balance.build_request())["balance"]


CHECKS = (
    other_organizations_see_no_run,
    other_organizations_change_nothing,
    a_key_acts_for_its_organization_only,
    scopes_limit_a_key,
    a_valid_key_is_required,
)
