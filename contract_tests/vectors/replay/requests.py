"""Replays request vectors against the generated client, at all four entry points."""

from collections.abc import Iterator, Mapping

from runflow_api.http_library import httpx

from ..client.arguments import WAYS, CannotBind, bind, has_id_in_parts
from ..client.operations import generated_operation
from ..client.transport import ENTRY_POINTS, TOKEN, RecordingClient
from ..comparison.messages import Message, message_differences
from ..document import ConformanceDocument
from ..files import Vector


def request_differences(
    vector: Vector, document: ConformanceDocument, client: RecordingClient, answer: httpx.Response
) -> Iterator[str]:
    """Yield every difference between the sent requests and the vector; all get `answer`."""
    label: str = vector["operation"]
    generated = generated_operation(label)
    if has_id_in_parts(generated, document, label):
        return  # a correction keeps the slashes, which the document alone would escape
    is_open = document.operations[label].open
    expected = None if vector.get("refused") else _expected(vector, is_open)
    first: httpx.Request | None = None
    for way in WAYS:
        try:
            arguments = bind(generated, document, label, vector["arguments"], way)
        except (CannotBind, ValueError, TypeError) as error:
            yield f"{way}: cannot be bound: {error}"
            continue
        if way != WAYS[0] and "body" not in arguments:
            continue  # only bodies have two ways
        for entry in ENTRY_POINTS if way == WAYS[0] else ENTRY_POINTS[:1]:
            outcome = client.call(generated, entry, arguments, answer, open_=is_open)
            call = f"{way}, {entry}"
            if expected is None:
                if outcome.sent or not isinstance(outcome.raised, ValueError):
                    urls = [str(sent.url) for sent in outcome.sent]
                    yield f"{call}: sent {urls}, raised {outcome.raised!r}"
                continue
            if outcome.raised is not None:
                yield f"{call}: raised {outcome.raised!r}"
            if len(outcome.sent) != 1:
                yield f"{call}: {len(outcome.sent)} requests"
                continue
            (sent,) = outcome.sent
            first = first or sent
            try:
                found = message_of(sent)
            except ValueError as error:
                yield f"{call}: {error}"
                continue
            yield from (
                f"{call}: {difference}" for difference in message_differences(expected, found)
            )
            if _bytes_of(sent) != _bytes_of(first):
                yield f"{call}: other bytes than {WAYS[0]}, {ENTRY_POINTS[0]}"


def message_of(request: httpx.Request) -> Message:
    """Return the message of an httpx request. Raise ValueError if it is not a valid one."""
    return Message.from_wire(
        request.method,
        request.url.raw_path.decode("ascii"),
        dict(request.headers.items()),
        request.content,
    )


def _expected(vector: Vector, is_open: bool) -> Message:
    wire: Mapping[str, object] = vector["wire"]
    authorization = {} if is_open else {"authorization": f"Bearer {TOKEN}"}
    return Message.from_json({**wire, "headers": {**vector["wire"]["headers"], **authorization}})


def _bytes_of(request: httpx.Request) -> tuple[object, ...]:
    return (
        request.method,
        request.url.raw_path,
        sorted(request.headers.multi_items()),
        request.content,
    )
