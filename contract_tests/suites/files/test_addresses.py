"""Where requests that are not the API's may go."""

import pytest
from runflow_client import (
    AddressRefused,
    DownloadTooLarge,
    StorageError,
    StorageRefused,
    TransportError,
    WrongContent,
)
from runflow_client._redaction import show_address
from runflow_client._responses import storage_refused
from runflow_client._urls import check_storage_url

from ..http_library import httpx

PRODUCTION = "https://api.runflow.io"
MOCK = "http://127.0.0.1:4000"


@pytest.mark.parametrize(
    ("url", "base_url", "secure"),
    [
        (
            "https://bucket.s3.dualstack.eu-central-1.amazonaws.com/a?X-Amz-Signature=x",
            PRODUCTION,
            True,
        ),
        ("https://8.8.8.8/a", PRODUCTION, True),
        ("https://[2606:4700::1111]/a", PRODUCTION, True),
        ("http://cdn.example/a.png", PRODUCTION, False),
        ("https://api.runflow.io/a", PRODUCTION, True),
        ("http://127.0.0.1:5000/a", MOCK, True),
        ("http://localhost/a", MOCK, True),
        ("https://cdn.example/a", MOCK, True),
        ("http://runflow-mock:8000/a", "http://runflow-mock:8000", True),
    ],
)
def test_gone_to(url: str, base_url: str, secure: bool) -> None:
    assert str(check_storage_url(url, base_url, secure=secure)) == url


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://a.example/x",
            "file:///etc/passwd",
            "data:,x",
            "javascript:alert(1)",
            "//a.example/x",
            "x.png",
            "",
        ),
        *(
            "https:///x",
            "https://[::1",
            "https://a.example:port/",
            "https://user:password@a.example/x",
        ),
        *(
            "https://127.0.0.1/x",
            "https://localhost/x",
            "https://localhost./x",
            "https://a.localhost/x",
        ),
        *(
            "https://10.0.0.1/x",
            "https://192.168.1.1/x",
            "https://172.16.0.1/x",
            "https://169.254.169.254/latest/meta-data",
        ),
        *(
            "https://0.0.0.0/x",
            "https://100.64.0.1/x",
            "https://224.0.0.1/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
        ),
        *(
            "https://127.1/x",
            "https://[::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://[2002:a00:1::]/x",
            "https://[fe80::1]/x",
            "https://[fd00::1]/x",
        ),
        *(
            "https://[::7f00:1]/x",
            "https://[64:ff9b::a00:1]/x",
            "https://[64:ff9b:1::a00:1]/x",
            "https://[::ffff:0:a00:1]/x",
            "https://[fec0::1]/x",
        ),
        *(
            "https://metadata.google.internal/x",
            "https://printer.local/x",
            "https://intranet/x",
            "http://api.runflow.io/x",
        ),
    ],
)
def test_not_gone_to(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_storage_url(url, PRODUCTION, secure=True)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://[::1", r"it cannot be read \(InvalidURL\)"),
        ("https://xn--.com/f", r"it cannot be read \(IDNAError\)"),
        ("ftp://a.example/x", "its scheme is ftp, not https"),
        ("//a.example/x", "its scheme is missing, not https"),
        ("https:///x", "it has no host"),
        ("https://user@a.example/x", "it has a user or a password in it"),
        ("https://:password@a.example/x", "it has a user or a password in it"),
        ("https://10.0.0.1/x", "its host is a private address"),
        *(
            (f"https://{host}/x", "its host is no host name and no IP address")
            for host in (
                "a.example%2F.b.example",
                "a.example%00.b.example",
                "a%20b.example",
                "a b.example",
                "a,b.example",
                "a.example%40b.example",
                "a.example;b",
            )
        ),
        *(
            (f"https://a.example:{port}/x", "its port is not between 1 and 65535")
            for port in (0, -1, 65_536, 99_999)
        ),
    ],
)
def test_a_refusal_says_why(url: str, told: str) -> None:
    with pytest.raises(AddressRefused, match=told):
        check_storage_url(url, PRODUCTION, secure=True)


