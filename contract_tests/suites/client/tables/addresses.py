"""Which addresses are gone to, what is refused and why, and what of a text is shown."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any, Final

from runflow_client import AddressRefused, _redaction as redaction, _urls as urls

from .rows import Plain, ours, result, table

HOSTS: Final = (
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain"),
    *("ip6-localhost", "ip6-loopback", "localhostx", "xlocalhost", "a.localhost.example"),
    *("127.0.0.1", "127.0.0.1.", "127.1", "127.255.255.255", "128.0.0.1", "0.0.0.0", "0"),
    *("0x7f000001", "2130706433", "017700000001", "::1", "::", "::2", "::ffff:127.0.0.1"),
    *(
        "0:0:0:0:0:0:0:1",
        "0::1",
        "::ffff:8.8.8.8",
        "::ffff:0.0.0.0",
        "7::1",
        "2002:7f00:1::",
        "fe80::1%eth0",
        "",
    ),
    *("a.example", "api.runflow.io", "8.8.8.8", "8.8.8.8.", "1.2.3", "3com", "a.3com"),
    *("intranet", "a.local", "a.internal", "a.svc", "a.home.arpa", "a.arpa", "metadata.goog"),
    *("168.63.129.16", "168.63.129.17", "::ffff:168.63.129.16", "64:ff9b::a83f:8110"),
    *("64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:0:1::1", "2002:a00:1::", "2002:808:808::"),
    *("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "2001:200::1", "2001:1ff::1"),
    *("2606:4700::1111", "3ffe::1", "4000::1", "1fff::1", "ff02::1"),
)

FORMS: Final = (
    *("https://a.example/x", "HTTPS://A.example./x", "ftp://a.example/x", "ftp://api.test/x"),
    *("a.example/x", "//a.example/x", "https://", "https:///x", "", "data:,x", "https://[::1"),
    *("https://u@a.example/x", "https://:p@a.example/x", "https://u:p@a.example/x?s=5ec4e7"),
    *("https://a%2Fb.example/x", "https://a b.example/x", "https://b\u00fccher.example/x"),
    *("https://xn--.example/x", "https://a_b.example/x", "https://a.example:0/x"),
    *("https://a.example:1/x", "https://a.example:65535/x", "https://a.example:65536/x"),
    *("https://a.example:-1/x", "https://a.example:p/x", "https://10.0.0.1/x?s=5ec4e7"),
)

PLACES: Final = (
    *("https://a.example/x", "http://a.example/x", "https://api.test/x", "http://api.test/x"),
    *("http://api.test./x", "http://10.0.0.1/x", "https://10.0.0.1:8/x", "https://10.0.0.2/x"),
    *("https://localhost/x", "http://localhost:1/x", "http://127.0.0.1:9/x", "http://[::1]/x"),
    *("https://intranet/x", "https://8.8.8.8/x", "http://8.8.8.8/x", "https://a.3com/x"),
    "http://xn--bcher-kva.test/x",
)

BASES: Final = (
    *("https://api.test", "http://api.test", "http://localhost.:9", "http://10.0.0.1", ""),
    *("https://api.test.", "http://b\u00fccher.test"),
)

SEVERAL: Final[tuple[list[str], ...]] = (
    *([], ["8.8.8.8", "::1"], ["127.0.0.1", "8.8.8.8"], ["::1", "10.0.0.1"], ["0.0.0.0", "::"]),
    *(["10.0.0.1", "127.0.0.1"], ["8.8.8.8", "8.8.4.4"]),
)

BASE_URLS: Final = (
    *("https://api.test", "https://api.test/", "https://api.test/v1//", "HTTPS://API.test"),
    *("http://api.test", "http://API.test.", "http://localhost:8", "http://127.0.0.1", "/v1"),
    *("http://0.0.0.0", "http://[::1]:8/", "http://[::2]", "api.test", "ftp://api.test", "https:"),
    *("https://", "https://:8", "https://api.test:8", "https://api.test:p", "https://[::1"),
    *("https://api.test?a=1", "https://api.test#a", "https://api.test/?", "https://u@api.test"),
    *("https://:p@api.test", "https://u:p@api.test", "https://@api.test", "https://a b.test"),
    *("https://api.test ", "https://api.test\n", "https://a%2Fb", "https://a_b.test", " "),
    *("http://a.localhost", "http://mock", "http://mock.:80/x", "https://a\u200b.test", ""),
)

GIVEN_HOSTS: Final = (
    *("mock", "Mock.", "mock.internal", "https://mock", "mock:80", "mock/x", "u@mock", "mock?a"),
    *("::1", "[::1]", "[::1]:80", "1.2.3.4", "", ".", "a b", "https://", "bücher.example", "a%2F"),
    *("https://u:p@mock/x?s=5ec4e7", "http://[::1", "a,b", "*"),
)

TEXTS: Final = (
    *("rf_live_a-b_C9", "rf_svc_a", "rf_a", "rfk_a", "whsec_a-b", "xrf_a", "rf_", "RF_a", "rf-a"),
    *(
        "(rf_live_a)",
        "rf_live_a.b",
        "rf_live_aé",
        "Bearer a.b c",
        "Bearer  a",
        "bearer a",
        "Bearer",
    ),
    *("https://a.test/b?c=d e", "HTTP://a.test?c", "https://a.test#c", "https://a.test/b#c?d"),
    *("'https://a.test?c'", '"https://a.test?c"', "<https://a.test?c>", "https://?c", "a.test?c"),
    *("https://a.test/b", "ftp://a.test?c", "https://a.test?b https://c.test?d", "https://a.test?"),
    *("https://a.test/rf_live_a?Bearer b", "", " a "),
    *("https://u:p@a.test/b?c", "see HTTP://u@v@a.test.", "postgresql+psycopg://u:p@a.test:8/b"),
    *("https://a.test/b@c", "https://a.test?b@c", "https://u:p@q/r@s", "mail u:p@a.test", "://u@a"),
    *(
        "<https://:p@a.test>",
        "x://u:p@a.test",
        f"{'x' * 20}://u:p@a.test",
        f"{'x' * 21}://u@a.test",
    ),
)

ADDRESSES: Final = (
    *("https://u:p@a.test:8/b/c?d=e#f", "https://a.test", "https://a.test?", "https://a.test/b#c"),
    *("https://u@v@a.test/b", "//u:p@a.test/b?c", "/b?c", "b", "", "//[x", "https://[::1", "?c"),
    *("data:", "data:,", "DATA:image/png;base64,QUJD", "data:x", "datax:a?b", f"data:{'x' * 55},y"),
    *(f"data:{'x' * 54},y", f"data:{'x' * 53},y", "data:text/plain?a=b,c", f"data:{'a b ' * 20}"),
)


class Unshowable:
    """Its repr fails."""

    def __repr__(self) -> str:
        raise ValueError("no repr")


_PLAIN: Final[tuple[Any, ...]] = (*(None, 0, True, "a", "", b"rf_live_a", ["rf_live_a", "b"], {}),)
SHOWN: Final[Mapping[str, object]] = {
    **{repr(one): one for one in _PLAIN},
    "77 characters": "a" * 77,
    "78 characters": "a" * 78,
    "79 characters": "a" * 79,
    "4001 characters": "a" * 3999 + "b" + "c",
    "a key after 3999 characters": " " * 3999 + "rf_live_a",
    "a password of 80 characters": f"https://u:{'p' * 80}@a.test",
    "a number of 80 digits": 10**79,
    "a number of 81 digits": 10**80,
    "what has no repr": Unshowable(),
}

LENGTHS: Final = {f"{length} characters": "x" * length for length in (0, 1, 79, 80, 81, 82, 200)}


@contextmanager
def environment(**variables: str | None) -> Iterator[None]:
    """Set these variables for the time of the context, and no other of Runflow's."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("RUNFLOW"):
            del os.environ[name]
    os.environ.update({name: value for name, value in variables.items() if value is not None})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    for ask in (urls.is_private, urls.is_loopback, urls.is_address):
        yield from table(ask.__name__, ask, HOSTS)
    yield from table("form of a storage URL", partial(_target, base=BASES[0]), FORMS)
    for base in BASES:
        yield from table(f"storage URL of {base or 'nothing'}", partial(_target, base=base), PLACES)
        yield from table(f"resolved for {base or 'nothing'}", partial(_resolved, base=base), HOSTS)
    for base in ("http://localhost:9", "https://api.test"):
        yield from table(
            f"resolved to several for {base}",
            lambda one, base=base: urls.check_resolved("https://a.test/x", "a.test", one, base),
            SEVERAL,
        )
    yield from table("base URL", partial(_base_url, hosts=()), BASE_URLS)
    plain = [one for one in BASE_URLS if one.startswith("http:")]
    yield from table("base URL with hosts", partial(_base_url, hosts=("api.test", "[::2]")), plain)
    few = (
        "http://localhost:8//",
        "https://api.test/",
        "api.test",
        "https://a b",
        "http://mock",
        "",
    )
    for name in ("RUNFLOW_BASE_URL", "RUNFLOW_BASEURL", "RUNFLOWBASE", "RUNFLOW_SKIP_WAITS_AT"):
        yield from table(f"{name} in the environment", partial(_named, name=name), few)
    yield from table("insecure hosts", lambda one: sorted(urls.read_hosts([one])), GIVEN_HOSTS)
    yield from table("two insecure hosts", lambda one: sorted(urls.read_hosts(one)), [["b", "a."]])
    yield from _texts()


