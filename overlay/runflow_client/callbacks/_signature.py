"""The signature of a callback: lower-case hex of HMAC-SHA256 over the raw body
(guides/verify-callback-signatures).

No timestamp and no id is signed, so a signature proves who sent these bytes, not when: deliveries
may come twice.
"""

import hmac
import re
from binascii import hexlify
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Final, Protocol, cast, runtime_checkable

from .._errors import InvalidArgument
from .._http import REQUEST_ID, SIGNATURE
from .._validation import check_arguments, wrong_kind
from ._errors import MalformedSignature, SignatureMismatch, SignatureMissing

_HEX: Final = re.compile(rb"[0-9a-f]{64}")

_QUOTES: Final = frozenset("\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb")

_MASK: Final = re.compile("[\N{BULLET}\N{BLACK CIRCLE}\N{HORIZONTAL ELLIPSIS}]|[*]{3}|[.]{3}")
"""What pages and answers show in place of a secret."""

_MASKING: Final = "*.\N{BULLET}\N{BLACK CIRCLE}\N{HORIZONTAL ELLIPSIS}"

_NO_SECRET: Final = re.compile(
    r"\W*(null|none|nil|undefined|hidden|masked|redacted|secret)\W*|.*[x*#_-]{8}.*", re.IGNORECASE
)
"""What stands in an answer in place of a secret, such as "[hidden]" or "whsec_xxxxxxxx"."""

_LOWER_SIGNATURE: Final = SIGNATURE.lower()

Body = bytes | bytearray | memoryview
Secrets = str | bytes | Sequence[str | bytes]
HeaderPairs = Iterable[tuple[str | bytes, str | bytes]]


@runtime_checkable
class MultiHeaders(Protocol):
    """Headers that keep repeated names, as Starlette, httpx and Werkzeug have them under this name
    or that.
    """

    def multi_items(self) -> HeaderPairs:
        """Every name and value."""
        ...


Headers = Mapping[str, str] | Mapping[str, object] | MultiHeaders | HeaderPairs


def read_secrets(secrets: Secrets) -> tuple[bytes, ...]:
    """Return the secrets as HMAC keys, the current one first.

    The documentation's sample passes the plain secret to HMAC as it is, its `whsec_` prefix
    included. Raises InvalidArgument where there is no secret, and for one that is empty, of a wrong
    type, masked, or not a secret alone: with white space, quotes, a byte order mark or control
    characters, as files and shells add them. No message shows the secret.
    """
    keys = tuple(_key(secret) for secret in _each(secrets))
    if not keys:
        raise InvalidArgument("no callback secret: one of POST /v1/callback-secrets is needed")
    return keys


def without_mask(prefix: str) -> str:
    """Return the prefix of a secret without the signs that stand for the rest of it."""
    return prefix.rstrip(_MASKING)


def secrets_problem(secrets: Secrets) -> InvalidArgument | None:
    """Return what `read_secrets` raises, without the frames in which it arose; None for secrets
    that can be right.
    """
    try:
        read_secrets(secrets)
    except InvalidArgument as error:
        error.__context__ = None
        return error.with_traceback(None)
    return None


def is_deployable(plain: str, prefix: str) -> bool:
    """Whether receivers take this secret, and it is whole: neither masked nor its prefix alone."""
    return (
        secrets_problem(plain) is None and plain != prefix and _NO_SECRET.fullmatch(plain) is None
    )


def _each(secrets: object) -> Iterable[object]:
    if isinstance(secrets, str | bytes):
        return (secrets,)
    if secrets is None:
        return ()
    kind = type(secrets).__name__
    # The keys of a mapping are names, and an iterator has none left the second time.
    if isinstance(secrets, Mapping) or not isinstance(secrets, Collection):
        raise InvalidArgument(f"secrets is of type {kind}: expected a str or a list of them")
    return cast("Collection[object]", secrets)


def _key(secret: object) -> bytes:
    if not isinstance(secret, str | bytes):
        raise InvalidArgument(f"a callback secret is a str, not {type(secret).__name__}")
    if not secret.strip():
        raise InvalidArgument("a callback secret is empty")
    try:
        text = secret if isinstance(secret, str) else secret.decode()
        key = text.encode()
    except UnicodeDecodeError:
        raise InvalidArgument("a callback secret is not UTF-8 text") from None
    except UnicodeEncodeError:
        raise InvalidArgument(
            "a callback secret holds half a character (a lone surrogate)"
        ) from None
    if "\ufeff" in text:
        raise InvalidArgument("a callback secret holds a byte order mark: read as utf-8-sig")
    if any(character.isspace() for character in text):
        raise InvalidArgument("a callback secret holds white space, such as a line end")
    if not _QUOTES.isdisjoint(text):
        raise InvalidArgument("a callback secret holds quotes: pass it without them")
    if _MASK.search(text):
        raise InvalidArgument("a callback secret is masked: only the answer to its create shows it")
    if not text.isprintable():
        raise InvalidArgument("a callback secret holds a character that cannot be seen")
    return key


