# Generated from _async/public_catalog.py by `make generate`. Edit that file.
"""Runflow's public catalog, which needs no key."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import NoReturn, Self

from runflow_api.models.public_model import PublicModel

from .._errors import RunflowError
from .._flows import public_catalog
from .._flows.retry import RetryPolicy, check_retries
from .._models.upstream import CatalogComparison
from .._time import DEFAULT_TIMEOUT
from .._transport.factory import ClientConfig, make_driver
from .._validation import check_arguments
from . import lazy


class PublicCatalog:
    """What Runflow lists for everybody: its public, active models. No key is needed or sent.

    `compare()` says which models of this package are retired, newer, or have another price.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retries: RetryPolicy | None = None,
        http_client: lazy.HttpClient | None = None,
    ) -> None:
        """Make a reader of the catalog. Nothing is sent yet.

        Args:
            base_url: the API's address. Default: RUNFLOW_BASE_URL, else https://api.runflow.io.
            timeout: seconds for one phase of one request (connecting has 10).
            retries: how often and when failed requests are sent again.
            http_client: your own HTTP client, whose timeouts count then. It stays yours to close.

        Raises:
            InvalidArgument: an argument cannot be right.
        """
        check_arguments(base_url=base_url)
        check_retries(retries)
        config = ClientConfig.without_key(base_url, timeout, retries)
        self._driver = make_driver(config, http_client, None)

    def models(
        self,
        *,
        slug: str | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[PublicModel]:
        """Give every public model that is active and that the filter lets through.

        Filter and order can name only fields that the list shows. The options and errors are those
        of `client.runs.list`.
        """
        return self._driver.each(
            public_catalog.models(
                self._driver.context,
                slug=slug,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )

    def compare(self) -> CatalogComparison:
        """Compare the public catalog with the one of this package.

        The list of the API and the file of the website, https://www.runflow.io/models-catalog.json,
        are read. Where one of them cannot be read, the other counts alone, and `unread` says so.
        With another `base_url` the file is looked for there.

        Returns:
            Which models of this package are listed or retired, which are newer, and the prices.

        Raises:
            RunflowError: neither can be read (ApiError, TransportError, StorageError), or the
                catalog lists no model.
        """
        flow = public_catalog.compare(self._driver.context, self._driver.origin.base_url)
        return self._driver.drive(flow)

    def close(self) -> None:
        """Close the connections, unless the HTTP client is your own."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __copy__(self) -> Self:
        """Return the reader itself: it is shared, not copied."""
        return self

    def __deepcopy__(self, memo: object) -> Self:
        """Return the reader itself: it is shared, not copied."""
        return self

    def __reduce__(self) -> NoReturn:
        """Raise RunflowError: connections do not travel."""
        raise RunflowError("a public catalog cannot be pickled: make one in each process")
