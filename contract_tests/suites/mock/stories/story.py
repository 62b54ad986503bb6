"""A random story: what happens, and what must be seen after each step of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any, Final

from attrs import evolve
from runflow_mock.simulation.outcomes import Outcome
from runflow_mock.state.clock import STEPPED_START
from runflow_mock.state.keys import DEFAULT_ORGANIZATION

from .expected import (
    EVENTS,
    Batch,
    Delivery,
    Evaluation,
    Run,
    Secret,
    Webhook,
    price_of,
)
from .world import MODELS, OPENING, World

PLACES: Final = ("/200", "/500-204", "/0-503-500", "/404", "/500-0-200", "/503-302")
METADATA: Final[tuple[dict[str, Any] | None, ...]] = (
    None,
    {},
    {"none": None, "no": False, "zero": 0, "text": "", "list": []},
)
OUTCOMES: Final = (
    *("succeeded", "partial_succeeded", "failed", "failed at dispatch", "canceled", "never"),
    *("succeeded",) * 3,
)
FILE: Final = "data:image/png;base64,aGk="


class Story:
    """Does something at random, and knows what must be seen then."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.draw, self.look = world, Random(seed), Random(seed)
        self.runs: list[Run] = []
        self.batches: list[Batch] = []
        self.evaluations: list[Evaluation] = []
        self.webhooks: list[Webhook] = []
        self.deleted_webhooks: list[Webhook] = []
        self.secrets: list[Secret] = []
        self.assets: dict[str, bool] = {}
        """Whether each asset still exists."""
        self.told: set[str] = set()
        self.paid = Decimal(0)
        """What was billed before the balance was set."""
        self.opening = Decimal(OPENING)

    @property
    def now(self) -> float:
        """Seconds since the start of the clock."""
        return (self.world.state.now() - STEPPED_START).total_seconds()

    @property
    def billed(self) -> Decimal:
        """What was billed until now."""
        return sum((one.cost(self.now) for one in self.runs), Decimal(0))

    @property
    def balance(self) -> Decimal:
        """The balance of now."""
        return self.opening - (self.billed - self.paid)

    @property
    def held(self) -> Decimal:
        """What unfinished runs hold back."""
        waiting = (one.most for one in self.runs if not one.has_ended(self.now))
        return sum(waiting, Decimal(0))

    def place(self) -> str | None:
        """Choose who is called back."""
        path = self.draw.choice((None, *PLACES))
        return None if path is None else f"http://localhost{path}"

    def step(self) -> str:
        """Do something; return what."""
        acts = (
            *(self.create_run,) * 5,
            *(self.create_batch, self.create_evaluation, self.cancel) * 2,
            *(self.set_balance, self.set_feedback, self.delete_asset, self.redeliver),
            *(self.create_webhook, self.change_webhook, self.create_secret, self.change_secret),
            *(self.advance,) * 8,
        )
        act = self.draw.choice(acts)
        act()
        restarted = self.draw.random() < 0.2
        if restarted:
            self.world.end()
            self.world.begin()
        self.world.settle()
        self.notice()
        return f"{act.__name__}{' and a restart' if restarted else ''} at {self.now}"

    def notice(self) -> None:
        """Note who must have been told of what has ended."""
        current = next((one for one in self.secrets if one.current), None)
        every: list[Run | Batch | Evaluation] = [*self.runs, *self.batches, *self.evaluations]
        for one in every:
            if one.id in self.told or one.ends > self.now:
                continue
            self.told.add(one.id)
            if one.callback_url is not None:
                one.told.append(self.delivery(one.ends, one.callback_url, current))
            if isinstance(one, Run):
                event = f"run.{EVENTS[one.end]}"
                for webhook in self.webhooks:
                    if webhook.enabled and (not webhook.events or event in webhook.events):
                        webhook.told.append(
                            Delivery(one.ends, webhook.url, webhook.secret, event=event)
                        )

    def delivery(self, at: float, url: str, secret: Secret | None) -> Delivery:
        """Return a delivery of a callback."""
        if secret is None:
            return Delivery(at, url, None)
        return Delivery(at, url, secret.plain, secret.id)

    # what happens

    def advance(self) -> None:
        """Let time pass; what is due is sent later, perhaps after a restart."""
        self.world.simulation.advance(self.draw.choice((0.25, 0.5, 0.75, 1.0, 2.25, 6.0)))

    def inputs(self) -> tuple[str, dict[str, Any], int]:
        """Choose a model and an input; return both and how many outputs it asks for."""
        images = self.draw.choice((None, 0, 1, 3, 9))
        values: dict[str, Any] = {} if images is None else {"num_images": images}
        values["none"], values["zero"] = None, 0
        if self.draw.random() < 0.4:
            known = [f"runflow://assets/{one}" for one in self.assets]
            values["picture"] = self.draw.choice([FILE, *known])
        return self.draw.choice(list(MODELS)), values, min(max(images or 1, 1), 8)

    def admits(self, amount: Decimal) -> bool:
        """Whether the balance covers the amount."""
        left = self.balance - self.held
        return left > 0 and left >= amount

    def plan(self) -> str:
        """Plan the end of the next run."""
        outcome = self.draw.choice(OUTCOMES)
        status, _, stage = outcome.partition(" at ")
        self.world.simulation.outcomes.plan(Outcome(status, failure_stage_code=stage or None))
        return outcome

    def made(self, run_id: str, model: str, images: int, outcome: str, given: Any) -> Run:
        """Return the run, which the API has just created of this input."""
        row = self.world.state.runs.get(run_id)
        assert row is not None
        values = row["input"]
        lost = None
        if (picture := given.get("picture")) is not None:
            asset = values["picture"].removeprefix("runflow://assets/")
            if picture == FILE:
                self.assets[asset] = True
            lost = None if self.assets[asset] else -1.0
        assert values == {**given, **({"picture": values["picture"]} if picture else {})}
        run = Run(run_id, model, self.now, images, outcome, values, lost_asset=lost)
        self.runs.append(run)
        return run

    def create_run(self) -> None:
        """Create a run, or be refused for the lack of money."""
        model, values, images = self.inputs()
        body: dict[str, Any] = {"input": values, "metadata": self.draw.choice(METADATA)}
        body |= {"callback_url": self.place(), "client_ref": self.draw.choice((None, "ours"))}
        admitted = self.admits(price_of(model, images))
        outcome = self.plan() if admitted else ""
        status, answer = self.world.call("POST", f"/v1/models/{model}/runs", body)
        assert status == (201 if admitted else 402), answer
        if admitted:
            run = self.made(answer["id"], model, images, outcome, values)
            run.metadata, run.client_ref = body["metadata"], body["client_ref"]
            run.callback_url = body["callback_url"]

    def create_batch(self) -> None:
        """Create a batch of one to three runs, or be refused for the lack of money."""
        model, values, images = self.inputs()
        count = self.draw.randint(1, 3)
        references = [self.draw.choice(({}, {"client_ref": "item"})) for _ in range(count)]
        metadata, place = self.draw.choice(METADATA), self.place()
        body: dict[str, Any] = {"input": [{**values, **one} for one in references]}
        body |= {} if metadata is None else {"metadata": metadata}
        body |= {} if place is None else {"callback_url": place}
        admitted = self.admits(price_of(model, images) * count)
        outcomes = [self.plan() for _ in range(count if admitted else 0)]
        status, answer = self.world.call("POST", f"/v1/models/{model}/batches", body)
        assert status == (201 if admitted else 402), answer
        if admitted:
            runs: list[Run] = []
            for item, outcome, given in zip(answer["items"], outcomes, references, strict=True):
                runs.append(self.made(item["run_id"], model, images, outcome, values))
                runs[-1].batch, runs[-1].client_ref = answer["id"], given.get("client_ref")
            self.batches.append(Batch(answer["id"], self.now, runs, metadata, place))

    def create_evaluation(self) -> None:
        """Submit a picture for evaluation, perhaps that of a run."""
        run = self.draw.choice((None, *self.runs[-3:]))
        body = {"generated_image_url": "https://a.test/1.png", "task_type": "edit"}
        place = self.place()
        body |= {} if run is None else {"run_id": run.id}
        body |= {} if place is None else {"callback_url": place}
        status, answer = self.world.call("POST", "/v1/evaluations", body)
        admitted = self.admits(Decimal(0))
        assert status == (202 if admitted else 402), answer
        if admitted:
            self.evaluations.append(Evaluation(answer["id"], self.now, run, place))

    def cancel(self) -> None:
        """Cancel a run, as an administrator can."""
        if self.runs:
            run = self.draw.choice(self.runs[-6:])
            row = self.world.state.runs.get(run.id)
            assert row is not None
            ended = run.has_ended(self.now)
            assert self.world.simulation.runs.cancel(row, self.world.state.now()) == (not ended)
            if not ended:
                run.canceled = self.now

    def set_balance(self) -> None:
        """Set the balance to a little more than what is held back."""
        self.opening = self.held + Decimal(self.draw.choice(("0", "0.05", "0.5", "4")))
        self.paid = self.billed
        self.world.state.ledger.account(DEFAULT_ORGANIZATION).balance = self.opening

    def set_feedback(self) -> None:
        """Give feedback on an evaluation, or on a run by its evaluation."""
        if self.evaluations:
            one = self.draw.choice(self.evaluations)
            positive, reason = (
                self.draw.choice((True, False, None)),
                self.draw.choice((None, "", "x")),
            )
            place = f"/evaluations/{one.id}/feedback"
            if (below := one.run is not None and self.draw.random() < 0.5) and one.run:
                place = f"/runs/{one.run.id}{place}"
            body = {"is_positive": positive, **({} if reason is None else {"reason": reason})}
            status, answer = self.world.call("PATCH", f"/v1{place}", body)
            assert status == 200, answer
            one.feedback = positive, None if positive is None else reason
            if below and one.run is not None:
                one.run.feedback = one.feedback

    def delete_asset(self) -> None:
        """Delete an asset: runs that have not begun miss it."""
        if self.assets:
            asset = self.draw.choice(list(self.assets))
            status, _ = self.world.call("DELETE", f"/v1/assets/{asset}")
            assert status == (204 if self.assets[asset] else 404)
            if self.assets[asset]:
                self.assets[asset] = False
                for run in self.runs:
                    if run.values.get("picture", "").endswith(asset):
                        run.lost_asset = self.now

    def redeliver(self) -> None:
        """Ask for another delivery of a callback."""
        kind = self.draw.choice(("runs", "batches"))
        if self.runs and self.batches:
            several: Sequence[Run | Batch] = self.runs if kind == "runs" else self.batches
            one: Run | Batch = self.draw.choice(several)
            status, answer = self.world.call("POST", f"/v1/{kind}/{one.id}/callback-redeliveries")
            wanted = 200 if one.ends <= self.now and one.callback_url is not None else 404
            if wanted == 200 and kind == "batches":
                wanted = 200 if all(sent.is_over(self.now) for sent in one.told) else 422
            assert status // 100 == wanted // 100, answer
            if wanted == 200:
                current = next((secret for secret in self.secrets if secret.current), None)
                sent = self.delivery(self.now, str(one.callback_url), current)
                one.told.append(evolve(sent, automatic=False))

    def create_webhook(self) -> None:
        """Register a webhook."""
        events = self.draw.sample(
            [f"run.{one}" for one in EVENTS.values()], self.draw.randint(0, 2)
        )
        url, secret = self.place() or "http://localhost/200", f"secret {len(self.webhooks)}"
        body = {"url": url, "event_subscriptions": events, "secret": secret}
        status, answer = self.world.call("POST", "/v1/webhooks", body)
        assert status == 201, answer
        self.webhooks.append(Webhook(answer["id"], url, secret, events))

    def change_webhook(self) -> None:
        """Disable, move or delete a webhook, or give it another secret."""
        if self.webhooks:
            one = self.draw.choice(self.webhooks)
            url = self.place() or one.url
            secret = self.draw.choice((one.secret, f"other secret {self.now}"))
            one.url, one.secret = url, secret
            body = {"url": url, "secret": secret}
            if self.draw.random() < 0.3:
                one.enabled, body["disabled_at"] = False, "2026-01-01T00:00:00Z"
            status, answer = self.world.call("PATCH", f"/v1/webhooks/{one.id}", body)
            assert status == 200, answer
            if self.draw.random() < 0.2:
                assert self.world.call("DELETE", f"/v1/webhooks/{one.id}")[0] == 204
                self.webhooks.remove(one)
                self.deleted_webhooks.append(one)

    def create_secret(self) -> None:
        """Create a secret; the first becomes the current one."""
        label = self.draw.choice((None, "", "ours"))
        body = {} if label is None else {"label": label}
        status, answer = self.world.call("POST", "/v1/callback-secrets", body)
        assert status == 201, answer
        current = not any(one.current for one in self.secrets)
        self.secrets.append(Secret(answer["id"], answer["plain_secret"], current, label))

    def change_secret(self) -> None:
        """Make a secret the current one, or none, or delete it."""
        if self.secrets:
            one = self.draw.choice(self.secrets)
            wanted = self.draw.choice((True, False, "delete"))
            if wanted == "delete":
                assert self.world.call("DELETE", f"/v1/callback-secrets/{one.id}")[0] == 204
                self.secrets.remove(one)
                return
            body = {"is_current": wanted}
            assert self.world.call("PATCH", f"/v1/callback-secrets/{one.id}", body)[0] == 200
            for other in self.secrets:
                other.current = other.current and not wanted
            one.current = wanted is True
