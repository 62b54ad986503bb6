"""Every story of a rotation: each answer lost before and after it acted, each step of the store
failing, walked through and not sampled.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import pytest
from runflow_api.http_library import httpx
from runflow_client import RetryPolicy, RunflowError
from runflow_client._flows import callback_secrets as secrets
from runflow_client._flows.callback_secrets import AddSecret, RemoveSecret
from runflow_client._flows.commands import Context, Emit, SendRequest, Sleep
from runflow_client._models.callback_secret import NewCallbackSecret

from suites.client.scripted import Answer, answer
from suites.client.stepped_time import SteppedTime

LIST: Final = "/v1/callback-secrets"
QUIET: Final = 60.0
RETRIED_FOR: Final = 10.0
"""Seconds for which Runflow repeats a delivery, with the secret of its first attempt."""

Choose = Callable[[int], int]


class Server:
    """The secrets of one organization. The current one signs a callback at every moment, and each
    is repeated for a while with the same secret.
    """

    def __init__(self, time: SteppedTime, *, first: bool, honours_keys: bool) -> None:
        self.time = time
        self.honours_keys = honours_keys
        self.secrets: dict[str, dict[str, Any]] = {}
        self.used: dict[str, float] = {}
        self.by_key: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)
        self.deployed: set[str] = set()
        if first:
            self.deployed.add(self._make()["id"])
            self.deployed.add(self._make()["id"])  # a spare one, which signs nothing
        self.began_with = self.current()

    def current(self) -> str | None:
        found = [one["id"] for one in self.secrets.values() if one["is_current"]]
        assert len(found) <= 1
        return found[0] if found else None

    def summary(self) -> object:
        """Which secrets there are, which is current, which are deployed."""
        return self.current(), frozenset(self.secrets), frozenset(self.deployed)

    def _make(self) -> dict[str, Any]:
        number = next(self.numbers)
        made: dict[str, Any] = {
            "id": f"0198c0de-0000-7000-8000-{number:012}",
            "is_current": self.current() is None,
            "label": "l",
        }
        self.secrets[made["id"]] = made
        return {**made, "plain_secret": f"whsec_of_number_{number}"}

    def act(self, send: SendRequest) -> tuple[int, Any]:
        """Do what is asked."""
        arguments: dict[str, Any] = dict(send.arguments)
        secret_id = arguments["url"].removeprefix(LIST).strip("/")
        if arguments["method"] == "POST":
            key = arguments["headers"]["Idempotency-Key"]
            if not (self.honours_keys and key in self.by_key):
                self.by_key[key] = self._make()
            return 201, self.by_key[key]
        if not secret_id:
            return 200, {"items": [self._shown(one) for one in self.secrets]}
        if secret_id not in self.secrets:
            return 404, {"code": "not_found", "message": "no such secret"}
        if arguments["method"] == "DELETE":
            del self.secrets[secret_id]
            return 204, None
        if arguments["method"] == "PATCH":
            for one in self.secrets.values():
                one["is_current"] = one["id"] == secret_id
        return 200, self._shown(secret_id)

    def _shown(self, secret_id: str) -> dict[str, Any]:
        used = self.used.get(secret_id)
        moment = (
            None if used is None else f"2026-05-06T{int(used) // 60:02}:{int(used) % 60:02}:00Z"
        )
        return {**self.secrets[secret_id], "last_used_at": moment}

    def check(self) -> None:
        """A moment passes: whatever is signed now, and whatever is repeated, verifies."""
        now = self.time.now()
        current = self.current()
        if current is not None:
            self.used[current] = now
        if self.began_with is None:
            return  # nothing could be verified before, and the first secret signs at once
        assert current is not None, "nothing is signed any more"
        signing = {one for one, used in self.used.items() if now - used <= RETRIED_FOR}
        assert signing <= self.deployed, "the receivers cannot verify what is signed"
        assert signing <= self.secrets.keys(), "a delivery is repeated with a deleted secret"


OUTCOMES: Final = ("acts", "lost before", "lost after", "500 after")


class Story:
    """One rotation against the server, where a chooser decides how each step ends."""

    def __init__(self, choose: Choose, *, first: bool, honours_keys: bool) -> None:
        self.choose = choose
        self.time = SteppedTime()
        self.time.seconds = 0.0
        self.server = Server(self.time, first=first, honours_keys=honours_keys)
        self.act: Callable[[SendRequest], tuple[int, Any]] = self.server.act
        self.polls = 0

    def answer(self, send: SendRequest) -> Answer:
        method = send.arguments["method"]
        polling = method == "GET" and send.arguments["url"] != LIST
        self.polls += polling
        # A lost read is the same before and after, and every poll is like the fourth.
        kinds = 4 if method != "GET" else 2 if not polling or self.polls in (4, 5) else 1
        outcome = OUTCOMES[self.choose(kinds)]
        if outcome == "lost before":
            return httpx.ReadError("lost")
        status, body = self.act(send)
        if outcome == "lost after":
            return httpx.ReadError("lost")
        return answer(send, 500, {}) if outcome == "500 after" else answer(send, status, body)

    def deploy(self, step: AddSecret | RemoveSecret) -> OSError | None:
        outcome = self.choose(3)
        if outcome != 1:
            secret_id = str(step.secret.id)
            if isinstance(step, AddSecret):
                self.server.deployed.add(secret_id)
            else:
                self.server.deployed.discard(secret_id)
        return OSError("the vault is sealed") if outcome else None

    def tell(self) -> NewCallbackSecret | Exception:
        """Rotate, checking after every step, and return the new secret or the error."""
        context = Context(self.time.now, lambda: 0.5, RetryPolicy(attempts=2))
        flow = secrets.rotate(context, "new", quiet=QUIET, longest=3600.0)
        outcome: Any = None
        while True:
            self.server.check()
            try:
                command = (
                    flow.throw(outcome) if isinstance(outcome, Exception) else flow.send(outcome)
                )
            except StopIteration as end:
                new: NewCallbackSecret = end.value
                return new
            except (RunflowError, OSError) as error:
                return error
            outcome = None
            if isinstance(command, SendRequest):
                outcome = self.answer(command)
            elif isinstance(command, Sleep):
                self.time.sleep(command.seconds)
            else:
                assert isinstance(command, Emit)
                assert isinstance(command.state, AddSecret | RemoveSecret)
                outcome = self.deploy(command.state)


def every_choice() -> Iterator[Choose]:
    """A chooser for each sequence of choices, until there is none left."""
    path: list[tuple[int, int]] = []
    while True:
        at = 0

        def choose(kinds: int) -> int:
            nonlocal at
            if at == len(path):
                path.append((0, kinds))
            chosen, _ = path[at]
            at += 1
            return chosen

        yield choose
        while path and path[-1][0] + 1 == path[-1][1]:
            path.pop()
        if not path:
            return
        chosen, kinds = path.pop()
        path.append((chosen + 1, kinds))


@pytest.mark.parametrize("first", [True, False], ids=["a secret signs", "no secret yet"])
@pytest.mark.parametrize("honours_keys", [True, False], ids=["key honoured", "key ignored"])
def test_wherever_an_answer_is_lost_every_callback_verifies_and_the_error_says_what_is_left(
    first: bool, honours_keys: bool
) -> None:
    stories = ended_well = errors = halfway = 0
    ends: set[object] = set()
    for choose in every_choice():
        stories += 1
        story = Story(choose, first=first, honours_keys=honours_keys)
        outcome = story.tell()
        server = story.server
        if isinstance(outcome, Exception) and server.by_key and first and honours_keys:
            # Every error says what is left to do.
            errors += 1
            assert "elete" in notes(outcome)
            if server.began_with in server.secrets and server.current() != server.began_with:
                halfway += 1
                assert str(server.began_with) in notes(outcome)
        if not isinstance(outcome, Exception):
            ended_well += 1
            assert server.current() == str(outcome.id)
            assert server.current() in server.deployed
            assert server.began_with not in server.secrets
        # Whatever happened: another rotation, where nothing is lost, ends it.
        if (end := server.summary()) in ends:
            continue
        ends.add(end)
        story.choose = lambda kinds: 0
        story.polls = 0
        again = story.tell()
        assert not isinstance(again, Exception), again
        assert server.current() == str(again.id)
        assert server.current() in server.deployed
    assert ended_well > (10 if first else 5)
    assert stories > (2000 if first else 50)
    assert not (first and honours_keys) or errors > halfway > 10


def notes(error: BaseException) -> str:
    return " ".join(getattr(error, "__notes__", ()))


def test_a_secret_that_is_made_current_again_is_not_deleted() -> None:
    story = Story(lambda kinds: 0, first=True, honours_keys=True)
    act = story.server.act

    def roll_back(send: SendRequest) -> tuple[int, Any]:
        old = story.server.began_with
        if story.polls == 5 and old is not None:
            for one in story.server.secrets.values():
                one["is_current"] = one["id"] == old
        return act(send)

    story.act = roll_back
    outcome = story.tell()
    assert isinstance(outcome, RunflowError)
    assert "was made current again" in str(outcome)
    assert story.server.current() == story.server.began_with


def test_a_promotion_without_effect_deletes_nothing() -> None:
    story = Story(lambda kinds: 0, first=True, honours_keys=True)
    act = story.server.act

    def ignore(send: SendRequest) -> tuple[int, Any]:
        if send.arguments["method"] == "PATCH":
            secret_id = send.arguments["url"].removeprefix(f"{LIST}/")
            return 200, story.server.secrets[secret_id]
        return act(send)

    story.act = ignore
    outcome = story.tell()
    assert isinstance(outcome, RunflowError)
    assert "was promoted, and is not current" in str(outcome)
    assert story.server.current() == story.server.began_with


def test_two_rotations_at_once_leave_a_secret_that_signs_and_is_deployed() -> None:
    """A whole second rotation runs at each moment of the first."""
    for moment in range(16):
        story = Story(lambda kinds: 0, first=True, honours_keys=True)
        act, steps = story.server.act, [0]

        def interrupted(
            send: SendRequest,
            story: Story = story,
            act: Callable[[SendRequest], tuple[int, Any]] = act,
            steps: list[int] = steps,
            moment: int = moment,
        ) -> tuple[int, Any]:
            steps[0] += 1
            if steps[0] == moment + 1:
                story.act = act
                assert not isinstance(story.tell(), Exception)
            return act(send)

        story.act = interrupted
        story.tell()
        current = story.server.current()
        assert current is not None
        assert current in story.server.deployed
