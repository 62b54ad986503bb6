"""A FastAPI app of many habits. Each function answers with what it was given."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import (
    APIRouter,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    Query,
    Security,
    UploadFile,
)
from fastapi.encoders import jsonable_encoder
from fastapi.responses import FileResponse
from fastapi.security import APIKeyHeader, HTTPBearer, OAuth2PasswordBearer
from pydantic import (
    UUID4,
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    HttpUrl,
    Json,
    RootModel,
    SecretStr,
    computed_field,
    create_model,
)
from pydantic.alias_generators import to_camel

T = TypeVar("T")
Told = dict[str, Any]
Key = Annotated[Any, Security(HTTPBearer())]


class Status(StrEnum):
    """What a run is doing."""

    PENDING = "pending"
    DONE = "done"


class Priority(IntEnum):
    """A number with a name."""

    LOW = 0
    HIGH = 10
    NEGATIVE = -1


class Currency(StrEnum):
    """Values that differ in their letters only."""

    UPPER = "USD"
    LOWER = "usd"


class Image(BaseModel):
    """A picture."""

    kind: Literal["image"]
    url: HttpUrl


class Video(BaseModel):
    """A film."""

    kind: Literal["video"] = "video"
    url: AnyUrl
    length: timedelta = timedelta(seconds=1)


class Text(BaseModel):
    """Text of one of two kinds."""

    kind: Literal["text", "markdown"] = "text"
    text: str


Output = Annotated[Image | Video | Text, Field(discriminator="kind")]


class Outputs(RootModel[list[Output]]):
    """A list that is a model."""


class Labels(RootModel[dict[str, str]]):
    """A map that is a model."""


class Camel(BaseModel):
    """Names of another style."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")
    created_at: datetime
    some_long_name: int | None = None


class Node(BaseModel):
    """A tree."""

    name: str
    children: list["Node"] = []
    by_name: dict[str, "Node"] = {}


class Page(BaseModel, Generic[T]):
    """A page of anything."""

    items: list[T]
    next_cursor: str | None = None


class Run(BaseModel):
    """A field of each habit."""

    model_config = ConfigDict(extra="allow")
    id: UUID4
    other_id: UUID | None = None
    status: Status = Status.PENDING
    priority: Priority = Priority.LOW
    currency: Currency = Currency.UPPER
    direction: Literal["asc", "desc", "ASC", "DESC"] = "asc"
    aspect: Literal["16:9", "9:16"] = "16:9"
    mixed: Literal["a", 1, True, None] = "a"
    cost: Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)] = Decimal("0.15")
    took: timedelta = timedelta(seconds=90)
    when: AwareDatetime | None = None
    days: list[date] = [date(2024, 1, 1)]
    tags: set[str] = set()
    numbers: frozenset[int] = frozenset()
    pair: tuple[int, str] = (1, "a")
    many: tuple[int, ...] = ()
    data: Base64Bytes = b"YQ=="
    config: Json[dict[str, int]] | None = None
    secret: SecretStr | None = None
    address: IPv4Address | None = None
    size: ByteSize = ByteSize(0)
    outputs: Outputs | None = None
    scores: dict[Status, int] = {}
    by_id: dict[UUID, Image] = {}
    ratio: Annotated[float, Field(gt=0, lt=1)] = 0.5
    either: int | str = 0
    nothing: None = None
    old: Annotated[str | None, Field(deprecated=True)] = None
    from_: Annotated[str, Field(alias="from")] = "x"
    self: str | None = None
    größe: int = 1
    anything: Any = None

    @computed_field
    def label(self) -> str:
        """Return what only answers have."""
        return "label"


