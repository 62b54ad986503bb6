"""A Django project in one file that receives callbacks: pip install 'runflow-client[inbox]' django

Set RUNFLOW_CALLBACK_SECRET (two secrets, separated by a space, while one replaces the other) and
run it; callbacks go to /runflow/callbacks. What is stored in the inbox is handled beside the
requests, again after a crash, in effect once.
"""

import os
from pathlib import Path
from wsgiref.simple_server import make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import re_path
from runflow_client.callbacks import CallbackEvent, Receiver, RunCompletedEvent
from runflow_client.callbacks.django import callback_view
from runflow_client.callbacks.inbox import Inbox

inbox = Inbox(Path(os.environ.get("RUNFLOW_INBOX", "runflow_inbox.sqlite3")))
receiver = Receiver(os.environ["RUNFLOW_CALLBACK_SECRET"].split(), inbox.put)

urlpatterns = [re_path("^runflow/callbacks/?$", callback_view(receiver))]


def handle(event: CallbackEvent) -> None:
    """Your work with an event. It may come again after a crash: event.deduplication_key tells
    you.
    """
    if isinstance(event, RunCompletedEvent):
        print(f"handled: run {event.run_id} succeeded after {event.duration_ms} ms", flush=True)
    else:
        print(f"handled: {event.event} of {event.subject_id}", flush=True)


if __name__ == "__main__":
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"])
    # In production the web processes only receive, and a management command calls
    # inbox.work(handle).
    with (
        inbox.working(handle, threads=4),
        make_server(
            "127.0.0.1", int(os.environ.get("PORT", "8000")), get_wsgi_application()
        ) as server,
    ):
        print(f"Running on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
