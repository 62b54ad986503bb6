"""Processes that are forked from one with an inbox have a writer and connections of their own."""

import os
import subprocess
import sys

import pytest

PROCESSES = """
import asyncio, os, sys, threading
from contract_tests.suites.callbacks.deliveries import SECRET, encode, event_of
from contract_tests.suites.callbacks.test_group_commit import STORED, deliver
from runflow_client.callbacks import Receiver
from runflow_client.callbacks.asgi import CallbackApp
from runflow_client.callbacks.inbox import Inbox
from sqlalchemy.event import listen

inbox = Inbox(sys.argv[1])
app = CallbackApp(Receiver(SECRET, inbox.put))

async def deliver_all(names):
    return await asyncio.gather(*(deliver(app, encode(name)) for name in names))

"""

FORKED = (
    PROCESSES
    + """
made, strange = {}, []

def note(raw, *others):
    made[id(raw)] = raw, os.getpid()

def check(raw, *others):
    if made[id(raw)][1] != os.getpid():
        strange.append(raw)

listen(inbox._queue.engine, "connect", note)
for kind in ("checkout", "close"):
    listen(inbox._queue.engine, kind, check)
assert asyncio.run(deliver_all(["before"])) == [STORED]
assert inbox.counts().waiting == 1
held, over = threading.Event(), threading.Event()

def hold():  # as a thread does that wakes workers just now
    with inbox.arrivals._condition():
        held.set()
        over.wait()

threading.Thread(target=hold, daemon=True).start()
assert held.wait(30)
child = os.fork()
over.set()
assert asyncio.run(deliver_all(["parent" if child else "child"])) == [STORED]
if not child:
    assert inbox.put(event_of(encode("alone")), encode("alone"))
    assert inbox.counts().waiting >= 3
    os._exit(len(strange))
assert os.waitpid(child, 0)[1] == 0
assert asyncio.run(deliver_all(["after"])) == [STORED]
assert inbox.counts().waiting == 5
assert strange == [], "a connection of another process is used, or closed"
"""
)

TOGETHER = (
    PROCESSES
    + """
reading, writing = os.pipe()
children = []
for number in range(3):
    children.append(os.fork())
    if not children[-1]:
        answers = asyncio.run(deliver_all([f"r{number}" for number in range(200)]))
        assert {status for status, text in answers} == {200}, answers
        os.write(writing, b"%d\\n" % answers.count(STORED))
        os._exit(0)
os.close(writing)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
assert sum(map(int, os.fdopen(reading))) == inbox.counts().waiting == 200
"""
)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the process is forked")
@pytest.mark.parametrize("script", [FORKED, TOGETHER], ids=["forked", "together"])
def test_processes_store_with_writers_of_their_own(database_url: str, script: str) -> None:
    """The thread and the connection of one do not live in another that was forked from it."""
    ended = subprocess.run(
        [sys.executable, "-c", script, database_url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
