"""Requests damaged in thousands of ways, told to the whole application in the process of the test: none is answered with
a 5xx, outside the published document, or never.

`OPENDANCE_FUZZ_REQUESTS` says how many, `OPENDANCE_FUZZ_SEED` which; what failed is told with both and can be run again.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, unquote

from fastapi import FastAPI
from jsonschema import Draft202012Validator

from tests.exchange import ADMIN_KEY, Exchange, running_app
from tests.operations import BODIES, Operation, operations

REQUESTS, SEED = int(os.environ.get("OPENDANCE_FUZZ_REQUESTS", "600")), int(os.environ.get("OPENDANCE_FUZZ_SEED", "1"))
LONGEST = 20.0  # s; a request that takes longer is never answered, as far as its client can tell
# Pieces that are read: words of prompts, marks, numbers, escapes, and letters that are more or less than they seem.
PIECES = (
    "a", " ", "\t", "\n", ",", ".", ":", ";", "-", "_", "/", "\\", "'", '"', "(", ")", "[", "]", "{", "}", "<", ">", "@", "#",
    "%", "&", "=", "?", "0", "1", "9", "\x00", "\x1f", "\x7f", "\u00a0", "\u200d", "\u202e", "\u3000", "\ufeff", "\ufffd",
    "e\u0301", "Ａ", "１", "猫", "가", "あ", "😀", "👩‍👩‍👧‍👦", "\ud800", "image 1 ", "@Image1 ", "图片1", "이미지1 ", "画像1", "video 2 ", "0-3s: ",
    "[00:01-00:03] ", "Shot 1: ", "镜头1：", "no ", "without ", "--ar 16:9 ", "https://", "http://127.0.0.1/", "data:image/png;base64,",
    "../", "%2e%2e%2f", "%00", "%", "' OR 1=1 --", "${jndi:ldap://x}", "{{7*7}}", "null", "true", "1e999", "-1", "NaN",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 15, 2**31, 2**63, 2**64, -(2**63) - 1, 10**30, 0.5, 1e308, float("nan"), float("inf"), "", [], {},
    [[]], {"": ""}, "480p", "16:9", "seedance-2.0-text-to-video", "https://example.com/a.png",
)  # fmt: skip
HEADERS = (
    "content-type", "accept", "idempotency-key", "range", "last-event-id", "if-none-match", "x-request-id", "traceparent", "origin",
    "accept-encoding", "content-encoding", "expect", "x-forwarded-for", "x-forwarded-proto", "cookie", "accept-language",
)  # fmt: skip


@dataclass
class Fuzzed:
    """A request."""

    operation: Operation
    path: str
    query: str
    key: str | None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.operation.method} {self.path}?{self.query}"[:2000] + f" {self.headers} {self.body[:2000]!r}"


@dataclass
class Fuzzer:
    """Makes requests that are nearly right.

    Args:
        known: values of parameters by name that lead to something.
    """

    random: Random
    known: dict[str, list[str]]
    keys: list[str]

    def text(self) -> str:
        """A text: a word, or pieces, or one piece very often."""
        kind = self.random.random()
        if kind < 0.4:
            return "".join(self.random.choices(PIECES, k=self.random.randint(0, 12)))
        if kind < 0.7:
            return self.random.choice(PIECES) * self.random.choice((2, 50, 201, 1000))
        unit = "".join(self.random.choices(PIECES, k=self.random.randint(1, 4)))
        return unit * self.random.choice((3, 100, 2000, 20_000))

    def value(self) -> Any:
        kind = self.random.random()
        if kind < 0.5:
            return self.random.choice(VALUES)
        if kind < 0.85:
            return self.text()
        if kind < 0.93:
            return [self.value()] * self.random.choice((1, 3, 10, 200))
        nested: Any = "x"
        for _ in range(self.random.choice((3, 30, 300))):
            nested = [nested] if self.random.random() < 0.5 else {"a": nested}
        return nested

    def damaged(self, value: Any) -> Any:
        """JSON with one of its parts replaced, gone, doubled or new."""
        if not isinstance(value, dict | list) or not value or self.random.random() < 0.1:
            return self.value()
        whole = dict(value) if isinstance(value, dict) else dict(enumerate(value))
        name = self.random.choice(list(whole))
        match self.random.randrange(6):
            case 0:
                del whole[name]
            case 1 if isinstance(value, dict):
                whole[self.text()[:300]] = self.value()
            case 2:
                whole[name] = [whole[name], whole[name]]
            case _:
                whole[name] = self.damaged(whole[name])
        return whole if isinstance(value, dict) else list(whole.values())

    def broken(self, data: bytes) -> bytes:
        """Bytes with some of them gone, other or repeated."""
        begin, end = sorted(self.random.randint(0, len(data)) for _ in range(2))
        match self.random.randrange(4):
            case 0:
                return data[:begin]
            case 1:
                return data[:begin] + self.random.randbytes(self.random.randint(1, 8)) + data[begin:]
            case 2:
                return data[:begin] + data[begin:end] * self.random.choice((2, 10, 1000)) + data[end:]
            case _:
                return self.random.randbytes(self.random.choice((1, 100, 10_000)))

    def request(self, operation: Operation) -> Fuzzed:
        path, query = operation.path, list[str]()
        for parameter in operation.parameters:
            name = parameter["name"]
            told = self.known.get(name, ["1"]) if self.random.random() < 0.7 else [self.text()[:2500] or "x"]
            if parameter["in"] == "path":  # with a slash it is the path of another route, or of none
                path = path.replace("{" + name + "}", escaped(self.random.choice(told).replace("/", "|")))
            elif parameter["in"] == "query" and (parameter.get("required") or self.random.random() < 0.4):
                query.append(f"{name}={escaped(self.random.choice(told))}")
        if self.random.random() < 0.1:
            query.append(f"{escaped(self.text()[:50])}={escaped(self.text()[:500])}")
        key = ADMIN_KEY if operation.of_operator else self.random.choice(self.keys)
        asked = Fuzzed(operation, path, "&".join(query), key if self.random.random() < 0.95 else self.text()[:300])
        if operation.has_body:
            asked.headers["content-type"] = "application/json"
            asked.body = self.body(operation)
        if self.random.random() < 0.2:
            name = self.random.choice(HEADERS)
            asked.headers[name] = "".join(letter for letter in self.text()[:3000] if " " <= letter <= "~")
        if (operation.id == "uploadFileStream" and "content-type" not in asked.headers) or self.random.random() < 0.02:
            asked.headers["content-type"] = "multipart/form-data; boundary=b"
        return asked

    def body(self, operation: Operation) -> bytes:
        if operation.id == "uploadFileStream":
            whole = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.gif"\r\n\r\nGIF89a\r\n--b--\r\n'
            return self.broken(whole) if self.random.random() < 0.8 else whole
        value = BODIES.get(operation.id, {"title": "a", "enabled": True})
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 5))):
            value = self.damaged(value)
        data = json.dumps(value, ensure_ascii=self.random.random() < 0.5).encode("utf-8", "surrogatepass")
        return self.broken(data) if self.random.random() < 0.2 else data


def escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def problems_of(document: dict[str, Any]) -> Callable[[Fuzzed, Exchange], str | None]:
    """What is wrong with an answer, by the published document."""

    @cache
    def validator(operation_id: str, status: str) -> Draft202012Validator | None:
        media = OPERATIONS[operation_id].responses[status].get("content", {}).get("application/json", {})
        schema = media.get("schema")
        return schema and Draft202012Validator({**schema, "components": document["components"]})

    def problem(asked: Fuzzed, answer: Exchange) -> str | None:
        status = str(answer.status)
        if answer.status >= 500:
            return "the server failed"
        if status not in asked.operation.responses:
            return f"{status} is not in the document"
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return "an error that is not JSON" if answer.status >= 400 else None
        told = json.loads(answer.body)
        if answer.status >= 400:
            codes = {body["error"]["code"] for _, body in asked.operation.promised().values()}
            if told["error"]["code"] not in codes | {"MissingParameter"}:
                return f"the error {told['error']['code']} is not in the document"
        checked = validator(asked.operation.id, status)
        errors = [] if checked is None else list(checked.iter_errors(told))
        return f"{errors[0].json_path}: {errors[0].message[:300]}" if errors else None

    return problem


OPERATIONS = operations()


async def something_there(app: FastAPI, key: str) -> dict[str, list[str]]:
    """Values of parameters that lead to something: a task that waits, one that was cancelled, a file, an account."""

    async def made(method: str, path: str, caller: str, **body: Any) -> Any:
        answer = await Exchange(method, path, caller).run(app, iter([json.dumps(body).encode()]))
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    creation = BODIES["createSeedance20VideoGeneration"]
    waiting = (await made("POST", "/v1/videos/generations", key, **creation))["id"]
    ended = (await made("POST", "/v1/videos/generations", key, **creation))["id"]
    await made("POST", f"/v1/tasks/{ended}/cancel", key)
    file = (await made("POST", "/api/v1/files/upload/base64", key, **BODIES["uploadFileBase64"]))["data"]["file_id"]
    await made("POST", "/admin/v1/accounts/default/topups", ADMIN_KEY, credits=10**7)
    return {
        "task_id": [waiting, ended], "file_id": [file], "account": ["default"], "key": ["default"], "name": ["default", f"{file}.gif"],
        "limit": ["1", "100"], "sort": ["created", "-created"], "status": ["pending", "cancelled"], "from": ["2026-01-01T00:00:00Z"],
        "to": ["2027-01-01"], "include": ["request"], "search": ["cat", "猫"], "since": ["2026-01-01"], "until": ["2026-12-31"],
        "format": ["json", "csv"], "by": ["day", "model"], "ends": ["9999999999"], "signature": ["x"], "dry_run": ["true"],
    }  # fmt: skip


async def test_no_request_is_too_strange_for_a_good_answer(tmp_path: Path) -> None:
    failed, statuses = list[str](), Counter[int]()
    async with running_app(tmp_path) as (app, key):
        known = await something_there(app, key)
        problem, random = problems_of(app.openapi()), Random(SEED)
        fuzzer = Fuzzer(random, known, [key])
        # What ends the installation's own key or account would leave nothing to try; it is tried with strange names only.
        ending = {"revokeKey", "rotateKey", "changeKey", "changeAccount", "removeGroup", "putGroup"}
        for number in range(REQUESTS):
            asked = fuzzer.request(OPERATIONS[random.choice(list(OPERATIONS))])
            if asked.operation.id in ending and "/default" in asked.path:
                continue
            if asked.operation.id == "followTask" and known["task_id"][0] in asked.path:
                continue  # its stream has no end
            try:
                async with asyncio.timeout(LONGEST):
                    answer = await told(asked).run(app, pieces(asked.body, random))
                wrong = problem(asked, answer)
                statuses[answer.status] += 1
            except TimeoutError:
                wrong = "no answer"
            if wrong is not None:
                failed.append(f"{number}: {wrong}\n    {asked}\n    {answer.body[:500]!r}")
    assert {200, 400, 401, 404} <= set(statuses), f"hardly nearly right: {statuses}"
    assert not failed, f"seed {SEED}, {len(failed)} of {REQUESTS}:\n" + "\n".join(failed[:20])


def told(asked: Fuzzed) -> Exchange:
    headers = {name: value for name, value in asked.headers.items() if value}
    exchange = Exchange(asked.operation.method, f"{asked.path}?{asked.query}", asked.key, **headers)
    exchange.at(
        unquote(asked.path, errors="surrogateescape").encode("utf-8", "surrogateescape").decode(errors="replace")
    )
    return exchange


def pieces(body: bytes, random: Random) -> Iterator[bytes]:
    """The body as a network brings it."""
    while body:
        length = random.choice((1 + len(body) // 3, 1 << 16))
        yield body[:length]
        body = body[length:]
