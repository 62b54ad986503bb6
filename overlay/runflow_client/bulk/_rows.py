"""The rows of a table or the files of a folder, read one after the other."""

import codecs
import csv
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from math import isnan
from pathlib import Path
from typing import Any, Final, Protocol, cast

from attrs import field, frozen

from .._errors import InvalidArgument
from .._validation import is_encodable
from ._extras import PARQUET, load

PARQUET_ROWS: Final = 256
"""Rows of a Parquet file that are in memory at once."""

FOLDER_COLUMNS: Final = ("path", "name", "stem")
FORMATS: Final = ".csv, .tsv, .jsonl or .parquet, or a folder"
_SEPARATOR: Final = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)
"""A line by which Excel is told what stands between the cells."""
_JOURNAL: Final = re.compile(r"\.journal\.sqlite(-lock|-shm|-wal|-journal)?\Z")
_MORE: Final = "; nothing after it is read"
_SAVE_ANEW: Final = "Save the file as CSV again, whose lines end with a line feed"


@frozen
class Row:
    """One row: its number from 1, where it stands, its cells by column, or why it has none."""

    number: int
    place: str
    cells: Mapping[str, Any] = field(factory=dict[str, Any], hash=False)
    problem: str | None = None


class Table(Protocol):
    """Rows that can be read again and again."""

    @property
    def columns(self) -> Sequence[str] | None:
        """None where each row has its own."""
        ...

    @property
    def folder(self) -> Path:
        """Where the paths in its cells start."""
        ...

    def rows(self) -> Iterator[Row]:
        """Read from the beginning."""
        ...


def open_table(source: str | os.PathLike[str]) -> Table:
    """Return the table at this path, by what the path is and how it ends.

    Raises InvalidArgument where there is none, where it is of another format, and where its
    heading cannot be read.
    """
    path = Path(source)
    kind = _KINDS.get(path.suffix.lower())
    try:
        if path.is_dir():
            return Folder(path)
        if not path.exists():
            raise InvalidArgument(f"there is no file or folder {path}")
        if kind is None:
            raise InvalidArgument(f"{path} is of no known format, expected {FORMATS}")
        return kind(path)
    except OSError as error:
        raise InvalidArgument(f"{path} cannot be read: {error.strerror or error}") from error


class Csv:
    """Cells are text. The heading names the columns; commas, semicolons or tabs stand between."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self._path = path
        lines = ((number, line) for number, line in enumerate(_lines(path)) if line.strip())
        try:
            above, heading = next(lines)
            if named := _SEPARATOR.fullmatch(heading.strip(" \r\n")):
                above, heading = next(lines)
        except StopIteration:
            raise InvalidArgument(f"{path} is empty, expected a heading and rows") from None
        except _Undecodable as error:
            raise InvalidArgument(f"{path}, {error}") from None
        readings = {sign: _heading(heading, sign) for sign in (named[1] if named else ",;\t")}
        self._above = above
        """Lines above the heading: blank ones, and Excel's `sep=;`."""
        self._separator = max(readings, key=lambda sign: len(readings[sign]))
        self.columns: Sequence[str] = readings[self._separator]
        if not self.columns:
            raise InvalidArgument(f"{path}: its heading cannot be read. {_SAVE_ANEW}")
        _check_heading(path, self.columns)

    def rows(self) -> Iterator[Row]:
        """Read from the beginning."""
        lines = islice(_lines(self._path), self._above, None)
        reader = csv.reader(lines, delimiter=self._separator, strict=True)
        number, past_heading = 0, False
        while True:
            place = f"{self._path.name}, line {self._above + reader.line_num + 1}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _Undecodable as error:
                yield Row(number + 1, f"{self._path.name}, {error.line}", problem=error.problem)
                return
            except csv.Error as error:
                number += 1
                message = str(error)
                if "unexpected end" in message or "field larger" in message:
                    yield Row(number, place, problem=f"a quote is opened and never closed{_MORE}")
                    return
                broken = f"its quotes are broken ({message})"
                if "new-line" in message:
                    broken = f"a carriage return ends a line of it. {_SAVE_ANEW}"
                yield Row(number, place, problem=broken)
                continue
            if not cells:
                continue
            if not past_heading:
                past_heading = True
                continue
            number += 1
            if len(cells) != len(self.columns):
                yield Row(
                    number,
                    place,
                    problem=f"it has {len(cells)} cells and the heading {len(self.columns)}: put "
                    "text that holds the separator in quotes",
                )
                continue
            given = zip(self.columns, cells, strict=True)
            yield Row(number, place, {name: cell if cell else None for name, cell in given})


