"""The project's URLs, which name the repository that publishes it."""

import os
from typing import Any

from hatchling.metadata.plugin.interface import (  # pyright: ignore[reportMissingImports]
    MetadataHookInterface,
)


class ProjectURLs(MetadataHookInterface):
    """Take the repository's address from RUNFLOW_REPOSITORY, which `publish.yml` sets."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set `urls`; those of a repository only where it is known."""
        urls = {"Homepage": "https://runflow.io", "API documentation": "https://docs.runflow.io"}
        repository = os.environ.get("RUNFLOW_REPOSITORY", "").rstrip("/")
        if repository:
            urls["Source"] = repository
            urls["Documentation"] = f"{repository}/tree/main/docs"
            urls["Changelog"] = f"{repository}/blob/main/CHANGES.md"
            urls["Issues"] = f"{repository}/issues"
        metadata["urls"] = urls
