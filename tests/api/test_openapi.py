"""The published document against the source document itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

SOURCE = Path(__file__).parents[3] / "shared" / "spec" / "seedance-2.0-overview.ko.md"
COMPARED = ("type", "enum", "default", "minimum", "maximum", "maxItems", "format", "example", "required")
# Ours, documented as such.
ADDED = {("VideoGenerationRequest", "model_params", "seed")}


@pytest.fixture(scope="module")
def source() -> dict[str, Any]:
    if not SOURCE.is_file():
        pytest.skip("the source document is not here")
    match = re.search(r"````yaml[^\n]*\n(.*?)````", SOURCE.read_text("utf-8"), re.DOTALL)
    assert match
    return yaml.safe_load(match[1])


@pytest.fixture
def published(api: httpx.Client) -> dict[str, Any]:
    return api.get("/openapi.json").json()


def facts(schema: dict[str, Any]) -> dict[str, Any]:
    """What must be equal of a schema, properties and items included."""
    found = {name: schema[name] for name in COMPARED if name in schema}
    if "$ref" in schema:
        found["ref"] = schema["$ref"].rsplit("/", 1)[1]
    if "items" in schema:
        found["items"] = facts(schema["items"])
    if "properties" in schema:
        found["properties"] = {name: facts(part) for name, part in schema["properties"].items()}
    return found


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
    ours = constant(published["components"]["schemas"]["VideoGenerationRequest"])
    assert ours["properties"]["model_params"]["properties"].pop("seed")
    theirs = facts(source["components"]["schemas"]["VideoGenerationRequest"])
    made = facts(ours)
    assert list(made["properties"]) == list(theirs["properties"])
    for name, expected in theirs["properties"].items():
        assert made["properties"][name] == expected, name
    assert made["required"] == theirs["required"]
    assert made["type"] == theirs["type"]


@pytest.mark.rule("TK-01", "TK-03", "TK-04")
@pytest.mark.parametrize("name", ["VideoGenerationResponse", "VideoTaskInfo", "VideoUsage"])
def test_the_response_schemas_are_those_of_the_source(
    source: dict[str, Any], published: dict[str, Any], name: str
) -> None:
    ours = facts(constant(published["components"]["schemas"][name]))
    ours.pop("required")  # all of them are always there; the source names none
    assert ours == facts(source["components"]["schemas"][name])


def test_the_error_schema_is_that_of_the_source(source: dict[str, Any], published: dict[str, Any]) -> None:
    schemas = published["components"]["schemas"]
    theirs = source["components"]["schemas"]["ErrorResponse"]["properties"]["error"]["properties"]
    assert {n: p["type"] for n, p in schemas["ErrorDetail"]["properties"].items()} == {
        n: p["type"] for n, p in theirs.items()
    }


@pytest.mark.rule("EP-01", "ER-400", "ER-401", "ER-402", "ER-403", "ER-429", "ER-500")
def test_the_operation_and_its_error_examples_are_those_of_the_source(
    source: dict[str, Any], published: dict[str, Any]
) -> None:
    theirs = source["paths"]["/v1/videos/generations"]["post"]
    ours = published["paths"]["/v1/videos/generations"]["post"]
    assert ours["operationId"] == theirs["operationId"]
    assert ours["requestBody"]["required"] is True
    for status, answer in theirs["responses"].items():
        if status != "200":
            expected = answer["content"]["application/json"]["example"]
            assert ours["responses"][status]["content"]["application/json"]["example"] == expected
    for name, example in theirs["requestBody"]["content"]["application/json"]["examples"].items():
        ours_example = ours["requestBody"]["content"]["application/json"]["examples"][name]["value"]
        assert ours_example == example["value"]
    scheme = published["components"]["securitySchemes"]["bearerAuth"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert published["security"] == source["security"]


def test_the_descriptions_are_english_and_no_validation_errors_are_promised(published: dict[str, Any]) -> None:
    text = str(published)
    assert not re.search(r"[\uac00-\ud7af]", text)
    assert "HTTPValidationError" not in text
    for path in published["paths"].values():
        for operation in path.values():
            assert "422" not in operation["responses"]
