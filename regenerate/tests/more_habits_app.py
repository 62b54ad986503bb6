"""FastAPI apps of more habits, each by its name, and one app of all of them.

Each function answers with what it was given.
"""

import ipaddress
from collections import deque
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

from fastapi import APIRouter, Body, Cookie, FastAPI, Form, Header, Path, Query, UploadFile
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.sse import EventSourceResponse
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    HttpUrl,
    RootModel,
    SecretStr,
    Tag,
    computed_field,
    field_serializer,
)
from typing_extensions import TypedDict

T = TypeVar("T")
Told = dict[str, Any]
HABITS: dict[str, Callable[[APIRouter], None]] = {}


def habit(add: Callable[[APIRouter], None]) -> Callable[[APIRouter], None]:
    """Keep what adds the routes of a habit under its name."""
    HABITS[add.__name__] = add
    return add


def app_of(*names: str, **options: Any) -> FastAPI:
    """Return an app of these habits, by default of all, each below a path of its name."""
    app = FastAPI(**options)
    for name in names or HABITS:
        router = APIRouter(prefix=f"/v1/{name}", tags=[name])
        HABITS[name](router)
        app.include_router(router)
    return app


class Scalars(BaseModel):
    """Texts of many formats."""

    took: timedelta
    at: time
    ip: ipaddress.IPv4Address
    net: ipaddress.IPv6Network | None = None
    secret: SecretStr
    url: HttpUrl
    cost: Decimal = Decimal("1.5")
    blob: bytes = b""


@habit
def scalars(router: APIRouter) -> None:
    """Add texts of many formats, in a body and in a query."""

    @router.post("/")
    def given(body: Scalars) -> Scalars:
        return body

    @router.get("/asked")
    def asked(
        took: timedelta = timedelta(seconds=5),
        at: time | None = None,
        ip: ipaddress.IPv4Address | None = None,
        cost: Annotated[Decimal, Query(ge=0)] = Decimal("0.5"),
        day: date | None = None,
    ) -> Told:
        return dict(jsonable_encoder({"took": took, "at": at, "ip": ip, "cost": cost, "day": day}))


class Typed(TypedDict):
    """A dict of known keys."""

    a: int


class Named(NamedTuple):
    """A tuple of names."""

    x: int
    y: str = "b"


@dataclass
class Data:
    """A dataclass."""

    a: int
    b: list[int] = field(default_factory=list[int])


class Colour(StrEnum):
    """Keys of a map."""

    RED = "red"


class Containers(BaseModel):
    """Containers of the standard library."""

    pair: tuple[int, str]
    many: tuple[int, ...] = ()
    queue: deque[int] = deque()
    by_number: dict[int, str] = {}
    by_colour: dict[Colour, Data] = {}
    typed: Typed
    named: Named | None = None
    deep: list[list[dict[str, list[int | None]]]] = []


@habit
def containers(router: APIRouter) -> None:
    """Add containers of the standard library."""

    @router.post("")
    def given(body: Containers) -> Containers:
        return body

    @router.get("/pair")
    def pair() -> tuple[int, str, Colour]:
        return (1, "a", Colour.RED)


class Odd(Enum):
    """Values that are odd names."""

    A = "a"
    ALSO_A = "a"  # noqa: PIE796 - an alias, as such apps have
    EMPTY = ""
    STAR = "*"
    SPACE = "a b"
    DASH = "a-b"
    UNDER = "a_b"
    NONE = "None"


class Level(IntEnum):
    """Numbers below zero."""

    ZERO = 0
    LOW = -1


class Chosen(BaseModel):
    """Enums and constants."""

    odd: Odd = Odd.A
    level: Level = Level.ZERO
    mixed: Literal["a", 1, None, True] = None
    yes: Literal[True] = True
    same: Literal["A", "a"] = "a"


@habit
def enums(router: APIRouter) -> None:
    """Add enums and constants, in a body, a path and a query."""

    @router.post("")
    def given(body: Chosen) -> Chosen:
        return body

    @router.get("/{odd}")
    def asked(
        odd: Odd, level: Level = Level.ZERO, several: Annotated[list[Odd] | None, Query()] = None
    ) -> Told:
        return dict(jsonable_encoder({"odd": odd, "level": level, "several": several}))


