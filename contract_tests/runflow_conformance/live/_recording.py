"""Records live traffic: one JSON line per interaction, without secrets and personal data."""

import json
import re
import threading
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from runflow_client._redaction import HIDDEN, redact

from .._findings import Finding
from .._validation.schemas import json_type
from .._validation.validator import Interaction

_SECRET_NAMES: Final = re.compile(
    r"secret|token|signature|password|authorization|api_?key|credential|cookie", re.IGNORECASE
)
_PERSONAL_NAMES: Final = re.compile(
    r"e?mail|phone|(first|last|full|user|display|given|family)_?name|avatar|picture|address|(^|_)ip($|_)",
    re.IGNORECASE,
)
_CONTENT_NAMES: Final = frozenset(
    {"input", "output", "metadata", "context", "prompt", "payload", "payload_bytes", "message"}
)
# Also as it stands in a path.
_EMAIL: Final = re.compile(r"[^\s@\"'<>]+(?:@|%40)[^\s@\"'<>]+\.[^\s@\"'<>]+")
_PEOPLE: Final = re.compile(r"/v1/auth/")
MAX_TEXT_LENGTH = 200  # characters


class Recorder:
    """Writes interactions to a file. Pass `record` to a Tap as `on_interaction`."""

    def __init__(self, path: Path, api_key: str) -> None:
        self._path = path
        self._api_key = api_key
        self._lock = threading.Lock()
        self.count = 0
        self.first: dict[tuple[str, str, str], object] = {}
        """The first interaction with each difference, by the identity of the difference."""

    def record(self, interaction: Interaction, findings: list[Finding]) -> None:
        """Write the interaction, redacted, with its findings."""
        people = _PEOPLE.match(interaction.path) is not None
        entry = {
            "method": interaction.method,
            "path": self.clean(interaction.path),
            "query": {
                name: self.clean(value)
                for name, value in parse_qsl(interaction.query, keep_blank_values=True)
            },
            "request_body": self._body(interaction.request_body, people),
            "status": interaction.status,
            "content_type": interaction.response_headers.get("content-type"),
            "response_body": self._body(interaction.response_body, people),
            "findings": [self.clean(str(finding)) for finding in findings],
        }
        with self._lock:
            self.count += 1
            for finding in findings:
                self.first.setdefault(finding.identity, entry)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def clean(self, text: str) -> str:
        """Return the text without secrets, queries of URLs and e-mail addresses."""
        return _EMAIL.sub(HIDDEN, redact(text.replace(self._api_key, HIDDEN)))

    def _body(self, body: bytes, people: bool) -> object:
        if not body:
            return None
        try:
            return self._redacted(json.loads(body), hidden=people)
        except (ValueError, RecursionError):
            return f"[{len(body)} bytes that are not JSON]"

    def _redacted(self, value: object, hidden: bool) -> object:
        """Return the value with private parts replaced by the name of their type."""
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {
                self.clean(name): self._redacted(inner, hidden or _is_private(name))
                for name, inner in fields.items()
            }
        if isinstance(value, list):
            return [self._redacted(inner, hidden) for inner in cast("list[object]", value)]
        if hidden and value is not None and not isinstance(value, bool):
            return f"[{json_type(value)}]"
        return self.clean(value)[:MAX_TEXT_LENGTH] if isinstance(value, str) else value


def _is_private(name: str) -> bool:
    """Return whether a field of this name holds a secret, personal data or a customer's content."""
    return (
        bool(_SECRET_NAMES.search(name) or _PERSONAL_NAMES.search(name)) or name in _CONTENT_NAMES
    )