class JsonLines:
    """One JSON object a line."""

    columns = None

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self._path = path
        with path.open("rb"):
            pass

    def rows(self) -> Iterator[Row]:
        """Read from the beginning."""
        number = 0
        lines = enumerate(_lines(self._path), start=1)
        while True:
            try:
                line, text = next(lines)
            except StopIteration:
                return
            except _Undecodable as error:
                yield Row(number + 1, f"{self._path.name}, {error.line}", problem=error.problem)
                return
            if not text.strip():
                continue
            number += 1
            yield self._row(number, f"{self._path.name}, line {line}", text)

    @staticmethod
    def _row(number: int, place: str, text: str) -> Row:
        try:
            value: Any = json.loads(text.strip(), object_pairs_hook=_once)
        except json.JSONDecodeError as error:
            problem = f"it is not JSON: {error.msg}, character {error.pos + 1}"
            return Row(number, place, problem=problem)
        except (ValueError, RecursionError) as error:
            return Row(number, place, problem=f"it cannot be read: {error}")
        if not isinstance(value, dict):
            return Row(number, place, problem=f"it is a JSON {type(value).__name__}, no object")
        return Row(number, place, cast("dict[str, Any]", value))


class Parquet:
    """A Parquet file, read with pyarrow: the extra `bulk`."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self._path = path
        self._arrow = load("pyarrow", PARQUET)
        self._parquet = load("pyarrow.parquet", PARQUET)
        try:
            with self._parquet.ParquetFile(path) as file:
                self.columns: Sequence[str] = file.schema_arrow.names
        except (self._arrow.ArrowException, UnicodeDecodeError) as error:
            raise InvalidArgument(f"{path} is no Parquet file: {error}") from error
        _check_heading(path, self.columns)

    def rows(self) -> Iterator[Row]:
        """Read from the beginning."""
        number = 0
        try:
            with self._parquet.ParquetFile(self._path) as file:
                for batch in file.iter_batches(batch_size=PARQUET_ROWS):
                    for cells in batch.to_pylist():
                        number += 1
                        given = {name: _present(cell) for name, cell in cells.items()}
                        yield Row(number, f"{self._path.name}, row {number}", given)
        except (self._arrow.ArrowException, OSError, UnicodeDecodeError) as error:
            why = " ".join(str(error).split())  # which has line ends
            problem = f"it cannot be read: {why}{_MORE}"
            yield Row(number + 1, f"{self._path.name}, row {number + 1}", problem=problem)


class Folder:
    """The files of a folder and of those in it, by name, without those that are left out."""

    columns: Sequence[str] = FOLDER_COLUMNS
    folder = Path()

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self) -> Iterator[Row]:
        """Look into the folder now."""
        for number, path in enumerate(_files(self._path, ()), start=1):
            inside = path.relative_to(self._path)
            cells = {"path": str(path), "name": path.name, "stem": path.stem}
            yield Row(number, inside.as_posix(), cells)


def is_left_out(name: str) -> bool:
    """Whether a file or folder of this name is no input: hidden ones, and the journals of the
    command, with what SQLite keeps beside them.
    """
    return name.startswith(".") or _JOURNAL.search(name) is not None


def _files(folder: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    """Give the files of a folder and of those in it, without those that `above` it are read."""
    real = Path(os.path.realpath(folder))
    if real in above:  # a link leads back
        return
    try:
        members = sorted(os.scandir(folder), key=lambda member: member.name)
    except OSError:  # removed since the folder above was read
        return
    for member in members:
        if is_left_out(member.name):
            continue
        path = Path(member.path)
        if path.is_dir():
            yield from _files(path, (*above, real))
        elif path.is_file():
            yield path


_KINDS: Final[Mapping[str, type[Csv] | type[JsonLines] | type[Parquet]]] = {
    ".csv": Csv,
    ".tsv": Csv,
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".parquet": Parquet,
}


class _Undecodable(Exception):
    """A line that is not in the encoding of its file."""

    def __init__(self, number: int, encoding: str) -> None:
        self.line = f"line {number}"
        self.problem = f"it is not {encoding}: save the file as UTF-8{_MORE}"
        super().__init__(f"{self.line}: {self.problem}")


def _lines(path: Path) -> Iterator[str]:
    """Read lines, in the encoding that the byte order mark names, else UTF-8."""
    with path.open("rb") as file:
        head = file.read(3)
        file.seek(3 if head == codecs.BOM_UTF8 else 0)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            yield from _wide_lines(path)
            return
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError:
                raise _Undecodable(number, "UTF-8") from None


def _wide_lines(path: Path) -> Iterator[str]:
    """Read lines of UTF-16. Half a character passes the decoder, and is told by its line."""
    number = 0
    with path.open(encoding="utf-16", errors="surrogatepass", newline="") as text:
        try:
            for line in text:
                number += 1
                if not is_encodable(line):
                    raise _Undecodable(number, "UTF-16")
                yield line
        except UnicodeDecodeError:
            raise _Undecodable(number + 1, "UTF-16") from None


def _present(cell: Any) -> Any:
    """Return None for NaN, by which pandas writes that a number is missing."""
    return None if isinstance(cell, float) and isnan(cell) else cell


def _heading(line: str, separator: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    except csv.Error:
        return []


def _check_heading(path: Path, columns: Sequence[str]) -> None:
    if not all(columns):
        raise InvalidArgument(f"{path}: a column of the heading has no name")
    for before, name in pairwise(sorted(columns)):
        if before == name:
            raise InvalidArgument(f"{path}: two columns of the heading are named {name!r}")


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} is there twice")
        found[name] = value
    return found
