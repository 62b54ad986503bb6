"""Which items a table or a folder gives, and how rows that cannot be run are told."""

from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet
from runflow_client import bulk
from runflow_client.errors import InvalidArgument
from runflow_client.inputs import GoogleNanoBananaPro

MODEL = "google/nano-banana-pro"
EDIT = "google/nano-banana-pro/edit"


def read(path: Path, content: str | bytes, **options: Any) -> list[bulk.Item | bulk.BadItem]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(bulk.read_items(path, options.pop("model", MODEL), **options))


def told(items: list[bulk.Item | bulk.BadItem]) -> list[str]:
    """The place and the reason of each item that is refused."""
    return [f"{item.place}: {item.reason}" for item in items if isinstance(item, bulk.BadItem)]


@pytest.mark.parametrize(
    "content",
    [
        "key,prompt,seed\na,A cat,3\nb,A dog,\n",
        "\ufeffkey;prompt;seed\r\na;A cat;3\r\n\r\nb;A dog;\r\n",
        "key\tprompt\tseed\na\tA cat\t3\nb\tA dog\t\n".encode("utf-16"),
        '"key","prompt","seed"\n"a","A cat","3"\n"b","A dog",""',
        "sep=;\r\nkey;prompt;seed\r\na;A cat;3\r\nb;A dog;\r\n",
        "\r\nsep=;\r\nkey;prompt;seed\r\na;A cat;3\r\nb;A dog;\r\n",
        "  \nkey,prompt,seed\na,A cat,3\nb,A dog,\n",
        "key,prompt,seed\n a,A cat,3.0\nb ,A dog,\n",
    ],
    ids=[
        "commas",
        "semicolons and a byte order mark",
        "tabs in UTF-16",
        "quotes, no last line end",
        "Excel's own first line",
        "Excel's own line below a blank one",
        "a line of blanks above the heading",
        "blanks around keys and a whole number of pandas",
    ],
)
def test_tables_of_other_programs_are_the_same_table(tmp_path: Path, content: str | bytes) -> None:
    items = read(tmp_path / "x.csv", content)
    assert [(item.key, getattr(item, "input", None)) for item in items] == [
        ("a", GoogleNanoBananaPro(prompt="A cat", seed=3)),
        ("b", GoogleNanoBananaPro(prompt="A dog")),
    ]


def test_text_over_several_lines_keeps_the_lines_right(tmp_path: Path) -> None:
    items = read(tmp_path / "x.csv", 'prompt,seed\n"A cat;\nand a dog",1\nA bird,x\n')
    assert isinstance(items[0], bulk.Item)
    assert told(items) == ["x.csv, line 4: seed is 'x', expected a whole number"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("prompt,seed\nA cat, black,3\nA dog,1\n", "line 2: it has 3 cells and the heading 2"),
        ('prompt,seed\n"A "big" cat",3\nA dog,1\n', "line 2: its quotes are broken"),
        ("prompt,seed\nA cat,3\nA dog,4.5\n", "line 3: seed is '4.5', expected a whole number"),
        ("prompt,resolution\nA cat,2k\nA dog,1K\n", "line 2: resolution is '2k', expected one of"),
        ("prompt,seed\n,3\nA dog,1\n", "line 2: prompt is missing"),
        ("key,prompt\n,A cat\nb,A dog\n", "line 2: it has no key in 'key'"),
        (f"key,prompt\n{'k' * 1025},A cat\nb,A dog\n", "line 2: its key has 1025 characters"),
    ],
)
def test_a_row_that_is_refused_is_told_by_its_line_and_others_are_read(
    tmp_path: Path, content: str, line: str
) -> None:
    items = read(tmp_path / "x.csv", content)
    assert len(items) == 2
    (refusal,) = told(items)
    assert refusal.startswith(f"x.csv, {line}")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            'prompt,seed\nA cat,3\n"A dog,1\nA bird,2\n',
            "line 3: a quote is opened and never closed",
        ),
        ("prompt\nA cat\nK\xf6nig\nA bird\n".encode("latin-1"), "line 3: it is not UTF-8"),
    ],
)
def test_what_hides_the_rest_of_the_file_says_so(
    tmp_path: Path, content: str | bytes, line: str
) -> None:
    items = read(tmp_path / "x.csv", content)
    assert len(items) == 2
    (refusal,) = told(items)
    assert refusal.startswith(f"x.csv, {line}")
    assert refusal.endswith("nothing after it is read")


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        ("x.csv", "", {}, "is empty"),
        ("x.csv", "\n\n", {}, "is empty"),
        ("x.csv", "prompt,prompt\na,b\n", {}, "two columns of the heading are named 'prompt'"),
        ("x.csv", "prompt,,seed\na,b,3\n", {}, "a column of the heading has no name"),
        ("x.csv", "promt\nA cat\n", {}, "'promt', which is no field .* Did you mean 'prompt'?"),
        ("x.csv", "prompt\na\n", {"key": "name"}, "there is no column 'name' for the keys"),
        ("x.csv", "a\nb\n", {"template": {"promt": "{a}"}}, "the template sets 'promt'"),
        ("x.csv", "a\nb\n", {"template": {"prompt": "{b}"}}, "the template needs the column 'b'"),
        ("x.csv", "a\nb\n", {"template": {"prompt": "{a"}}, "is broken"),
        ("x.csv", "a\nb\n", {"template": {"prompt": "{a!r}"}}, "is broken"),
        ("x.xlsx", "x", {}, "of no known format, expected .csv"),
        ("x.parquet", "x", {}, r"/x\.parquet is no Parquet file: \S"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_before_a_row_is_read(
    tmp_path: Path, name: str, content: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message) as refused:
        read(tmp_path / name, content, **options)
    assert name in str(refused.value)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_the_end_of_a_name_may_be_in_capitals(tmp_path: Path, suffix: str) -> None:
    content = '{"prompt": "a"}\n' if suffix == ".jsonl" else "prompt\na\n"
    [item] = read(tmp_path / f"x{suffix.upper()}", content)
    assert isinstance(item, bulk.Item)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "circle.csv").symlink_to("circle.csv")
    for name in ("x.csv", "x", "circle.csv"):
        with pytest.raises(InvalidArgument, match="there is no file or folder"):
            bulk.read_items(tmp_path / name, MODEL)
    with pytest.raises(InvalidArgument, match=r"^\S+ cannot be read: File name too long$"):
        bulk.read_items(300 * "x", MODEL)


