"""Keys that are not good: counted, limited by the address they come from, and told without themselves."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from fastapi import Request

from opendance.api.failed_keys import FailedKeys, address_of
from opendance.errors import RateLimitExceeded, Unauthorized
from tests.conftest import ADMIN_KEY, RunningServer, start_server

BAD = "od-" + "x" * 43


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def request_from(address: str | None) -> Request:
    return Request({"type": "http", "headers": [], "client": None if address is None else (address, 1)})


def fail(failed: FailedKeys, address: str = "198.51.100.7", door: str = "api") -> None:
    with failed.counted(request_from(address), door):  # type: ignore[arg-type]
        raise Unauthorized(problem="no such key")


def test_over_the_limit_of_an_address_it_is_told_when_there_is_room_again_and_others_are_not_limited() -> None:
    clock = Clock()
    failed = FailedKeys(2, clock)
    for _ in range(2):
        with pytest.raises(Unauthorized):
            fail(failed)
    clock.now = 17.5
    with pytest.raises(RateLimitExceeded) as caught:
        fail(failed)
    assert caught.value.headers["Retry-After"] == "43"
    for address in ("198.51.100.8", "2001:db8::1"):
        with pytest.raises(Unauthorized):
            fail(failed, address)
    clock.now = 60.0
    with pytest.raises(Unauthorized):
        fail(failed)


def test_a_good_key_is_let_through_whatever_others_at_its_address_send_but_an_admin_key_is_not_guessed_on() -> None:
    failed = FailedKeys(1)
    for door in ("api", "admin"):
        with pytest.raises(Unauthorized):
            fail(failed, door=door)
        with pytest.raises(RateLimitExceeded):
            fail(failed, door=door)
    looked_at: list[str] = []
    with failed.counted(request_from("198.51.100.7"), "api"):
        looked_at.append("api")
    with pytest.raises(RateLimitExceeded), failed.counted(request_from("198.51.100.7"), "admin"):
        looked_at.append("admin")
    assert looked_at == ["api"]


def test_memory_and_log_are_bounded_however_many_addresses_there_are(caplog: pytest.LogCaptureFixture) -> None:
    failed = FailedKeys(1)
    with caplog.at_level(logging.WARNING):
        for number in range(12_000):
            with pytest.raises(Unauthorized):
                fail(failed, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(failed) == 10_000
    assert len(caplog.messages) == 60
    with pytest.raises(RateLimitExceeded):
        fail(failed, f"10.0.{11_999 >> 8}.{11_999 & 255}")


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),  # whoever has one address has all of them
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("anything\nthat a proxy passes on", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_address_is_that_of_its_owner(client: str | None, address: str) -> None:
    assert address_of(request_from(client)) == address


@pytest.fixture
def strict(tmp_path: Path) -> RunningServer:
    """A server that allows three bad keys a minute; its log is in `log`."""
    with (tmp_path / "log").open("w") as stderr:
        return start_server(
            tmp_path / "data", stderr=stderr, OPENDANCE_WORK="false", OPENDANCE_FAILED_KEYS_PER_MINUTE="3"
        )


def test_five_hundred_wrong_keys_are_counted_refused_and_told(strict: RunningServer, tmp_path: Path) -> None:
    try:
        with strict.client(BAD) as guest:
            asked = [guest.get("/v1/tasks") for _ in range(500)]
            assert [answer.status_code for answer in asked] == [401] * 3 + [429] * 497
            assert asked[-1].json()["error"]["code"] == "rate_limit_exceeded"
            assert 1 <= int(asked[-1].headers["Retry-After"]) <= 60
            ark = guest.get("/api/v3/contents/generations/tasks/cgt-1")
            assert (ark.status_code, ark.json()["error"]["code"]) == (429, "RateLimitExceeded")
            # The proxy of this machine is believed, so another client behind it is another address.
            other = {"X-Forwarded-For": "198.51.100.9"}
            assert guest.get("/v1/tasks", headers=other).status_code == 401
            guessed = [guest.get("/admin/v1/accounts", headers=other).status_code for _ in range(4)]
            assert guessed == [401, 401, 401, 429]
        with strict.client() as client, strict.admin() as admin:
            assert client.get("/v1/tasks").status_code == 200
            refused = admin.get("/admin/v1/accounts", headers=other)
            assert refused.status_code == 429, "not even a good one is looked at"
            assert admin.get("/admin/v1/accounts").status_code == 200
            metrics = admin.get("/metrics").text
        assert 'opendance_failed_keys_total{door="api"} 502.0' in metrics
        assert 'opendance_failed_keys_total{door="admin"} 5.0' in metrics
    finally:
        strict.stop()
    said = (tmp_path / "log").read_text()
    assert said.count("a key that is not good came from 127.0.0.1 (api)") == 1
    assert said.count("over 3 keys that are not good came from 127.0.0.1 (api)") == 1
    assert said.count("a key that is not good came from 198.51.100.9 (admin)") == 1
    assert BAD not in said
    assert ADMIN_KEY not in said


def test_a_proxy_that_is_not_trusted_names_no_other_address(tmp_path: Path) -> None:
    running = start_server(
        tmp_path,
        OPENDANCE_WORK="false",
        OPENDANCE_FAILED_KEYS_PER_MINUTE="1",
        OPENDANCE_TRUSTED_PROXIES="10.0.0.0/8",
    )
    try:
        with running.client(BAD) as guest:
            answers = [guest.get("/v1/tasks", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(3)]
        assert [answer.status_code for answer in answers] == [401, 429, 429]
    finally:
        running.stop()
