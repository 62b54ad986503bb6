"""A Python process that has imported modules and forks for each program that it is asked to run.

`warm.py` starts it, and asks it through a socket. A request is JSON, with the streams of the
program beside it; the answers are the number of its process, then, when it has ended, its status.

A variable of the environment that was read by the interpreter's start or by an import may have
another value for a program: that one is started instead, in a new interpreter.
"""

import gc
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

_STREAMS: Final = 3
_OF_THE_START: Final = ("PYTHON", "LC_", "LANG")
"""How variables begin that the interpreter reads."""
_ENCODING: Final = sys.stdout.encoding
_ERRORS: Final = sys.stdout.errors


def import_all(modules: Sequence[str]) -> dict[str, str | None]:
    """Import the modules, and return the variables that were read on the way.

    Those that the interpreter reads are among them.
    """
    kind: Any = type(os.environ)
    read, plain = set[str](), kind.__getitem__

    def noting(environment: os._Environ[str], name: str) -> str:
        read.add(name)
        value: str = plain(environment, name)
        return value

    kind.__getitem__ = noting
    try:
        for module in modules:
            importlib.import_module(module)
    finally:
        kind.__getitem__ = plain
    read.update(name for name in os.environ if name.startswith(_OF_THE_START))
    return {name: os.environ.get(name) for name in sorted(read)}


def serve(listening: socket.socket, parent: int, read: Mapping[str, str | None]) -> str:
    """Fork for each request. Return in the forked process alone: the module that it shall run.

    Args:
        listening: where requests come from.
        parent: a pipe whose other end closes when the process ends that this one works for.
        read: the variables of the environment that must be the same for a program.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    running: dict[int, socket.socket] = {}
    sources: list[socket.socket | int] = [listening, reading, parent]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if parent in ready:
            sys.exit()
        if reading in ready:
            os.read(reading, 4096)
            _tell_what_ended(running)
        if listening not in ready:
            continue
        connection, _ = listening.accept()
        request, streams = _read(connection)
        number = os.fork()
        if number == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for one in (listening, connection, *running.values()):
                one.close()
            for descriptor in (reading, writing, parent):
                os.close(descriptor)
            _become(request, streams)
            environment = request["environment"]
            began = {name for name in environment if name.startswith(_OF_THE_START)}
            if request["cold"] or any(
                environment.get(name) != read.get(name) for name in {*read, *began}
            ):
                command = [sys.executable, "-m", request["module"], *request["arguments"]]
                os.execv(sys.executable, command)
            _open_streams()
            module: str = request["module"]
            return module
        for stream in streams:
            os.close(stream)
        running[number] = connection
        connection.sendall(f"{number}\n".encode())


def _tell_what_ended(running: dict[int, socket.socket]) -> None:
    while running:
        number, status = os.waitpid(-1, os.WNOHANG)
        if number == 0:
            return
        with running.pop(number) as connection, suppress(BrokenPipeError):
            connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _read(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    content, streams, _, _ = socket.recv_fds(connection, 65536, _STREAMS)
    while more := connection.recv(65536):
        content += more
    return json.loads(content), streams


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Be as a process that was started for the request."""
    if request["terminal"]:
        import fcntl
        import termios

        os.setsid()
        fcntl.ioctl(streams[0], termios.TIOCSCTTY, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    sys.path[0] = os.getcwd()
    sys.argv = ["", *request["arguments"]]


def _open_streams() -> None:
    """Open stdin, stdout and stderr as the interpreter does."""
    is_unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        file: Any = io.FileIO(number, "w" if number else "r")
        file.name = f"<{name}>"
        binary: Any = file
        if number == 0:
            binary = io.BufferedReader(file)
        elif not is_unbuffered:
            binary = io.BufferedWriter(file)
        stream = io.TextIOWrapper(
            binary,
            _ENCODING,
            "backslashreplace" if number == 2 else _ERRORS,
            newline="\n",
            line_buffering=not is_unbuffered and (number == 2 or os.isatty(number)),
            write_through=is_unbuffered,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def main() -> None:
    """Listen at the path, with the modules imported."""
    path, *modules = sys.argv[1:]
    # The streams are those of who started this; the programs have their own. Stdin is a pipe that
    # closes when that process ends.
    parent = os.dup(0)
    read = import_all(modules)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", flush=True)
        module = serve(listening, parent, read)
    # Outside all of the above, so that the process ends as any other.
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
