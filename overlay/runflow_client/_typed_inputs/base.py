"""The base of the typed inputs: one class a model, checked when it is made, so before anything is
sent or paid.
"""

import warnings
from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from inspect import currentframe
from types import MappingProxyType, NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Literal,
    Self,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
)

import attrs

from .._errors import InvalidArgument
from .._validation import check_json
from .fields import InputField
from .files import FileInput, is_local_file, show
from .prices import PriceTerms, PriceUnit

__all__ = ["FileInput", "ModelInput", "UnknownInput", "input_field", "model_input"]

_METADATA: Final = "runflow"
_OWN_PACKAGE: Final = __name__.partition(".")[0]

T = TypeVar("T")


class UnknownInput(UserWarning):
    """A field that the catalog does not list for this model. It is sent as it is."""


def input_field(
    type: str,  # noqa: A002 # the catalog's own word
    *,
    default: None = None,
    name: str | None = None,
    allowed: Iterable[object] = (),
    api_default: object = None,
    pattern: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    excludes: Iterable[str] = (),
    required: bool = False,
) -> Any:  # A field specifier stands for a value of the field's own type.
    """One field of an input class. Pass `default=None` for a field that may be left out,
    `required=True` for the others.

    `name` is the API's name where it is not the attribute's. An annotation of Literal and None
    alone gives the `allowed` values. The rest is as in InputField.
    """
    facts = InputField(
        name=name or "",
        type=type,
        required=required,
        allowed=tuple(allowed),
        api_default=api_default,
        pattern=pattern,
        minimum=minimum,
        maximum=maximum,
        min_length=min_length,
        max_length=max_length,
        excludes=tuple(excludes),
    )
    # A default for required fields too: what is missing is told by our own check, which names the
    # model.
    return attrs.field(default=default, metadata={_METADATA: facts})


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(input_field, attrs.field)
)
def model_input(cls: type[T]) -> type[T]:
    """Make an immutable class with keyword arguments of one that lists input fields."""
    return attrs.frozen(cls, kw_only=True, repr=False)


