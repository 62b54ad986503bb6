"""The command, and a mock server for it."""

from ..cli.conftest import environment, mock, runflow, spawn, warm_command
from ..processes import without_trio

__all__ = ["environment", "mock", "runflow", "spawn", "warm_command", "without_trio"]
