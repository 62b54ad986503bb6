"""The base URL of an API, and which requests are below it."""

from runflow_api.http_library import httpx


class BaseUrl:
    """A base URL in any spelling: case of the host, its usual port, a slash at the end."""

    def __init__(self, base_url: str) -> None:
        self._url = httpx.URL(base_url)
        self._root = raw_path_of(self._url).rstrip("/")

    @property
    def host(self) -> str:
        """The host, with its port unless that is the usual one."""
        return self._url.netloc.decode("ascii")

    def has_host_of(self, url: httpx.URL) -> bool:
        """Return whether scheme, host and port of the URL are those of the base URL."""
        return (url.scheme, url.netloc) == (self._url.scheme, self._url.netloc)

    def path_below(self, url: httpx.URL) -> str | None:
        """Return the raw path of the URL below the base URL, None if it is not below it."""
        path = raw_path_of(url)
        if not self.has_host_of(url) or not path.startswith(f"{self._root}/"):
            return None
        return path.removeprefix(self._root)


def raw_path_of(url: httpx.URL) -> str:
    """Return the path of the URL as it is sent, without the query."""
    return url.raw_path.decode("ascii", "replace").partition("?")[0]
