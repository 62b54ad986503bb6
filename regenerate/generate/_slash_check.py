"""Build requests for a model id with slashes, and print those that lose a slash.

Argument: the folder of the package. Standard input: the operations, as JSON. Nothing of regenerate
is imported here.
"""

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

SEGMENTS = ("owner", "family/2.0/fast/text-to-video")


def main() -> None:
    """Look at the operations and print the problems as a JSON list."""
    package = Path(sys.argv[1])
    names: list[str] = json.load(sys.stdin)
    sys.path.insert(0, str(package.parent))
    problems: list[str] = []
    for name in names:
        if not (package / "api" / Path(*name.split("."))).with_suffix(".py").is_file():
            continue
        module: Any = importlib.import_module(f"{package.name}.api.{name}")
        wanted = "/".join(SEGMENTS)
        url = _url(module)
        if wanted not in url:
            problems.append(f"{name}: {wanted} is sent as {url}")
    json.dump(problems, sys.stdout)


def _url(module: Any) -> str:
    signature = inspect.signature(module.build_request)
    positional = [
        one for one in signature.parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD
    ]
    needed = {
        one.name: _Nothing()
        for one in signature.parameters.values()
        if one.kind is one.KEYWORD_ONLY and one.default is one.empty
    }
    # One parameter takes the whole id, two take its owner and the rest.
    ids = ("/".join(SEGMENTS),) if len(positional) == 1 else SEGMENTS
    try:
        return str(module.build_request(*ids[: len(positional)], **needed)["url"])
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


class _Nothing:
    """A body that says nothing."""

    def to_dict(self) -> dict[str, Any]:
        return {}


if __name__ == "__main__":
    main()