@pytest.mark.parametrize(
    ("url", "base_url", "allowed"),
    [
        ("https://api.runflow.io./a", "https://api.runflow.io", True),
        ("https://API.Runflow.io/a", "https://api.runflow.io", True),
        ("https://runflow-mock/a", "http://runflow-mock", True),
        ("https://runflow-mock/a", "https://runflow-mock.", True),
        ("http://runflow-mock/a", "https://runflow-mock", False),
        ("http://10.0.0.1/a", "http://10.0.0.1:8000", True),
        ("http://10.0.0.2/a", "http://10.0.0.1:8000", False),
        ("http://[::1]/a", MOCK, True),
        ("http://[::1]/a", "http://localhost.:4000", True),
        ("http://10.0.0.1/a", MOCK, False),
        ("https://a/x", "", False),
        ("https://cdn.3com/x", PRODUCTION, False),
        ("https://cdn.0x7f/x", PRODUCTION, False),
        ("https://3.cdn.com3/x", PRODUCTION, True),
        ("https://a.b.3com/x", PRODUCTION, False),
        ("https://a.3b.com/x", PRODUCTION, True),
        ("https://host.intranet/x", PRODUCTION, False),
        ("https://host.lan/x", PRODUCTION, False),
        ("https://host.home.arpa/x", PRODUCTION, False),
        ("https://[::ffff:8.8.8.8]/x", PRODUCTION, True),
        ("https://[2002:808:808::]/x", PRODUCTION, True),
        ("https://[ff0e::1]/x", PRODUCTION, False),
    ],
)
def test_the_apis_own_host_is_gone_to_and_no_other_private_one(
    url: str, base_url: str, allowed: bool
) -> None:
    if allowed:
        assert check_storage_url(url, base_url, secure=True).path in {"/a", "/x"}
    else:
        with pytest.raises(AddressRefused):
            check_storage_url(url, base_url, secure=True)


def test_plain_http_is_refused_where_it_must_be_secure() -> None:
    with pytest.raises(AddressRefused, match="expected https"):
        check_storage_url("http://cdn.example/a?s=5ec4e7", PRODUCTION, secure=True)
    with pytest.raises(AddressRefused, match="private"):
        check_storage_url("http://10.0.0.1/a", MOCK, secure=False)


def test_an_address_is_shown_without_its_secrets() -> None:
    assert show_address("https://u:p@a.example/x?sig=5ec4e7") == "https://a.example/x?[hidden]"
    assert show_address("DATA:text/plain,a,b") == "DATA:text/plain,... (19 characters)"
    assert show_address("data:" + "x" * 100) == "data:" + "x" * 55 + ",... (105 characters)"
    assert show_address("https://[::1") == "a URL that cannot be read"
    assert (
        show_address("data:image/png;base64," + "A" * 5000)
        == "data:image/png;base64,... (5022 characters)"
    )


@pytest.mark.parametrize(
    ("method", "status", "reason", "hint"),
    [
        ("GET", 403, "download", " (signed URLs expire: read the run again for a new one)"),
        ("GET", 410, "download", " (signed URLs expire: read the run again for a new one)"),
        ("PUT", 403, "upload", " (signed URLs expire: upload the file again)"),
        ("GET", 503, "download", ""),
    ],
)
def test_a_refusal_of_the_storage_says_what_it_refused_its_code_and_a_remedy(
    method: str, status: int, reason: str, hint: str
) -> None:
    url, shown = "https://storage.example/a?s=5ec4e7", "https://storage.example/a?[hidden]"
    error = StorageRefused(method=method, url=url, status=status, code="Denied")
    assert (error.method, error.address, error.status, error.code) == (
        method,
        shown,
        status,
        "Denied",
    )
    assert (
        str(error)
        == f"the storage refused the {reason} ({method} {shown}): status {status} Denied{hint}"
    )
    bare = StorageRefused(method=method, url=url, status=status)
    assert (bare.code, bare.reason) == (None, f"status {status}")


def test_the_code_of_the_storage_is_read_from_its_xml() -> None:
    def code(beginning: bytes) -> str | None:
        return storage_refused("GET", "https://a.example/x", httpx.Response(403), beginning).code

    assert code(b"<Error><Code>AccessDenied</Code></Error>") == "AccessDenied"
    assert code(b"<Code>no code at all</Code>") is None
    assert code(b"") is None


def test_the_storage_is_not_the_api() -> None:
    for kind in (StorageRefused, WrongContent, DownloadTooLarge, AddressRefused):
        assert issubclass(kind, StorageError)
        assert not issubclass(kind, TransportError)


def test_a_refused_address_is_kept_without_its_secrets() -> None:
    with pytest.raises(AddressRefused) as caught:
        check_storage_url("https://10.0.0.1/x?s=5ec4e7", PRODUCTION, secure=True)
    assert (caught.value.address, caught.value.reason) == (
        "https://10.0.0.1/x?[hidden]",
        "its host is a private address",
    )
