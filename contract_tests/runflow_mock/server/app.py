"""The ASGI application: find the operation of a request, act, and validate the answer."""

from collections import deque
from collections.abc import Callable

from attrs import evolve
from starlette.types import Receive, Scope, Send

from ..api.calls import Call
from ..api.catalog_file import CATALOG_FILE, catalog_file
from ..api.field_names import check_field_names, with_warning
from ..api.following import fitting_reply, own_query
from ..api.handlers import HANDLERS, operation_names
from ..api.idempotency import Idempotency
from ..api.legacy_spelling import in_documented_spelling, in_legacy_spelling
from ..api.storage import MEDIA_PREFIXES, serve_media
from ..contract.answers import Refusal, Reply, not_allowed
from ..contract.credentials import authorization_of
from ..contract.document import Operation
from ..contract.json_types import json_text
from ..contract.requests import IncomingRequest, RecordedRequest
from ..contract.routing import Match, Router
from ..contract.synthesis import TEXTS, synthetic_body, synthetic_bytes
from ..contract.validation import BrokenContract
from ..faults.plan import INSTEAD, RESET_AFTER, RESET_BEFORE, STALL, Fault
from ..simulation.simulation import Simulation
from ..state.clock import api_instant
from ..state.keys import ApiKey
from .answered import MAX_BODY, MAX_KEPT, AnsweredRequest
from .control import CONTROL_PREFIX, answer_control
from .page.answering import EVENTS, answer_page, is_of_the_page, send_events
from .wire import Wire, read_request

REDIRECTS = frozenset({301, 302, 303, 307, 308})
SYNTHETIC_HEADER = "Runflow-Mock-Synthetic"


