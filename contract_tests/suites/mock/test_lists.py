"""Lists: filters in both grammars, orders, projections, and cursors while rows are added."""

from base64 import urlsafe_b64encode
from itertools import pairwise, product
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow, Timings
from runflow_mock.api.lists import embeds_of, page, parse_sort, project
from runflow_mock.contract.answers import Refusal

from .calling import create_run, error_of


def names(page: Any) -> list[str]:
    return [row["client_ref"] for row in page["items"]]


def make(api: httpx.Client, mock: MockRunflow, *references: str) -> None:
    for reference in references:
        create_run(api, client_ref=reference)
        mock.advance(1)


def search(api: httpx.Client, **query: str | int) -> Any:
    response = api.get("/v1/runs", params=query)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a+"),
        ("a:", "a+"),
        ("a:ASC,b:Desc", "a+ b-"),
        (" a:desc , b ", "a- b+"),
        *((wrong, "refused") for wrong in ("", "a,", "1a", "_a", "a.b", "a:down", "a :desc")),
    ],
)
def test_an_order_is_read_in_any_case_of_letters(text: str, expected: str) -> None:
    try:
        keys = [f"{key.field}{'-' if key.descending else '+'}" for key in parse_sort(text)]
    except Refusal:
        keys = ["refused"]
    assert " ".join(keys) == expected


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("client_ref.EQ:'b'", ["b"]),
        ("client_ref.eq:'b'", ["b"]),
        ("client_ref.EQ:'nothing'", []),
        ("client_ref:b", ["b"]),
        ("client_ref='b' OR client_ref='c'", ["b", "c"]),
        ("NOT client_ref:b", ["a", "c", "d'e"]),
        ("created_at!=2026-01-01T00:00:01Z", ["a", "c", "d'e"]),
        ("created_at.ne:'2026-01-01T00:00:01Z'", ["a", "c", "d'e"]),
        ("created_at.in:'2026-01-01T00:00:00Z,2026-01-01T00:00:02Z'", ["a", "c"]),
        ("batch_id.isnull:'false'", []),
        ("created_at>2026-01-01T00:00:00Z AND created_at<=2026-01-01T00:00:02Z", ["b", "c"]),
        ("(client_ref:a OR client_ref:b) AND NOT client_ref:a", ["b"]),
        ("created_at>=2026-01-01T00:00:02Z", ["c", "d'e"]),
        ("created_at<2026-01-01T00:00:01+00:00", ["a"]),
        ("created_at>2026-04-01", []),
        ("status_code:succeeded AND created_at>2026-01-01", []),
        ("client_ref.EQ:'d\\'e'", ["d'e"]),
        ("client_ref.EQ:'B'", []),
        ("nodes_total>2", ["a", "b", "c", "d'e"]),
        ("nodes_total.gt:'3'", []),
        ("input.prompt.contains:'cathedral'", ["a", "b", "c", "d'e"]),
        ("batch_id:null", ["a", "b", "c", "d'e"]),
    ],
)
def test_filters_in_both_grammars(
    mock: MockRunflow, api: httpx.Client, q: str, expected: list[str]
) -> None:
    make(api, mock, "a", "b", "c", "d'e")
    assert names(search(api, q=q, sort_by="created_at:asc")) == expected


@pytest.mark.parametrize(
    "q", ["client_ref.EQ:", "AND", "(client_ref:a", "client_ref:a)", "a.zz:'b'", "(" * 200, "x y"]
)
def test_a_filter_that_cannot_be_read_is_refused(api: httpx.Client, q: str) -> None:
    assert error_of(api.get("/v1/runs", params={"q": q}), 422)["errors"][0]["loc"] == ["query", "q"]


def test_orders_have_several_keys(mock: MockRunflow, api: httpx.Client) -> None:
    for reference, prompt in (("a", "z"), ("b", "y"), ("c", "z")):
        create_run(api, client_ref=reference, input={"prompt": prompt})
        mock.advance(1)
    assert names(search(api)) == ["c", "b", "a"]
    assert names(search(api, sort_by="input:desc,created_at:asc")) == ["a", "c", "b"]
    assert names(search(api, sort_by="input,client_ref:desc")) == ["b", "c", "a"]
    error_of(api.get("/v1/runs", params={"sort_by": "created_at:sideways"}), 422)


