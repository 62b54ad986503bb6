"""Lint rules that run the tools themselves.

These are the OpenAPI validator and the parser of the generator.
"""

import json
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn

from jsonschema_path import SchemaPath
from jsonschema_path.handlers.urllib import UrllibHandler
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError, ParseError
from openapi_python_client.schema import Schema
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from openapi_spec_validator.validation.keywords import OpenAPIV31SchemaValidator

from ..correct.bodies import settle_bodies
from ..correct.headers import settle_headers
from ..document.json_tree import JSONObject, copy_document, pointer, strings_at, text_at
from .findings import Complaint, Rule, path_operations

_MAX_MESSAGE_LENGTH: Final = 300
_OPERATION: Final = re.compile(r"parsing ([A-Z]+) (/\S*) within")
_COMPONENT: Final = re.compile(r"/components/(schemas|parameters)/[^\s:]+")
_ADDRESS: Final = re.compile(r"<[^<>]* object at 0x[0-9a-f]+>")


class _Offline(UrllibHandler):
    def __call__(self, uri: str) -> NoReturn:
        raise ValueError(f"nothing is fetched: {uri}")


class _EveryScheme(dict[str, UrllibHandler]):
    """Answers for every scheme: for one that is not there, the library would ask itself."""

    def __contains__(self, scheme: object) -> bool:
        return True

    def __missing__(self, scheme: str) -> UrllibHandler:
        return _Offline()


_HANDLERS: Final = _EveryScheme()


_valid_schemas: Final = set[tuple[str, str]]()
"""The dialect and the JSON of schemas that were found valid, in this process."""
_MAX_VALID_SCHEMAS: Final = 10_000


class _SchemasOnce(OpenAPIV31SchemaValidator):
    """Looks once at schemas of the same text: most of a document's are references and plain types.

    That takes a third from the time of a validation, and most of it where a document differs little
    from one before.
    """

    def _get_schema_checker(self, schema: SchemaPath, schema_value: Any) -> Callable[[Any], None]:
        check = super()._get_schema_checker(schema, schema_value)
        key = (
            self._get_schema_dialect_id(schema, schema_value),
            json.dumps(schema_value, sort_keys=True),
        )

        def check_once(value: Any) -> None:
            if key not in _valid_schemas:
                check(value)
                if len(_valid_schemas) >= _MAX_VALID_SCHEMAS:
                    _valid_schemas.clear()
                _valid_schemas.add(key)

        return check_once


_KEYWORDS: Final = {**OpenAPIV31SpecValidator.keyword_validators, "schema": _SchemasOnce}


class _OfflineV30(OpenAPIV30SpecValidator):
    resolver_handlers = _HANDLERS


class _OfflineV31(OpenAPIV31SpecValidator):
    resolver_handlers = _HANDLERS
    keyword_validators = _KEYWORDS


@contextmanager
def _schemas_not_copied() -> Generator[None]:
    """Let the copies that the generator makes of its operations share their schemas.

    It copies each operation three times, and with it every schema that it reaches. It reads no
    schema of a copy again, and so reads a document in half the time.
    """
    Schema.__deepcopy__ = _as_it_is  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        del Schema.__deepcopy__


def _as_it_is(schema: Schema, _memo: object) -> Schema:
    return schema


def validity(document: JSONObject) -> Iterator[Complaint]:
    """Report what makes the document invalid OpenAPI.

    Two operations may have one id in two packages: the generator makes two modules of them.
    """
    validator = _OfflineV30 if text_at(document, "openapi").startswith("3.0.") else _OfflineV31
    remedy = "Correct the document."
    try:
        for error in validator(_with_own_ids(document)).iter_errors():
            yield pointer(*error.absolute_path), _short(str(error.message)), remedy
    except RecursionError:
        yield "", "the validator does not end", remedy
    except (
        Exception
    ) as error:  # The validator raises what it likes for a document that is no document.
        yield "", _short(f"the validator cannot read it: {error}"), remedy


def _with_own_ids(document: JSONObject) -> JSONObject:
    """Return a copy in which the id of each operation begins with its tag."""
    result = copy_document(document)
    for _, _, operation in path_operations(result):
        tags, name = strings_at(operation, "tags"), text_at(operation, "operationId")
        if tags and name:
            operation["operationId"] = f"{tags[0]} {name}"
    return result


def generator(document: JSONObject) -> Iterator[Complaint]:
    """Report everything that the generator itself warns of: it leaves that out and goes on."""
    remedy = "Correct the place so that the generator can read it."
    settled = settle_bodies(copy_document(document))
    settle_headers(settled.document)
    settings = ConfigFile(content_type_overrides=settled.content_type_overrides)
    config = Config.from_sources(
        settings, MetaType.NONE, Path("document.json"), "utf-8", False, None
    )
    try:
        with _schemas_not_copied():
            data = GeneratorData.from_dict(settled.document, config=config)
    except RecursionError:
        yield "", "the generator does not end", remedy
        return
    except (
        Exception
    ) as error:  # The generator raises what it likes: ValueError for enum members, among others.
        yield "", _short(f"the generator stops: {error}"), remedy
        return
    if isinstance(data, GeneratorError):
        yield (
            "",
            _short(f"the generator refuses the document: {data.detail or data.header}"),
            remedy,
        )
        return
    errors: list[ParseError] = list(data.errors)
    made = 0
    for collection in data.endpoint_collections_by_tag.values():
        errors += collection.parse_errors
        made += len(collection.endpoints)
    for warning in errors:
        spoken = f"{warning.header or ''} {warning.detail or ''}"
        yield _place(spoken), _short(f"the generator says: {spoken}"), remedy
    wanted = sum(1 for _ in path_operations(document))
    if made < wanted and not errors:
        yield "/paths", f"the generator makes {made} of {wanted} operations", remedy


def _place(message: str) -> str:
    operation = _OPERATION.search(message)
    if operation is not None:
        return pointer("paths", operation[2], operation[1].lower())
    component = _COMPONENT.search(message)
    return component[0] if component is not None else ""


def _short(message: str) -> str:
    plain = " ".join(_ADDRESS.sub("...", message).split())
    return plain if len(plain) <= _MAX_MESSAGE_LENGTH else plain[: _MAX_MESSAGE_LENGTH - 3] + "..."


TOOL_RULES: Final[dict[str, Rule]] = {"validity": validity, "generator": generator}
