"""The base of the typed inputs: one class a model, checked before anything is sent or paid."""

import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from functools import cache, wraps
from inspect import currentframe
from types import FrameType, MappingProxyType, NoneType, UnionType
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
from .._validation import check_arguments, check_instance, check_json, nearest
from .fields import InputField
from .files import FileInput, keep_local_file, show
from .prices import PriceTerms, PriceUnit

__all__ = ["FileInput", "ModelInput", "UnknownInput", "input_field", "model_input"]

_METADATA: Final = "runflow"
_HASHABLE: Final = frozenset({"string", "integer", "number", "boolean"})
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
    alone lists the `allowed` values. The rest is as in InputField.
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
    # Required fields have a default too: our own check reports them, and it names the model.
    is_hashable = _HASHABLE.issuperset(type.split("|"))  # lists and open files are not
    return attrs.field(default=default, hash=is_hashable, metadata={_METADATA: facts})


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(input_field, attrs.field)
)
def model_input(cls: type[T]) -> type[T]:
    """Make the class that lists input fields immutable, with keyword arguments."""
    made = attrs.frozen(cls, kw_only=True, repr=False)
    made.__init__ = _naming_fields(made.__init__)  # type: ignore[method-assign]
    made.__hash__ = _hashing_all(made.__hash__)  # type: ignore[assignment, method-assign]
    return made


def _hashing_all(hashed: Callable[[Any], int]) -> Callable[[Any], int]:
    """Return `__hash__` for an input that holds a list where a text belongs, too (not strict)."""

    def checked(self: object) -> int:
        try:
            return hashed(self)
        except TypeError:
            return hash(type(self))

    return checked


def _naming_fields(initialize: Callable[..., None]) -> Callable[..., None]:
    """Return `__init__` with an error for an unknown keyword that names the model's field."""

    @wraps(initialize)
    def checked(self: "ModelInput", /, *positional: Any, **given: Any) -> None:
        try:
            initialize(self, *positional, **given)
        except TypeError:
            known = {attribute.alias for attribute in attrs.fields(type(self))}
            unknown = [name for name in given if name not in known]
            if not unknown:
                raise
            close = nearest(unknown[0].lower(), known)
            meant = f"Did you mean {close!r}? " if close else ""
            raise TypeError(
                f"{type(self).__name__} has no field {unknown[0]!r}. {meant}"
                f"A field that the catalog does not list goes in extra={{{unknown[0]!r}: ...}}"
            ) from None

    return checked


