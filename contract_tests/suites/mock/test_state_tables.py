"""What the server's state makes of values, as tables: clocks, settings, keys, prices, money.

Each function is tried with every member of a few lists, and the table of what it gave is stored.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from attrs import fields
from runflow_mock.contract.answers import Refusal
from runflow_mock.simulation.catalog import CatalogModel
from runflow_mock.simulation.outcomes import OUTCOMES, Outcome
from runflow_mock.simulation.pricing import (
    duration_seconds,
    output_count,
    output_units,
    price_of,
)
from runflow_mock.simulation.sizes import NAMED_SIZES, area_size, picture_size, resolution_of
from runflow_mock.state.clock import (
    STEPPED_START,
    AcceleratedClock,
    Clock,
    RealClock,
    SteppedClock,
    api_instant,
    callback_instant,
    parse_instant,
)
from runflow_mock.state.conversions import to_decimal, to_texts, to_tuple
from runflow_mock.state.keys import DEFAULT_KEY, DEFAULT_ORGANIZATION, ApiKey, Keys
from runflow_mock.state.ledger import Ledger
from runflow_mock.state.money import decimal_text
from runflow_mock.state.settings import Settings
from runflow_mock.state.signed_urls import SignedUrls
from runflow_mock.state.timings import Duration, Timings, lognormal, uniform

from ..snapshot import check_snapshot

EAST, WEST = timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=4))
OTHER = "0190aaaa-0000-7000-8000-000000000001"
ENDLESS = (float("nan"), float("inf"))
NUMBERS: tuple[Any, ...] = (None, True, 0, 1, 8, 9, -1, 2.0, 7.9, "3", "", [], {})


def tried(act: Callable[..., object], *arguments: Any, **named: Any) -> str:
    """Return what the call gives, or what it refuses."""
    try:
        return str(act(*arguments, **named))
    except Refusal as refusal:
        return f"{refusal.status} {refusal.code} {refusal.message} {refusal.headers}"
    except (ValueError, TypeError, ArithmeticError) as problem:
        return f"{type(problem).__name__}: {problem}"


def clocks() -> Iterator[str]:
    """Instants as text, and how each clock moves."""
    moments = (
        STEPPED_START,
        datetime(2026, 3, 8, 1, 2, 3, 450000, tzinfo=EAST),
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=WEST),
    )
    for moment in moments:
        yield f"{moment}: {api_instant(moment)}"
    texts = ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.6+05:30", "2026-01-02", "soon", "")
    for text in texts:
        yield f"{text!r}: {tried(parse_instant, text)} {tried(callback_instant, text)}"
    yield f"null: {callback_instant(None)}"
    made: tuple[Callable[[], Clock], ...] = (
        RealClock,
        AcceleratedClock,
        lambda: AcceleratedClock(0.5),
        SteppedClock,
        lambda: SteppedClock(idle=0),
        lambda: SteppedClock(step=2.5, idle=0.25),
    )
    for make in made:
        clock = make()
        kept = [getattr(clock, name, "none") for name in ("factor", "step", "idle")]
        waits = [clock.real_seconds(seconds) for seconds in (0, 1, 90)]
        yield f"{type(clock).__name__} {kept}: {waits}"
    wrong: tuple[Callable[[], object], ...] = (
        lambda: AcceleratedClock(0),
        lambda: AcceleratedClock(-1.5),
        lambda: SteppedClock(datetime(2026, 1, 1)),
        lambda: SteppedClock(idle=-0.1),
        *(partial(AcceleratedClock, endless) for endless in ENDLESS),
        *(partial(SteppedClock, step=seconds) for seconds in (-0.5, *ENDLESS)),
        *(partial(SteppedClock, idle=seconds) for seconds in ENDLESS),
        lambda: SteppedClock().advance(-0.5),
    )
    yield from (tried(one) for one in wrong)
    clock = SteppedClock(moments[1])
    yield f"{clock.now()}"
    for seconds in (0, 0.25, 86400):
        yield f"+{seconds}: {clock.advance(seconds)} {clock.now()}"
    for moment in (*moments, clock.now()):
        yield f"to {moment}: {clock.move_to(moment)} {clock.now()}"


def settings() -> Iterator[str]:
    """The default of each setting, and what it makes of other values."""
    values: tuple[Any, ...] = (
        None,
        True,
        0,
        -1,
        2.5,
        "3",
        "x",
        "fail",
        "warn",
        "id",
        "",
        (),
        ["a"],
        {"b": 1},
    )
    given: tuple[Any, ...] = (*values, "nan", *ENDLESS, ("IMAGE/PNG",), Path("a"))
    for attribute in fields(Settings):
        name = attribute.name
        yield f"{name}: {getattr(Settings(), name)!r}"
        for value in given:
            try:
                kept = getattr(Settings(**{name: value}), name)
            except (TypeError, ValueError) as problem:
                reason = str(problem.args[0]).partition(" (got")[0]
                yield f"    {value!r}: {type(problem).__name__} {reason}"
            else:
                if kept is not value:
                    yield f"    {value!r}: {kept!r}"
    numbers: tuple[Any, ...] = (*values, Decimal("1.50"), "1e2", "nan", float("inf"))
    for value in numbers:
        converters: tuple[Callable[[Any], object], ...] = (to_decimal, to_texts, to_tuple)
        converted = [repr(one(value)) for one in converters]
        yield f"{value!r}: {' | '.join(converted)}"
    for amount in ("0", "0.10", "1E+3", "1E-7", "-0", "12.000000"):
        yield f"{amount}: {decimal_text(Decimal(amount))}"


def lengths(**given: Any) -> list[tuple[float, float | None, float | None]]:
    """Return what the timings are made of."""
    made = Timings(**given)
    each = (made.queued, made.dispatching, made.running)
    return [(one.low, one.high, one.sigma) for one in each]


def timings() -> Iterator[str]:
    """What durations are made of, and what is drawn of them."""
    for duration in (Duration(0), Duration(3), uniform(0, 4), uniform(2, 2), lognormal(3)):
        source = Random(7)
        yield f"{duration}: {[round(duration.draw(source), 6) for _ in range(3)]}"
    source = Random(8)
    yield f"{[round(lognormal(0.5, sigma).draw(source), 6) for sigma in (0, 0.1, 2)]}"
    yield f"{lengths()}"
    for low, high, sigma in ((-1, None, None), (0, -1, None), (0, None, -1), (2, 1, 0)):
        yield f"{low} {high} {sigma}: {tried(Duration, low, high, sigma)}"
    for endless in ENDLESS:
        yield f"{[tried(Duration, *one) for one in ((endless,), (0, endless), (0, 1, endless))]}"
    values: tuple[Any, ...] = (0, 2, "2.5", uniform(1, 2), lognormal(2, 0.1), "fast", None, [])
    values += (True, -1, "nan")
    for value in values:
        for name in ("queued", "dispatching", "running"):
            made = tried(lengths, **{name: value}).partition(" (got")[0]
            yield f"{name} {value!r}: {made}"


def keys() -> Iterator[str]:
    """What each kind of key may do, and which Authorization headers are one."""
    ledger = Ledger(Decimal(10))
    made = Keys(ledger)
    added: tuple[dict[str, Any], ...] = (
        {"key": "all"},
        {"key": "none", "scopes": []},
        {"key": "one", "scopes": ["runs:read"], "organizations": [OTHER]},
        {"key": "kind", "scopes": ["runs:*", "webhooks"], "organizations": []},
        {"key": "star", "scopes": ["*"], "balance": "0", "organizations": None},
        {"key": "rich", "balance": Decimal("2.50")},
        {"key": "member", "organization_id": OTHER},
        {"key": "both", "organization_id": OTHER, "balance": 3, "scopes": ("b", "a")},
        {"key": "again", "organization_id": OTHER},
        {"key": "rich", "scopes": ["runs:create"], "balance": "1.5"},
    )
    for arguments in added:
        key = made.add(**arguments)
        yield f"{arguments}"
        yield f"    {key.describe()}"
        assert "key=" not in repr(key)
        described: dict[str, Any] = key.describe()
        assert Keys(Ledger(Decimal(1))).add(**described) == key
        asked = (None, "runs:read", "runs:create", "webhooks:read", "*", "")
        yield f"    {[tried(key.require, scope) for scope in asked]}"
        wanted = (None, DEFAULT_ORGANIZATION, OTHER, OTHER.upper(), OTHER.replace("-", ""))
        yield f"    {[tried(key.acting_for, one) for one in wanted]}"
    no_ids: tuple[Any, ...] = ("acme", "", 7, b"acme")
    for one in (OTHER.upper(), *no_ids):
        yield f"of {one!r}: {tried(made.add, 'of', organization_id=one)}"
        yield f"    {tried(lambda one: made.add('with', organizations=[one]).describe(), one)}"
    wrong: tuple[Any, ...] = ("runs:read", "", [7], ["a", None], [0])
    yield from (f"{one!r}: {tried(made.add, 'limited', scopes=one)}" for one in wrong)
    yield f"{tried(made.add, 'rich', balance='much', organization_id='acme')}"
    for one in ("", " ", "no-uuid", f" {OTHER}"):
        yield f"acts for {one!r}: {tried(ApiKey('k').acting_for, one)}"
    yield f"{ {name: str(account.balance) for name, account in ledger.accounts.items()} }"
    headers = (
        None,
        "",
        "all",
        "Bearer",
        "Bearer ",
        "Bearer all",
        "bearer  all ",
        "BEARER\tall",
        "Basic all",
        "Bearer ALL",
        "Bearer all x",
        "Bearer rich",
        f"Bearer {DEFAULT_KEY}",
    )
    for header in headers:
        yield f"{header!r}: {tried(made.authenticate, header)}"
    for name in ("all", "all", "nobody"):
        made.remove(name)
        yield f"without {name}: {tried(made.authenticate, 'Bearer all')}"
    yield f"{[key.key for key in made]}"


def credit() -> Iterator[str]:
    """Which runs are admitted, by what is left of the balance."""
    for balance, held, amount in product(
        ("-1", "0", "0.15", "1"), ("0", "0.15", "1.0"), ("0", "0.15", "0.150001", "1")
    ):
        ledger = Ledger(Decimal(balance))
        ledger.hold("us", "run", Decimal(held))
        ledger.hold("others", "run of others", Decimal(5))
        admitted = tried(ledger.admit, "us", Decimal(amount))
        yield f"{balance} without {held}, for {amount}: {admitted}"


def urls() -> Iterator[str]:
    """Signed URLs, and what is wrong with changed and late ones."""
    signing = SignedUrls("http://mock", b"key")
    begun = datetime(2026, 3, 8, 1, 2, 3, 450000, tzinfo=EAST)
    others = (SignedUrls("http://mock", b"other"), SignedUrls("http://elsewhere", b"key"))
    for method, lifetime in (("GET", 60), ("PUT", 0), ("GET", 86400)):
        url = signing.sign("/a b/1.png", begun, lifetime, method)
        yield url
        query = dict(parse_qsl(urlsplit(url).query))
        for late in (-1, 0, lifetime - 0.5, lifetime - 0.4, lifetime + 1):
            at = begun + timedelta(seconds=late)
            yield f"    {late:+}: {signing.problem(method, '/a b/1.png', query, at)}"
        changed = [{**query, name: query[name] + "0"} for name in query]
        fewer = [{name: query[name] for name in query if name != left} for left in query]
        wrong = [signing.problem(method, "/a b/1.png", one, begun) for one in (*changed, *fewer)]
        wrong += [signing.problem("HEAD", "/a b/1.png", query, begun)]
        wrong += [signing.problem(method, "/a b/2.png", query, begun)]
        wrong += [one.problem(method, "/a b/1.png", query, begun) for one in others]
        yield f"    {wrong}"
    unicode = {"X-Amz-Signature": "é"}
    yield f"{signing.problem('GET', '/', unicode, begun)} {signing.problem('GET', '/', {}, begun)}"
    assert signing.sign("/a", begun, 1) == signing.sign("/a", begun, 1, "GET")


def prices() -> Iterator[str]:
    """What each unit costs for each input, and the sizes that inputs ask for."""
    asked: list[dict[str, Any]] = [{"num_images": value} for value in NUMBERS]
    yield f"{[output_count(values) for values in ({}, *asked)]}"
    seconds: tuple[Any, ...] = (*NUMBERS, 60, 61, "5s", " 5", "12345", "60.9", "s5")
    yield f"{[duration_seconds({'duration': value}) for value in seconds]} {duration_seconds({})}"
    inputs: tuple[dict[str, Any], ...] = (
        {},
        {"prompt": "abc", "duration": "8s"},
        {"prompt": "abc", "text": ""},
        {"text": None},
        {"text": None, "prompt": "abcde"},
        {"text": 0},
        {"resolution": "2k", "duration": 0},
        {"image_size": {"width": 100, "height": 10}},
    )
    for unit, values in product(("request", "image", "second", "megapixel", "token"), inputs):
        model = CatalogModel("a/b", "b", price="0.0123456", unit=unit)
        costs = [str(price_of(model, values, outputs)) for outputs in (0, 1, 8)]
        yield f"{unit} {values}: {output_units(model, values)} {costs}"
    dear = CatalogModel("a/b", "b", price="1250", unit="image")
    yield f"{price_of(dear, {}, 8)} {price_of(CatalogModel('a/b', 'b'), {}, 8)}"
    for amount in ("-0", "0.00", "1E+3", "1E-7"):
        yield f"{amount}: {price_of(CatalogModel('a/b', 'b', price=amount), {}, 1)}"


def sizes() -> Iterator[str]:
    """The sizes of pictures that inputs ask for."""
    asked: list[dict[str, Any]] = [{"image_size": size} for size in (*NAMED_SIZES, "round", 512)]
    asked += [{"image_size": {"width": side, "height": 16}} for side in (*NUMBERS, 15, 4096, 4097)]
    asked += [{"image_size": {"width": 16, "height": side}} for side in (None, True, 0, 17, 4097)]
    asked += [{"resolution": one} for one in ("0.5k", "1K", "4k", "720p", "1080P", "8K", 2, None)]
    ratios: tuple[str, ...] = (
        "16:9",
        "9:16",
        "1:99",
        "99:1",
        "0:1",
        "1:0",
        "100:1",
        "1:100",
        "1",
        "a:b",
        "1:1:1",
    )
    ratios += ("016:09", " 1:2", "1:2\n")
    asked += [{"aspect_ratio": ratio, "resolution": "2K"} for ratio in (*ratios, "", 1.5, None)]
    endless = {"aspect_ratio": f"{'1' * 5000}:1"}  # Python reads no number of so many digits
    assert (picture_size(endless), area_size(endless)) == (picture_size({}), area_size({}))
    for values in asked:
        found = (resolution_of(values), picture_size(values), area_size(values))
        yield f"{values}: {found}"


def failure(**given: str) -> tuple[bool, dict[str, Any]]:
    """Return whether the run fails at its dispatch, and its failure."""
    outcome = Outcome(**given)
    return outcome.fails_at_dispatch, outcome.failure()


def outcomes() -> Iterator[str]:
    """Which outcomes there are, and the failure of each."""
    reasons = ("failure_code", "failure_message", "failure_stage_code")
    wrong: tuple[Any, ...] = (7, {"a": 1}, False)
    for name, value in product(reasons, wrong):
        yield f"{name} {value!r}: {tried(Outcome, status='failed', **{name: value})}"
    for status in (*OUTCOMES, "queued", ""):
        yield f"{status!r}: {tried(failure, status=status)}"
        for name, value in product(reasons, ("", "dispatch")):
            given = {"status": status, name: value}
            yield f"    {name} {value!r}: {tried(failure, **given)}"


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "clocks": clocks,
    "settings": settings,
    "timings": timings,
    "keys": keys,
    "credit": credit,
    "urls": urls,
    "prices": prices,
    "sizes": sizes,
    "outcomes": outcomes,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_it_was_before(name: str) -> None:
    text = "\n".join(TABLES[name]()).replace(type(Path()).__name__, "Path") + "\n"
    check_snapshot(Path(__file__).with_name("tables") / f"{name}.txt", text)


def test_a_clock_runs_as_fast_as_it_says() -> None:
    start = datetime(2026, 3, 8, 1, tzinfo=EAST)
    for factor in (0.5, 60.0, 100_000.0):
        before = RealClock().now()
        clock = AcceleratedClock(factor, start=start)
        made = RealClock().now()
        shown = clock.now() - start
        # The machine's clock and the monotonic one may differ by a little.
        room = timedelta(seconds=0.1 * factor)
        assert -room <= shown <= (RealClock().now() - before) * factor + room
        assert abs(AcceleratedClock(factor).now() - made) < timedelta(minutes=1) * max(factor, 1)


def test_the_real_clock_shows_the_machines_time_in_utc() -> None:
    before = datetime.now(UTC)
    shown = RealClock().now()
    assert shown.utcoffset() == timedelta(0)
    assert before <= shown <= datetime.now(UTC)
