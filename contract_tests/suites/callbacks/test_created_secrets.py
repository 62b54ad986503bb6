"""Which answer to a create is taken for its secret, and which errors leave a secret behind."""

from typing import Any

import pytest
from runflow_api.http_library import httpx
from runflow_client import InvalidArgument, Runflow, RunflowError
from runflow_client._flows import callback_secrets as secrets

from .test_secret_flows import OLD, OTHER, PLAIN, Api, rotate, rotating, secret


@pytest.mark.parametrize(
    ("answers", "may_be_made"),
    [
        ([400], False),
        ([429, 400], False),
        ([httpx.ConnectError("refused"), httpx.ConnectError("refused")], False),
        ([httpx.ReadError("lost"), 400], True),
        ([httpx.ReadError("lost"), httpx.ConnectError("refused")], True),
        ([500, 500], True),
    ],
    ids=repr,
)
def test_an_error_of_a_create_says_whether_a_secret_may_have_been_made(
    answers: list[Any], may_be_made: bool
) -> None:
    api = Api(POST=list(answers))
    with pytest.raises(RunflowError) as caught:
        api.do(secrets.create, "l")
    sent: list[dict[str, Any]] = [dict(send.arguments) for send in api.sent]
    (key,) = {one["headers"]["Idempotency-Key"] for one in sent}
    assert (len(api.sent), caught.value.idempotency_key) == (len(answers), key)
    notes = getattr(caught.value, "__notes__", [])
    told = f"may have been created whose value was lost (idempotency key {key})"
    assert [told in note for note in notes] == [True] * may_be_made


@pytest.mark.parametrize(
    ("asked", "shown", "is_taken"),
    [
        (None, "made up", True),
        ("", "made up", True),
        ("l", None, True),
        ("l", "", True),
        ("l", "l", True),
        (" l\n", "l", True),
        ("l", " l ", True),
        ("l", "L", False),
        ("l", "other", False),
    ],
)
def test_a_secret_that_shows_another_label_is_of_another_create(
    asked: str | None, shown: str | None, is_taken: bool
) -> None:
    api = Api(POST=[(201, secret(label=shown, plain_secret=PLAIN))])
    if is_taken:
        assert api.do(secrets.create, asked).label == shown
        return
    with pytest.raises(RunflowError, match="shows the callback secret of another create"):
        api.do(secrets.create, asked)


@pytest.mark.parametrize(
    ("current", "told"), [([], "there is none"), ([OLD], OLD), ([OLD, OTHER], f"{OLD}, {OTHER}")]
)
def test_a_promotion_that_fails_names_the_secrets_that_are_to_be_deleted(
    current: list[str], told: str
) -> None:
    api = rotating(GET=[{"items": [secret(one) for one in current]}], PATCH_one=[500])
    with pytest.raises(RunflowError) as caught:
        rotate(api)
    assert caught.value.__notes__[-1].endswith(f", and delete the old one: {told}")


@pytest.mark.parametrize(
    ("deletes", "left"), [([500], f"{OLD}, {OTHER}"), ([204, 500], OTHER), ([404, 500], OTHER)]
)
def test_a_delete_that_fails_names_the_secrets_that_are_left(deletes: list[int], left: str) -> None:
    api = rotating(
        GET=[{"items": [secret(OLD), secret(OTHER)]}], GET_one=[404], DELETE_one=list(deletes)
    )
    with pytest.raises(RunflowError) as caught:
        rotate(api)
    assert caught.value.__notes__[-1].endswith(f"and remove it from the receivers: {left}")


@pytest.mark.parametrize("label", ["a\ud800", "\udcff"])
def test_a_label_that_cannot_be_sent_is_refused_and_no_secret_may_have_been_made(
    label: str,
) -> None:
    with Runflow("rf_live_x", base_url="http://127.0.0.1:9") as client:
        for act in (
            client.callbacks.secrets.create,
            lambda text: client.callbacks.secrets.rename(OLD, text),
        ):
            with pytest.raises(InvalidArgument, match=r"^label holds half a character") as caught:
                act(label)
            assert getattr(caught.value, "__notes__", []) == []
