"""Write down what each flow does, notes and leaves behind when one of its commands is interrupted,
as Ctrl-C and a cancelled task do.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from attrs import define

from .calls import unified
from .flow_commands import Flow, Scene, short
from .flow_scenes import FLOWS

NOTED: Final = 70
"""Characters of a note that are shown."""

ALIKE: Final = ("deadline", "again", "another", "the same", "limit", "trouble", "later")
"""Words in the names of flows that go the ways of others."""


class Left(BaseException):
    """The flow is left where it is."""


@define(eq=False)
class Interrupted(Scene):
    """A scene that ends at one of its commands, counted from 1."""

    at: int = 0
    is_left: bool = False
    count: int = 0

    def _perform(self, command: Any, indent: str) -> Any:
        self.count += 1
        if self.count == self.at and self.is_left:
            raise Left
        if self.count == self.at:
            return KeyboardInterrupt()
        try:
            return super()._perform(command, indent)
        except KeyboardInterrupt as error:  # of a flow below this one
            return error


def lines() -> list[str]:
    """Return the list."""
    found: list[str] = []
    for name, (troubles, _) in FLOWS.items():
        if any(word in name for word in ALIKE):
            continue
        whole = Interrupted(troubles())
        _end(whole, name)
        told = [_told(name, at) for at in range(1, whole.count + 1)]
        found.append(f"{name}:")
        for outcome, same in groupby(enumerate(told, 1), key=lambda one: one[1]):
            places = [at for at, _ in same]
            last = f" to {places[-1]}" if len(places) > 1 else ""
            found += [f"    {places[0]}{last}:", *(f"        {line}" for line in outcome)]
    return [unified(line) for line in found]


def leave(name: str) -> Iterator[Scene]:
    """Leave the flow at each of its commands, and give what is left then."""
    troubles, make = FLOWS[name]
    whole = Interrupted(troubles())
    _end(whole, name)
    for at in range(1, whole.count + 1):
        scene = Interrupted(troubles(), at=at, is_left=True)
        flow: Flow = make(scene)
        try:
            scene.carry_out(flow)
        except Left:
            flow.close()
        yield scene


def _end(scene: Interrupted, name: str) -> list[str]:
    try:
        return [f"= {short(scene.carry_out(FLOWS[name][1](scene)))}"]
    except KeyboardInterrupt as error:
        return [f"note: {note[:NOTED]}" for note in getattr(error, "__notes__", ())]
    except Exception as error:
        return [f"raises {type(error).__name__}"]


def _told(name: str, at: int) -> tuple[str, ...]:
    scene = Interrupted(FLOWS[name][0](), at=at)
    end = _end(scene, name)
    after = [line.strip() for line in scene.lines[at:]]
    refs = scene.refs
    left = [f"lost {', '.join(refs.lost)}"] if refs.lost else []
    left += [f"open {dict(refs.open)}"] if refs.open else []
    return (*(f"then {line}" for line in after), *end, *left) or ("nothing more",)
