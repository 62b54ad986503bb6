"""Laws of the catalog: models, their creators and parts, and the lists of statuses."""

from uuid import UUID

from runflow_api.api.account import get_current_user
from runflow_api.api.models import (
    get_model,
    get_model_creator,
    get_model_example,
    get_model_input,
    get_model_output,
    list_model_creators,
    list_model_examples,
    list_model_inputs,
    list_model_outputs,
    list_models,
    list_public_models,
)
from runflow_api.api.runs import list_run_statuses
from runflow_client._models.statuses import TERMINAL, is_terminal

from ..invariants import require
from ..target import Target
from ._requests import (
    UNKNOWN,
    Json,
    expect_refusal,
    get_json,
    get_json_list,
    ids_of,
    items_of,
    split_model_id,
    without_key,
)
from .runs import ENDINGS, ORDER

NOT_PUBLIC = frozenset({"org_id", "is_public", "created_by", "deleted_at", "deleted_by"})
BELOW = (
    ("input", list_model_inputs, get_model_input),
    ("output", list_model_outputs, get_model_output),
    ("example", list_model_examples, get_model_example),
)


def a_model_is_found(target: Target) -> None:
    """A model is found by owner and slug, and by a filter. An unknown one gives 404."""
    for model in (target.model, target.batch_model):
        owner, slug = split_model_id(model)
        shown = get_json(target.http, get_model.build_request(owner, slug))
        require(shown["slug"] == slug, f"GET of model {model} returns {shown['slug']}")
        found = items_of(get_json(target.http, list_models.build_request(q=f"slug.eq:'{slug}'")))
        require(
            [one["slug"] for one in found] == [slug], f"the filter for slug {slug} finds {found}"
        )
        require(found[0]["id"] == shown["id"], f"model {model} has another id in the list")
    expect_refusal(
        target.http,
        get_model.build_request(split_model_id(target.model)[0], "no-such-model"),
        "for an unknown model",
        404,
    )
    expect_refusal(
        target.http,
        get_model.build_request("no-such-owner", split_model_id(target.model)[1]),
        "for an unknown owner",
        404,
    )


def the_public_catalog_is_for_everybody(target: Target) -> None:
    """The public list needs no key, has active models only, and shows nothing of organizations."""
    everything = list_public_models.build_request(limit=500)
    items = items_of(without_key(target.http, everything))
    slugs = {item["slug"] for item in items}
    for model in (target.model, target.batch_model):
        slug = split_model_id(model)[1]
        require(slug in slugs, f"the public list lacks {slug}")
    require(
        {item["status_code"] for item in items} == {"active"},
        "the public list has models that are not active",
    )
    shown = {name for item in items for name in item}
    require(not shown & NOT_PUBLIC, f"the public list shows {sorted(shown & NOT_PUBLIC)}")
    hidden = list_public_models.build_request(q="status_code.ne:'active'")
    require(
        not items_of(without_key(target.http, hidden)),
        "a filter makes the public list show models that are not active",
    )
    for wrong in (
        list_public_models.build_request(fields="id,org_id"),
        list_public_models.build_request(sort_by="deleted_at:asc"),
        list_public_models.build_request(q="is_public.eq:'false'"),
    ):
        expect_refusal(target.http, wrong, "for a field that the list does not show", 400, 422)


def a_model_leads_to_its_creator(target: Target) -> None:
    """A model's creator is read by its id and stands in the list. An unknown one gives 404."""
    creators = items_of(get_json(target.http, list_model_creators.build_request(limit=500)))
    for model in (target.model, target.batch_model):
        owner, slug = split_model_id(model)
        creator = get_json(target.http, get_model.build_request(owner, slug))["model_creator_id"]
        shown = get_json(target.http, get_model_creator.build_request(UUID(creator)))
        require(shown["slug"] == owner, f"the creator of {model} is {shown['slug']}")
        require(shown in creators, f"the creator of {model} is different in the list")
    expect_refusal(
        target.http, get_model_creator.build_request(UNKNOWN), "for an unknown creator", 404
    )


def parts_belong_to_their_model(target: Target) -> None:
    """Inputs, outputs and examples are listed and read below their model and below `any`."""
    model = get_json(target.http, get_model.build_request(*split_model_id(target.model)))
    other = get_json(target.http, get_model.build_request(*split_model_id(target.batch_model)))[
        "id"
    ]
    for what, everything, single in BELOW:
        rows: list[Json] = items_of(
            get_json(target.http, everything.build_request(model["id"], limit=500))
        )
        foreign = {row["model_id"] for row in rows} - {model["id"]}
        require(not foreign, f"below model {model['id']} there are {what}s of {sorted(foreign)}")
        order = [row["sort_order"] for row in rows]
        require(
            order == sorted(order), f"the {what}s of model {model['id']} are out of order: {order}"
        )
        shown = model.get(f"{what}s")
        require(
            shown is None or shown == rows,
            f"model {model['id']} shows other {what}s than stand below it",
        )
        for row in rows:
            for parent in (model["id"], "any"):
                alone = get_json(target.http, single.build_request(parent, UUID(row["id"])))
                require(
                    alone == row, f"{what} {row['id']} below {parent} is different from the list"
                )
            expect_refusal(
                target.http,
                single.build_request(other, UUID(row["id"])),
                "below another model",
                404,
            )
        expect_refusal(
            target.http,
            single.build_request(model["id"], UNKNOWN),
            f"for a {what} that does not exist",
            404,
        )
        expect_refusal(
            target.http,
            everything.build_request(str(UNKNOWN)),
            "below a model that does not exist",
            404,
        )
        elsewhere = ids_of(get_json(target.http, everything.build_request(other, limit=500)))
        require(not {row["id"] for row in rows} & set(elsewhere), f"two models share {what}s")
    needed = {row["name"] for row in model["inputs"] or () if row["is_required"]}
    lacking = sorted(needed - set(target.input))
    require(not lacking, f"model {model['id']} says it needs {lacking}, which no run was given")


def run_statuses_are_listed(target: Target) -> None:
    """The list of statuses names every status of a run and says which ones are terminal."""
    rows = {
        row["code"]: row for row in get_json_list(target.http, list_run_statuses.build_request())
    }
    missing = {*ORDER, *ENDINGS} - {
        "canceled" if code in TERMINAL and "cancel" in code else code for code in rows
    }
    require(not missing, f"the statuses of runs lack {sorted(missing)}")
    for code, row in rows.items():
        said = row.get("is_terminal")
        require(
            said is None or said == is_terminal(code),
            f"the statuses of runs say {code} is terminal: {said}",
        )


def memberships_are_embedded_on_request(target: Target) -> None:
    """The caller's profile embeds memberships, with organization and scopes, only on request."""
    plain = get_json(target.http, get_current_user.build_request())
    require(not plain.get("memberships"), "the profile shows memberships without being asked")
    shown = get_json(target.http, get_current_user.build_request(embed="memberships"))
    require(
        bool(shown["memberships"]), "the profile has no memberships although they were asked for"
    )
    for one in shown["memberships"]:
        require(
            bool(one["org"]["id"]) and isinstance(one["scopes"], list),
            f"a membership is {sorted(one)}",
        )
    require(
        shown["id"] == plain["id"] and shown["email"] == plain["email"],
        "the profile is another with memberships",
    )


CHECKS = (
    a_model_is_found,
    the_public_catalog_is_for_everybody,
    a_model_leads_to_its_creator,
    parts_belong_to_their_model,
    run_statuses_are_listed,
    memberships_are_embedded_on_request,
)
