"""What a client is made with is checked before anything is sent, and never shown."""

from typing import Any

import pytest
from runflow_client import AsyncRunflow, InvalidArgument, Runflow


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNFLOW_API_KEY", raising=False)
    monkeypatch.delenv("RUNFLOW_BASE_URL", raising=False)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_a_missing_key_says_where_to_get_one(kind: Any) -> None:
    with pytest.raises(InvalidArgument, match="RUNFLOW_API_KEY"):
        kind()


@pytest.mark.parametrize("key", ["rf_live_x\n", "rf live", "rf_live_é", "\x00"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Runflow(key)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "api.runflow.io",
        "ftp://api.runflow.io",
        "https://",
        "https://u:p@api.runflow.io",
        "https://x?y=1",
        "http://api.runflow.io",
        "https://[",
        "https://a:b",
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused(url: str) -> None:
    with pytest.raises(InvalidArgument):
        Runflow("rf_live_x", base_url=url)


def test_plain_http_is_for_loopback_and_for_hosts_that_are_named() -> None:
    for url in ("http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"):
        Runflow("rf_live_x", base_url=url).close()
    Runflow("rf_live_x", base_url="http://mock.internal", insecure_hosts=["mock.internal"]).close()


def test_key_and_base_url_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFLOW_API_KEY", "rf_live_environment")
    monkeypatch.setenv("RUNFLOW_BASE_URL", "https://api.example.test/")
    with Runflow() as client:
        assert client.base_url == "https://api.example.test"
        assert "rf_live_environment" not in repr(client) + repr(client.api) + repr(vars(client))


def test_production_is_the_default() -> None:
    with Runflow("rf_live_x") as client:
        assert client.base_url == "https://api.runflow.io"


def test_an_organization_is_a_uuid() -> None:
    with pytest.raises(InvalidArgument, match="organization id"):
        Runflow("rf_live_x", organization_id="mine")