class One(BaseModel):
    """A variant with a tag that must be sent."""

    type: Literal["one"]
    value: int


class Two(BaseModel):
    """A variant with a tag that has a default."""

    type: Literal["two"] = "two"
    value: str


class Nest(BaseModel):
    """A variant with a union of its own."""

    type: Literal["nest", "nested"]
    inner: Annotated[One | Two, Field(discriminator="type")]


def _tag(value: Any) -> str:
    return str(jsonable_encoder(value)["kind"])


class X(BaseModel):
    """A variant that a function chooses."""

    kind: str = "x"
    number: int = 0


class Y(BaseModel):
    """The other one."""

    kind: str = "y"
    text: str = ""


class Unions(BaseModel):
    """Unions of many kinds."""

    called: Annotated[Annotated[X, Tag("x")] | Annotated[Y, Tag("y")], Discriminator(_tag)]
    nested: Annotated[
        Annotated[One | Two, Field(discriminator="type")] | Nest, Field(discriminator="type")
    ]
    smart: int | float | bool | str | None = None


@habit
def unions(router: APIRouter) -> None:
    """Add unions that functions choose from, and unions inside unions."""

    @router.post("")
    def given(body: Unions) -> Unions:
        return body


class Page(BaseModel, Generic[T]):
    """A page that leads to another one."""

    items: list[T]
    next: "Page[T] | None" = None


class Number(RootModel[int]):
    """A number with a name."""