def test_lines_of_json(tmp_path: Path) -> None:
    lines = (
        '{"key": "a", "prompt": "A cat", "seed": 3}',
        "",
        '{"prompt": 7}',
        "[1]",
        '{"prompt": "A ',
        '{"prompt": "A cat", "colour": "red"}',
        '{"prompt": "A cat", "prompt": "A dog"}',
    )
    items = read(tmp_path / "x.jsonl", "\n".join(lines))
    assert isinstance(items[0], bulk.Item)
    assert items[0].input == GoogleNanoBananaPro(prompt="A cat", seed=3)
    starts = (
        "line 3: prompt is 7, expected text",
        "line 4: it is a JSON list, no object",
        "line 5: it is not JSON: ",
        "line 6: it has 'colour', which is no field",
        "line 7: it cannot be read: 'prompt' is there twice",
    )
    for refusal, start in zip(told(items), starts, strict=True):
        assert refusal.startswith(f"x.jsonl, {start}")


def test_a_line_of_json_that_is_too_deep_or_too_large_is_refused_and_others_are_read(
    tmp_path: Path,
) -> None:
    lines = (100_000 * "[", f'{{"prompt": {5000 * "7"}}}', '{"prompt": "A cat"}')
    *refused, good = read(tmp_path / "x.jsonl", "\n".join(lines))
    assert isinstance(good, bulk.Item)
    for number, line in enumerate(told(refused), start=1):
        assert line.startswith(f"x.jsonl, line {number}: it cannot be read: ")
    assert len(told(refused)) == 2


def test_a_template_takes_cells_and_ignores_other_columns(tmp_path: Path) -> None:
    template = {"prompt": "A {animal} in {{braces}}", "seed": "{number}", "num_images": 2}
    content = "animal,number,notes\ncat,3,x\n,4,x\ndog,,x\n"
    items = read(tmp_path / "x.csv", content, template=template)
    assert [getattr(item, "input", None) for item in items] == [
        GoogleNanoBananaPro(prompt="A cat in {braces}", seed=3, num_images=2),
        None,
        GoogleNanoBananaPro(prompt="A dog in {braces}", num_images=2),
    ]
    assert told(items) == ["x.csv, line 3: its 'animal' is empty, and the template needs it"]


def test_a_row_of_json_without_what_the_template_needs_is_refused(tmp_path: Path) -> None:
    content = '{"animal": "cat"}\n{"plant": "oak"}\n'
    items = read(tmp_path / "x.jsonl", content, template={"prompt": "A {animal}"})
    assert told(items) == ["x.jsonl, line 2: it has no 'animal', which the template needs"]


def test_paths_start_at_the_folder_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(b"x")
    content = (
        'prompt,image_urls\nx,photos/a.png\nx,"[""https://e.org/b.png"", ""photos/a.png""]"\n'
        "x,gone.png\nx,photos\n"
    )
    items = read(tmp_path / "x.csv", content, model=EDIT)
    photo = tmp_path / "photos" / "a.png"
    assert [item.input.to_input()["image_urls"] for item in items[:2]] == [  # type: ignore[union-attr]
        [photo],
        ["https://e.org/b.png", photo],
    ]
    assert told(items) == [
        "x.csv, line 4: image_urls: there is no file gone.png",
        "x.csv, line 5: image_urls: photos is a directory, expected a file or a URL",
    ]


