"""Write down the items of small tables and folders, or why there are none."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow
from attrs import field, frozen
from pyarrow import parquet
from runflow_client import InvalidArgument, bulk
from runflow_client.bulk._items import plain_input, shown_input

MODEL: Final = "google/nano-banana-pro"
EDIT: Final = f"{MODEL}/edit"
REMOVAL: Final = "runflow/background-removal"


@frozen
class Table:
    """A file, or the files of a folder, and how it is read."""

    content: str | bytes | Mapping[str, str] | pyarrow.Table
    name: str = "x.csv"
    model: str = MODEL
    options: Mapping[str, Any] = field(factory=dict[str, Any])


def of_columns(names: str, *columns: list[Any], **more: Any) -> Table:
    arrays = [pyarrow.array(column) for column in columns]
    return Table(pyarrow.Table.from_arrays(arrays, names.split(",")), "x.parquet", **more)


def of_json(*lines: str, **more: Any) -> Table:
    return Table("\n".join(lines), "x.jsonl", **more)


def of_bytes(names: str, *columns: list[bytes]) -> Table:
    """Return columns of texts that hold these bytes, as some programs write them."""
    arrays = [
        pyarrow.Array.from_buffers(
            pyarrow.string(), len(column), pyarrow.array(column, pyarrow.binary()).buffers()
        )
        for column in columns
    ]
    return Table(pyarrow.Table.from_arrays(arrays, names.split(",")), "x.parquet")


CATS: Final = "key,prompt\na,A cat\nb,A dog\n"
FOLDER: Final = {
    "b.png": "",
    "a.JPG": "",
    "notes.txt": "",
    ".hidden.png": "",
    "in/c.webp": "",
    "in/.git/d.png": "",
    "in/song.mp3": "",
    "pipe.png": "a FIFO",
    ".in/e.png": "",
    **{f"x.journal.sqlite{end}": "" for end in ("", "-lock", "-shm", "-wal", "-journal")},
}
TEXTS: Final = {"prompt": "{stem} of {name}"}

TABLES: Final[Mapping[str, Table]] = {
    "keys of a column": Table(CATS),
    "keys named id": Table("id,prompt\n7,A cat\n 8 ,A dog\n,A bird\n  ,A fish\n"),
    "both id and key": Table("id,key,prompt\n7,a,A cat\n"),
    "no keys": Table("prompt\nA cat\n\nA dog\n"),
    "keys of another column": Table("name,prompt\na,A cat\n", options={"key": "name"}),
    "keys of a column that is not there": Table(CATS, options={"key": "name"}),
    "a field as key": Table("seed,prompt\n7,A cat\n", options={"key": "seed"}),
    "long keys": Table(f"key,prompt\n{'k' * 1024},x\n{'k' * 1025},x\n"),
    "blank lines above and between": Table("\n\nkey,prompt\n\na,A cat\n\n\nb,A dog\n"),
    "semicolons": Table("key;prompt;seed\na;A cat, sitting;7\n"),
    "blanks in the heading": Table(" key , prompt \n a , A cat \n"),
    "a heading in quotes": Table('"key","prompt"\n"a","A cat"\n'),
    "tabs": Table("key\tprompt\na\tA cat\n", "x.tsv"),
    "a separator that is named": Table("sep=|\nkey|prompt\na|A, B; C\n"),
    **{
        f"a separator that is named by {line!r}": Table(f"{line}\nkey\tprompt\na\tA, B; C|D\n")
        for line in ("sep=\t", '"sep=\t"', " SEP=\t ", "sep=\t\t", "sep=\t;", "'sep=\t'")
    },
    "a separator that is named, and no more": Table("sep=;\n"),
    "a byte order mark": Table("\ufeffkey,prompt\na,é\n"),
    "another encoding": Table("key,prompt\na,é\n".encode("utf-16")),
    "another encoding, of another byte order": Table(
        b"\xfe\xff" + "key,prompt\na,é\n".encode("utf-16-be")
    ),
    "half a character in another encoding": Table(
        "key,prompt\na,x\nb,".encode("utf-16") + b"\x00\xd8" + "\nc,x\n".encode("utf-16-le")
    ),
    "another encoding that ends too early": Table("key,prompt\na,x\n".encode("utf-16") + b"\x00"),
    "another encoding, cut off in the heading": Table("key".encode("utf-16") + b"\x00"),
    "lines of JSON in another encoding": Table(
        '{"key": "a", "prompt": "é"}\n'.encode("utf-16") + b"\x00", "x.jsonl"
    ),
    "no encoding that is known": Table(b"key,prompt\na,A cat\nb,\xff\nc,A dog\n"),
    "quotes over two lines": Table('key,prompt\na,"A\ncat"\nb,"say ""hi"""\n'),
    "quotes that do not end": Table('key,prompt\na,"A cat\nb,A dog\n'),
    "line ends of Windows in a cell": Table('key,prompt\r\na,"A\r\ncat"\r\nb,A dog\r\n'),
    "line ends of Windows in a cell of another encoding": Table(
        'key,prompt\r\na,"A\r\ncat"\r\nb,A dog\r\n'.encode("utf-16")
    ),
    "a quote that ends too early": Table('prompt,seed\n"A "big" cat",3\nA dog,1\n'),
    "a quote that goes on and on": Table(f'key,prompt\na,"{140_000 * "x"}'),
    "too many cells, and no keys": Table("prompt\nA cat,7\nA dog\n"),
    "too many cells": Table("key,prompt\na,A cat,7\nb,A dog\n"),
    "too few cells": Table("key,prompt,seed\na,A cat\nb,A dog,7\n"),
    "numbers": Table(
        "key,prompt,seed,num_images\na,x,7,2\nb,x,7.0,1\nc,x,7.5,1\nd,x,,\ne,x,1e3,1\n"
        "f,x,-7.0,1\ng,x,+7.00,1\nh,x,7.,1\ni,x,0.0,1\nj,x,\u0667.0,1\n"
    ),
    "switches": Table("key,prompt,sync_mode\na,x,true\nb,x,False\nc,x,yes\nd,x,1\ne,x,\n"),
    "choices": Table("key,prompt,resolution\na,x,2K\nb,x,2k\nc,x,\n"),
    "a column that is no field": Table("key,prompt,animal\na,x,cat\n"),
    "a column that is nearly a field": Table("key,promt\na,x\n"),
    "what the catalog refuses, unchecked": Table(
        "key,prompt,resolution,size\na,x,2k,7\n", options={"unchecked": True}
    ),
    "a heading with a gap": Table("key,,prompt\na,b,c\n"),
    "line ends of an old Mac": Table("key,prompt\ra,x\rb,y\r"),
    "a line end of an old Mac in a row": Table("key,prompt\na,x\rb\nc,y\n"),
    "a heading that no reader takes": Table(f"key,prompt,{140_000 * 'x'}\na,x,y\n"),
    "a heading twice": Table("key,prompt,prompt\na,b,c\n"),
    "nothing": Table(""),
    "blank lines alone": Table("\n \n"),
    "a heading alone": Table("key,prompt\n"),
    "a template": Table(
        "key,animal,n\na,cat,2\nb,,1\n",
        options={"template": {"prompt": "A {animal}", "num_images": "{n}", "seed": 7}},
    ),
    "a template that needs another column": Table(CATS, options={"template": {"prompt": "{x}"}}),
    "a template with another field": Table(CATS, options={"template": {"promt": "{key}"}}),
    "a template with another field, unchecked": Table(
        CATS, options={"template": {"promt": "{key}", "prompt": "x"}, "unchecked": True}
    ),
    "a template that uses the key": Table(CATS, options={"template": {"prompt": "{key}"}}),
    "local files and addresses": Table(
        "key,prompt,image_urls\na,x,b.png\nb,x,https://a.test/x.png\nc,x,none.png\nd,x,\n",
        model=EDIT,
    ),
    "local files in lines of JSON": of_json(
        '{"key": "a", "prompt": "x", "image_urls": ["b.png", "https://a.test/x.png"]}',
        '{"key": "b", "prompt": "x", "image_urls": "b.png"}',
        '{"key": "c", "prompt": "x", "image_urls": ["none.png"]}',
        '{"key": "d", "prompt": "x", "image_urls": []}',
        model=EDIT,
    ),
    "a model that is not known": Table("key,prompt,n\na,x,7\nb,,\n", model="acme/newer"),
    "lines of JSON": of_json(
        '{"key": "a", "prompt": "x", "seed": 7, "resolution": null}',
        "",
        '{"prompt": "x"}',
        '{"key": 7, "prompt": "x"}',
        '{"key": null, "prompt": "x"}',
        '{"key": "", "prompt": "x"}',
        '{"key": ["a"], "prompt": "x"}',
        '{"key": {"a": 1}, "prompt": "x"}',
        '{"key": 0, "prompt": "x"}',
        '{"key": false, "prompt": "x"}',
        '{"key": "b", "prompt": 7}',
        '{"key": "c"}',
        '{"key": "d", "prompt": "x", "prompt": "y"}',
        '{"key": "e", "prompt": "x", "size": 7}',
        "[]",
        "7",
        "{",
        '{"key": "f", "prompt": "x", "sync_mode": false, "seed": 0}',
        '{"key": "g", "prompt": ""}',
        '{"id": "h", "prompt": "x"}',
        '{"key": " i ", "prompt": " x "}',
        '{"key": true, "prompt": "x"}',
        '{"key": "j", "prompt": "x", "seed": 7.0}',
        '{"key": "k", "prompt": "x", "seed": NaN}',
        '{"key": "m", "prompt": {"a": 1, "a": 2}}',
        "null",
    ),
    "lines of JSON of another end": Table('{"key": "a", "prompt": "x"}', "x.ndjson"),
    "columns": of_columns(
        "key,prompt,seed",
        ["a", " b ", None, " "],
        ["x", None, "x", "x"],
        [7.0, 1.0, 1.0, float("nan")],
    ),
    "columns, and numbers as keys": of_columns("id,prompt", [7, 0], ["x", ""]),
    "columns, and no keys": of_columns("prompt", ["x"]),
    "columns of local files": of_columns(
        "prompt,image_urls",
        ["x", "y"],
        [["b.png", "https://a.test/x.png"], ["none.png"]],
        model=EDIT,
    ),
    "columns in UTF-8, by their bytes": of_bytes("key,prompt", [b"a"], ["é".encode()]),
    "columns that are not in UTF-8": of_bytes("key,prompt", [b"a", b"b"], [b"x", b"caf\xe9"]),
    "columns of one name": of_columns("prompt,prompt", ["x"], ["y"]),
    "columns without a name": of_columns("prompt,", ["x"], ["y"]),
    "columns that are no fields": of_columns("key,promt", ["a"], ["x"]),
    "lines of JSON and a column of keys": of_json(
        '{"name": "a", "prompt": "x"}', '{"prompt": "x"}', options={"key": "name"}
    ),
    "lines of JSON and a template": of_json(
        '{"key": "a", "animal": "cat", "list": [1]}',
        '{"key": "b"}',
        options={"template": {"prompt": "A {animal}"}},
    ),
    "a folder": Table(FOLDER, model=REMOVAL),
    "a folder and a template": Table(FOLDER, options={"template": TEXTS}, model=MODEL),
    "a folder and a template with another field, unchecked": Table(
        FOLDER,
        options={"template": {"image_url": "{path}", "size": "1"}, "unchecked": True},
        model=REMOVAL,
    ),
    "a folder with the end of a table": Table({"a.png": ""}, "photos.csv", model=REMOVAL),
    "a folder with another end": Table({"a.png": ""}, "photos.old", model=REMOVAL),
    "a folder for a field of texts": Table(FOLDER),
    "a folder for the field that is needed": Table(
        FOLDER, model="bytedance/seedance/2.0/image-to-video"
    ),
    "a folder for one of two fields": Table(FOLDER, model="runflow/object-removal"),
    "a folder with a column of keys": Table(FOLDER, model=REMOVAL, options={"key": "stem"}),
    "an empty folder": Table({}, model=REMOVAL),
    "no format that is known": Table(CATS, "x.txt"),
    "an end in capitals": Table(CATS, "X.CSV"),
    "no model": Table(CATS, model="nano-banana-pro"),
}