class Open(BaseModel):
    """An object with more fields, all of them numbers."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]
    known: int = 1


@habit
def generics(router: APIRouter) -> None:
    """Add generic models, models of one value, and open ones."""

    @router.get("/pages")
    def pages() -> Page[Page[Number]]:
        inner = Page[Number](items=[Number(3)])
        return Page[Page[Number]](items=[inner])

    @router.post("/open")
    def given(body: Open) -> Open:
        return body


class Renamed(BaseModel):
    """A model that is another one when it is written."""

    when: Annotated[datetime, Field(validation_alias="whenIn", serialization_alias="whenOut")]
    text: Annotated[str, Field(validation_alias=AliasChoices("text", "words"))] = "x"
    number: int = 3

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        """Twice the number."""
        return 2 * self.number

    @field_serializer("number")
    def _as_text(self, value: int) -> str:
        return str(value)


@habit
def ways(router: APIRouter) -> None:
    """Add models that are read and written otherwise."""

    @router.post("", response_model_exclude_none=True)
    def given(body: Renamed) -> Renamed:
        return body


class Headers(BaseModel):
    """Headers of many types."""

    since: datetime | None = None
    x_id: UUID | None = None
    x_version: Literal["2"] = "2"
    x_codes: list[int] = []


class Cookies(BaseModel):
    """Cookies of many types."""

    session: str
    seen: date | None = None


class Asked(BaseModel):
    """A query that takes nothing else."""

    model_config = ConfigDict(extra="forbid")
    ids: list[UUID] = Field([], max_length=5)
    tags: set[str] = set()
    inner: Annotated[int, Field(alias="sub[id]")] = 0


@habit
def parameters(router: APIRouter) -> None:
    """Add models of headers, cookies and queries."""

    @router.get("/model")
    def models(
        headers: Annotated[Headers, Header()],
        cookies: Annotated[Cookies, Cookie()],
        query: Annotated[Asked, Query()],
    ) -> Told:
        return dict(jsonable_encoder({**headers.model_dump(), **cookies.model_dump()})) | dict(
            jsonable_encoder(query)
        )


class Fields(BaseModel):
    """Fields of a form."""

    name: str
    tags: list[str] = []
    when: datetime | None = None


class WithFiles(BaseModel):
    """Fields of a form that are files."""

    doc: UploadFile
    more: list[UploadFile] = []
    note: str | None = None


@habit
def forms(router: APIRouter) -> None:
    """Add models of forms, with files and without."""

    @router.post("/fields")
    def fields(given: Annotated[Fields, Form()]) -> Told:
        return dict(jsonable_encoder(given))

    @router.post("/files")
    async def files(given: Annotated[WithFiles, Form()]) -> Told:
        names = [given.doc.filename, *(one.filename for one in given.more)]
        return {"names": names, "note": given.note, "size": len(await given.doc.read())}


@habit
def bodies(router: APIRouter) -> None:
    """Add bodies of other content types, of single values and of what openapi_extra says."""

    @router.post("/text")
    def text(given: Annotated[str, Body()]) -> str:
        return given

    @router.post("/xml")
    def xml(given: Annotated[str, Body(media_type="application/xml")]) -> str:
        return given

    @router.post("/patch")
    def patch(given: Annotated[One, Body(media_type="application/merge-patch+json")]) -> One:
        return given

    @router.post("/mixed")
    def mixed(one: One, number: Annotated[int, Body(gt=0)], asked: int = 0) -> Told:
        return {"value": one.value, "number": number, "asked": asked}

    joined = {
        "name": "fields",
        "in": "query",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string"}},
    }

    @router.get("/joined", openapi_extra={"parameters": [joined], "x-own": {"a": 1}})
    def of_the_query(fields: Annotated[str, Query(include_in_schema=False)] = "") -> list[str]:
        return fields.split(",")


@habit
def answers(router: APIRouter) -> None:
    """Add answers that are no JSON, streams, and several statuses."""
    refused: dict[int | str, Told] = {
        "4XX": {"model": One},
        402: {"content": {"application/problem+json": {}}},
    }

    @router.get("/text", response_class=PlainTextResponse)
    def text() -> str:
        return "x"

    @router.get("/page", response_class=HTMLResponse, responses=refused)
    def page() -> str:
        return "<p>"

    @router.get("/elsewhere", response_class=RedirectResponse, status_code=302)
    def elsewhere() -> str:
        return "/v1"

    @router.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterable[One]:
        yield One(type="one", value=1)

    @router.delete("/gone", status_code=204)
    def gone() -> None: ...


@habit
def paths(router: APIRouter) -> None:
    """Add paths with converters, verbs, and values of many types."""

    @router.get("/{number}.json")
    def dotted(number: int) -> int:
        return number

    @router.post("/{item}:cancel")
    def verb(item: UUID) -> str:
        return str(item)

    @router.get("/@me/~x/{number}/")
    def signs(number: Annotated[int, Path(ge=1, le=9)]) -> int:
        return number

    @router.get("/by/{day}/{flag}/{ratio}")
    def by(day: date, flag: bool, ratio: float) -> Told:
        return dict(jsonable_encoder({"day": day, "flag": flag, "ratio": ratio}))


class Spelled(BaseModel):
    """Fields of names that Python or the client uses itself."""

    schema_: Annotated[int, Field(alias="schema")] = 1
    class_: Annotated[int, Field(alias="class")] = 1
    dashed: Annotated[int, Field(alias="field-with-dash")] = 1
    number: Annotated[int, Field(alias="123")] = 1
    dotted: Annotated[int, Field(alias="a.b")] = 1
    list_: Annotated[list[int], Field(alias="list")] = []
    datetime_: Annotated[datetime | None, Field(alias="datetime")] = None
    camelCase: int = 1  # noqa: N815 - as such apps do
    camel_case: int = 2


@habit
def names(router: APIRouter) -> None:
    """Add names that Python or the client uses itself."""

    @router.post("", operation_id="an odd id-1", summary='Say "hi" \\ there """')
    def given(body: Spelled) -> Spelled:
        return body

    @router.get("/asked")
    def asked(client: str = "", url: str = "", body: str = "", cast: str = "") -> Told:
        return {"client": client, "url": url, "body": body, "cast": cast}


class Event(BaseModel):
    """What a callback brings."""

    id: int


@habit
def callbacks(router: APIRouter) -> None:
    """Add a router in a router, with callbacks, deprecated, with statuses of its own."""
    called = APIRouter()

    @called.post("{$callback_url}/events/{$request.body.id}")
    def notify(body: Event) -> None: ...

    inner = APIRouter(prefix="/inner", responses={418: {"description": "No."}}, deprecated=True)

    @inner.post("/start", callbacks=called.routes, name="start it")
    def start(body: Event, callback_url: HttpUrl | None = None) -> Event:
        return body

    router.include_router(inner)
