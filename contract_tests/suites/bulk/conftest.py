"""The command, and a mock server for it."""

from ..cli.conftest import environment, mock, runflow, spawn

__all__ = ["environment", "mock", "runflow", "spawn"]
