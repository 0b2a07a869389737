"""The published document against the facts of the Seedance 2.0 unified API's document.

They are in `source_facts.json`: names, numbers and examples, without the document's descriptions.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from opendance.app import create_app
from opendance.settings import Settings

COMPARED = ("type", "enum", "default", "minimum", "maximum", "maxItems", "format", "example", "required")


@pytest.fixture(scope="module")
def source() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "source_facts.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    document = create_app(Settings(data_dir=tmp_path_factory.mktemp("data"))).openapi()
    return json.loads(json.dumps(document))


@pytest.mark.parametrize(
    ("public_url", "servers"),
    [(None, None), ("https://example.com", None), ("https://example.com/video/", [{"url": "/video"}])],
)
def test_below_a_path_the_document_says_so(
    tmp_path: Path, public_url: str | None, servers: list[dict[str, str]] | None
) -> None:
    document = create_app(Settings(data_dir=tmp_path, public_url=public_url)).openapi()
    assert document.get("servers") == servers


def facts(schema: dict[str, Any]) -> dict[str, Any]:
    """What must be equal of a schema, properties and items included."""
    found = {name: schema[name] for name in COMPARED if name in schema}
    if "$ref" in schema:
        found["ref"] = named(schema)
    if "items" in schema:
        found["items"] = facts(schema["items"])
    if "properties" in schema:
        found["properties"] = {name: facts(part) for name, part in schema["properties"].items()}
    return found


def named(reference: dict[str, Any]) -> str:
    """The schema that `{"$ref": "#/components/schemas/..."}` leads to."""
    return reference["$ref"].rsplit("/", 1)[1]


def constant(schema: Any) -> Any:
    """`const: x` as the `enum: [x]` that it means, through the whole document."""
    if isinstance(schema, list):
        return [constant(part) for part in schema]
    if isinstance(schema, dict):
        node = {name: constant(part) for name, part in schema.items()}
        return node | {"enum": [node.pop("const")]} if "const" in node else node
    return schema


@pytest.mark.rule("EP-01", "MO-01", "OUT-01", "OUT-02", "OUT-03")
def test_the_request_schema_is_that_of_the_source(source: dict[str, Any], published: dict[str, Any]) -> None:
    ours = facts(constant(published["components"]["schemas"]["VideoGenerationRequest"]))
    theirs = source["schemas"]["VideoGenerationRequest"]
    assert ours["properties"]["model_params"]["properties"].pop("seed")  # ours, documented as such
    assert ours["properties"]["model_params"]["properties"].pop("simulate")  # ours too
    assert list(ours["properties"]) == list(theirs["properties"])
    for name, expected in theirs["properties"].items():
        assert ours["properties"][name] == expected, name
    assert ours["required"] == theirs["required"]
    assert ours["type"] == theirs["type"]


@pytest.mark.rule("TK-01", "TK-03", "TK-04")
@pytest.mark.parametrize("name", ["VideoGenerationResponse", "VideoTaskInfo", "VideoUsage"])
def test_the_response_schemas_are_those_of_the_source(
    source: dict[str, Any], published: dict[str, Any], name: str
) -> None:
    ours = facts(constant(published["components"]["schemas"][name]))
    ours.pop("required")  # all of them are always there; the source names none
    assert ours == source["schemas"][name]


def test_the_error_schema_is_that_of_the_source(source: dict[str, Any], published: dict[str, Any]) -> None:
    schemas = published["components"]["schemas"]
    assert named(schemas["ErrorResponse"]["properties"]["error"]) == "ErrorDetail"
    ours = schemas["ErrorDetail"]["properties"]
    theirs = source["schemas"]["ErrorResponse"]["properties"]["error"]["properties"]
    told = {name: part["type"] for name, part in ours.items() if name != "details"}  # that one is our own
    assert told == {name: part["type"] for name, part in theirs.items()}


@pytest.mark.rule("EP-01", "ER-400", "ER-401", "ER-402", "ER-403", "ER-429", "ER-500")
def test_the_operation_and_its_error_examples_are_those_of_the_source(
    source: dict[str, Any], published: dict[str, Any]
) -> None:
    ours = published["paths"][source["path"]]["post"]
    assert ours["operationId"] == source["operation_id"]
    assert ours["requestBody"]["required"] == source["request_body_required"]
    asked = ours["requestBody"]["content"]["application/json"]
    assert named(asked["schema"]) == source["request_schema"]
    assert {name: asked["examples"][name]["value"] for name in source["request_examples"]} == source["request_examples"]
    answers = {status: ours["responses"][status]["content"]["application/json"] for status in source["responses"]}
    for status, expected in source["responses"].items():
        schema = answers[status]["schema"]
        # A dry run, which the source does not have, is answered with a schema of its own.
        assert named(schema["anyOf"][0] if "anyOf" in schema else schema) == expected["schema"], status
        assert answers[status].get("example") == expected.get("example"), status
    scheme = published["components"]["securitySchemes"]["bearerAuth"]
    assert {name: scheme[name] for name in source["security_scheme"]} == source["security_scheme"]
    assert published["security"] == source["security"]


def test_the_descriptions_are_english_and_no_validation_errors_are_promised(published: dict[str, Any]) -> None:
    text = str(published)
    assert not re.search(r"[\uac00-\ud7af]", text)
    assert "HTTPValidationError" not in text
    for path in published["paths"].values():
        for operation in path.values():
            assert "422" not in operation["responses"]
