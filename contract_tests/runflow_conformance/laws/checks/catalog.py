"""Laws of the catalog: a model is found as it is named, and what stands below it is its own."""

from uuid import UUID

from runflow_api.api.account import get_current_user
from runflow_api.api.models import (
    get_model,
    get_model_example,
    get_model_input,
    get_model_output,
    list_model_examples,
    list_model_inputs,
    list_model_outputs,
    list_models,
)
from runflow_api.api.runs import list_run_statuses
from runflow_client.statuses import TERMINAL, is_terminal

from ..invariants import law
from ..target import Stage
from ._requests import UNKNOWN, Json, ids_of, items_of, refused, split, told, told_rows
from .runs import ENDINGS, ORDER

BELOW = (
    ("input", list_model_inputs, get_model_input),
    ("output", list_model_outputs, get_model_output),
    ("example", list_model_examples, get_model_example),
)


def a_model_is_found(stage: Stage) -> None:
    """A model is read by owner and slug, and found by its slug; one that does not exist is neither."""
    for model in (stage.model, stage.batch_model):
        owner, slug = split(model)
        shown = told(stage.http, get_model.build_request(owner, slug))
        law(shown["slug"] == slug, f"get of model {model} answers with {shown['slug']}")
        found = items_of(told(stage.http, list_models.build_request(q=f"slug.eq:'{slug}'")))
        law([one["slug"] for one in found] == [slug], f"the filter for slug {slug} finds {found}")
        law(found[0]["id"] == shown["id"], f"model {model} has another id in the list")
    refused(
        stage.http,
        get_model.build_request(split(stage.model)[0], "no-such-model"),
        "for no model",
        404,
    )
    refused(
        stage.http,
        get_model.build_request("no-such-owner", split(stage.model)[1]),
        "for no owner",
        404,
    )


def what_is_below_a_model_is_its_own(stage: Stage) -> None:
    """Inputs, outputs and examples say their model, stand below it and below `any`, and are read one by one."""
    model = told(stage.http, get_model.build_request(*split(stage.model)))
    other = told(stage.http, get_model.build_request(*split(stage.batch_model)))["id"]
    for what, everything, single in BELOW:
        rows: list[Json] = items_of(
            told(stage.http, everything.build_request(model["id"], limit=500))
        )
        foreign = {row["model_id"] for row in rows} - {model["id"]}
        law(not foreign, f"below model {model['id']} stand {what}s of {sorted(foreign)}")
        order = [row["sort_order"] for row in rows]
        law(order == sorted(order), f"the {what}s of model {model['id']} are out of order: {order}")
        shown = model.get(f"{what}s")
        law(
            shown is None or shown == rows,
            f"model {model['id']} shows other {what}s than stand below it",
        )
        for row in rows:
            for parent in (model["id"], "any"):
                alone = told(stage.http, single.build_request(parent, UUID(row["id"])))
                law(alone == row, f"{what} {row['id']} below {parent} is not what the list shows")
            refused(
                stage.http, single.build_request(other, UUID(row["id"])), "below another model", 404
            )
        refused(
            stage.http,
            single.build_request(model["id"], UNKNOWN),
            f"for a {what} that does not exist",
            404,
        )
        refused(
            stage.http,
            everything.build_request(str(UNKNOWN)),
            "below a model that does not exist",
            404,
        )
        elsewhere = ids_of(told(stage.http, everything.build_request(other, limit=500)))
        law(not {row["id"] for row in rows} & set(elsewhere), f"two models share {what}s")
    needed = {row["name"] for row in model["inputs"] or () if row["is_required"]}
    law(needed <= set(stage.input), f"model {model['id']} says it needs {needed}, and runs without")


def run_statuses_are_told(stage: Stage) -> None:
    """The list of statuses names those of a run's life, and says rightly which of them are its end."""
    rows = {row["code"]: row for row in told_rows(stage.http, list_run_statuses.build_request())}
    missing = {*ORDER, *ENDINGS} - {
        "canceled" if code in TERMINAL and "cancel" in code else code for code in rows
    }
    law(not missing, f"the statuses of runs lack {sorted(missing)}")
    for code, row in rows.items():
        said = row.get("is_terminal")
        law(
            said is None or said == is_terminal(code),
            f"the statuses of runs say {code} is terminal: {said}",
        )


def memberships_are_shown_to_who_asks(stage: Stage) -> None:
    """The caller's profile has memberships when they are embedded, each with an organization and scopes."""
    plain = told(stage.http, get_current_user.build_request())
    law(not plain.get("memberships"), "the profile shows memberships that nobody asked for")
    shown = told(stage.http, get_current_user.build_request(embed="memberships"))
    law(bool(shown["memberships"]), "the profile shows no memberships to who asks for them")
    for one in shown["memberships"]:
        law(
            bool(one["org"]["id"]) and isinstance(one["scopes"], list),
            f"a membership is {sorted(one)}",
        )
    law(
        shown["id"] == plain["id"] and shown["email"] == plain["email"],
        "the profile is another with memberships",
    )


CHECKS = (
    a_model_is_found,
    what_is_below_a_model_is_its_own,
    run_statuses_are_told,
    memberships_are_shown_to_who_asks,
)
