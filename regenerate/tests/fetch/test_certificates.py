"""A server whose certificate nobody vouches for is sent nothing and believed nothing."""

import ssl
from collections.abc import Callable, Iterator
from typing import Final

import httpx
import pytest
import trustme

from ...fetch.download import DownloadError, Limits, download
from ...fetch.source import read_source
from ...inputs._remote import RemoteError, fetch_models, open_api
from ...project.lock import Validators
from ..hostile_server import HostileServer, hostile_serving, response

KEY: Final = "rf_live_never_sent"


@pytest.fixture(name="authority", scope="module")
def fixture_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(name="server", scope="module")
def fixture_server(authority: trustme.CA) -> Iterator[HostileServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    with hostile_serving(context) as server:
        server.answer(response(b"{}"), "/document")
        server.answer(response(b'{"items": []}'), "/v1/models")
        yield server


def get(address: str) -> object:
    return download(read_source(f"{address}/document"), Validators(), Limits())


ASKS: Final[dict[str, tuple[Callable[[str], object], type[Exception]]]] = {
    "the document": (get, DownloadError),
    "the models": (lambda address: fetch_models(open_api(address, KEY)), RemoteError),
}


@pytest.mark.parametrize("what", ASKS)
def test_a_server_that_nobody_vouches_for_is_not_asked(
    what: str, server: HostileServer, authority: trustme.CA
) -> None:
    address = server.url("").replace("http://", "https://")
    ask, refusal = ASKS[what]
    server.requests.clear()
    with pytest.raises(refusal, match=r"no connection|ConnectError"):
        ask(address)
    assert server.requests == []
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(trusting)  # pyright: ignore[reportUnknownMemberType]
    assert httpx.get(f"{address}/document", verify=trusting, trust_env=False).json() == {}
    assert len(server.requests) == 1
