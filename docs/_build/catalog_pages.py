"""A page for each model of the catalog, and the list of all of them."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runflow_client import inputs

from regenerate.inputs.catalog import Input, Model as Model, Price, read_catalog

_FILE_TYPES = {
    "image": "photo.jpg",
    "video": "clip.mp4",
    "audio": "speech.mp3",
    "file": "photo.jpg",
}
_UNKNOWN_REQUIRED = "not known"


def models_of(root: Path) -> Sequence[Model]:
    """Return the models of the catalog."""
    return read_catalog(root / "catalog")


def model_pages(root: Path) -> dict[str, str]:
    """Return the Markdown of every page of models/ by its path in the site."""
    catalog = models_of(root)
    pages = {f"models/{model.id}.md": page_of(model) for model in catalog}
    return {"models/index.md": "\n".join(_list_of(catalog)) + "\n", **pages}


def page_of(model: Model) -> str:
    """Return the page of one model: what it makes, price, example, class, command and fields."""
    return "\n".join(_page(model)) + "\n"


def takes_runs(model: Model) -> bool:
    """Say whether the model takes single runs, as most do."""
    return model.endpoint.endswith(f"/models/{model.id}/runs")


def python_example(model: Model) -> str:
    """Return a program that runs the model once with its example."""
    name = inputs.CLASSES[model.id]
    attributes = {
        facts.name: attribute for attribute, facts in _class(model).known_fields().items()
    }
    values = example_of(model)
    arguments = ", ".join(
        f"{attributes[field]}={_as_python(model, field, value)}" for field, value in values.items()
    )
    local = any(isinstance(value, Path) for value in _flat(_with_files(model, values)))
    return "\n".join(
        [
            *(["from pathlib import Path", ""] if local else []),
            "from runflow_client import Runflow",
            f"from runflow_client.inputs import {name}",
            "",
            "with Runflow() as client:",
            f"    run = client.run({name}({arguments}))",
            '    for path in run.save_all("results", overwrite=True):',
            "        print(path)",
        ]
    )


def command_example(model: Model) -> str:
    """Return the command that runs the model once with its example."""
    words = ["runflow", "run", model.id]
    options = {
        facts.name: "--" + attribute.strip("_").replace("_", "-")
        for attribute, facts in _class(model).known_fields().items()
    }
    for field, value in _with_files(model, example_of(model)).items():
        if value is True or value is False:
            words.append(options[field] if value else "--no-" + options[field][2:])
            continue
        for one in value if isinstance(value, list) else [value]:
            words += [options[field], f"./{one}" if isinstance(one, Path) else str(one)]
    return shlex.join([*words, "--yes", "-o", "results/"])


def example_of(model: Model) -> dict[str, Any]:
    """Return the catalog's example, else the required fields with values that are allowed."""
    if model.example:
        return dict(model.example)
    return {field.name: _value_of(field) for field in model.inputs if field.required}


def _value_of(field: Input) -> Any:
    kind = field.types[0]
    if field.allowed:
        return field.allowed[0]
    if field.default is not None:
        return field.default
    if kind in _FILE_TYPES:
        return Path(_FILE_TYPES[kind])
    if kind == "image_list":
        return [Path(_FILE_TYPES["image"])]
    if kind in ("integer", "number"):
        return int(field.limits.get("min", 1))
    if kind == "boolean":
        return True
    return "A lighthouse at dusk"


