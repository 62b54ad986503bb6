"""What a client remembers: whose it is, for how long, and no more than so much."""

import gc
import random
import weakref
from collections.abc import Callable
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_api.models.asset import Asset as AssetModel
from runflow_api.models.run import Run as RunModel
from runflow_client import ApiError, AsyncRunflow, Runflow
from runflow_client._flows.client_refs import (
    MAX_REMEMBERED,
    CreatedIds,
    SharedClientRef,
    SharedClientRefs,
    UniqueClientRef,
    shared_client_refs,
)
from runflow_client._flows.commands import SendRequest
from runflow_client._flows.upload_cache import AssetKey, UploadCache
from runflow_client._models.asset import Asset, asset_of
from runflow_client._transport.api import ApiRequests
from runflow_client._transport.interruptions import (
    LONGEST_ENDING,
    MAX_INTERRUPTIONS,
    MAX_NOTES,
    SAME_INTERRUPTION,
    Interruptions,
)

from .calls import FILE
from .flow_commands import Flow, Scene
from .stepped_time import SteppedTime


def is_gone(kept: weakref.ref[Any]) -> bool:
    """Whether nothing holds it. All that is left is looked through only where a circle may."""
    if kept() is not None:
        gc.collect()
    return kept() is None


IDS = [f"0198c0de-0000-7000-8000-{number:012}" for number in range(4)]
RUNS = [RunModel.from_part({"id": one, "client_ref": "order-7"}) for one in IDS]


KEYS = [
    AssetKey(digest, media_type, folder)
    for digest, media_type, folder in product("ab", ("x/y", "x/z"), (None, UUID(IDS[0])))
]


class Few(UploadCache):
    """A cache that is soon full."""

    MAX_ASSETS = 3  # type: ignore[misc] # which no program changes


@pytest.mark.parametrize("seed", range(8))
def test_uploads_are_remembered_as_by_a_list(seed: int) -> None:
    drawn, cache = random.Random(seed), Few()
    kept: dict[AssetKey, tuple[Asset, float]] = {}
    now = 0.0
    for _ in range(300):
        key, what = drawn.choice(KEYS), drawn.choice(["remember", "remember", "forget", "delete"])
        now += drawn.choice([0.0, 1.0, cache.LIFETIME / 2, cache.LIFETIME])
        if what == "remember":
            asset = asset_of(AssetModel.from_part({"id": drawn.choice(IDS)}))
            cache.remember(key, asset, now)
            kept[key] = asset, now
            if len(kept) > cache.MAX_ASSETS:
                del kept[next(iter(kept))]
        elif what == "forget":
            cache.forget(key)
            kept.pop(key, None)
        else:
            gone = drawn.choice(IDS)
            cache.forget_asset(gone)
            kept = {one: known for one, known in kept.items() if known[0].id != gone}
        for one in KEYS:
            known = kept.get(one)
            assert cache.find(one) is (known and known[0])
            for later in (0.0, 1.0, cache.LIFETIME - 0.5, cache.LIFETIME):
                fresh = known is not None and now + later - known[1] < cache.LIFETIME
                assert cache.is_fresh(one, now + later) is fresh


@pytest.mark.parametrize("status", [204, 404, 403, 500])
def test_a_file_whose_asset_may_be_gone_is_uploaded_again(status: int) -> None:
    def delete(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"code": "X", "message": "no"}, request=request)

    scene = Scene({"DELETE /00000000-0000-7000-8000-000000000093": [delete, delete]})

    def use() -> Flow:
        files = yield from scene.assets.inspect_files({"input": {"image_urls": [FILE]}})
        return (yield from scene.assets.upload_files(files))

    first = scene.carry_out(use())
    assert scene.carry_out(use()) == first
    assert sum("put " in line for line in scene.lines) == 1
    deleting = scene.assets.delete(UUID("00000000-0000-7000-8000-000000000093"))
    if status == 204:
        scene.carry_out(deleting)
    else:
        with pytest.raises(ApiError):
            scene.carry_out(deleting)
    assert scene.carry_out(use()) != first
    assert sum("put " in line for line in scene.lines) == 2


