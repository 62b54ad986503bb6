"""Where requests that are not the API's may go."""

import pytest
from runflow_client.addresses import check_address
from runflow_client.storage_errors import AddressRefused, show_address

PRODUCTION = "https://api.runflow.io"
MOCK = "http://127.0.0.1:4000"


@pytest.mark.parametrize(
    ("url", "base_url", "secure"),
    [
        ("https://bucket.s3.dualstack.eu-central-1.amazonaws.com/a?X-Amz-Signature=x", PRODUCTION, True),
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
    assert str(check_address(url, base_url, secure=secure)) == url


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://a.example/x", "file:///etc/passwd", "data:,x", "javascript:alert(1)", "//a.example/x", "x.png", ""),
        *("https:///x", "https://[::1", "https://a.example:port/", "https://user:password@a.example/x"),
        *("https://127.0.0.1/x", "https://localhost/x", "https://localhost./x", "https://a.localhost/x"),
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
            "https://metadata.google.internal/x",
            "https://printer.local/x",
            "https://intranet/x",
            "http://api.runflow.io/x",
        ),
    ],
)
def test_not_gone_to(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(url, PRODUCTION, secure=True)


def test_plain_http_is_refused_where_it_must_be_secure() -> None:
    with pytest.raises(AddressRefused, match="expected https"):
        check_address("http://cdn.example/a?s=5ec4e7", PRODUCTION, secure=True)
    with pytest.raises(AddressRefused, match="private"):
        check_address("http://10.0.0.1/a", MOCK, secure=False)


def test_an_address_is_shown_without_its_secrets() -> None:
    assert show_address("https://u:p@a.example/x?sig=5ec4e7") == "https://a.example/x?[hidden]"
    assert show_address("https://[::1") == "a URL that cannot be read"
    assert show_address("data:image/png;base64," + "A" * 5000) == "data:image/png;base64,... (5022 characters)"
