"""What a client is made with is checked before anything is sent, and never shown."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from runflow_client import AsyncRunflow, InvalidArgument, Runflow
from runflow_client._config import user_agent


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("RUNFLOW_API_KEY", raising=False)
    monkeypatch.delenv("RUNFLOW_BASE_URL", raising=False)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_a_missing_key_says_where_to_get_one(kind: Any) -> None:
    with pytest.raises(
        InvalidArgument,
        match=r"api_key=\.\.\., set RUNFLOW_API_KEY.*runflow login.*https://app\.runflow\.io",
    ):
        kind()
    with pytest.raises(InvalidArgument, match="no API key"):
        kind("")


def store(content: str, mode: int = 0o600) -> Path:
    """Write the file in which `runflow login` keeps the key."""
    path = Path.home() / ".config/runflow/credentials.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_the_stored_key_comes_after_the_argument_and_the_environment(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(json.dumps({"api_key": "rf_stored", "name": "laptop"}))

    def key(*arguments: str) -> str:
        client = kind(*arguments, base_url="http://127.0.0.1:1")
        return str(client._driver.origin.headers["Authorization"])

    assert key() == "Bearer rf_stored"
    assert key("rf_given") == "Bearer rf_given"
    with pytest.raises(InvalidArgument, match="no API key"):
        kind("")
    monkeypatch.setenv("RUNFLOW_API_KEY", "rf_of_environment")
    assert key() == "Bearer rf_of_environment"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "{}", '{"api_key": 3}', '{"api_key": ""}', '"rf_live_x"']
)
def test_a_stored_key_that_is_none_is_refused(content: str) -> None:
    path = store(content)
    with pytest.raises(InvalidArgument, match="holds no key: run `runflow login`") as caught:
        Runflow()
    assert str(path) in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_stored_key_that_others_can_read_is_refused_and_not_shown(mode: int) -> None:
    path = store('{"api_key": "rf_stored"}', mode)
    with pytest.raises(InvalidArgument, match="can be read by other users") as caught:
        Runflow()
    assert f"chmod 600 {path}" in str(caught.value)
    assert "rf_stored" not in str(caught.value)


def test_a_folder_in_place_of_the_stored_key_is_refused() -> None:
    (Path.home() / ".config/runflow/credentials.json").mkdir(parents=True)
    with pytest.raises(InvalidArgument, match="cannot be read"):
        Runflow()


@pytest.mark.parametrize("key", ["rf_live_x\n", "rf live", "rf_live_é", "\x00"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(
        InvalidArgument, match="holds white space, a line break or a non-ASCII character"
    ) as caught:
        Runflow(key)
    assert key not in str(caught.value)


INCOMPLETE = "needs a scheme and a host, such as https://api.runflow.io"
CROWDED = "has a query, a fragment or a user"
PLAIN = (
    "plain http to {} would show the API key to the network: use https, or name the host in "
    "insecure_hosts"
)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", INCOMPLETE),
        ("api.runflow.io", INCOMPLETE),
        ("ftp://api.runflow.io", INCOMPLETE),
        ("https://", INCOMPLETE),
        ("https:///v1", INCOMPLETE),
        ("https://user@api.runflow.io", CROWDED),
        ("https://:password@api.runflow.io", CROWDED),
        ("https://x?y=1", CROWDED),
        ("https://x#y", CROWDED),
        ("https://x/?", CROWDED),
        ("https://x#", CROWDED),
        ("https://@x", CROWDED),
        ("http://api.runflow.io", PLAIN.format("api.runflow.io")),
        ("http://10.0.0.1", PLAIN.format("10.0.0.1")),
        ("http://localhost.example", PLAIN.format("localhost.example")),
        ("http://notlocalhost", PLAIN.format("notlocalhost")),
        ("https://api.runflow.io\n", "holds white space, a line break"),
        (" https://api.runflow.io", "holds white space, a line break"),
        ("https://api.run flow.io", "holds white space, a line break"),
        ("https://[", "cannot be read: .*IPv6"),
        ("https://a:b", "cannot be read: Port could not be cast"),
        ("https://api%2Erunflow.io", "is no host name"),
        ("https://ａｐｉ.runflow.io", "is no host name"),  # noqa: RUF001 # full width letters
        ("https://xn--api.runflow.io", "is no host name"),
        ("https://api.runflow.io,other.example", "is no host name"),
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused_and_says_why(url: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        Runflow("rf_live_x", base_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://localhost:1",
        "http://mock.localhost",
        "http://[::1]:1",
    ],
)
def test_plain_http_is_for_loopback(url: str) -> None:
    with Runflow("rf_live_x", base_url=url) as client:
        assert client.base_url == url


def test_plain_http_is_for_hosts_that_are_named() -> None:
    Runflow("rf_live_x", base_url="http://mock.internal", insecure_hosts=["mock.internal"]).close()
    with pytest.raises(InvalidArgument, match=PLAIN.format("mock.internal")):
        Runflow("rf_live_x", base_url="http://mock.internal", insecure_hosts=["other.internal"])


@pytest.mark.parametrize("url", ["http://mock.internal:80/x", "http://MOCK.internal."])
@pytest.mark.parametrize("host", ["mock.internal", "Mock.Internal", "mock.internal."])
def test_the_names_of_hosts_are_compared_as_resolvers_do(url: str, host: str) -> None:
    Runflow("rf_live_x", base_url=url, insecure_hosts={host}).close()


def test_an_ipv6_address_may_be_named_with_and_without_brackets() -> None:
    for host in ("fd00::7", "[fd00::7]"):
        Runflow("rf_live_x", base_url="http://[fd00::7]:80", insecure_hosts=[host]).close()


@pytest.mark.parametrize(
    ("host", "told"),
    [
        (
            "http://mock.internal",
            "'http://mock.internal': expected the host alone, 'mock.internal'",
        ),
        ("mock.internal:8080", "'mock.internal:8080': expected the host alone, 'mock.internal'"),
        ("http://u:secret@mock.internal/x?y", "expected the host alone, 'mock.internal'"),
        ("[::1]:80", "expected the host alone, '::1'"),
        ("mock.internal/", "expected the host alone, 'mock.internal'"),
        ("*", "'\\*', which is no host"),
        ("", "'', which is no host"),
        ("a, b", "'a, b', which is no host"),
    ],
)
def test_an_insecure_host_is_a_host_alone(host: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=f"^insecure_hosts holds .*{told}") as caught:
        Runflow("rf_live_x", insecure_hosts=["other.internal", host])
    assert "secret" not in str(caught.value)


def test_a_base_url_is_kept_without_its_last_slashes() -> None:
    with Runflow("rf_live_x", base_url="https://proxy.test/X//") as client:
        assert client.base_url == "https://proxy.test/X"


def test_an_argument_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFLOW_API_KEY", "not a key")
    monkeypatch.setenv("RUNFLOW_BASE_URL", "not a URL")
    with Runflow("rf_live_x", base_url="https://api.example.test") as client:
        assert client.base_url == "https://api.example.test"


def test_an_empty_base_url_in_the_environment_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFLOW_BASE_URL", "")
    with Runflow("rf_live_x") as client:
        assert client.base_url == "https://api.runflow.io"


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
    with pytest.raises(InvalidArgument, match="organization_id"):
        Runflow("rf_live_x", organization_id="mine")


def test_the_user_agent_names_this_client_and_python_with_their_versions() -> None:
    assert (
        user_agent()
        == f"runflow-client/{version('runflow-client')} python/{platform.python_version()}"
    )


@pytest.mark.parametrize(("timeout", "connect"), [(60.0, 10.0), (10.5, 10.0), (5.0, 5.0)])
@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_a_connection_is_made_within_ten_seconds(kind: Any, timeout: float, connect: float) -> None:
    client = kind("rf_live_x", base_url="http://127.0.0.1:9", timeout=timeout)
    limits = client._driver.http.timeout
    others = (limits.read, limits.write, limits.pool)
    assert (limits.connect, *others) == (connect, timeout, timeout, timeout)