def _with_files(model: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stand a file of this machine where the catalog's example has a URL of a picture."""
    kinds = {field.name: field.types[0] for field in model.inputs}
    found: dict[str, Any] = {}
    for name, value in values.items():
        kind = kinds[name]
        if kind in _FILE_TYPES and isinstance(value, str):
            found[name] = Path(_FILE_TYPES[kind])
        elif kind == "image_list":
            found[name] = [Path(_FILE_TYPES["image"])]
        else:
            found[name] = value
    return found


def _flat(values: Mapping[str, Any]) -> Iterator[object]:
    for value in values.values():
        yield from value if isinstance(value, list) else [value]


def _as_python(model: Model, field: str, value: Any) -> str:
    given = _with_files(model, {field: value})[field]
    if isinstance(given, Path):
        return f'Path("{given}")'
    if isinstance(given, list) and any(isinstance(one, Path) for one in given):
        return "[" + ", ".join(f'Path("{one}")' for one in given) + "]"
    return repr(given)


def _class(model: Model) -> Any:
    return getattr(inputs, inputs.CLASSES[model.id])


def _list_of(catalog: Sequence[Model]) -> Iterator[str]:
    yield "# Models"
    yield ""
    yield f"This version knows {len(catalog)} models. Prices are those of Runflow's public catalog."
    yield "A model that is newer takes a dict or `-i key=value`."
    yield ""
    yield "| model | makes | price | what it does |"
    yield "| --- | --- | --- | --- |"
    for model in catalog:
        yield (
            f"| [`{model.id}`]({model.id}.md) | {model.output.kind} | {_price(model.price)} "
            f"| {_cell(model.description)} |"
        )


def _page(model: Model) -> Iterator[str]:
    yield f"# {model.name}"
    yield ""
    yield model.description
    yield ""
    yield f"| id | `{model.id}` |"
    yield "| --- | --- |"
    yield f"| class | `runflow_client.inputs.{inputs.CLASSES[model.id]}` |"
    yield f"| makes | {model.output.kind} |"
    yield f"| price | {_price(model.price)} |"
    if model.provider:
        yield f"| provider | {_cell(model.provider)} |"
    if model.license:
        yield f"| license | {_cell(model.license)} |"
    yield f"| known from | {', '.join(f'<{source}>' for source in model.provenance.sources)} |"
    if model.provenance.page_updated:
        yield f"| as of | {model.provenance.page_updated} |"
    yield ""
    if model.price is not None:
        yield from _price_terms(model.price)
    yield from _examples(model) if takes_runs(model) else _no_runs(model)
    yield "## Fields"
    yield ""
    yield "| field | type | required | allowed | what it is |"
    yield "| --- | --- | --- | --- | --- |"
    for field in model.inputs:
        required = {True: "yes", False: "no", None: _UNKNOWN_REQUIRED}[field.required]
        yield (
            f"| `{field.name}` | {_cell(field.type)} | {required} | {_allowed(field)} "
            f"| {_cell(field.description)} |"
        )
    yield ""
    if not model.inputs_complete:
        yield "The source does not list all fields. Others are sent with a warning."
        yield ""


def _examples(model: Model) -> Iterator[str]:
    yield "## In Python"
    yield ""
    yield f"```python\n{python_example(model)}\n```"
    yield ""
    yield "## In a terminal"
    yield ""
    yield f"```sh\n{command_example(model)}\n```"
    yield ""


def _no_runs(model: Model) -> Iterator[str]:
    yield f"It does not take single runs. Its endpoint is `{model.endpoint}`."
    yield ""


def _price(price: Price | None) -> str:
    return "not known" if price is None else f"${price.amount} / {price.unit}"


def _price_terms(price: Price) -> Iterator[str]:
    lines = [
        *(
            f"The price holds where `{term.field}` is {_values(term.values)}."
            for term in price.conditions
        ),
        *(
            f"Where `{extra.field}` is {_values(extra.values)}, each {price.unit} costs "
            f"${extra.amount} more."
            for extra in price.surcharges
        ),
        *([price.proviso] if price.proviso else []),
    ]
    if lines:
        yield "\n".join(lines)
        yield ""


def _allowed(field: Input) -> str:
    parts = [_values(field.allowed)] if field.allowed else []
    parts += [f"{name.replace('_', ' ')} {value:g}" for name, value in field.limits.items()]
    if field.pattern:
        parts.append(f"pattern `{_cell(field.pattern)}`")
    if field.suggested:
        parts.append(f"seen: {_values(field.suggested)}")
    if field.default is not None:
        parts.append(f"default `{_cell(str(field.default))}`")
    if field.excludes:
        parts.append(f"not together with {_values(field.excludes)}")
    return "; ".join(parts)


def _values(values: Sequence[object]) -> str:
    return ", ".join(f"`{_cell(str(value))}`" for value in values)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
