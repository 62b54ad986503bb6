"""The signature of a callback: lower-case hex of HMAC-SHA256 over the raw body
(guides/verify-callback-signatures).

No timestamp and no id is signed, so a signature proves who sent these bytes, not when: deliveries
may come twice.
"""

import hmac
import re
from binascii import hexlify
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, Protocol, cast

from .._errors import InvalidArgument
from .._http import SIGNATURE
from ._errors import MalformedSignature, SignatureMismatch, SignatureMissing

SECRET_IS_USED_WHOLE: Final[bool] = True
"""The documentation's sample gives the plain secret, its prefix included, to HMAC as it is: nothing
is stripped or decoded.
"""

SECRET_PREFIX: Final = b"whsec_"

_HEX: Final = re.compile(rb"[0-9a-f]{64}")

_LOWER_SIGNATURE: Final = SIGNATURE.lower()

Body = bytes | bytearray | memoryview
Secrets = str | bytes | Sequence[str | bytes]
HeaderPairs = Iterable[tuple[str | bytes, str | bytes]]


class MultiHeaders(Protocol):
    """Headers that keep repeated names, as Starlette, httpx and Werkzeug have them under this name
    or that.
    """

    def multi_items(self) -> HeaderPairs:
        """Every name and value."""
        ...


Headers = Mapping[str, str] | Mapping[str, object] | MultiHeaders | HeaderPairs


def read_secrets(secrets: Secrets) -> tuple[bytes, ...]:
    """The secrets as keys, the current one first. Raises InvalidArgument for none, an empty one or
    one of a wrong type.
    """
    keys = [_key(secret) for secret in _each(secrets)]
    if not keys:
        raise InvalidArgument(
            "no callback secret was given: one of POST /v1/callback-secrets is needed"
        )
    for key in keys:
        if not isinstance(key, bytes):
            raise InvalidArgument(f"a callback secret is a str, not {type(key).__name__}")
        if not key.strip():
            raise InvalidArgument("a callback secret is empty")
    whole = cast("list[bytes]", keys)
    return tuple(key if SECRET_IS_USED_WHOLE else key.removeprefix(SECRET_PREFIX) for key in whole)


def _each(secrets: object) -> Iterable[object]:
    if isinstance(secrets, str | bytes):
        return (secrets,)
    if secrets is None:
        return ()
    kind = type(secrets).__name__
    # The keys of a mapping are names, and an iterator has none left the second time.
    if isinstance(secrets, Mapping) or not isinstance(secrets, Collection):
        raise InvalidArgument(f"callback secrets are a str or a list of them, not {kind}")
    return cast("Collection[object]", secrets)


def _key(secret: object) -> object:
    try:
        return secret.encode() if isinstance(secret, str) else secret
    except UnicodeEncodeError:
        raise InvalidArgument(
            "a callback secret holds half a character (a lone surrogate)"
        ) from None


def sign(body: Body, secret: str | bytes) -> str:
    """The value of the Runflow-Signature header that Runflow sends with this body."""
    (key,) = read_secrets(secret)
    return hmac.digest(key, body, "sha256").hex()


def check_signature(body: Body, signature: bytes, keys: tuple[bytes, ...]) -> None:
    """Return if one of the keys signed the body. Raises MalformedSignature or SignatureMismatch.

    Upper-case hex, a `sha256=` prefix and white space are malformed: Runflow sends none of them,
    and one accepted form is one form to reason about. Every key is tried whichever fits, so that
    the time tells nothing of their order.
    """
    fits = False
    for key in keys:
        fits |= hmac.compare_digest(hexlify(hmac.digest(key, body, "sha256")), signature)
    if not fits:
        if _HEX.fullmatch(signature) is None:
            raise MalformedSignature("the signature is not 64 lower-case hex digits")
        raise SignatureMismatch(
            "no secret signs this body so: it was changed, or signed with a secret that is not "
            "known here"
        )


def read_signature(headers: Headers) -> bytes:
    """The signature header's value. Raises SignatureMissing or, for several of them,
    MalformedSignature.
    """
    plain: object = headers
    if type(plain) is dict:  # the common case, in the spellings that servers and frameworks use
        common = cast("dict[str, object]", plain)
        value = common.get(_LOWER_SIGNATURE) or common.get(SIGNATURE)
        if isinstance(value, str) and value.isascii():
            return value.encode()
    found = header_values(headers, SIGNATURE)
    if not found:
        raise SignatureMissing(
            f"there is no {SIGNATURE} header: Runflow sends one when a callback secret is "
            "registered"
        )
    if len(found) > 1:
        raise MalformedSignature(f"there are {len(found)} {SIGNATURE} headers")
    return found[0]


def header_items(headers: Headers) -> Headers:
    """The headers as they can be looked through more than once."""
    return list(headers) if isinstance(headers, Iterator) else headers


def header_values(headers: Headers, name: str) -> list[bytes]:
    """Every value of the header, from a mapping (plain, WSGI environ, framework headers) or from
    ASGI pairs, in any case.
    """
    wanted = _spellings(name)
    if hasattr(headers, "multi_items"):
        pairs: Iterable[tuple[object, object]] = cast(MultiHeaders, headers).multi_items()
    # not only mappings have them: http.server's headers, for one, are none
    elif hasattr(headers, "items"):
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


@cache
def _spellings(name: str) -> tuple[str, str]:
    """The header's name in lower case, plain and as a WSGI environ has it."""
    plain = name.lower()
    return plain, "http_" + plain.replace("-", "_")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else ""