class Filters(BaseModel):
    """The parameters of a query."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(100, gt=0, le=100)
    order_by: Literal["created_at", "updated_at"] = "created_at"
    since: datetime | None = None
    status: list[Status] | None = None
    cost: Decimal | None = None
    old: Annotated[str | None, Field(deprecated=True)] = None


class Heads(BaseModel):
    """The headers of a request."""

    if_modified_since: str | None = None
    save_data: bool = False


class Cookies(BaseModel):
    """The cookies of a request."""

    session_id: str


class Login(BaseModel):
    """The fields of a form."""

    username: str
    password: SecretStr
    scopes: list[str] = []


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str


def _of_module(module: str, **fields: Any) -> type[BaseModel]:
    """Return one of two classes of one name."""
    return create_model("Item", __module__=module, **fields)


ITEM_A, ITEM_B = _of_module("app.a", a=(int, ...)), _of_module("app.b", b=(str, ...))


def _told(given: Told) -> Told:
    """Return what a function was given as it can be answered."""
    found: Told = jsonable_encoder(
        {name: value for name, value in given.items() if not name.startswith("_")}
    )
    return found


def habitual_app() -> FastAPI:
    """Return the app."""
    app = FastAPI(
        title="Runflow API",
        version="0.1.0",
        separate_input_output_schemas=True,
        generate_unique_id_function=lambda route: f"{route.tags[0]}-{route.name}",
        responses={401: {"model": Refusal}},
        openapi_tags=[{"name": "runs", "description": "Runs."}],
    )
    called = APIRouter(tags=["runs"])

    @called.post("{$callback_url}/done")
    def done(body: Run) -> None: ...

    router = APIRouter(prefix="/v1", tags=["runs"])
    other = APIKeyHeader(name="X-API-Key", auto_error=False)
    oauth = OAuth2PasswordBearer("token", auto_error=False)

    @router.post(
        "/runs",
        status_code=202,
        callbacks=called.routes,
        responses={200: {"model": Run}, 409: {"model": Refusal, "description": "There."}},
    )
    def create(
        run: Run,
        _key: Key,
        callback_url: HttpUrl | None = None,
        key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> Run:
        return run

    @router.get("/runs")
    def search(given: Annotated[Filters, Query()], _key: Key) -> Told:
        return _told(locals())

    @router.get("/runs/{run_id}", deprecated=True)
    def read(
        run_id: UUID,
        _one: Annotated[Any, Depends(other)],
        _two: Annotated[Any, Depends(oauth)],
        fields: Annotated[set[Literal["id", "cost"]] | None, Query()] = None,
        old: Annotated[str | None, Query(deprecated=True, description="Old.")] = None,
    ) -> Told:
        return _told(locals())

    @router.get("/pages/a", response_model=Page[ITEM_A])  # type: ignore[valid-type]
    def page_a() -> Any: ...

    @router.get("/pages/b", response_model=Page[ITEM_B])  # type: ignore[valid-type]
    def page_b() -> Any: ...

    @router.patch("/runs/{run_id}")
    def change(
        run_id: UUID,
        priority: Annotated[Priority, Body()],
        image: Annotated[Image | None, Body()] = None,
        states: Annotated[list[Status], Body(embed=True)] = [],  # noqa: B006 - as such apps do
    ) -> Told:
        return _told(locals())

    @router.put("/labels")
    def label(labels: Labels) -> Labels:
        return labels

    @router.put("/outputs")
    def put(outputs: Outputs) -> Outputs:
        return outputs

    @router.delete("/runs")
    def remove(ids: Annotated[list[UUID], Body()], force: bool = False) -> Told:
        return _told(locals())

    @router.get("/heads")
    def heads(given: Annotated[Heads, Header()], cookies: Annotated[Cookies, Cookie()]) -> Told:
        return _told(locals())

    @router.post("/login")
    def login(given: Annotated[Login, Form()]) -> Told:
        return {**_told({"scopes": given.scopes}), "password": given.password.get_secret_value()}

    @router.post("/files")
    def files(
        many: list[UploadFile],
        one: Annotated[bytes | None, File()] = None,
        note: Annotated[str, Form()] = "",
        status: Annotated[Status | None, Form()] = None,
    ) -> Told:
        return {**_told({"one": one, "note": note}), "many": [file.filename for file in many]}

    @router.get("/words")
    def words(
        from_: Annotated[str, Query(alias="from")],
        class_: Annotated[str | None, Query(alias="class")] = None,
        self_: Annotated[str | None, Query(alias="self")] = None,
        client: str | None = None,
        body: str | None = None,
        json: str | None = None,
        filter_by: Annotated[str | None, Query(alias="filter[by]")] = None,
        dashed: Annotated[int, Query(alias="page-size")] = 1,
        plain: Annotated[int, Query(alias="page_size")] = 1,
        größe: int | None = None,
        day: date = date(2024, 1, 1),
        took: timedelta = timedelta(hours=1),
        sign: Literal["+", "-"] = "+",
        numbers: Annotated[list[int], Query()] = [1],  # noqa: B006 - as such apps do
        level: Priority = Priority.LOW,
    ) -> Told:
        return _told(locals())

    @router.get("/trees/{path:path}")
    def tree(path: str) -> Node:
        return Node(name=path, children=[Node(name="child")])

    @router.post("/camel")
    def camel(given: Camel | None = None) -> Camel | None:
        return given

    @router.post("/union")
    def union(given: Image | Text | list[Image] | None = None) -> Image | Text | list[Image] | None:
        return given

    @router.get(
        "/file",
        response_class=FileResponse,
        responses={200: {"content": {"image/png": {}}}},
    )
    def file() -> Any: ...

    @router.post(
        "/raw",
        openapi_extra={
            "requestBody": {
                "content": {"application/octet-stream": {"schema": {"type": "string"}}},
                "required": True,
            }
        },
    )
    def raw() -> bool:
        return True

    @router.get("/hidden", include_in_schema=False)
    def hidden() -> None: ...

    app.include_router(router)

    @app.webhooks.post("run-done", tags=["hooks"])
    def hook(body: Run) -> None: ...

    return app
