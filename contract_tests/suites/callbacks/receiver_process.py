"""Receivers and workers as processes, on command: reads `start`, `kill` and `drain` line by line,
answers each when done.

Each receiver is forked from this process, which has everything loaded, and serves on a socket that
outlives it, so that deliveries wait for the next one as they would before a load balancer. `drain`
lets several workers empty the inbox at once. Arguments: the socket's number, the database's URL,
and the server: `threads` (WSGI, a thread for each delivery) or `uvicorn` (ASGI).
"""

import os
import signal
import socket
import sys
import time
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import uvicorn
from runflow_client.callbacks import CallbackEvent, Receiver, asgi, wsgi
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox
from sqlalchemy import Connection, text

SECRET = "whsec_of_the_receiver"
LEASE = 1000.0
WORKERS = 3


def open_inbox(database_url: str, generation: int) -> Inbox:
    """The inbox as the receiver of that number sees it: the leases of the ones before it, which are
    dead, have run out.
    """
    policy = HandlingPolicy(lease=LEASE, attempts=1000)
    return Inbox(database_url, policy=policy, now=lambda: time.time() + 2 * LEASE * generation)


def record(event: CallbackEvent, connection: Connection) -> None:
    """The effect of an event: one row. Nothing but the inbox keeps it from being written twice."""
    row = {"run_id": event.subject_id, "process": os.getpid()}
    connection.execute(text("INSERT INTO effects VALUES (:run_id, :process)"), row)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the parent's own name
        pass


def _threads(listener: socket.socket, receiver: Receiver) -> None:
    server = _Server(("127.0.0.1", 0), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.base_environ = {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "0", "SCRIPT_NAME": ""}
    server.server_name, server.server_port = "127.0.0.1", 0
    server.set_app(wsgi.CallbackApp(receiver))
    server.serve_forever()


def _uvicorn(listener: socket.socket, receiver: Receiver) -> None:
    app = asgi.CallbackApp(receiver)
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


SERVERS = {"threads": _threads, "uvicorn": _uvicorn}


def _serve(listener: socket.socket, database_url: str, server: str, generation: int) -> None:
    inbox = open_inbox(database_url, generation)
    with inbox.working(record, transactional=True, threads=2):
        SERVERS[server](listener, Receiver(SECRET, inbox.put))


def _drain(database_url: str) -> None:
    """Empty the inbox by several processes, each of which holds an event when the others begin."""
    holding, hold = os.pipe()
    gate, opener = os.pipe()
    workers: list[int] = []
    for _ in range(WORKERS):
        worker = os.fork()
        if worker == 0:
            inbox = open_inbox(database_url, 0)
            lease = inbox.lease()
            assert lease is not None
            os.write(hold, b".")
            os.close(hold)
            os.close(opener)
            os.read(gate, 1)  # ends when every other holder of `opener` has closed it
            with lease.transaction() as connection:
                record(lease.event(), connection)
            while inbox.work_once(record, transactional=True):
                pass
            os._exit(0)
        workers.append(worker)
    os.close(hold)  # so that a worker that dies is an end of file and not a wait for ever
    for _ in workers:
        os.read(holding, 1)
    os.close(opener)
    for worker in workers:
        assert os.waitpid(worker, 0)[1] == 0, "a worker failed"
    os.close(holding)
    os.close(gate)


def main(socket_number: int, database_url: str, server: str) -> None:
    """Obey until the end of input, then kill what still runs."""
    # loads the database's driver, which every receiver would otherwise do anew
    open_inbox(database_url, 0)
    generation, child = 0, 0
    with socket.socket(fileno=socket_number) as listener:
        for command in sys.stdin:
            if command == "start\n":
                generation += 1
                child = os.fork()
                if child == 0:
                    _serve(listener, database_url, server, generation)
            elif command == "drain\n":
                _drain(database_url)
            else:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                child = 0
            print(command, end="", flush=True)
    if child:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