def test_what_has_no_value_comes_first_and_pages_go_past_it(
    mock: MockRunflow, api: httpx.Client
) -> None:
    for reference in ("a", None, "b", None):
        create_run(api, client_ref=reference)
        mock.advance(1)
    rising = [None, None, "a", "b"]
    assert names(search(api, sort_by="client_ref:asc")) == rising
    assert names(search(api, sort_by="client_ref:desc")) == rising[::-1]
    first = search(api, sort_by="client_ref:asc", limit=1)
    walked = [first]
    while walked[-1]["next"]:
        following = walked[-1]["next"]
        walked.append(search(api, sort_by="client_ref:asc", limit=1, pq=following))
    assert [name for page in walked for name in names(page)] == rising


def test_fields_leave_the_rest_out(mock: MockRunflow, api: httpx.Client) -> None:
    make(api, mock, "a")
    assert search(api, fields="client_ref, status_code")["items"] == [
        {"client_ref": "a", "status_code": "dispatching"}
    ]


def test_a_walk_forward_and_back_sees_every_row_once(mock: MockRunflow, api: httpx.Client) -> None:
    make(api, mock, *"abcdefg")
    pages = [search(api, limit=3)]
    while pages[-1]["next"]:
        pages.append(search(api, limit=3, pq=pages[-1]["next"]))
    assert [names(page) for page in pages] == [["g", "f", "e"], ["d", "c", "b"], ["a"]]
    back = search(api, limit=3, pq=pages[-1]["previous"], from_prev="true")
    assert names(back) == ["d", "c", "b"]
    assert names(search(api, limit=3, pq=back["previous"], from_prev="true")) == ["g", "f", "e"]
    assert names(search(api, limit=3, pq=back["first"])) == ["g", "f", "e"]
    assert pages[0]["previous"] is None


@pytest.mark.parametrize("count", range(6))
def test_pages_are_slices_whatever_their_size_and_direction(count: int) -> None:
    rows: list[dict[str, Any]] = [{"id": str(number)} for number in range(count)]
    for first, second in product(range(1, 8), repeat=2):
        at = 0
        here = page(rows, {"sort_by": "id", "limit": first})
        while True:
            assert here["items"] == rows[at : at + first]
            assert (here["next"] is None) == (at + first >= count)
            assert (here["previous"] is None) == (at == 0)
            if here["previous"] is not None:
                query = {"sort_by": "id", "limit": second, "pq": here["previous"]}
                back = page(rows, {**query, "from_prev": True})
                assert back["items"] == rows[max(at - second, 0) : at]
                assert (back["previous"] is None) == (second >= at)
                assert back["next"] is not None
            if here["next"] is None:
                break
            at += first
            here = page(rows, {"sort_by": "id", "limit": first, "pq": here["next"]})


@pytest.mark.parametrize("second", ["asc", "desc"])
@pytest.mark.parametrize("first", ["asc", "desc"])
def test_rows_that_an_order_leaves_equal_are_seen_once_and_in_the_order_of_the_first_key(
    first: str, second: str
) -> None:
    rows: list[dict[str, Any]] = [
        {"id": f"{n:02}", "a": n % 2 == 0, "b": n % 3 or None} for n in range(18)
    ]
    order = f"a:{first},b:{second}"
    whole = page(rows, {"sort_by": order})["items"]
    for before, after in pairwise(whole):
        if (before["a"], before["b"]) == (after["a"], after["b"]):
            assert (before["id"] < after["id"]) == (first == "asc")
    for limit in range(1, 6):
        here = page(rows, {"sort_by": order, "limit": limit})
        walked = [*here["items"]]
        while here["next"] is not None:
            here = page(rows, {"sort_by": order, "limit": limit, "pq": here["next"]})
            walked += here["items"]
        assert walked == whole


@pytest.mark.parametrize(
    "sort_by", ["created_at:desc", "created_at:asc", "status_code:asc,client_ref:desc"]
)
def test_rows_that_arrive_meanwhile_neither_repeat_nor_hide_others(
    mock: MockRunflow, api: httpx.Client, sort_by: str
) -> None:
    mock.next_outcome("never", count=100)
    make(api, mock, *(f"old-{number:02}" for number in range(10)))
    mock.advance(100)
    seen: list[str] = []
    cursor: str | None = None
    for step in range(20):
        page = search(api, limit=2, sort_by=sort_by, **({"pq": cursor} if cursor else {}))
        seen += names(page)
        cursor = page["next"]
        create_run(api, client_ref=f"new-{step:02}")
        mock.advance(100)
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert {reference for reference in seen if reference.startswith("old")} == {
        f"old-{n:02}" for n in range(10)
    }