def sign(body: Body, secret: str | bytes) -> str:
    """Return the value of the Runflow-Signature header that Runflow sends with this body."""
    check_arguments(body=body)
    if not isinstance(secret, str | bytes):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
        raise wrong_kind("secret", secret, "the plain secret")
    (key,) = read_secrets(secret)
    return hmac.digest(key, body, "sha256").hex()


def is_signed(body: Body, signature: bytes, keys: tuple[bytes, ...]) -> bool:
    """Whether one of the keys signed the body.

    Every key is tried whichever fits, so that the time shows nothing of their order. It returns
    instead of raising, for the frames of a traceback would hold the keys.
    """
    fits = False
    for key in keys:
        fits |= hmac.compare_digest(hexlify(hmac.digest(key, body, "sha256")), signature)
    return fits


def mismatch(signature: bytes) -> MalformedSignature | SignatureMismatch:
    """Make the error for a signature that no key made.

    Upper-case hex and a `sha256=` prefix are malformed: Runflow sends none of them, and one
    accepted form is one form to reason about.
    """
    if _HEX.fullmatch(signature) is None:
        return MalformedSignature("the signature is not 64 lower-case hex digits")
    return SignatureMismatch(
        "the body was changed, or signed with a secret that this receiver does not have"
    )


def read_signature(headers: Headers) -> bytes:
    """Return the signature header's value, without the white space around it.

    A proxy may send a header twice, and a server then joins both with a comma: one value that comes
    several times counts once. Raises SignatureMissing or, for several values, MalformedSignature.
    """
    sent = _signatures_sent(headers)
    found = {one.strip() for value in sent for one in value.split(b",")}
    if not found:
        raise SignatureMissing(
            f"there is no {SIGNATURE} header: Runflow sends one when a callback secret is "
            "registered"
        )
    if len(found) > 1:
        raise MalformedSignature(f"there are {len(found)} signatures in the {SIGNATURE} header")
    return found.pop()


def _signatures_sent(headers: Headers) -> list[bytes]:
    plain: object = headers
    if type(plain) is dict:  # the common case, in the spellings that servers and frameworks use
        common = cast("dict[str, object]", plain)
        values = [common[name] for name in (_LOWER_SIGNATURE, SIGNATURE) if name in common]
        if len(values) == 1 and isinstance(value := values[0], str) and value.isascii():
            return [value.encode()]
    return header_values(headers, SIGNATURE)


def header_items(headers: Headers) -> Headers:
    """Return the headers in a form that can be read more than once.

    Raises InvalidArgument for what holds no names and values.
    """
    given: object = headers
    if isinstance(given, type | str | bytes):
        raise wrong_kind("headers", given, "the request's headers, a mapping or a list of pairs")
    if _has_method(given, "items") or _has_method(given, "multi_items"):
        return headers
    if not isinstance(given, Iterable):
        raise wrong_kind("headers", given, "the request's headers, a mapping or a list of pairs")
    pairs = list(cast("Iterable[object]", given))
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(cast("Sequence[object]", pair)) != 2:
            raise InvalidArgument("headers holds something else than pairs of a name and a value")
    return cast("HeaderPairs", pairs)


def _has_method(headers: object, name: str) -> bool:
    """Whether the headers have this method. Sanic's answer each attribute with the value of a
    header.
    """
    return callable(getattr(headers, name, None))


def header_values(headers: Headers, name: str) -> list[bytes]:
    """Every value of the header, from a mapping (plain, WSGI environ, framework headers) or from
    ASGI pairs, in any case.
    """
    wanted = _spellings(name)
    if _has_method(headers, "multi_items"):
        pairs: Iterable[tuple[object, object]] = cast(MultiHeaders, headers).multi_items()
    # not only mappings have them: http.server's headers, for one, are none
    elif _has_method(headers, "items"):
        pairs = cast("Mapping[object, object]", headers).items()
    else:
        pairs = cast("Iterable[tuple[object, object]]", headers)
    found: list[bytes] = []
    for key, value in pairs:
        if (key if isinstance(key, str) else _text(key)).lower() in wanted:
            values = (
                cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
            )
            found += [_text(one).encode("utf-8", "backslashreplace") for one in values]
    return found


def request_id(headers: Headers) -> str | None:
    """Return Runflow's id of the request, the first one if there are several."""
    found = header_values(headers, REQUEST_ID)
    return found[0].decode() if found else None


@cache
def _spellings(name: str) -> tuple[str, str]:
    """Return the header's name in lower case, plain and as a WSGI environ has it."""
    plain = name.lower()
    return plain, "http_" + plain.replace("-", "_")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else ""
