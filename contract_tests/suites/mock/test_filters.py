"""Filters: NOT before AND before OR, by a table of expressions, and fields that do not exist."""

from collections.abc import Iterator, Mapping
from itertools import product

import httpx
import pytest
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.api.filters import filter_terms, parse_filter
from runflow_mock.contract.answers import Refusal

from .calling import create_run, error_of

TERMS = ("a:1", "b.eq:'1'", "c=1")
ROWS: list[dict[str, str]] = [
    dict(zip("abc", values, strict=True)) for values in product(("0", "1"), repeat=3)
]
SHAPES = (
    "{0} {3} {1} {4} {2}",
    "({0} {3} {1}) {4} {2}",
    "{0} {3} ({1} {4} {2})",
    "NOT ({0} {3} {1}) {4} {2}",
    "NOT ({0} {3} {1} {4} {2})",
)


def expressions() -> Iterator[str]:
    """Yield every shape with every pair of words and every choice of negated terms."""
    for shape, words, negated in product(
        SHAPES, product(("AND", "OR"), repeat=2), product(("", "NOT "), repeat=3)
    ):
        terms = [no + term for no, term in zip(negated, TERMS, strict=True)]
        yield shape.format(*terms, *words)


def by_python(expression: str, row: Mapping[str, str]) -> bool:
    """Return what Python makes of the expression: its `not`, `and` and `or` bind alike."""
    for term, name in zip(TERMS, "abc", strict=True):
        expression = expression.replace(term, str(row[name] == "1"))
    for word in ("AND", "OR", "NOT"):
        expression = expression.replace(word, word.lower())
    return bool(eval(expression, {}))


@pytest.mark.parametrize("expression", tuple(expressions()))
def test_not_binds_before_and_before_or(expression: str) -> None:
    keeps = parse_filter(expression)
    assert [keeps(row) for row in ROWS] == [by_python(expression, row) for row in ROWS]


@pytest.mark.parametrize(
    ("text", "place"), [("a:1)", 3), ("a:1 b:2", 3), ("(a:1", 4), ("a:1 AND", 7), ("", 0)]
)
def test_a_filter_is_read_to_its_end_or_refused_where_it_cannot_be_read(
    text: str, place: int
) -> None:
    for read in (parse_filter, filter_terms):
        with pytest.raises(Refusal) as refused:
            read(text)
        [entry] = refused.value.errors or []
        assert entry["msg"] == f"the filter cannot be read at character {place}"


@pytest.mark.parametrize(
    ("before", "after", "deepest", "keeps"),
    [("(", ")", 50, True), ("NOT ", "", 50, True), ("NOT(", ")", 25, False)],
)
def test_a_filter_is_read_as_deep_as_fifty_and_refused_below(
    before: str, after: str, deepest: int, keeps: bool
) -> None:
    assert parse_filter(before * deepest + "a:1" + after * deepest)({"a": "1"}) is keeps
    for depth in (deepest + 1, 10_000):
        with pytest.raises(Refusal):
            parse_filter(before * depth + "a:1" + after * depth)


@pytest.mark.parametrize("value", [5, 0, -1.5])
@pytest.mark.parametrize("text", ["NaN", "-nan", "x", "''"])
def test_a_number_differs_from_what_is_none(value: float, text: str) -> None:
    names = ("eq", "ne", "neq", "gt", "gte", "lt", "lte", "in")
    found = {name: parse_filter(f"a.{name}:{text}")({"a": value}) for name in names}
    assert [name for name, keeps in found.items() if keeps] == ["ne", "neq"]


def test_what_is_private_cannot_be_filtered_by() -> None:
    row = {"_plain": "x", "shown": {"_inner": "x", "inner": "x"}}
    for text, keeps in (("_plain=x", False), ("shown._inner=x", False), ("shown.inner=x", True)):
        assert parse_filter(text)(row) is keeps


UNKNOWN = [
    ({"q": "bogus.EQ:'x'"}, "q", "there is no field bogus"),
    ({"q": "NOT (client_ref:a OR deep.er.EQ:1)"}, "q", "there is no field deep"),
    ({"q": "metadata.campaign.EQ:'x'"}, "q", "cannot filter by metadata"),
    ({"q": "client_ref.LIKE:'a'"}, "q", "client_ref is compared by EQ only, not by LIKE"),
    ({"q": "client_ref>a"}, "q", "client_ref is compared by EQ only, not by GT"),
    ({"fields": "id,bogus"}, "fields", "there is no field bogus"),
    ({"sort_by": "created_at:desc,bogus"}, "sort_by", "there is no field bogus"),
]


@pytest.mark.parametrize(("query", "parameter", "message"), UNKNOWN)
def test_a_field_that_does_not_exist_is_refused(
    api: httpx.Client, query: dict[str, str], parameter: str, message: str
) -> None:
    [entry] = error_of(api.get("/v1/runs", params=query), 422)["errors"]
    assert (entry["loc"], entry["msg"]) == (["query", parameter], message)


@pytest.mark.parametrize(("query", "parameter", "message"), UNKNOWN)
def test_or_it_is_answered_with_a_warning(
    query: dict[str, str], parameter: str, message: str
) -> None:
    with MockRunflow(SteppedClock(), settings=Settings(unknown_fields="warn")) as mock:
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
            create_run(api, client_ref="a")
            answer = api.get("/v1/runs", params=query)
            assert answer.status_code == 200
            assert answer.headers["runflow-mock-warning"] == message
            plain = api.get("/v1/runs", params={"q": "client_ref:a", "fields": "id"})
            assert "runflow-mock-warning" not in plain.headers


def test_a_warning_names_a_field_as_far_as_a_header_can() -> None:
    with MockRunflow(SteppedClock(), settings=Settings(unknown_fields="warn")) as mock:
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
            answer = api.get("/v1/runs", params={"fields": "id,a\r\nb\u00fc\x00~"})
            many = api.get("/v1/runs", params={"fields": ",".join(["other"] * 99)})
    assert answer.status_code == 200
    assert answer.headers["runflow-mock-warning"] == "there is no field a??b??~"
    assert many.headers["runflow-mock-warning"] == ("there is no field other; " * 20).rstrip()


def test_a_policy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown_fields"):
        Settings(unknown_fields="ignore")
    with pytest.raises(ValueError, match="unknown_assets"):
        Settings(unknown_assets="ignore")
