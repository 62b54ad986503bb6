"""`read_items`: the items of a CSV, JSONL or Parquet file, or of a folder."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from .._errors import InvalidArgument
from .._estimate import check_model_id, input_class
from .._files.media_types import kind_of, type_by_name
from .._typed_inputs.base import ModelInput
from .._typed_inputs.fields import InputField
from .._typed_inputs.text import guess, read_field, read_files
from .._validation import check_arguments, nearest, wrong_kind
from ._items import MAX_KEY_LENGTH, BadItem, Item
from ._rows import Folder, Row, Table, open_table
from ._template import Template

KEY_COLUMNS: Final = ("key", "id")
_WHOLE: Final = re.compile(r"[+-]?\d+\.0+", re.ASCII)
_PYTHON: Final = re.compile(r" \(a Python \w+\)")


def read_items(
    source: str | os.PathLike[str],
    model: str,
    *,
    template: Mapping[str, Any] | None = None,
    key: str | None = None,
    unchecked: bool = False,
) -> Iterable[Item | BadItem]:
    """Return the items of a file or folder, read as they are needed and anew by each loop.

    A row whose input the catalog refuses, or that cannot be read, is a BadItem with its line.

    Args:
        source: a file that ends with .csv, .tsv, .jsonl or .parquet, or a folder. A path in a cell
            starts at the folder of the file. The columns of a folder are `path`, `name`, `stem`;
            its hidden files and journals (`*.journal.sqlite`) are left out.
        model: an id such as `google/nano-banana-pro`.
        template: the fields of the input, with `{column}` where a cell goes; it need not use every
            column. Default: each column is the field of its name, and the files of a folder go into
            the one field that takes a file.
        key: the column of the keys; blanks around a key do not count. Default: `key` or `id`, if no
            field has that name; else the number of the row, or the path in the folder.
        unchecked: keep what the catalog refuses.

    Raises:
        InvalidArgument: there is no such file, its heading cannot be used, or the template has a
            field or a column that does not exist.
        ModuleNotFoundError: a Parquet file needs pyarrow, the extra `bulk`.
    """
    check_model_id(model)
    check_arguments(source=source, key=key, unchecked=unchecked)
    if template is not None and not isinstance(template, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
        raise wrong_kind("template", template, "a dict of the input's fields")
    table = open_table(source)
    try:
        return items_of(table, model, template, key, unchecked)
    except InvalidArgument as error:
        raise InvalidArgument(f"{os.fspath(source)}: {error}") from None


def items_of(
    table: Table, model: str, template: Mapping[str, Any] | None, key: str | None, unchecked: bool
) -> Iterable[Item | BadItem]:
    """Return the items of an open table, as `read_items` does."""
    model_class = input_class(model)
    fields = (
        {}
        if model_class is None
        else {facts.name: facts for facts in model_class.known_fields().values()}
    )
    if key is None:
        key = next((one for one in KEY_COLUMNS if one in (table.columns or KEY_COLUMNS)), None)
        if key in fields or isinstance(table, Folder):
            key = None
        is_key_needed = key is not None and table.columns is not None
    else:
        is_key_needed = True
        _check_columns({key}, table, "there is no column {!r} for the keys")
    if template is None and isinstance(table, Folder):
        template = _template_of_folder(model, fields)
    made = None if template is None else Template.of(template)
    checked = {} if unchecked else fields
    if made is not None:
        _check_fields(made.fields, model, checked, "the template sets {!r}")
        _check_columns(made.columns(), table, "the template needs the column {!r}")
    elif table.columns is not None:
        _check_fields(
            [one for one in table.columns if one != key], model, checked, "there is a column {!r}"
        )
    kinds = frozenset[str]()
    if isinstance(table, Folder) and made is not None:
        kinds = kinds.union(*(fields[one].media_kinds for one in made.fields if one in fields))
    return _Items(table, model, model_class, fields, made, key, is_key_needed, unchecked, kinds)


@frozen
class _Items:
    """Reads the table anew with each loop."""

    table: Table
    model: str
    model_class: type[ModelInput] | None
    fields: Mapping[str, InputField]
    template: Template | None
    key: str | None
    is_key_needed: bool
    unchecked: bool
    kinds: frozenset[str]
    """Of a folder's files that are wanted; empty for all."""

    def __iter__(self) -> Iterator[Item | BadItem]:
        for row in self.table.rows():
            if not self.kinds or kind_of(type_by_name(row.place)) in self.kinds:
                yield self._item(row)

    def _item(self, row: Row) -> Item | BadItem:
        key = f"row-{row.number:06}" if not isinstance(self.table, Folder) else row.place
        try:
            if row.problem is not None:
                raise InvalidArgument(row.problem)
            cells = dict(row.cells)
            if self.key is not None and (self.key in cells or self.is_key_needed):
                given = cells.get(self.key)
                if given is None or isinstance(given, dict | list) or str(given).strip() == "":
                    raise InvalidArgument(f"it has no key in {self.key!r}")
                key = str(given).strip()
                if self.template is None:
                    del cells[self.key]
            if len(key) > MAX_KEY_LENGTH:
                key, length = key[:MAX_KEY_LENGTH], len(key)
                raise InvalidArgument(f"its key has {length} characters, at most {MAX_KEY_LENGTH}")
            return Item(key, self._input(cells), row.place)
        except InvalidArgument as error:
            return BadItem(key, str(error), row.place)

    def _input(self, cells: Mapping[str, Any]) -> ModelInput | Mapping[str, Any]:
        values = (
            self.template.fill(cells)
            if self.template is not None
            else {name: cell for name, cell in cells.items() if cell is not None}
        )
        read = {name: self._value(name, value) for name, value in values.items()}
        if self.model_class is None:
            return read
        if not self.unchecked:
            _check_fields(read, self.model, self.fields, "it has {!r}")
        try:
            return self.model_class.from_input(read, strict=not self.unchecked)
        except InvalidArgument as error:
            told = str(error).partition(" cannot take this input: ")[2] or str(error)
            told = told.partition(". Nothing was sent.")[0]
            raise InvalidArgument(_PYTHON.sub("", told)) from None

    def _value(self, name: str, value: Any) -> Any:
        facts = self.fields.get(name)
        if facts is None:
            return guess(name, [value], self.table.folder) if isinstance(value, str) else value
        kinds = facts.type.split("|")
        if "integer" in kinds:
            value = _whole(value)
        if isinstance(value, str):
            return read_field(name, kinds, [value], self.table.folder)
        return read_files(name, kinds, value, self.table.folder)


