"""FastAPI's own document of a small app goes through every gate."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import pytest
from attrs import evolve

from ...document.json_tree import readable_text
from ...generate.build import build
from ...project.paths import paths_in
from ...project.progress import Progress

T = TypeVar("T")
fastapi = pytest.importorskip("fastapi")
pydantic = pytest.importorskip("pydantic")


def document() -> dict[str, Any]:
    """Return the document of an app that uses what such apps use."""
    from fastapi import Body, Depends, FastAPI, Header, Path, Query, Security
    from fastapi.security import APIKeyHeader, HTTPBearer
    from pydantic import BaseModel, Field, Json, computed_field

    class Image(BaseModel):
        kind: Literal["image"] = "image"
        url: str

    class Video(BaseModel):
        kind: Literal["video"] = "video"
        url: str
        seconds: float | None = None

    class Item(BaseModel):
        id: UUID | None = Field(default=None, json_schema_extra={"readOnly": True})
        made: datetime | None = None
        data: bytes = b""
        output: Annotated[Image | Video, Field(discriminator="kind")]
        anything: Any = None
        loose: list = []  # type: ignore[type-arg]
        pair: tuple[int, str] = (1, "a")
        by_name: dict[str, list[Image]] = {}
        config: Json[dict[str, int]] = {}

        @computed_field  # type: ignore[prop-decorator]
        @property
        def size(self) -> int:
            return 1

    class Page(BaseModel, Generic[T]):
        items: list[T]
        next: str | None = None

    app = FastAPI(title="Small", version="1")
    bearer, header = HTTPBearer(), APIKeyHeader(name="X-API-Key", auto_error=False)

    @app.get("/v1/items/", tags=["Items"])
    def items(
        _key: Annotated[Any, Security(bearer)],
        limit: Annotated[int, Query(le=100)] = 20,
        tags: Annotated[list[str] | None, Query()] = None,
        x_trace: Annotated[str | None, Header()] = None,
    ) -> Page[Item]:
        raise NotImplementedError

    @app.post("/v1/items/", tags=["Items"], status_code=201)
    def create(item: Item, _key: Annotated[Any, Security(bearer)]) -> Item:
        raise NotImplementedError

    @app.post("/v1/owners/{owner}/{name:path}/runs", tags=["Items"])
    def run(
        owner: str,
        name: str,
        output: Annotated[Image | Video, Body(discriminator="kind")],
        _key: Annotated[Any, Depends(bearer)],
        _other: Annotated[Any, Depends(header)],
    ) -> dict[str, Item | None]:
        raise NotImplementedError

    @app.get("/v1/größen/{größe}", tags=["Größen"])
    def sizes(größe: Annotated[str, Path()]) -> list[Item]:
        raise NotImplementedError

    found: dict[str, Any] = app.openapi()
    return found


def test_the_document_of_an_app_passes_every_gate(tmp_path: Path, warm_types: None) -> None:
    paths = evolve(paths_in(tmp_path, "app_api"), corrections=None)
    raw = readable_text(document()).encode()
    product = build(paths, raw, tmp_path / "staging", Progress("test"), ("mypy", "pyright"))
    assert product.made.operations == 4
