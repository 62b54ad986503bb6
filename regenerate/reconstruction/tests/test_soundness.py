"""The document is sound in itself.

Valid OpenAPI, examples that fit their schemas, links that lead somewhere.
"""

from collections.abc import Iterator

import jsonschema_rs

from .reading import JsonObject, Operation, as_object, inside, operations_of


def test_every_example_fits_its_schema(reconstructed: JsonObject) -> None:
    found = 0
    for place, schema, example in _examples(reconstructed):
        found += 1
        validator = jsonschema_rs.Draft202012Validator(
            schema | {"components": reconstructed["components"]}, validate_formats=True
        )
        complaints = [f"{place}: {error.message}" for error in validator.iter_errors(example)]
        assert complaints == []
    assert found > 0


def test_every_request_body_of_the_reconstruction_has_an_example(reconstructed: JsonObject) -> None:
    with_body = {
        operation.name
        for operation in operations_of(reconstructed)
        if "requestBody" in operation.body
    }
    assert with_body == {
        place.split(" ")[0] for place, _, _ in _examples(reconstructed) if place.endswith(" body")
    }


def test_the_example_of_a_run_is_the_one_of_the_model_page(reconstructed: JsonObject) -> None:
    examples = {place: example for place, _, example in _examples(reconstructed)}
    body = as_object(examples["create_run body"], "create_run body")
    assert str(inside(body, "input")["prompt"]).startswith(
        "A cathedral made entirely of stained glass"
    )
    assert body["callback_url"] == "https://your-server.com/webhook"
    assert (examples["create_run owner"], examples["create_run slug"]) == (
        "google",
        "nano-banana-pro",
    )


def test_every_link_leads_to_an_operation_and_its_parameter(reconstructed: JsonObject) -> None:
    operations = {operation.name: operation for operation in operations_of(reconstructed)}
    assert operations
    for operation in operations.values():
        for place, response, link in _links(operation):
            target = operations.get(str(link.get("operationId")))
            assert target is not None, f"{place}: there is no operation {link.get('operationId')}"
            names = {str(parameter["name"]) for parameter in target.parameters()}
            for name, source in inside(link, "parameters").items():
                assert name in names, f"{place}: {target.name} has no parameter {name}"
                assert _has_property(reconstructed, response, str(source)), (
                    f"{place}: the answer has no {source}"
                )


def test_the_reconstruction_has_links(reconstructed: JsonObject) -> None:
    linked = {
        operation.name for operation in operations_of(reconstructed) if list(_links(operation))
    }
    assert linked == {
        "create_run",
        "create_batch",
        "create_asset_upload",
        "confirm_asset_upload",
        "create_callback_secret",
        "create_evaluation",
        "create_webhook",
    }


def test_runs_and_batches_declare_their_callbacks(reconstructed: JsonObject) -> None:
    payloads = {
        operation.name: inside(callback, "requestBody", "content", "application/json", "schema")[
            "$ref"
        ]
        for operation in operations_of(reconstructed)
        for expressions in inside(operation.body, "callbacks").values()
        for callback in [inside(expressions, "{$request.body#/callback_url}", "post")]
    }
    assert payloads == {
        "create_run": "#/components/schemas/CallbackPayload",
        "create_batch": "#/components/schemas/BatchCallbackPayload",
    }


def _examples(document: JsonObject) -> Iterator[tuple[str, JsonObject, object]]:
    """Yield each example with the schema that it must fit."""
    for operation in operations_of(document):
        for parameter in operation.parameters():
            yield from _examples_of(parameter, f"{operation.name} {parameter['name']}")
        for media in inside(operation.body, "requestBody", "content").values():
            yield from _examples_of(as_object(media, operation.name), f"{operation.name} body")
        for status, response in operation.response_bodies():
            for media in inside(response, "content").values():
                yield from _examples_of(
                    as_object(media, operation.name), f"{operation.name} {status}"
                )


def _examples_of(part: JsonObject, place: str) -> Iterator[tuple[str, JsonObject, object]]:
    if "example" in part:
        yield place, inside(part, "schema"), part["example"]
    for example in inside(part, "examples").values():
        yield place, inside(part, "schema"), as_object(example, place).get("value")


def _links(operation: Operation) -> Iterator[tuple[str, JsonObject, JsonObject]]:
    for status, response in operation.response_bodies():
        for name, link in inside(response, "links").items():
            yield f"{operation.name} {status} link {name}", response, as_object(link, name)


def _has_property(document: JsonObject, response: JsonObject, source: str) -> bool:
    schema = inside(response, "content", "application/json", "schema")
    if "$ref" in schema:
        schema = inside(document, "components", "schemas", str(schema["$ref"]).rsplit("/", 1)[-1])
    return source.removeprefix("$response.body#/") in inside(schema, "properties")