def _texts() -> Iterator[str]:
    yield from table("redact", redaction.redact, TEXTS)
    yield from table("redacted_repr", redaction.redacted_repr, TEXTS[:3])
    nested: tuple[Any, ...] = (
        {"a": ["rf_live_a", {"b": "whsec_b"}]},
        ["Bearer a"],
        (),
        ("rf_a",),
        7,
        None,
        True,
    )
    nested += ({"a": None, "b": 0, "c": ""}, [None, False], f"{'a' * 90} rf_a")
    yield from table("redact_all", redaction.redact_all, nested)
    for show in (redaction.redact_url, redaction.show_address):
        yield from table(show.__name__, show, ADDRESSES)
    yield from table("show_value", redaction.show_value, SHOWN)
    yield from table("clip", redaction.clip, LENGTHS)
    for logger in ("httpx", "httpcore.http11", "hpack.hpack", "other"):
        yield from table(f"blocks around lines of {logger}", partial(_logged, logger), [0, 1, 2])
    yield from table("safe parts", redaction.safe_parts, _errors())
    noted = _errors()["noted"]
    is_copy = redaction.safe_parts(noted)[2]["__notes__"] is not noted.__notes__
    yield f"* the notes are a copy\n    {is_copy}"


def _target(url: str, *, base: str) -> str:
    """Return what is said of the URL where https is needed, and what where it is not."""
    found = [
        result(
            lambda one, secure=secure: str(urls.check_storage_url(one, base, secure=secure)), url
        )
        for secure in (True, False)
    ]
    return Plain(" | ".join(dict.fromkeys(found)))


