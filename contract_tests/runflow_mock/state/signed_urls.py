"""Presigned URLs with a signature and an expiry, as the object storage of the API has them."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

DATE_FORMAT = "%Y%m%dT%H%M%SZ"
EXPIRED = "Expired"
MISMATCH = "SignatureDoesNotMatch"


class SignedUrls:
    """Signs paths of this server and verifies URLs."""

    def __init__(self, base_url: str, key: bytes) -> None:
        self.base_url = base_url
        self._key = key

    def sign(self, path: str, now: datetime, lifetime: int, method: str = "GET") -> str:
        """Return the URL of `path`, valid for `method` and `lifetime` seconds from `now`."""
        date = now.astimezone(UTC).strftime(DATE_FORMAT)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": date,
            "X-Amz-Expires": str(lifetime),
            "X-Amz-Signature": self._signature(method, path, date, str(lifetime)),
        }
        return f"{self.base_url}{path}?{urlencode(query)}"

    def problem(
        self, method: str, path: str, query: Mapping[str, str], now: datetime
    ) -> str | None:
        """Return what is wrong with a URL, None if it is valid for `method` at `now`.

        It is MISMATCH for a changed URL or one that was signed for another method, or EXPIRED.
        """
        date, lifetime = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
        expected = self._signature(method, path, date, lifetime)
        if not hmac.compare_digest(query.get("X-Amz-Signature", "").encode(), expected.encode()):
            return MISMATCH
        begins = datetime.strptime(date, DATE_FORMAT).replace(tzinfo=UTC)
        return EXPIRED if now > begins + timedelta(seconds=int(lifetime)) else None

    def _signature(self, method: str, path: str, date: str, lifetime: str) -> str:
        return hmac.new(
            self._key, "\n".join((method, path, date, lifetime)).encode(), hashlib.sha256
        ).hexdigest()
