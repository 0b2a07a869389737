from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import Body, FastAPI, Header, Path, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from opendance.validation import Problem, in_words, in_words_of_request, kind_of, problems_in, shown


class Colour(Enum):
    RED, BLUE = "red", "blue"


def _not_odd(value: int) -> int:
    if value % 2:
        raise ValueError("Odd numbers are none of ours; take the next one")
    return value


class Inner(BaseModel):
    seed: int = 0


class Model(BaseModel):
    """Every kind of field that the project's inputs have."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: Annotated[str, Field(min_length=2, max_length=5, pattern="^[a-z]*$")] = "abc"
    count: Annotated[int, Field(ge=1, le=9)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    credits: Annotated[Decimal, Field(strict=False, max_digits=6, decimal_places=4)] = Decimal(0)
    on: bool = True
    kind: Literal["a", "b"] = "a"
    colour: Annotated[Colour, Field(strict=False)] = Colour.RED
    urls: Annotated[list[str], Field(min_length=1, max_length=2)] = ["x"]
    inner: Inner = Inner()
    even: Annotated[int, AfterValidator(_not_odd)] = 0


class Needed(BaseModel):
    prompt: str


def problems(values: dict[str, Any], model: type[BaseModel] = Model, **options: Any) -> list[Problem]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(values)
    return problems_in(caught.value.errors(), **options)


@pytest.mark.parametrize(
    ("values", "where", "what"),
    [
        ({"name": 5}, "name", "must be a string, not a number"),
        ({"name": "x"}, "name", "at least 2 characters are needed, 1 given"),
        ({"name": "abcdef"}, "name", "at most 5 characters are possible, 6 given"),
        ({"name": "AB"}, "name", "must match ^[a-z]*$, not 'AB'"),
        ({"count": 4.5}, "count", "must be an integer, not 4.5"),
        ({"count": "4"}, "count", "must be an integer, not '4'"),
        ({"count": True}, "count", "must be an integer, not true"),
        ({"count": None}, "count", "must be an integer, not null"),
        ({"count": 0}, "count", "must be at least 1, not 0"),
        ({"count": 10}, "count", "must be at most 9, not 10"),
        ({"share": 0}, "share", "must be greater than 0.0, not 0"),
        ({"share": 1}, "share", "must be less than 1.0, not 1"),
        ({"share": "x"}, "share", "must be a number, not 'x'"),
        ({"credits": "0.00001"}, "credits", "at most 4 decimals are possible, not '0.00001'"),
        ({"credits": 1234567}, "credits", "at most 6 digits are possible, not 1234567"),
        ({"on": 1}, "on", "must be true or false, not 1"),
        ({"on": {}}, "on", "must be true or false, not an object"),
        ({"kind": "c"}, "kind", "'c' is not possible; choose a or b"),
        ({"kind": "c" * 61}, "kind", "a string is not possible; choose a or b"),
        ({"colour": "green"}, "colour", "'green' is not possible; choose red or blue"),
        ({"urls": "x"}, "urls", "must be an array, not a string"),
        ({"urls": []}, "urls", "must not be empty"),
        ({"urls": ["x"] * 3}, "urls", "at most 2 are possible, 3 given"),
        ({"urls": ["x", None]}, "urls[1]", "must be a string, not null"),
        ({"inner": 7}, "inner", "must be an object, not a number"),
        ({"inner": {"seed": "x"}}, "inner.seed", "must be an integer, not 'x'"),
        ({"even": 3}, "even", "odd numbers are none of ours; take the next one"),
        ({"prot": 1}, "prot", "is not taken here; leave it out"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_problem_says_where_what_is_wrong_and_what_would_be_right(values: Any, where: str, what: str) -> None:
    assert problems(values) == [Problem(where, what)]


def test_what_is_missing_is_told() -> None:
    assert problems({}, Needed) == [Problem("prompt", "is required")]


@pytest.mark.parametrize("field", ["name", "kind", "count", "share", "on", "urls", "inner"])
def test_values_that_can_be_secret_are_not_repeated(field: str) -> None:
    (problem,) = problems({field: "hunter2 hunter2"}, show_values=False)
    assert "hunter2" not in str(problem)


def test_no_more_than_five_problems_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate({f"x{n}": 0 for n in range(100)})
    assert in_words(caught.value.errors()).count("; ") == 5 + 4, "each has one in its own words"


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "null"), (True, "a boolean"), (1, "a number"), (1.5, "a number"), ("x", "a string"), ([], "an array"), ((), "an array"), ({}, "an object")],
)  # fmt: skip
def test_values_are_named_as_json_names_them(value: object, words: str) -> None:
    assert kind_of(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(10**5000, "a number"), (-(10**5000), "a number"), (1e300, "1e+300"), ("x" * 10**6, "a string"), ("it's", '"it\'s"')],
    ids=["huge", "very negative", "float", "string", "quote"],
)  # fmt: skip
def test_no_value_makes_a_message_long(value: object, words: str) -> None:
    assert shown(value) == words


# ── of requests ──


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()

    @app.exception_handler(RequestValidationError)
    async def told(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return PlainTextResponse(in_words_of_request(error.errors()), status_code=400)

    @app.post("/groups/{number}")
    async def route(
        number: Annotated[int, Path()],
        body: Annotated[Model, Body()],
        since: Annotated[date | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 1,
        enabled: Annotated[bool, Query()] = True,
        share: Annotated[float, Query()] = 1.0,
        idempotency_key: Annotated[str | None, Header(max_length=3)] = None,
    ) -> None: ...

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/groups/x", "number: must be an integer, not 'x'"),
        ("/groups/1?since=yesterday", "since: must be a day such as 2026-11-01, not 'yesterday'"),
        ("/groups/1?since=2026-11-01T12:00", "since: must be a day such as 2026-11-01, not '2026-11-01T12:00'"),
        ("/groups/1?limit=0", "limit: must be at least 1, not '0'"),
        ("/groups/1?limit=much", "limit: must be an integer, not 'much'"),
        ("/groups/1?enabled=perhaps", "enabled: must be true or false, not 'perhaps'"),
        ("/groups/1?share=half", "share: must be a number, not 'half'"),
        ("/groups/1?limit=x&share=y", "limit: must be an integer, not 'x'; share: must be a number, not 'y'"),
    ],
)
async def test_a_problem_in_path_or_query_is_named_without_its_part(
    client: httpx.AsyncClient, path: str, told: str
) -> None:
    assert (await client.post(path, json={})).text == told


async def test_a_header_is_called_as_it_is_written(client: httpx.AsyncClient) -> None:
    answer = await client.post("/groups/1", json={}, headers={"Idempotency-Key": "abcd"})
    assert answer.text == "Idempotency-Key: at most 3 characters are possible, 4 given"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the body: is required"),
        (b'{"name": ', "the body is not JSON: Expecting value at character 9"),
        (b"[1]", "the body: must be an object, not an array"),
        (b'{"inner": {"seed": []}}', "inner.seed: must be an integer, not an array"),
        (b'{"prot": 1}', "prot: is not taken here; leave it out"),
    ],
)
async def test_a_problem_in_the_body_is_named_by_its_field(client: httpx.AsyncClient, body: bytes, told: str) -> None:
    answer = await client.post("/groups/1", content=body, headers={"Content-Type": "application/json"})
    assert answer.text == told