@model_input
class ModelInput:
    """The input of one run. The subclasses in runflow_client.inputs know the model.

    Made with keywords; what is None is left out. Raises InvalidArgument, naming the model, every
    field that is wrong, what was given and what is allowed. Warns with UnknownInput about fields
    that the catalog does not list.

    extra: further fields by the API's names, sent as they are. One that has the name of a known
    field stands in for it
        and is not checked.
    strict: False sends whatever JSON (and files) can hold, unchecked and without warning.
    """

    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]  # so that attrs.fields takes it

    MODEL_ID: ClassVar[str] = ""
    ENDPOINT: ClassVar[str] = ""
    """Path of the operation that runs the model."""
    PRICE: ClassVar[Decimal | None] = None
    """US dollars for one PRICE_UNIT; None if it is not known."""
    PRICE_UNIT: ClassVar[PriceUnit | None] = None
    PRICE_TERMS: ClassVar[PriceTerms] = PriceTerms()
    OUTPUT_KIND: ClassVar[str] = ""
    """image, video or audio."""
    COMPLETE: ClassVar[bool] = False
    """Whether the catalog knows every field of the model."""

    extra: Mapping[str, object] = attrs.field(factory=dict[str, object], hash=False)
    strict: bool = attrs.field(default=True, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.strict:
            _refuse(self, self._problems(self._values()))
        values = self.to_input()
        if self.strict:
            _warn_of_unknown(
                self.MODEL_ID, values, [facts.name for facts in self.known_fields().values()]
            )

    @classmethod
    def known_fields(cls) -> Mapping[str, InputField]:
        """What the catalog says about each field, by the name of its attribute."""
        # mypy does not see that a class is hashable where its objects may not be.
        return _known_fields(cast("Hashable", cls))

    @classmethod
    def from_input(cls, values: Mapping[str, object], *, strict: bool = True) -> Self:
        """Make it of a mapping that has the API's names, as `to_input` gives it. Raises and warns
        as making it does.
        """
        extra = dict(values)
        attributes = {
            attribute: extra.pop(facts.name)
            for attribute, facts in cls.known_fields().items()
            if extra.get(facts.name) is not None
        }
        return cls(extra=extra, strict=strict, **attributes)

    def evolve(self, **changes: Any) -> Self:
        """A copy with other values for these attributes, checked anew. Raises and warns as making
        it does.
        """
        same = {
            attribute.name: getattr(self, attribute.name) for attribute in attrs.fields(type(self))
        }
        return type(self)(**{**same, **changes})

    def to_input(self) -> dict[str, Any]:
        """What is sent as `input`: the API's names, unset fields left out, files as they were
        given.

        Files of this machine are yet to be uploaded: file_inputs.is_local_file tells them.
        Raises InvalidArgument naming the place of what JSON cannot hold.
        """
        try:
            sendable: dict[str, Any] = check_json(self._values(), leave=is_local_file)
        except InvalidArgument as error:
            raise InvalidArgument(f"{self.MODEL_ID}: {error}") from None
        return sendable

    def _values(self) -> dict[str, object]:
        given = {
            facts.name: getattr(self, attribute) for attribute, facts in self.known_fields().items()
        }
        return {**{name: value for name, value in given.items() if value is not None}, **self.extra}

    def _problems(self, values: Mapping[str, object]) -> list[str]:
        problems: list[str] = []
        for attribute, facts in self.known_fields().items():
            given: object = getattr(self, attribute)
            if given is not None and facts.name in self.extra:
                problems.append(f"{facts.name} is given twice, by name and in extra")
            elif given is not None and (problem := facts.problem(given)) is not None:
                problems.append(f"{facts.name} {problem}")
            elif facts.required and values.get(facts.name) is None:
                problems.append(f"{facts.name} is missing")
            both = [other for other in facts.excludes if values.get(other) is not None]
            if both and values.get(facts.name) is not None:
                problems.append(f"{facts.name} cannot be given together with {' or '.join(both)}")
        return problems

    def __repr__(self) -> str:
        given = {attribute: getattr(self, attribute) for attribute in self.known_fields()}
        shown = [
            f"{attribute}={show(value)}" for attribute, value in given.items() if value is not None
        ]
        if self.extra:
            shown.append(f"extra={show(self.extra)}")
        if not self.strict:
            shown.append("strict=False")
        return f"{type(self).__name__}({', '.join(shown)})"


def check_alone(model: ModelInput, values: object) -> None:
    """Raises InvalidArgument where a second input comes with an input class."""
    if values is not None:
        raise InvalidArgument(
            f"{type(model).__name__} is an input already: give it alone, or a model id with a dict"
        )


@cache
def _known_fields(cls: type[ModelInput]) -> Mapping[str, InputField]:
    known: dict[str, InputField] = {}
    for attribute in attrs.fields(cls):
        facts = attribute.metadata.get(_METADATA)
        if isinstance(facts, InputField):
            known[attribute.name] = attrs.evolve(
                facts,
                name=facts.name or attribute.name,
                allowed=facts.allowed or _closed_values(attribute.type),
            )
    return MappingProxyType(known)


def _closed_values(annotation: object) -> tuple[object, ...]:
    """The values of an annotation such as `Literal["1K", "2K"] | None`; none where it takes others
    as well.
    """
    members = (
        get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    )
    others = [member for member in members if member is not NoneType]
    if any(get_origin(member) is not Literal for member in others):
        return ()
    return tuple(value for member in others for value in get_args(member))


def _refuse(refused: ModelInput, problems: list[str]) -> None:
    if problems:
        raise InvalidArgument(
            f"{refused.MODEL_ID} cannot take this input: {'; '.join(problems)}. Nothing was sent. "
            "If the API knows better, pass the field in extra={...}, or strict=False."
        )


def _warn_of_unknown(model_id: str, names: Iterable[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            meant = f" (did you mean {close[0]!r}?)" if close else ""
            warnings.warn(
                f"{model_id} has no input {name!r} in the catalog{meant}; it is sent as it is",
                UnknownInput,
                stacklevel=_level_of_caller(),
            )


def _level_of_caller() -> int:
    """The stack level, for the function that calls this one, of the first frame that is not of this
    package.
    """
    frame = currentframe()
    level = 0
    while (
        frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == _OWN_PACKAGE
    ):
        frame = frame.f_back
        level += 1
    return level
