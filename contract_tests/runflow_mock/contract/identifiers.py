"""Ids: UUIDv7 for what is created, UUIDv5 of a name for what always existed.

The same seed gives the same ids.
"""

import hashlib
import uuid
from datetime import datetime

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "mock.runflow.invalid")


def named_id(*names: str) -> str:
    """Return the id that belongs to a name, such as that of a model of the catalog."""
    return str(uuid.uuid5(NAMESPACE, "\n".join(names)))


def is_uuid(text: str) -> bool:
    """Return whether the text is a UUID."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


class Identifiers:
    """Makes UUIDv7 ids in ascending order.

    `count` is how many were made; set it to continue after a restart.
    """

    def __init__(self, seed: int, count: int = 0) -> None:
        self._seed = seed
        self.count = count

    def digest(self, purpose: str) -> bytes:
        """Return 32 bytes that depend on the seed, the purpose, and the count."""
        self.count += 1
        return hashlib.sha256(f"{self._seed}/{purpose}/{self.count}".encode()).digest()

    def new(self, instant: datetime) -> str:
        """Return a new UUIDv7 of that instant."""
        digest = self.digest("id")
        # The 12 bits after the version hold the counter, and what does not fit is added to the
        # milliseconds: ids of one instant keep their order.
        milliseconds = int(instant.timestamp() * 1000) + (self.count >> 12) & (2**48 - 1)
        value = milliseconds << 80 | 0x7 << 76 | (self.count & 0xFFF) << 64 | 0b10 << 62
        return str(uuid.UUID(int=value | int.from_bytes(digest[:8], "big") & (2**62 - 1)))

    def secret(self, prefix: str) -> str:
        """Return a new secret with that prefix."""
        return prefix + self.digest("secret").hex()[:48]