def _whole(value: Any) -> Any:
    """Return 7 for 7.0, and 7 in text: so tables write whole numbers of a column with gaps."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return value.partition(".")[0]
    return value


def _template_of_folder(model: str, fields: Mapping[str, InputField]) -> Mapping[str, Any]:
    """Put each file into the one field that takes files."""
    media = [name for name, facts in fields.items() if facts.media_kinds]
    needed = [name for name in media if fields[name].required] or media
    if len(needed) != 1:
        said = f"has {', '.join(needed)}" if needed else "has no field that is known to take one"
        raise InvalidArgument(
            f"which field of {model} takes the files of the folder is not known (it {said}): give "
            "a template such as " + '{"image": "{path}"}'
        )
    return {needed[0]: "{path}"}


def _check_fields(
    names: Iterable[str], model: str, fields: Mapping[str, InputField], what: str
) -> None:
    if not fields:
        return
    for name in names:
        if name not in fields:
            close = nearest(name, fields)
            hint = f"Did you mean {close!r}?" if close else f"It has {', '.join(fields)}"
            raise InvalidArgument(f"{what.format(name)}, which is no field of {model}. {hint}")


def _check_columns(names: Iterable[str], table: Table, what: str) -> None:
    columns: Sequence[str] | None = table.columns
    for name in sorted(names):
        if columns is not None and name not in columns:
            raise InvalidArgument(f"{what.format(name)}; the columns are {', '.join(columns)}")
