"""What the suites upload: a picture, and a pipe that gives it once."""

import io
from typing import Any

from .storage import PNG

PICTURE = PNG + bytes(range(256)) * 3000


class Pipe(io.RawIOBase):
    """Bytes that can be read once, with no way back."""

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._left.readinto(buffer)