class Application:
    """One mock server as an ASGI application."""

    def __init__(self, simulation: Simulation, write_state: Callable[[], None]) -> None:
        self.simulation = simulation
        self._write_state = write_state
        document = simulation.contract.document
        self.router = Router(document.operations)
        self._key_headers = document.key_names("header")
        self._key_parameters = document.key_names("query")
        self.idempotency = Idempotency(simulation.state.replays)
        self.requests: deque[RecordedRequest] = deque(
            maxlen=simulation.state.settings.kept_requests
        )
        self.answered: deque[AnsweredRequest] = deque(maxlen=MAX_KEPT)
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (ASGI)."""
        if scope["type"] != "http":
            return
        wire = Wire(scope, receive, send)
        try:
            request = await read_request(
                scope, receive, self.simulation.state.settings.largest_body
            )
            if request is None:
                return
            if request.raw_path == EVENTS and request.method == "GET":
                await send_events(
                    self.simulation, scope, request.headers, receive, send, self.answered
                )
                return
            if is_of_the_page(request.raw_path):
                page = await answer_page(
                    self.simulation, scope, request, self.answered, operation_names()
                )
                self._write_state()
                await wire.answer(page, self.simulation.state.now())
                return
            if request.raw_path.startswith(CONTROL_PREFIX):
                done = await answer_control(self.simulation, request, list(self.requests))
                self._write_state()
                await wire.answer(done, self.simulation.state.now())
                return
        except Refusal as refusal:
            await wire.answer(refusal.reply(), self.simulation.state.now())
            return
        recorded = request.record(self._key_headers, self._key_parameters)
        self.requests.append(recorded)
        self.simulation.step()
        match = self.router.match(request.method, request.raw_path)
        fault = self._planned_fault(request, match)
        if fault is not None and fault.kind in INSTEAD:
            broken = fault.kind in (RESET_BEFORE, STALL)
            self._record(recorded, None if broken else fault.reply(), fault)
            await wire.instead(fault, self.simulation.state.now())
        else:
            reply = await self._outside_the_api(request) or self.answer(request, match)
            self._write_state()
            lost = fault is not None and fault.kind == RESET_AFTER
            self._record(recorded, None if lost else reply, fault)
            await wire.answer(reply, self.simulation.state.now(), fault)

    def _planned_fault(self, request: IncomingRequest, match: Match | None) -> Fault | None:
        if request.raw_path.startswith(MEDIA_PREFIXES):
            return self.simulation.faults.for_storage(request)
        if match is None:
            return None
        return self.simulation.faults.for_request(match.operation.signature, request)

    async def _outside_the_api(self, request: IncomingRequest) -> Reply | None:
        """Return the answer of the object storage or the website, None to a path of the API."""
        if request.raw_path.startswith(MEDIA_PREFIXES):
            return await serve_media(self.simulation, request)
        if request.raw_path == CATALOG_FILE:
            return catalog_file(self.simulation.catalog, request.method)
        return None

    def _record(self, recorded: RecordedRequest, reply: Reply | None, fault: Fault | None) -> None:
        """Keep the request and its answer for the page; no answer if the connection was broken."""
        content = None if reply is None else reply.body
        body = b"" if content is None else content
        if not isinstance(body, bytes):
            body = json_text(body).encode()
        self._count += 1
        self.answered.append(
            AnsweredRequest(
                self._count,
                api_instant(self.simulation.state.now()),
                recorded,
                None if reply is None else reply.status or 200,
                "" if reply is None else reply.media_type,
                body[:MAX_BODY],
                len(body),
                None if fault is None else fault.kind,
            )
        )

    def answer(self, request: IncomingRequest, match: Match | None) -> Reply:
        """Act on the request and return the answer, checked against the document."""
        operation = None if match is None else match.operation
        try:
            reply = self._act(request, match)
        except Refusal as refusal:
            reply = refusal.reply()
        status = reply.status
        if status is None:
            status = 200 if operation is None else operation.success_status
        contract = self.simulation.contract
        sent, reply = reply.body, evolve(reply, body=in_documented_spelling(reply.body))
        if contract.follows:
            reply = fitting_reply(contract, operation, status, reply)
            status = reply.status
        else:
            try:
                contract.check_answer(operation, status, reply.body)
            except BrokenContract as problem:
                return Refusal(
                    500, f"the mock server breaks the document: {problem}", code="BROKEN_CONTRACT"
                ).reply()
        return Reply(
            in_legacy_spelling(reply.body, sent),
            status,
            reply.headers,
            reply.media_type,
        )

    def _act(self, request: IncomingRequest, match: Match | None) -> Reply:
        if match is None:
            allowed = self.router.allowed(request.raw_path)
            if allowed:
                raise not_allowed(request.method, allowed)
            raise Refusal(404, f"there is nothing at {request.raw_path[:200]}")
        operation, simulation = match.operation, self.simulation
        handler = HANDLERS.get(operation.signature)
        keyless = operation.open or (handler is not None and handler.keyless)
        key = None if keyless else self._key_of(request, operation)
        organization_id = (
            "" if key is None else key.acting_for(request.headers.get("x-organization-id"))
        )
        if key is not None and handler is not None:
            key.require(handler.scope)
        read = simulation.contract.read_request(
            operation,
            match.path_values,
            request.query,
            request.headers,
            request.body,
            strict=simulation.state.settings.strict,
        )
        if handler is None:
            return self._synthetic(operation)
        document, query = simulation.contract.document, read.query
        warning = check_field_names(
            document, operation, query, simulation.state.settings.unknown_fields
        )
        if simulation.contract.follows:
            query = own_query(document, operation, query)
        call = Call(
            simulation,
            operation.known_values(tuple(match.path_values.values())),
            query,
            request.headers,
            read.body,
            key,
            organization_id,
            simulation.state.now(),
        )

        def act() -> Reply:
            try:
                result = handler.handle(call)
            except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
                # The body is another one than the handler reads; `differences` has said so.
                if not simulation.contract.follows:
                    raise
                result = self._synthetic(operation)
            reply = result if isinstance(result, Reply) else Reply(result)
            reply = Reply(reply.body, reply.status or operation.success_status, reply.headers)
            return with_warning(reply, warning)

        return self.idempotency.replay_or_act(request, organization_id, act)

    def _key_of(self, request: IncomingRequest, operation: Operation) -> ApiKey:
        """Return the key of the request. Raise the 401 if it has none that is valid."""
        authorization = authorization_of(operation.key_places, request.headers, dict(request.query))
        return self.simulation.state.keys.authenticate(authorization)

    def _synthetic(self, operation: Operation) -> Reply:
        """Return an answer that is made from the document alone, and says so."""
        contract, headers = self.simulation.contract, {SYNTHETIC_HEADER: "true"}
        if operation.success_status in REDIRECTS:
            headers["Location"] = TEXTS["uri"]
        other = synthetic_bytes(contract, operation)
        if other is not None and operation.method != "HEAD":
            return Reply(other[0], headers=headers, media_type=other[1])
        return Reply(synthetic_body(contract, operation), headers=headers)
