"""Every request to a deployment takes one way: the proxy of the environment, and none to here."""

import pytest
from requests.utils import get_environ_proxies, select_proxy
from runflow_conformance._proxies import proxy_to
from runflow_conformance._schemathesis import realistic_data
from runflow_conformance.laws import deployed_target

from .stand_in import Deployed

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
HTTP, HTTPS, ALL = (f"http://{name}.proxy:3128" for name in ("plain", "secure", "any"))
EVERY = {"HTTP_PROXY": HTTP, "HTTPS_PROXY": HTTPS, "ALL_PROXY": ALL}
ELSEWHERE, SECURE = "http://a.example:8000", "https://a.example/below"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give the environment without a proxy."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, ELSEWHERE, None),
        (EVERY, ELSEWHERE, HTTP),
        (EVERY, SECURE, HTTPS),
        ({"ALL_PROXY": ALL}, SECURE, ALL),
        ({"HTTP_PROXY": HTTP}, SECURE, None),
        ({"http_proxy": HTTP}, ELSEWHERE, HTTP),
        ({**EVERY, "HTTPS_PROXY": "", "ALL_PROXY": ""}, SECURE, None),
        ({"HTTP_PROXY": "plain.proxy:3128"}, ELSEWHERE, HTTP),
        ({**EVERY, "NO_PROXY": "b.example,a.example"}, ELSEWHERE, None),
        ({**EVERY, "NO_PROXY": ".example"}, SECURE, None),
        ({**EVERY, "NO_PROXY": "*"}, SECURE, None),
        ({**EVERY, "NO_PROXY": "b.example"}, SECURE, HTTPS),
        *((EVERY, f"http://{here}:8788", None) for here in ("127.0.0.1", "localhost", "[::1]")),
    ],
)
def test_the_proxy_is_that_which_schemathesis_finds(
    variables: dict[str, str], url: str, proxy: str | None, environment: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    assert proxy_to(url) == proxy
    if "example" in url:  # before this machine it is told that there is none
        theirs = select_proxy(url, get_environ_proxies(url)) or None
        assert theirs in (proxy, (proxy or "").removeprefix("http://"))


def test_laws_and_the_look_up_of_ids_go_through_the_proxy(environment: pytest.MonkeyPatch) -> None:
    url = "http://runflow.example"
    with Deployed() as proxy:
        environment.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        environment.setenv("RUNFLOW_BASE_URL", url)
        environment.setenv("RUNFLOW_API_KEY", "rf_live_x")
        realistic_data._refresh()
        assert len(proxy.asked) == len(realistic_data.LISTS)
        with deployed_target(
            url, "rf_live_x", settle=1.0, insecure_hosts=("runflow.example",)
        ) as target:
            target.http.get("/v1/runs")
            target.client.account.balance()
            with target.open_storage() as storage, Deployed() as here:
                storage.get(f"{url}/v1/file")
                storage.get(f"http://localhost:{here.port}/v1/file")
    asked = [one.split()[1] for one in proxy.asked]
    assert asked[-3:] == [f"{url}/v1/runs", f"{url}/v1/billing/balance", f"{url}/v1/file"]
    assert {one.partition("/v1/")[0] for one in asked} == {url}
    assert [one.split()[1] for one in here.asked] == ["/v1/file"]