def test_an_asset_that_is_gone_is_not_used_although_another_could_not_be_uploaded() -> None:
    def refuse(status: int) -> Callable[[httpx.Request], httpx.Response]:
        body = {"code": "X", "message": "no"}
        return lambda request: httpx.Response(status, json=body, request=request)

    scene = Scene()
    first = scene.carry_out(scene.assets.upload(FILE))
    scene.troubles = {
        f"GET /assets/{first.id}": [refuse(404)],
        "POST /asset-uploads": [refuse(403)],
    }
    with pytest.raises(ApiError):
        scene.carry_out(scene.assets.upload(FILE))
    files = scene.carry_out(scene.assets.inspect_files({"input": {"image_urls": [FILE]}}))
    (used,) = scene.carry_out(scene.assets.upload_files(files))
    assert used["image_urls"] != [first.ref]


def test_what_a_create_got_is_its_own_until_many_others_came() -> None:
    created = CreatedIds()
    assert created.take("first", "key-1")
    assert created.take("first", "key-1"), "an attempt that is repeated"
    assert not created.take("first", "key-2")
    for number in range(MAX_REMEMBERED - 1):
        assert created.take(f"other {number}", "key-2")
    assert not created.take("first", "key-2"), "as many as are remembered"
    assert created.take("one more", "key-2")
    assert created.take("first", "key-2"), "the first was forgotten"
    assert not created.take("one more", "key-1")


def test_a_create_is_under_way_until_each_of_its_kind_has_ended() -> None:
    refs = SharedClientRefs()
    for _ in range(2):
        refs.begin("a")
    refs.begin("b")
    refs.end("a", is_lost=True)
    assert (dict(refs.open), list(refs.lost)) == ({"a": 1, "b": 1}, ["a"])
    refs.end("a", is_lost=False)
    assert (dict(refs.open), list(refs.lost)) == ({"b": 1}, ["a"])
    for number in range(MAX_REMEMBERED):
        refs.begin(f"{number}")
        refs.end(f"{number}", is_lost=True)
    assert len(refs.lost) == MAX_REMEMBERED
    assert "a" not in refs.lost
    assert dict(refs.open) == {"b": 1}


def test_a_run_of_a_shared_ref_is_chosen_only_where_it_can_be_nobody_elses() -> None:
    """Every case of one, two or no runs, against the rule in words."""
    befores = (None, frozenset[str](), frozenset(IDS[:1]))
    lists: tuple[list[RunModel], ...] = ([], RUNS[:1], RUNS[1:2], RUNS[:2], RUNS[1:3])
    owned: tuple[dict[str, str], ...] = ({}, {IDS[1]: "key-1"}, {IDS[1]: "another"})
    cases = product(befores, lists, owned, (1, 2), (False, True), (False, True))
    for before, runs, owners, under_way, is_lost, whole in cases:
        refs = SharedClientRefs()
        refs.owners.update(owners)
        for _ in range(under_way):
            refs.begin("order-7")
        if is_lost:
            refs.lost["order-7"] = None
        ref = SharedClientRef("order-7", "key-1", refs, before)
        new = [
            run
            for run in runs
            if str(run.id) not in (before or ()) and owners.get(str(run.id)) in {None, "key-1"}
        ]
        assert ref.excludes(runs) is (new == [])
        decided = whole and before is not None and under_way == 1 and not is_lost
        expected = new[0] if decided and len(new) == 1 else None
        assert ref.choose(runs, whole=whole) is expected
        own = {str(expected.id): "key-1"} if expected is not None else {}
        assert refs.owners == {**owners, **own}
        for one in IDS[:2]:
            is_own = refs.owners.get(one) in {None, "key-1"}
            assert ref.owns(one) is is_own
            assert refs.owners[one] == ("key-1" if is_own else "another")


def test_a_ref_that_names_one_run_owns_whatever_carries_it() -> None:
    ref = UniqueClientRef()
    assert ref.owns(IDS[0])
    for whole in (False, True):
        assert ref.choose(RUNS, whole=whole) is RUNS[0]
        assert ref.choose([], whole=whole) is None
    assert ref.excludes([])
    assert not ref.excludes(RUNS)


def test_the_creates_at_one_server_are_remembered_together_in_both_colours() -> None:
    first = shared_client_refs("https://a.test")
    assert shared_client_refs("https://a.test") is first
    assert shared_client_refs("https://b.test") is not first


def test_clients_of_either_colour_share_them_however_the_server_is_spelled() -> None:
    kept = [
        kind("rf_live_x", base_url=url)._driver.context.client_refs
        for kind in (Runflow, AsyncRunflow)
        for url in ("https://shared.test", "https://Shared.test:443/")
    ]
    assert all(one is kept[0] for one in kept)