def _written(table: Table, folder: Path) -> Path:
    (folder / "b.png").touch()
    if isinstance(table.content, Mapping):
        source = folder / (table.name if table.name.startswith("photos") else "pictures")
        source.mkdir()
        for name, kind in table.content.items():
            file = source / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if kind:
                os.mkfifo(file)
            else:
                file.touch()
        return source
    content = table.content
    path = folder / table.name
    if isinstance(content, pyarrow.Table):
        parquet.write_table(content, path)
        return path
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _told(item: bulk.Item | bulk.BadItem) -> str:
    if isinstance(item, bulk.BadItem):
        return f"{item.key}, {item.place}: refused, {item.reason}"
    return f"{item.key}, {item.place}: {shown_input(plain_input(item.input))}"


def _items(table: Table, folder: Path) -> Iterator[str]:
    path = _written(table, folder)
    try:
        items = bulk.read_items(path, table.model, **table.options)
    except InvalidArgument as error:
        yield f"InvalidArgument: {error}"
        return
    first = [_told(item) for item in items]
    assert first == [_told(item) for item in items], "it is read anew by each loop"
    yield from first


def lines() -> list[str]:
    """Return the list."""
    found: list[str] = []
    for name, table in TABLES.items():
        found.append(f"{name}:")
        with tempfile.TemporaryDirectory() as folder:
            told = [line.replace(folder, "FOLDER") for line in _items(table, Path(folder))]
            found += [f"    {line.replace(1024 * 'k', 'kkk')}" for line in told]
    return found
