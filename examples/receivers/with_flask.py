"""A Flask application that receives callbacks: pip install 'runflow-client[inbox]' flask

Set RUNFLOW_CALLBACK_SECRET (two secrets, separated by a space, while one replaces the other) and
run it; callbacks go to /runflow/callbacks. What is stored in the inbox is handled beside the
requests, again after a crash, in effect once.
"""

import os
from pathlib import Path

from flask import Flask
from runflow_client.callbacks import CallbackEvent, Receiver, RunCompletedEvent
from runflow_client.callbacks.flask import callback_blueprint
from runflow_client.callbacks.inbox import Inbox

inbox = Inbox(Path(os.environ.get("RUNFLOW_INBOX", "runflow_inbox.sqlite3")))
receiver = Receiver(os.environ["RUNFLOW_CALLBACK_SECRET"].split(), inbox.put)

app = Flask(__name__)
app.register_blueprint(callback_blueprint("/runflow/callbacks", receiver))


def handle(event: CallbackEvent) -> None:
    """Your work with an event. It may come again after a crash: event.deduplication_key tells
    you.
    """
    if isinstance(event, RunCompletedEvent):
        print(f"handled: run {event.run_id} succeeded after {event.duration_ms} ms", flush=True)
    else:
        print(f"handled: {event.event} of {event.subject_id}", flush=True)


if __name__ == "__main__":
    # In production the web processes only receive, and a process of its own calls
    # inbox.work(handle).
    with inbox.working(handle, threads=4):
        app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