def test_the_creates_at_a_server_are_forgotten_with_its_clients() -> None:
    kept = weakref.ref(shared_client_refs("https://forgotten.test"))
    assert is_gone(kept)


def _noted(*notes: str) -> BaseException:
    error = KeyboardInterrupt()
    for note in notes:
        error.add_note(note)
    return error


def _notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", []))


def test_what_was_interrupted_within_a_second_is_named_together() -> None:
    time = SteppedTime()
    interruptions = Interruptions(time.now)
    first, second, third = _noted("1", "both"), _noted("2", "both"), _noted("3")
    interruptions.share(first)
    time.seconds += SAME_INTERRUPTION
    interruptions.share(second)
    interruptions.share(second)
    time.seconds += SAME_INTERRUPTION / 2
    interruptions.share(third)
    assert _notes(first) == ["1", "both", "2"], "the third came too late for it"
    assert _notes(second) == ["2", "both", "1", "3"]
    assert _notes(third) == ["3", "2", "both", "1"]


def test_so_many_interruptions_exchange_their_notes() -> None:
    interruptions = Interruptions(SteppedTime().now)
    errors = [_noted(str(number)) for number in range(MAX_INTERRUPTIONS + 1)]
    for error in errors:
        interruptions.share(error)
    assert set(_notes(errors[0])) == {str(number) for number in range(MAX_INTERRUPTIONS)}
    assert len(_notes(errors[1])) == MAX_INTERRUPTIONS + 1


def test_the_exception_of_a_group_names_what_was_interrupted_just_before() -> None:
    time = SteppedTime()
    interruptions = Interruptions(time.now)
    interruptions.share(_noted("long ago"))
    time.seconds += 0.5
    interruptions.share(_noted(*(f"{number}" for number in range(MAX_NOTES - 1))))
    time.seconds += LONGEST_ENDING - 0.5
    error = _noted("own")
    interruptions.name_in(error)
    assert _notes(error)[:3] == ["own", "long ago", "0"]
    time.seconds += 0.5
    later = _noted()
    interruptions.name_in(later)
    assert _notes(later)[:2] == ["0", "1"]
    interruptions.share(_noted("one more than are kept"))
    time.seconds -= 0.5
    last = _noted()
    interruptions.name_in(last)
    assert "long ago" not in _notes(last)
    assert "one more than are kept" in _notes(last)


def test_what_several_note_alike_is_named_once() -> None:
    interruptions = Interruptions(SteppedTime().now)
    for _ in range(2):
        interruptions.share(_noted("same"))
    error = _noted()
    interruptions.name_in(error)
    assert _notes(error) == ["same"]


def test_the_headers_of_an_http_client_are_merged_once_until_they_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copied: list[httpx.Headers] = []

    def copy(headers: httpx.Headers) -> httpx.Headers:
        copied.append(headers)
        return httpx.Headers(headers)

    monkeypatch.setattr(httpx.Headers, "copy", copy)
    origin = ApiRequests("https://a.test", {"X-Own": "7"})
    command = SendRequest({"method": "GET", "url": "/v1/runs"})
    with httpx.Client(headers={"X-Theirs": "1"}) as http:
        copied.clear()
        sent = [origin.request(http, command) for _ in range(3)]
        assert len(copied) == 1
        http.headers["X-Theirs"] = "2"
        sent += [origin.request(http, command) for _ in range(2)]
        assert len(copied) == 2
        http.headers["X-Theirs"] = "1"
        sent += [origin.request(http, command)]
        assert len(copied) == 3, "only the last ones are kept"
    assert [one.headers["X-Theirs"] for one in sent] == ["1", "1", "1", "2", "2", "1"]
    assert {one.headers["X-Own"] for one in sent} == {"7"}


def test_an_address_is_parsed_once_until_many_others_came(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    real = httpx.URL

    def parse(url: str) -> httpx.URL:
        parsed.append(url)
        return real(url)

    monkeypatch.setattr(httpx, "URL", parse)
    origin = ApiRequests("https://parsed.test", {})
    network = httpx.MockTransport(lambda request: httpx.Response(200))
    with httpx.Client(transport=network) as http:

        def ask(number: int) -> None:
            origin.request(http, SendRequest({"method": "GET", "url": f"/v1/runs/{number}"}))

        for number in (0, 0, *range(1, 257), 0):
            ask(number)
    assert parsed.count("https://parsed.test/v1/runs/0") == 2, "it was forgotten in between"
    assert parsed.count("https://parsed.test/v1/runs/256") == 1