@model_input
class ModelInput:
    """The input of one run. The subclasses in runflow_client.inputs know the model.

    Fields are keywords; those that are None are left out. Raises InvalidArgument, naming the
    model, every field that is wrong, what was given and what is allowed. Warns with UnknownInput
    about fields that the catalog does not list.

    extra: further fields by the API's names, sent as they are. One with the name of a field of
        the catalog replaces that field and is not checked.
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
        check_arguments(extra=self.extra, strict=self.strict)
        if self.strict:
            given = {
                facts.name: getattr(self, attribute)
                for attribute, facts in self.known_fields().items()
            }
            _refuse(self.MODEL_ID, _problems(self.known_fields().values(), given, self.extra))
        values = self.to_input()
        if self.strict:
            _warn_of_unknown(self.MODEL_ID, values, self.known_fields().values())

    @classmethod
    def takes_batches(cls) -> bool:
        """Return whether the model can be run in batches: template-backed ones can.

        That those are the models of the owner `runflow` is not documented by Runflow.
        """
        return cls.MODEL_ID.startswith("runflow/")

    @classmethod
    def known_fields(cls) -> Mapping[str, InputField]:
        """Return what the catalog says about each field, by the name of its attribute."""
        # mypy does not see that a class is hashable where its objects may not be.
        return _known_fields(cast("Hashable", cls))

    @classmethod
    def from_input(cls, values: Mapping[str, object], *, strict: bool = True) -> Self:
        """Make it from a mapping that has the API's names, as `to_input` returns it.

        Raises InvalidArgument and warns with UnknownInput as the class itself does.
        """
        check_instance("values", values, Mapping, is_required=True)
        check_arguments(strict=strict)
        extra = dict(values)
        attributes = {
            attribute: extra.pop(facts.name)
            for attribute, facts in cls.known_fields().items()
            if extra.get(facts.name) is not None
        }
        return cls(extra=extra, strict=strict, **attributes)

    def evolve(self, **changes: Any) -> Self:
        """Copy it with other values for these attributes, and check the copy."""
        same = {
            attribute.name: getattr(self, attribute.name) for attribute in attrs.fields(type(self))
        }
        return type(self)(**{**same, **changes})

    def to_input(self) -> dict[str, Any]:
        """Return what is sent as `input`: the API's names, without the fields that are not set.

        Local files stay as they were given; they are yet to be uploaded. Raises InvalidArgument
        naming the place of what JSON cannot hold.
        """
        try:
            sendable: dict[str, Any] = check_json(self._values(), replace=keep_local_file)
        except InvalidArgument as error:
            raise InvalidArgument(f"{self.MODEL_ID}: {error}") from None
        return sendable

    def _values(self) -> dict[str, object]:
        given = {
            facts.name: getattr(self, attribute) for attribute, facts in self.known_fields().items()
        }
        return {**{name: value for name, value in given.items() if value is not None}, **self.extra}

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


def check_values(model: type[ModelInput], values: Mapping[str, object]) -> None:
    """Check an input that has the API's names, as the model's class checks its own.

    Raises InvalidArgument for what the model cannot take. Warns with UnknownInput.
    """
    fields = model.known_fields().values()
    _refuse(model.MODEL_ID, _problems(fields, values, {}))
    _warn_of_unknown(model.MODEL_ID, values, fields)


def check_alone(model: ModelInput, values: object) -> None:
    """Raise InvalidArgument where a second input comes with an input class."""
    if values is not None:
        raise InvalidArgument(
            f"{type(model).__name__} is an input already: pass it alone, or a model id with a dict"
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
    """Return the values of an annotation such as `Literal["1K", "2K"] | None`.

    Empty for an annotation that takes other values as well.
    """
    members = (
        get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    )
    others = [member for member in members if member is not NoneType]
    if any(get_origin(member) is not Literal for member in others):
        return ()
    return tuple(value for member in others for value in get_args(member))


def _problems(
    fields: Iterable[InputField], given: Mapping[str, object], extra: Mapping[str, object]
) -> list[str]:
    """List what is wrong with the values, by the API's names. Those of `extra` are not checked."""
    values = {**given, **extra}
    problems: list[str] = []
    fields = list(fields)
    names = {facts.name for facts in fields}
    for facts in fields:
        value = given.get(facts.name)
        if value is not None and facts.name in extra:
            problems.append(f"{facts.name} is given twice, by name and in extra")
        elif value is not None and (problem := facts.problem(value)) is not None:
            problems.append(f"{facts.name} {problem}")
        elif facts.required and values.get(facts.name) is None:
            unknown = [name for name in values if name not in names]
            close = nearest(facts.name, map(str, unknown))
            meant = f" (is {close!r} meant for it?)" if close else ""
            problems.append(f"{facts.name} is missing{meant}")
        both = [other for other in facts.excludes if values.get(other) is not None]
        if both and values.get(facts.name) is not None:
            problems.append(f"{facts.name} cannot be given together with {' or '.join(both)}")
    return problems


def _refuse(model_id: str, problems: list[str]) -> None:
    if problems:
        raise InvalidArgument(
            f"{model_id} cannot take this input: {'; '.join(problems)}. Nothing was sent. "
            "If the API allows it, pass strict=False (or the field in extra={...} of a typed "
            "input)."
        )


def _warn_of_unknown(model_id: str, names: Iterable[object], fields: Iterable[InputField]) -> None:
    known = [facts.name for facts in fields]
    for name in names:
        if isinstance(name, str) and name not in known:  # check_json refuses other keys
            close = nearest(name, known)
            meant = f" (did you mean {close!r}?)" if close else ""
            warnings.warn(
                f"{model_id} has no input {name!r} in the catalog{meant}; it is sent as it is",
                UnknownInput,
                stacklevel=_level_of_caller(),
            )


def _level_of_caller() -> int:
    """Return the stack level of the first frame outside this package, for the calling function."""
    frame = currentframe()
    level = 0
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
        level += 1
    return level


def _is_ours(frame: FrameType) -> bool:
    """Whether this package runs in the frame, or what attrs made of an input class."""
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    return package == _OWN_PACKAGE or frame.f_code.co_filename.startswith("<attrs generated ")