def test_a_parquet_file_is_read_in_parts(tmp_path: Path) -> None:
    rows = [{"id": number, "prompt": f"A cat {number}", "seed": None} for number in range(600)]
    rows[300]["prompt"] = None
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "x.parquet")
    items = list(bulk.read_items(tmp_path / "x.parquet", MODEL))
    assert [item.key for item in items] == [str(number) for number in range(600)]
    assert told(items) == ["x.parquet, row 301: prompt is missing"]


def test_a_parquet_file_that_is_damaged_is_read_as_far_as_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    rows = [{"key": f"k{number}", "prompt": "A cat"} for number in range(600)]
    table = pyarrow.Table.from_pylist(rows)
    parquet.write_table(table, path, row_group_size=100, compression="none")
    start = parquet.ParquetFile(path).metadata.row_group(5).column(1).data_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + 40] = 40 * b"\xff"
    path.write_bytes(content)
    *good, bad = bulk.read_items(path, MODEL)
    assert [item.key for item in good] == [f"k{number}" for number in range(256)]
    assert isinstance(bad, bulk.BadItem)
    assert (bad.key, bad.place) == ("row-000257", "x.parquet, row 257")
    assert bad.reason.startswith("it cannot be read: ")
    assert bad.reason.endswith("; nothing after it is read")
    assert "\n" not in bad.reason


def test_what_pandas_writes_for_a_column_with_gaps_is_read(tmp_path: Path) -> None:
    columns = {"prompt": ["A cat", "A dog", "A bird"], "seed": [7.0, float("nan"), 2.5]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "x.parquet")
    items = list(bulk.read_items(tmp_path / "x.parquet", MODEL))
    assert [getattr(item, "input", None) for item in items[:2]] == [
        GoogleNanoBananaPro(prompt="A cat", seed=7),
        GoogleNanoBananaPro(prompt="A dog"),
    ]
    assert told(items) == ["x.parquet, row 3: seed is 2.5, expected a whole number"]


def test_links_of_a_folder_are_followed_but_not_in_a_circle(tmp_path: Path) -> None:
    photos, elsewhere = tmp_path / "photos", tmp_path / "elsewhere"
    for folder in (photos, elsewhere):
        folder.mkdir()
        (folder / "a.png").write_bytes(b"x")
    (photos / "more").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(photos)
    (photos / "self.png").symlink_to("self.png")
    (photos / "gone.png").symlink_to("nowhere.png")
    items = bulk.read_items(photos, "runflow/background-removal")
    assert [item.key for item in items] == ["a.png", "more/a.png"]


def test_a_folder_gives_its_pictures(tmp_path: Path) -> None:
    for name in ("b.png", "A.JPG", "sub/c.webp", "notes.txt", ".hidden.png", ".git/x.png"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    items = bulk.read_items(tmp_path / "photos", "runflow/background-removal")
    assert [item.key for item in items] == ["A.JPG", "b.png", "sub/c.webp"]
    (tmp_path / "photos" / "sub" / "c.webp").unlink()
    (tmp_path / "photos" / "d.png").write_bytes(b"x")
    assert [item.key for item in items] == ["A.JPG", "b.png", "d.png"]


def test_a_folder_for_a_model_without_one_field_for_files_needs_a_template(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="give a template"):
        bulk.read_items(tmp_path, MODEL)
    (tmp_path / "a.png").write_bytes(b"x")
    template = {"prompt": "{stem} at dusk", "image_urls": ["{path}"]}
    (item,) = bulk.read_items(tmp_path, EDIT, template=template)
    assert isinstance(item, bulk.Item)
    assert item.input.to_input() == {  # type: ignore[union-attr]
        "prompt": "a at dusk",
        "image_urls": [tmp_path / "a.png"],
    }


def test_a_model_that_the_catalog_does_not_know_takes_what_the_row_says(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "x.csv", "prompt,size,wide\nA cat,3,true\n", model="acme/newer")
    assert item == bulk.Item("row-000001", {"prompt": "A cat", "size": 3, "wide": True}, item.place)


def test_a_plan_counts_and_prices_without_a_request(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("key,prompt\na,A cat\nb,\na,A dog\nc,A bird\n")
    planned = bulk.plan(MODEL, bulk.read_items(tmp_path / "x.csv", MODEL))
    assert (planned.to_run, planned.refused, str(planned.price)) == (2, 2, "0.30")
    assert [f"{item.place}: {item.reason}" for item in planned.first_refused] == [
        "x.csv, line 3: prompt is missing",
        "x.csv, line 4: the key 'a' came twice, first in x.csv, line 2",
    ]
