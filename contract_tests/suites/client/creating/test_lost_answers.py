"""Every operation of several steps, with each of its requests lost: before the server got it, its
answer, and half of its answer; once, and each time that it is sent.

A loss that comes once is not noticed. Where a request is lost each time, the operation may end with
an error; made again when nothing is lost any more, it comes to the same end as if it had never been
disturbed: one run, one batch, one asset, whole files.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count, product
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, field
from runflow_client import CallbackSecret, NewCallbackSecret, RunflowError
from runflow_mock import MockRunflow

from ...files.conftest import through
from ...files.storage import PNG
from .losing import LOSSES, Losing

__all__ = ["through"]

MODEL = "google/nano-banana-pro/edit"
BATCHED = "runflow/background-removal"


@define(eq=False)
class Vault:
    """Where a receiver has its secrets."""

    known: dict[str, str] = field(factory=dict)

    def add(self, secret: NewCallbackSecret) -> None:
        self.known[str(secret.id)] = secret.plain_secret

    def remove(self, secret: CallbackSecret) -> None:
        self.known.pop(str(secret.id), None)


@define(eq=False)
class Trial:
    """One operation on one server, with a name that nothing else has."""

    mock: MockRunflow
    api: httpx.Client
    folder: Path
    name: str
    vault: Vault
    calls: int = 0
    """How often the operation was called."""

    @property
    def file(self) -> bytes:
        """A file that no other trial has."""
        return PNG + self.name.encode()

    @property
    def input(self) -> dict[str, Any]:
        """The input of a run with that file."""
        return {"prompt": "a lamp", "resolution": "1K", "image_urls": [self.file]}

    def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        """A list as the server has it."""
        answer = self.api.get(path, params={"limit": "500", **query})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


def _save(trial: Trial, run: Any) -> None:
    paths = run.save_all(trial.folder / trial.name, overwrite=True)
    assert [path.stat().st_size for path in paths] == [
        int(httpx.get(output.url, trust_env=False).headers["content-length"])
        for output in run.outputs
    ]


def run_and_save(client: Any, trial: Trial) -> None:
    _save(trial, client.run(MODEL, trial.input, client_ref=trial.name))


def get_or_create(client: Any, trial: Trial) -> None:
    handle = client.runs.get_or_create(MODEL, trial.input, client_ref=trial.name)
    _save(trial, handle.wait())


def one_run(trial: Trial) -> None:
    [run] = [run for run in trial.mock.runs if run["client_ref"] == trial.name]
    assert run["status_code"] == "succeeded"
    assert [entry.run_id for entry in trial.mock.ledger].count(run["id"]) == 1
    left = sorted(path.suffix for path in (trial.folder / trial.name).iterdir())
    assert left == [".png"]


def upload(client: Any, trial: Trial) -> None:
    trial.calls += 1
    asset = client.assets.upload(trial.file, name=f"{trial.name}.png")
    assert httpx.get(asset.url, trust_env=False).content == trial.file


def one_asset(trial: Trial) -> None:
    """A file is not paid for: a call whose confirmation stays lost may leave an asset behind."""
    named = [one for one in trial.items("/v1/assets") if one["name"] == f"{trial.name}.png"]
    assert 1 <= len(named) <= trial.calls


def batch(client: Any, trial: Trial) -> None:
    inputs = [
        {"image_url": trial.file + bytes([number]), "client_ref": f"{trial.name}-{number}"}
        for number in range(2)
    ]
    made = client.batches.create(BATCHED, inputs, idempotency_key=trial.name).wait()
    assert (made.items_total, made.items_succeeded) == (2, 2)


def one_batch(trial: Trial) -> None:
    refs = [run["client_ref"] for run in trial.mock.runs]
    assert [refs.count(f"{trial.name}-{number}") for number in range(2)] == [1, 1]


def evaluation(client: Any, trial: Trial) -> None:
    made = client.evaluations.submit(
        "https://a.test/a.png", "product_photo", client_ref=trial.name, idempotency_key=trial.name
    )
    assert made.wait().status == "completed"


def one_evaluation(trial: Trial) -> None:
    found = [one["client_ref"] for one in trial.items("/v1/evaluations")]
    assert found.count(trial.name) == 1


def rotate(client: Any, trial: Trial) -> None:
    new = client.callbacks.secrets.rotate(trial.vault, label=trial.name, quiet=5.0)
    assert trial.vault.known[str(new.id)] == new.plain_secret


def one_secret(trial: Trial) -> None:
    [current] = [one for one in trial.items("/v1/callback-secrets") if one["is_current"]]
    assert current["label"] == trial.name
    assert current["id"] in trial.vault.known


def what_signs_is_deployed(trial: Trial) -> None:
    currents = [one["id"] for one in trial.items("/v1/callback-secrets") if one["is_current"]]
    assert len(currents) == 1
    assert set(currents) <= set(trial.vault.known)


def nothing_is_paid_twice(trial: Trial) -> None:
    assert [run["client_ref"] for run in trial.mock.runs].count(trial.name) <= 1


Act = Callable[[Any, Trial], None]
Check = Callable[[Trial], None]
OPERATIONS: dict[str, tuple[Act, Act, Check, Check]] = {
    "run": (run_and_save, get_or_create, nothing_is_paid_twice, one_run),
    "get or create": (get_or_create, get_or_create, nothing_is_paid_twice, one_run),
    "upload": (upload, upload, nothing_is_paid_twice, one_asset),
    "batch": (batch, batch, nothing_is_paid_twice, one_batch),
    "evaluation": (evaluation, evaluation, nothing_is_paid_twice, one_evaluation),
    "rotation": (rotate, rotate, what_signs_is_deployed, one_secret),
}
"""What is done, what is done after an error, what holds at any time, and what holds in the end."""


@pytest.fixture
def trials(mock: MockRunflow, connect: Any, tmp_path: Path) -> Any:
    mock.balance = "10000"
    vault = Vault()
    vault.add(connect().callbacks.secrets.create("first"))
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    numbers = count()
    with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
        yield lambda: Trial(mock, api, tmp_path, f"trial-{next(numbers)}", vault)


def losses(through: Any, trial: Trial, operation: str) -> Iterator[Losing]:
    """Carry the operation out, and yield a network for each loss of each of its requests.

    Of requests of one kind the first two are lost: later ones are alike.
    """
    act, _, _, whole = OPERATIONS[operation]
    network = Losing()
    act(through(network), trial)
    whole(trial)
    counted = Counter(network.sent)
    assert len(counted) >= 2
    for kind, loss in product(counted, LOSSES):
        for number in range(min(counted[kind], 2)):
            yield Losing(kind, number, loss)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_that_is_lost_once_is_not_noticed(
    through: Any, trials: Callable[[], Trial], operation: str
) -> None:
    act, _, _, whole = OPERATIONS[operation]
    networks = list(losses(through, trials(), operation))
    assert len(networks) >= 6
    for network in networks:
        trial = trials()
        act(through(network), trial)
        assert network.lost == 1
        whole(trial)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_that_is_lost_each_time_leaves_what_the_next_call_completes(
    through: Any, trials: Callable[[], Trial], operation: str
) -> None:
    act, again, holds, whole = OPERATIONS[operation]
    failed = 0
    for network in losses(through, trials(), operation):
        network.for_good = True
        client, trial = through(network), trials()
        try:
            act(client, trial)
        except RunflowError:
            failed += 1
            holds(trial)
            network.kind = None
            again(client, trial)
        assert network.lost >= 1
        whole(trial)
    assert failed >= 2
