"""What a recipe needs of Airflow, which is too large to install for it: its decorators.

The recipe itself ran in Airflow 3.3.2.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any


class AirflowFailException(Exception):
    """End a task without another try."""


class Task:
    """A decorated function. A call adds it to its DAG; `function` runs it."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self.function = function
        self.options = options
        self.calls: list[tuple[object, ...]] = []

    def __call__(self, *arguments: object) -> None:
        """Remember the call, as a DAG does."""
        self.calls.append(arguments)


def airflow_stand_in() -> dict[str, ModuleType]:
    """Return the modules by name."""
    sdk, exceptions = ModuleType("airflow.sdk"), ModuleType("airflow.sdk.exceptions")
    sdk.task = lambda **options: lambda function: Task(function, options)  # type: ignore[attr-defined]
    sdk.dag = lambda **_options: lambda function: function  # type: ignore[attr-defined]
    exceptions.AirflowFailException = AirflowFailException  # type: ignore[attr-defined]
    return {"airflow": ModuleType("airflow"), sdk.__name__: sdk, exceptions.__name__: exceptions}
