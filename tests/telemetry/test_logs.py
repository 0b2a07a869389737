from __future__ import annotations

import json
import logging
from collections.abc import Generator
from urllib.parse import quote

import pytest

from opendance.background import OUTAGES_TOLD
from opendance.telemetry.logs import Format, about, hide, note, set_up_logging, without_secrets

KEY = "od-" + "Ab3_" * 11


@pytest.fixture(autouse=True)
def _restored() -> Generator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_lines_are_json_with_the_ids_they_are_about(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "json")
    log = logging.getLogger("opendance.x")
    with about(request_id="req-1"):
        note(account_id="acc-1")
        log.info("it %s", "works")
    log.warning("outside")
    first, second = map(json.loads, lines(capsys))
    assert {name: first[name] for name in ("level", "logger", "message", "request_id", "account_id")} == {
        "level": "INFO",
        "logger": "opendance.x",
        "message": "it works",
        "request_id": "req-1",
        "account_id": "acc-1",
    }
    assert first["time"]
    assert not {"request_id", "account_id"} & second.keys()


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_reaches_a_line(capsys: pytest.CaptureFixture[str], form: Format) -> None:
    set_up_logging("info", form)
    chosen = "what/the operator chose"
    hide(chosen)
    signatures = ["mark=" + "5eed" * 8, "X-Amz-Signature=" + "ab" * 32, "X-Goog-Signature=" + "cd" * 32, "sig=a%2Bb%3D"]
    secrets = [KEY, "whsec_" + "A" * 32, "hunter2", "deadbeef" * 8, *(each.partition("=")[2] for each in signatures)]
    try:
        raise ValueError(f"Authorization: Bearer {KEY}")
    except ValueError:
        logging.getLogger("x").exception(
            "%s %s postgresql://user:%s@host/db http://h/v1/results/a.mp4?ends=1&signature=%s", *secrets[:4]
        )
        logging.getLogger("x").warning(
            "GET /v1/tasks?key=%s&again=%s %s",
            chosen,
            quote(chosen, safe=""),
            " ".join(f"http://h/x?y=1&{s}&z=1" for s in signatures),
        )
    secrets += [chosen, quote(chosen, safe="")]
    said = capsys.readouterr().err
    assert not [secret for secret in secrets if secret in said]
    assert "host/db" in said
    assert "[secret]" in said


def test_what_only_looks_like_a_secret_stays() -> None:
    for text in (
        "od-short",
        "task-unified-1795489078-hf2t5wxm",
        "http://host:8000/x",
        "a@b.c",
        "method-overrides-everything",
    ):
        assert without_secrets(text) == text


class OperationalError(Exception):
    """As those of database drivers are called."""


def test_a_database_that_is_away_is_told_in_a_line_once_whoever_of_the_libraries_tells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logging("info", "text")
    OUTAGES_TOLD._told_at.clear()
    for _ in range(20):
        try:
            raise OperationalError("connection refused\nIs the server running?")
        except OperationalError:
            logging.getLogger("procrastinate.worker.worker").exception("Side task listener failed\nstopping worker")
        logging.getLogger("psycopg.pool").warning("error connecting in 'pool-1': refused")
    said = lines(capsys)
    assert [line.partition(" ")[2].partition(" ")[2] for line in said] == [
        "ERROR procrastinate.worker.worker: Side task listener failed: connection refused",
        "WARNING psycopg.pool: error connecting in 'pool-1': refused",
    ]


def test_what_else_goes_wrong_in_a_library_is_told_whole_and_always(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "text")
    for _ in range(2):
        try:
            raise KeyError("x")
        except KeyError:
            logging.getLogger("procrastinate.worker").exception("Job ended with status: Error")
        logging.getLogger("procrastinate.worker").warning("Unknown task")
    said = "\n".join(lines(capsys))
    assert (said.count("Traceback"), said.count("Unknown task")) == (2, 2)