def _resolved(address: str, *, base: str) -> str:
    """Return which names may have the address, beside a public one."""
    names = ("name.test", "api.test", "api.test.", "10.0.0.1", "xn--bcher-kva.test")
    found: list[str] = []
    for name in names:
        try:
            urls.check_resolved(f"https://{name}/x", name, ["8.8.8.8", address], base)
            found.append(name)
        except AddressRefused as error:
            assert error.reason == (
                f"its host resolves to {address}, which is a private address"
            ), error.reason
    return Plain(", ".join(found) or "none")


def _base_url(url: str, *, hosts: tuple[str, ...]) -> str:
    with environment():
        told = result(lambda one: urls.find_base_url(one, hosts), url)
    return ours(told, "cannot be read: ")


def _named(url: str, *, name: str) -> object:
    with environment(**{name: url}):
        if name != urls.SKIP_WAITS_VARIABLE:
            return urls.find_base_url(None, ())
        return [urls.skips_waits(one) for one in (url, url.rstrip("/"), "http://localhost:9", "")]


def _logged(logger: str, depth: int) -> list[str]:
    """Return what a logger tells inside of so many blocks that send, and after the inner one."""
    redaction.protect_library_logs()
    kept: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger(logger)
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        with redaction.sending() if depth else nullcontext():
            with redaction.sending() if depth > 1 else nullcontext():
                log.debug("inner %s", "rf_live_a")
            log.debug("outer %s", "https://a.test?b")
        log.debug("after %s", "rf_live_a")
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    return kept


def _errors() -> dict[str, BaseException]:
    class Local(KeyError):
        """Cannot be found by its name."""

    noted = ValueError("rf_live_a", 1)
    noted.add_note("note rf_live_b")
    local = Local("Bearer a")
    local.__dict__["secret"] = "kept out"
    return {"noted": noted, "local": local, "bare": OSError()}