def test_instants_are_in_their_order_whatever_they_say_of_a_second(
    mock: MockRunflow, api: httpx.Client
) -> None:
    mock.set_timings(Timings(0.5, 0.25, 1.5))
    for name in "abcd":  # at 0, 0.25, 0.5, 0.75 s, and so on
        for part in "0123":
            create_run(api, client_ref=f"{name}{part}")
            mock.advance(0.25)
    rising = [f"{name}{part}" for name in "abcd" for part in "0123"]
    assert names(search(api, sort_by="created_at")) == rising
    walked = [search(api, limit=3)]
    while walked[-1]["next"]:
        walked.append(search(api, limit=3, pq=walked[-1]["next"]))
    assert [name for page in walked for name in names(page)] == rising[::-1]
    run = search(api)["items"][0]["id"]
    mock.advance(60)
    logs = api.get(f"/v1/runs/{run}/logs").json()["items"]
    assert [one["meta"]["sequence"] for one in logs] == list(range(len(logs)))


def test_texts_are_in_their_order_whatever_letter_they_end_with() -> None:
    names = ("2026-01-01T00:00:00Zz", "Z", "a", "aZ", "aa", "b", "bZ", "bZZ")
    rows: list[dict[str, Any]] = [
        {"id": str(len(names) - number), "name": name} for number, name in enumerate(names)
    ]
    for order, expected in (("name", rows), ("name:desc", rows[::-1])):
        assert page(rows, {"sort_by": order})["items"] == expected


@pytest.mark.parametrize(
    ("limit", "count"),
    [(-3, 1), (0, 1), (1, 1), (500, 500), (501, 500), (None, 50), ("7", 50), (7.0, 50)],
)
def test_a_page_has_from_one_to_five_hundred_rows(limit: object, count: int) -> None:
    rows: list[dict[str, Any]] = [{"id": str(number)} for number in range(600)]
    assert len(page(rows, {"limit": limit})["items"]) == count


def test_blanks_between_the_names_of_a_list_do_not_count() -> None:
    assert embeds_of({"embed": " logs , node_runs,"}) == {"logs", "node_runs", ""}
    assert project({"a": 1, "b": 2, "_c": 3}, {"fields": " a , _c "}) == {"a": 1}
    keys = [(key.field, key.descending) for key in parse_sort(" a , b:DESC,c:asc ")]
    assert keys == [("a", False), ("b", True), ("c", False)]


def test_rows_of_one_instant_have_an_order(mock: MockRunflow, api: httpx.Client) -> None:
    for number in range(7):
        create_run(api, client_ref=str(number))
    first = search(api, limit=4)
    assert names(first) + names(search(api, limit=4, pq=first["next"])) == list("6543210")


def test_a_page_after_which_all_was_deleted_is_empty(api: httpx.Client) -> None:
    for name in "dcba":
        api.post("/v1/webhooks", json={"url": f"https://a.test/{name}"}).raise_for_status()
    first = api.get("/v1/webhooks", params={"limit": 2, "sort_by": "url"}).json()
    left = api.get("/v1/webhooks", params={"limit": 2, "pq": first["next"], "sort_by": "url"})
    for row in left.json()["items"]:
        api.delete(f"/v1/webhooks/{row['id']}").raise_for_status()
    after = api.get("/v1/webhooks", params={"pq": first["next"], "sort_by": "url"}).json()
    assert (len(first["items"]), after["items"], after["next"]) == (2, [], None)


def test_a_foreign_cursor_is_refused(mock: MockRunflow, api: httpx.Client) -> None:
    make(api, mock, "a", "b")
    cursor = search(api, limit=1)["next"]
    endless = b'{"sort": [["created_at", true]], "at": [[1e999, 0, ""], [2, 0, ""]]}'
    wrong = ("xyz", "e30", urlsafe_b64encode(endless).decode())
    orders = ("id:asc", "created_at:asc", "created_at:desc,id:asc")  # it was created_at:desc
    others = [{"pq": cursor, "sort_by": order} for order in orders]
    for query in (*others, *({"pq": one} for one in wrong)):
        assert error_of(api.get("/v1/runs", params=query), 422)["errors"][0]["loc"] == [
            "query",
            "pq",
        ]
