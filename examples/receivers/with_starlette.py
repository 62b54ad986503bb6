"""A Starlette application that receives callbacks: pip install 'runflow-client[inbox]' starlette
uvicorn

Set RUNFLOW_CALLBACK_SECRET (two secrets, separated by a space, while one replaces the other) and
run it; callbacks go to /runflow/callbacks. What is stored in the inbox is handled beside the
requests, again after a crash, in effect once.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from runflow_client.callbacks import CallbackEvent, Receiver, RunCompletedEvent
from runflow_client.callbacks.inbox import Inbox
from runflow_client.callbacks.starlette import callback_route
from starlette.applications import Starlette

inbox = Inbox(Path(os.environ.get("RUNFLOW_INBOX", "runflow_inbox.sqlite3")))
receiver = Receiver(os.environ["RUNFLOW_CALLBACK_SECRET"].split(), inbox.put)


async def handle(event: CallbackEvent) -> None:
    """Your work with an event. It may come again after a crash: event.deduplication_key tells
    you.
    """
    if isinstance(event, RunCompletedEvent):
        print(f"handled: run {event.run_id} succeeded after {event.duration_ms} ms", flush=True)
    else:
        print(f"handled: {event.event} of {event.subject_id}", flush=True)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Work through the inbox while the application runs."""
    async with inbox.working_async(handle, tasks=4):
        yield


app = Starlette(lifespan=lifespan, routes=[callback_route("/runflow/callbacks", receiver)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
