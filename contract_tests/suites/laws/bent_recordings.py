"""Changes of a recording: of all its answers, of those at some places, or of a single one."""

import json
from collections.abc import Iterable
from typing import Any

from attrs import evolve

from .bent_values import Change
from .replaying import Answer, Recording

Contents = list[Any] | dict[int, Any]
"""The JSON values of answers, by their places."""


def _bent(answer: Answer, content: Any, change: Change) -> Answer:
    changed = content if content is None else change(content)
    return answer if changed == content else evolve(answer, body=json.dumps(changed).encode())


def everywhere(recording: Recording, contents: list[Any], change: Change) -> Recording:
    return at(recording, contents, range(len(contents)), change)


def at(
    recording: Recording, contents: Contents, places: Iterable[int], change: Change
) -> Recording:
    """Change the answers at these places."""
    answers = list(recording.answers)
    for place in places:
        answers[place] = _bent(answers[place], contents[place], change)
    return evolve(recording, answers=answers)


def with_status(recording: Recording, place: int, status: int) -> Recording:
    return with_answer(recording, place, evolve(recording.answers[place], status=status))


def with_answer(recording: Recording, place: int, answer: Answer) -> Recording:
    answers = list(recording.answers)
    answers[place] = answer
    return evolve(recording, answers=answers)
