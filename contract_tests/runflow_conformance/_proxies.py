"""The way to a deployment: through the proxy that the environment names, and to this machine alone.

schemathesis finds the proxy so, too. One rule for all requests: what is checked is one server.
"""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from runflow_api.http_library import httpx
from runflow_client._urls import is_loopback


def proxy_to(url: str) -> str | None:
    """Return the URL of the proxy before a server, None without one.

    It is that of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, unless NO_PROXY names the host. There is
    none before this machine.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


class ProxiedTransport(httpx.BaseTransport):
    """Sends each request through the proxy of the environment. Thread-safe."""

    def __init__(self) -> None:
        self._ways: dict[str | None, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request."""
        proxy = proxy_to(str(request.url))
        way = self._ways.get(proxy)
        if way is None:  # of two threads that come here at once, both take the first one's
            way = self._ways.setdefault(proxy, httpx.HTTPTransport(proxy=proxy))
        return way.handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        for way in self._ways.values():
            way.close()
