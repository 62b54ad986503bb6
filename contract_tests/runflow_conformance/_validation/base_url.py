"""The base URL of an API, and which requests are below it."""

from runflow_api.http_library import httpx


class BaseUrl:
    """A base URL in any spelling: case of the host, its usual port, a slash at the end."""

    def __init__(self, base_url: str) -> None:
        self._url = httpx.URL(base_url)
        self._root = raw_path_of(self._url).rstrip("/")

    @property
    def server(self) -> str:
        """Scheme and host, with the port unless that is the usual one."""
        return server_of(self._url)

    def path_below(self, url: httpx.URL) -> str | None:
        """Return the raw path of the URL below the base URL, None if it is not below it."""
        path = raw_path_of(url)
        if server_of(url) != self.server or not path.startswith(f"{self._root}/"):
            return None
        return path.removeprefix(self._root)


def server_of(url: httpx.URL) -> str:
    """Return scheme and host of the URL, with its port unless that is the usual one."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def raw_path_of(url: httpx.URL) -> str:
    """Return the path of the URL as it is sent, without the query."""
    return url.raw_path.decode("ascii", "replace").partition("?")[0]
