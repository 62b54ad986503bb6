"""What is asked of the API for callback secrets, request by request, and what is said of answers
that lack something.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_client import (
    InvalidArgument,
    NotFound,
    RetryPolicy,
    RunflowError,
    ServerError,
    UnreadableAnswer,
)
from runflow_client._flows import callback_secrets as secrets
from runflow_client._flows.callback_secrets import (
    _MAX_PAGES as MAX_PAGES,
    AddSecret,
    RemoveSecret,
)
from runflow_client._flows.commands import Context, Emit, SendRequest

from suites.client.scripted import Answer, answer, drive
from suites.client.stepped_time import SteppedTime

OLD, NEW, OTHER = (f"0198c0de-0000-7000-8000-00000000000{number}" for number in range(3))
PLAIN = "whsec_5ec4e70123456789"
LIST = "/v1/callback-secrets"


def secret(secret_id: str = OLD, **changes: Any) -> dict[str, Any]:
    return {"id": secret_id, "label": "l", "key_prefix": "whsec_5e", "is_current": True, **changes}


class Api:
    """Answers by method, in turn; the last answer for ever. Remembers what was asked, and when."""

    def __init__(self, **answers: list[Any]) -> None:
        self.time = SteppedTime()
        self.answers = answers
        self.sent: list[SendRequest] = []
        self.updates: list[Any] = []

    def __call__(self, send: SendRequest) -> Answer:
        self.sent.append(send)
        kind = (
            send.arguments["method"]
            if send.arguments["url"] == LIST
            else f"{send.arguments['method']}_one"
        )
        if send.arguments["url"].endswith(NEW):  # which is read alone at the end of a rotation
            kind = f"{kind}_new" if f"{kind}_new" in self.answers else kind
        left = self.answers[kind]
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, BaseException):
            return found
        status, body = (
            found
            if isinstance(found, tuple)
            else (found, {})
            if isinstance(found, int)
            else (200, found)
        )
        return answer(send, status, body)

    def do(self, flow: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        context = Context(self.time.now, lambda: 0.5, RetryPolicy(attempts=2))
        return drive(flow(context, *arguments, **options), self.time, self, self.updates)

    def calls(self) -> list[tuple[str, str]]:
        return [
            (send.arguments["method"], send.arguments["url"].removeprefix(LIST))
            for send in self.sent
        ]


def test_every_page_of_the_list_is_read_once_and_shows_a_secret_once() -> None:
    pages = [
        {"items": [secret(OLD)], "next": "2"},
        {"items": [secret(NEW)], "next": "3"},
        {"items": [secret(OTHER), secret(OLD), secret(NEW)], "next": "2"},
    ]
    api = Api(GET=pages)
    assert [str(found.id) for found in api.do(secrets.list_all)] == [OLD, NEW, OTHER]
    assert [dict(send.arguments.get("params", {})) for send in api.sent] == [
        {"limit": "500"},
        {"limit": "500", "pq": "2"},
        {"limit": "500", "pq": "3"},
    ]


@pytest.mark.parametrize("number", [MAX_PAGES, MAX_PAGES + 1])
def test_a_list_of_secrets_that_does_not_end_is_not_taken_for_all(number: int) -> None:
    api = Api(GET=[{"items": [secret()], "next": str(one)} for one in range(1, number)])
    api.answers["GET"].append({"items": [secret(NEW)]})
    if number == MAX_PAGES:
        assert [str(found.id) for found in api.do(secrets.list_all)] == [OLD, NEW]
    else:
        with pytest.raises(RunflowError, match=r"^the list of callback secrets does not come to"):
            api.do(secrets.list_all)
    assert len(api.sent) == MAX_PAGES


def test_a_secret_says_all_that_the_server_says_of_it() -> None:
    moments = {
        name: f"2026-05-0{day}T00:00:00Z"
        for day, name in enumerate(("created_at", "last_used_at", "disabled_at"), 1)
    }
    (found,) = Api(GET=[{"items": [secret(**moments)]}]).do(secrets.list_all)
    assert (str(found.id), found.label, found.key_prefix, found.is_current) == (
        OLD,
        "l",
        "whsec_5e",
        True,
    )
    assert [
        moment and moment.day
        for moment in (found.created_at, found.last_used_at, found.disabled_at)
    ] == [1, 2, 3]
    (bare,) = Api(GET=[{"items": [{"id": OLD}]}]).do(secrets.list_all)
    assert (bare.label, bare.key_prefix, bare.is_current, bare.created_at) == (
        None,
        None,
        False,
        None,
    )


def test_a_create_carries_its_label_and_a_key_of_its_own() -> None:
    api = Api(POST=[(201, secret(plain_secret=PLAIN))])
    made = api.do(secrets.create, "l")
    api.do(secrets.create, None)
    api.do(secrets.create, "")
    assert (made.plain_secret, made.label) == (PLAIN, "l")
    sent: list[dict[str, Any]] = [dict(send.arguments) for send in api.sent]
    assert [one["json"] for one in sent] == [{"label": "l"}, {}, {"label": ""}]
    assert len({one["headers"]["Idempotency-Key"] for one in sent}) == 3
    assert {one["headers"]["Content-Type"] for one in sent} == {"application/json"}


UNUSABLE = [
    None,
    5,
    f"{PLAIN}\n",
    "null",
    "[REDACTED]",
    "whsec_5e",
    "whsec_5e********",
    "whsec_5e\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}123456789",
    "whsec_5ec4e70123456...",
    "whsec_5ec4e70123456\N{HORIZONTAL ELLIPSIS}",
    "whsec_5exxxxxxxxxxxx",
]
"""What stands in an answer in place of a secret: nothing, its prefix alone, or a mask."""


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"plain_secret": PLAIN}, "id"),
        (secret(), "a whole plain_secret"),
        *((secret(plain_secret=plain), "a whole plain_secret") for plain in UNUSABLE),
    ],
)
def test_an_answer_without_a_usable_secret_or_its_id_is_refused_and_not_shown(
    body: dict[str, Any], missing: str
) -> None:
    """It may show a secret that was there before, and signs: nothing is deleted."""
    api = Api(POST=[(201, body)], DELETE_one=[204])
    with pytest.raises(UnreadableAnswer, match=f"a callback secret without {missing} ") as caught:
        api.do(secrets.create, "l")
    error = caught.value
    assert api.calls() == [("POST", "")]
    assert (error.method, error.path, error.status, error.body) == ("POST", LIST, 201, "")
    assert PLAIN not in str(error)
    assert "callbacks.secrets.list() shows it" in error.__notes__[-1]


@pytest.mark.parametrize("plain", UNUSABLE)
def test_a_rotation_deploys_no_secret_that_is_masked_or_cut_off(plain: object) -> None:
    masked = secret(NEW, is_current=False, plain_secret=plain, key_prefix="whsec_5e")
    api = rotating(POST=[(201, masked)])
    with pytest.raises(UnreadableAnswer, match="without a whole plain_secret"):
        rotate(api)
    assert (api.calls(), api.updates) == ([("GET", ""), ("POST", "")], [])


@pytest.mark.parametrize("flow", [secrets.list_all, secrets.promote])
def test_an_answer_without_an_id_names_its_call(flow: Callable[..., Any]) -> None:
    api = Api(GET=[{"items": [{"label": "x"}]}], PATCH_one=[{"label": "x"}])
    arguments = [UUID(OLD)] if flow is secrets.promote else []
    with pytest.raises(UnreadableAnswer, match="a callback secret without id ") as caught:
        api.do(flow, *arguments)
    assert (caught.value.method, caught.value.path) == (
        api.sent[0].arguments["method"],
        api.sent[0].arguments["url"],
    )


def test_a_change_is_sent_again_for_it_does_the_same_twice() -> None:
    api = Api(PATCH_one=[httpx.ReadError("lost"), secret(is_current=True)])
    assert api.do(secrets.promote, UUID(OLD)).is_current
    assert api.calls() == [("PATCH", f"/{OLD}")] * 2
    assert [dict(send.arguments)["json"] for send in api.sent] == [{"is_current": True}] * 2
    for label in ("other", ""):
        api = Api(PATCH_one=[secret(label=label)])
        assert api.do(secrets.rename, UUID(OLD), label).label == label
        assert dict(api.sent[0].arguments)["json"] == {"label": label}


def rotating(**answers: Any) -> Api:
    usual = {
        "GET": [
            {
                "items": [
                    secret(OTHER, is_current=False),
                    secret(OLD, last_used_at="2026-05-01T00:00:00Z"),
                ]
            }
        ],
        "POST": [(201, secret(NEW, is_current=False, plain_secret=PLAIN))],
        "PATCH_one": [secret(NEW)],
        "GET_one": [secret(OLD, is_current=False, last_used_at="2026-05-01T00:00:00Z")],
        "DELETE_one": [204],
        "GET_one_new": [secret(NEW)],
    }
    return Api(**{**usual, **answers})


def rotate(api: Api, quiet: float = 60.0, longest: float = 3600.0) -> Any:
    return api.do(secrets.rotate, "new", quiet=quiet, longest=longest)


def test_a_rotation_goes_step_by_step_and_polls_ten_times_in_the_quiet_time() -> None:
    api = rotating()
    made = rotate(api)
    assert (str(made.id), made.plain_secret) == (NEW, PLAIN)
    assert api.calls() == [
        ("GET", ""),
        ("POST", ""),
        ("PATCH", f"/{NEW}"),
        *[("GET", f"/{OLD}")] * 10,
        ("DELETE", f"/{OLD}"),
        ("GET", f"/{NEW}"),
    ]
    assert api.time.slept == pytest.approx([6.0] * 10)
    assert [type(update) for update in api.updates] == [AddSecret, RemoveSecret]
    assert (api.updates[0].secret, str(api.updates[1].secret.id)) == (made, OLD)


def test_a_secret_that_signs_meanwhile_begins_its_quiet_time_anew() -> None:
    used = [
        secret(OLD, is_current=False, last_used_at=f"2026-05-0{day}T00:00:00Z")
        for day in (1, 1, 2, 2)
    ]
    api = rotating(GET_one=used)
    rotate(api)
    assert len(api.time.slept) == 3 + 10


def test_a_secret_that_is_gone_needs_no_waiting() -> None:
    api = rotating(GET_one=[404], DELETE_one=[404])
    rotate(api)
    assert len(api.time.slept) == 1
    assert isinstance(api.updates[-1], RemoveSecret)


def test_a_secret_that_is_always_used_ends_the_rotation_with_a_way_on() -> None:
    used = [
        secret(OLD, is_current=False, last_used_at=f"2026-05-01T00:{minute:02}:00Z")
        for minute in range(50)
    ]
    old = {"items": [secret(OLD), secret(OTHER)]}
    api = rotating(GET=[old], GET_one=used)
    with pytest.raises(
        RunflowError, match=f"callback secret {OLD} still signs 30 s after it was replaced"
    ) as caught:
        rotate(api, longest=30.0)
    assert api.time.slept == pytest.approx([6.0] * 5)
    assert caught.value.__notes__ == [
        "The new callback secret is current and deployed. Delete the old one where it is left, "
        f"and remove it from the receivers: {OLD}, {OTHER}"
    ]
    assert ("DELETE", f"/{OLD}") not in api.calls()


@pytest.mark.parametrize("seen", [secret(NEW, is_current=False), 404])
def test_a_rotation_does_not_give_a_secret_that_another_one_has_replaced(seen: Any) -> None:
    with pytest.raises(RunflowError, match=f"{NEW} was replaced while it was rotated in"):
        rotate(rotating(GET_one_new=[seen]))


@pytest.mark.parametrize("seen", [500, secret(OTHER)])
def test_an_error_of_the_last_read_says_what_was_done(seen: Any) -> None:
    with pytest.raises(RunflowError) as caught:
        rotate(rotating(GET_one_new=[seen]))
    assert f"Callback secret {NEW} was promoted" in caught.value.__notes__[-1]


def test_an_answer_that_shows_another_secret_is_not_taken() -> None:
    for wanted, flow in (
        (NEW, secrets.promote),
        (NEW, lambda context, one: secrets.rename(context, one, "x")),
    ):
        api = Api(PATCH_one=[secret(OLD)])
        with pytest.raises(RunflowError, match=f"shows another callback secret, {OLD}"):
            api.do(flow, UUID(wanted))


def test_a_secret_that_was_there_before_a_rotation_is_not_its_new_one() -> None:
    """A proxy gives the answer to a create again whose own answer never came."""
    api = rotating(POST=[(201, secret(OTHER, is_current=False, plain_secret=PLAIN))])
    with pytest.raises(RunflowError, match="shows the callback secret of another create"):
        rotate(api)
    assert api.updates == []


@pytest.mark.parametrize("last", [0.5, 4.0])
def test_a_rotation_ends_when_it_is_to(last: float) -> None:
    """However long the quiet time is, and however long a read takes."""
    used = [
        secret(OLD, is_current=False, last_used_at=f"2026-05-01T00:00:{n:02}Z") for n in range(60)
    ]
    api = rotating(GET_one=used)
    with pytest.raises(RunflowError, match=r"still signs 4\.5 s"):
        rotate(api, quiet=last * 10, longest=4.5)
    assert sum(api.time.slept) == pytest.approx(4.5)
    limits = [send.timeout for send in api.sent if send.arguments["url"].endswith(OLD)]
    left = [4.5 - last * number for number in range(1, len(limits) + 1)]
    assert limits == pytest.approx([max(one, 1.0) for one in left]), "the last ones have a second"


@pytest.mark.parametrize("deleted", [204, 404, 500])
def test_a_secret_that_could_not_be_deployed_is_deleted_whatever_that_answers(deleted: int) -> None:
    api = rotating(DELETE_one=[deleted])
    flow = secrets.rotate(
        Context(api.time.now, lambda: 0.5, RetryPolicy(attempts=1)), "new", quiet=60.0, longest=90.0
    )
    command = flow.send(None)
    while not isinstance(command, Emit):
        assert isinstance(command, SendRequest)
        command = flow.send(api(command))
    command = flow.throw(OSError("sealed"))
    assert isinstance(command, SendRequest)
    with pytest.raises(OSError, match="sealed") as caught:
        flow.send(api(command))
    assert api.calls()[-1] == ("DELETE", f"/{NEW}")
    left = "delete it" if deleted == 500 else "it is deleted again"
    assert caught.value.__notes__ == [
        f"Callback secret {NEW} was created but not deployed: {left}."
    ]


def test_what_stops_the_program_while_a_secret_is_deployed_sends_nothing_more() -> None:
    api = rotating()
    flow = secrets.rotate(Context(api.time.now, lambda: 0.5), "new", quiet=60.0, longest=90.0)
    command = flow.send(None)
    while isinstance(command, SendRequest):
        command = flow.send(api(command))
    with pytest.raises(KeyboardInterrupt) as caught:
        flow.throw(KeyboardInterrupt())
    assert len(caught.value.__notes__) == 1
    assert ("DELETE", f"/{NEW}") not in api.calls()


def test_a_promotion_or_a_delete_that_fails_says_what_is_to_be_done() -> None:
    for answers in ({"PATCH_one": [500]}, {"DELETE_one": [500]}):
        with pytest.raises(ServerError) as caught:
            rotate(rotating(**answers))
        assert caught.value.__notes__[-1].endswith(f": {OLD}")
    with pytest.raises(NotFound):
        Api(DELETE_one=[404]).do(secrets.delete, UUID(OLD))


@pytest.mark.parametrize("name", ["quiet", "longest"])
def test_a_time_that_cannot_be_is_refused_by_its_name(name: str) -> None:
    api = rotating()
    with pytest.raises(InvalidArgument, match=f"^{name} is 0"):
        rotate(api, **{name: 0})
    assert api.sent == []
