"""The receivers that `benchmarks.acknowledging` measures: each an application under uvicorn, with a
database of its own.

    python -m benchmarks.receivers NAME DATABASE_URL

It prints the port that it listens on, and serves until it is terminated. The naive ones are what a
reader of Runflow's page on callbacks writes first: check the signature, insert, commit, answer.
"""

import asyncio
import hmac
import json
import socket
import sqlite3
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from threading import Lock
from typing import Any, Final

import uvicorn
from runflow_client.callbacks import Receiver
from runflow_client.callbacks.asgi import CallbackApp
from runflow_client.callbacks.inbox import Inbox
from runflow_client.callbacks.starlette import callback_route
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

SECRET: Final = "whsec_of_the_benchmark"
PATH: Final = "/callbacks"
CONNECTIONS: Final = 5
"""Connections to PostgreSQL of the naive handler; SQLAlchemy's pool has as many."""

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS callbacks (run_id TEXT, event TEXT, body {bytes} NOT NULL, "
    "PRIMARY KEY (run_id, event))"
)

Insert = Callable[[str, str, bytes], Awaitable[None]]


def _naive(insert: Insert, lifespan: Any = None) -> Starlette:
    """An application that checks the HMAC and inserts."""
    key = SECRET.encode()

    async def receive(request: Request) -> PlainTextResponse:
        body = await request.body()
        signature = request.headers.get("Runflow-Signature", "")
        if not hmac.compare_digest(hmac.digest(key, body, "sha256").hex(), signature):
            return PlainTextResponse("wrong signature", 401)
        event = json.loads(body)
        await insert(event["run_id"], event["event"], body)
        return PlainTextResponse("stored")

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])], lifespan=lifespan)


def _sqlite_insert(url: str) -> Callable[[str, str, bytes], None]:
    """sqlite3 as by hand: WAL, synchronous=FULL, one transaction an event."""
    database = sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(_TABLE.format(bytes="BLOB"))
    writing = Lock()

    def insert(run_id: str, event: str, body: bytes) -> None:
        statement = "INSERT INTO callbacks VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        with writing:
            database.execute(statement, (run_id, event, body))
            database.commit()

    return insert


def naive_sqlite(url: str) -> Any:
    """Inserts in the handler: the event loop stands still until the event is on the disk."""
    insert = _sqlite_insert(url)

    async def insert_here(run_id: str, event: str, body: bytes) -> None:
        insert(run_id, event, body)

    return _naive(insert_here)


def naive_sqlite_in_threads(url: str) -> Any:
    """Inserts in Starlette's threads: the event loop serves others meanwhile, as the inbox's
    does.
    """
    insert = _sqlite_insert(url)

    async def insert_in_thread(run_id: str, event: str, body: bytes) -> None:
        await run_in_threadpool(insert, run_id, event, body)

    return _naive(insert_in_thread)


def naive_postgresql(url: str) -> Any:
    """psycopg's asynchronous connections in the handler, some in turn, one transaction an event."""
    import psycopg

    free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()

    @asynccontextmanager
    async def connected(app: Starlette) -> AsyncGenerator[None, None]:
        for _ in range(CONNECTIONS):
            given = url.replace("postgresql+psycopg://", "postgresql://")
            connection = await psycopg.AsyncConnection.connect(given, autocommit=True)
            await connection.execute(_TABLE.format(bytes="BYTEA"))
            free.put_nowait(connection)
        yield

    async def insert(run_id: str, event: str, body: bytes) -> None:
        statement = "INSERT INTO callbacks VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
        connection = await free.get()
        try:
            await connection.execute(statement, (run_id, event, body))
        finally:
            free.put_nowait(connection)

    return _naive(insert, connected)


def inbox(url: str) -> Any:
    """The inbox behind the bare ASGI application, as the guide has it."""
    return CallbackApp(Receiver(SECRET, Inbox(url).put))


def inbox_in_starlette(url: str) -> Any:
    """The inbox behind the route for Starlette."""
    return Starlette(routes=[callback_route(PATH, Receiver(SECRET, Inbox(url).put))])


RECEIVERS: Final = {
    made.__name__: made
    for made in (
        naive_sqlite,
        naive_sqlite_in_threads,
        naive_postgresql,
        inbox,
        inbox_in_starlette,
    )
}


def main(name: str, url: str) -> None:
    """Serve one of them."""
    # asyncio sends at once only on a socket that says that it is TCP
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        config = uvicorn.Config(RECEIVERS[name](url), log_config=None, access_log=False, ws="none")
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
