"""Browsers that are signed in: by what they are known, what they must bring, and when they are out."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from opendance.administration import NewLink, create_link
from opendance.api.state import ServerState
from opendance.store.audit import list_audit
from opendance.store.database import Database
from opendance.store.tables import StudioLink, StudioSession
from tests.exchange import ADMIN_KEY, Exchange, running_app

HERE = "127.0.0.1:8000"


@dataclass
class Browser:
    """What a browser keeps, and how it asks.

    Attributes:
        cookies: as they were set; `csrf`: the word that its page knows.
    """

    app: FastAPI
    host: str = HERE
    scheme: str = "http"
    cookies: dict[str, str] = field(default_factory=dict[str, str])
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    csrf: str = ""

    @property
    def state(self) -> ServerState:
        return self.app.state.opendance

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Exchange:
        """As the Studio's own page asks; a header that is empty is not sent."""
        given = {
            "host": self.host,
            "origin": f"{self.scheme}://{self.host}",
            "x-opendance-csrf": self.csrf,
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        asked = Exchange(method, path, **{name: value for name, value in given.items() if value})
        done = await asked.run(self.app, iter([json.dumps(body).encode()]))
        if (set_cookie := done.headers.get("set-cookie")) is not None:
            for name, morsel in SimpleCookie(set_cookie).items():
                self.attributes = {"set": set_cookie}
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return done

    async def sign_in(self, **given: str) -> dict[str, Any]:
        done = await self.ask("POST", "/studio/v1/session", given)
        assert done.status == 200, done.body
        session = json.loads(done.body)
        self.csrf = session["csrf"]
        return session


async def new_link(state: ServerState, *, admin: bool = False) -> str:
    async with state.database.write() as connection:
        _, secret, _ = await create_link(connection, None, NewLink(admin=admin))
    return secret


@asynccontextmanager
async def browser(tmp_path: Path, **settings: Any) -> AsyncGenerator[tuple[Browser, str]]:
    async with running_app(tmp_path, **settings) as (app, key):
        yield Browser(app), key


def code(done: Exchange) -> str:
    return json.loads(done.body)["error"]["code"]


async def test_a_link_signs_in_once_and_says_afterwards_when_it_was_used_or_ended(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, _):
        link = await new_link(one.state)
        session = await one.sign_in(link=link)
        assert (session["key"]["name"], session["admin_until"]) == ("studio", None)
        again = await Browser(one.app).ask("POST", "/studio/v1/session", {"link": link})
        assert (again.status, code(again)) == (401, "link_used")
        assert json.loads(again.body)["error"]["details"][0]["params"]["at"] == pytest.approx(time.time(), abs=60)
        late = await new_link(one.state)
        async with one.state.database.write() as connection:
            await connection.execute(update(StudioLink).where(StudioLink.used.is_(None)).values(ends=time.time() - 1))
        ended = await Browser(one.app).ask("POST", "/studio/v1/session", {"link": late})
        assert (ended.status, code(ended)) == (401, "link_ended")
        unknown = await Browser(one.app).ask("POST", "/studio/v1/session", {"link": "ol_of_nobody"})
        assert (unknown.status, code(unknown)) == (401, "unauthorized")


async def test_two_browsers_with_one_link_at_the_same_time_are_one_session(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, _):
        link = await new_link(one.state)
        asked = [Browser(one.app).ask("POST", "/studio/v1/session", {"link": link}) for _ in range(5)]
        assert sorted([done.status for done in await asyncio.gather(*asked)]) == [200, 401, 401, 401, 401]


async def test_no_secret_is_kept_as_it_is(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, _):
        link = await new_link(one.state)
        await one.sign_in(link=link)
        [token] = one.cookies.values()
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("opendance.sqlite3*"))
    assert link.encode() not in kept
    assert token.encode() not in kept


async def test_the_cookie_is_for_this_server_alone_and_for_no_script(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        await one.sign_in(key=key)
        assert list(one.cookies) == ["opendance-8000"]
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(one.attributes["set"].split("; "))
        assert "Secure" not in one.attributes["set"]


async def test_where_the_public_address_is_https_the_cookie_is_of_that_host(tmp_path: Path) -> None:
    async with browser(tmp_path, public_url="https://video.example") as (one, key):
        one.host, one.scheme = "video.example", "https"
        await one.sign_in(key=key)
        assert list(one.cookies) == ["__Host-opendance"]
        assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(one.attributes["set"].split("; "))
        assert "Domain" not in one.attributes["set"]


async def test_what_changes_something_needs_the_word_of_the_session_and_a_page_of_this_origin(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        await one.sign_in(key=key)
        unsafe = ("POST", "/v1/callbacks/secret/rotate")
        assert (await one.ask(*unsafe)).status == 200
        forged: list[dict[str, str]] = [
            {"x_opendance_csrf": ""},
            {"x_opendance_csrf": "0" * 64},
            {"origin": "http://evil.test"},
            {"origin": "null"},
            {"origin": "https://127.0.0.1:8000"},
            {"origin": "http://127.0.0.1:8001"},
            {"origin": "http://127.0.0.1:99999"},
            {"origin": ""},
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site"},
            {"sec_fetch_site": "none"},
        ]
        for headers in forged:
            done = await one.ask(*unsafe, **headers)
            assert (done.status, code(done)) == (403, "csrf_failed"), headers
        assert (await one.ask(*unsafe, origin="", sec_fetch_site="same-origin")).status == 200
        assert (await one.ask("GET", "/v1/credits", origin="", x_opendance_csrf="")).status == 200


def unsafe_routes(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every route that wants somebody and may change something."""
    found = [
        (method.upper(), re.sub(r"\{.*?\}", "x", path))
        for path, methods in app.openapi()["paths"].items()
        for method, told in methods.items()
        if method != "get" and told.get("security") != []
    ]
    assert len(found) > 30
    return found


@pytest.mark.parametrize(
    "forged", [{"x_opendance_csrf": ""}, {"origin": "http://evil.test"}, {"sec_fetch_site": "cross-site"}], ids=str
)
async def test_every_route_that_changes_something_refuses_a_session_on_another_page(
    tmp_path: Path, forged: dict[str, str]
) -> None:
    async with browser(tmp_path) as (one, _):
        await one.sign_in(link=await new_link(one.state, admin=True))
        for method, path in unsafe_routes(one.app):
            done = await one.ask(method, path, {}, **forged)
            assert done.status == 403, (method, path, done.body)


async def test_with_a_key_every_route_works_as_before_wherever_the_page_is_from(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        await one.sign_in(key=key)
        for method, path in unsafe_routes(one.app):
            if path.startswith("/studio/"):  # where only sessions are
                continue
            operators = path.startswith("/admin/")
            given = {"authorization": f"Bearer {ADMIN_KEY if operators else key}"}
            foreign = {"origin": "http://evil.test", "x_opendance_csrf": "", "sec_fetch_site": "cross-site"}
            done = await one.ask(method, path, {}, **given, **foreign)
            assert done.status not in (401, 403, 421), (method, path, done.body)


async def test_signing_in_is_not_done_from_another_page(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        for headers in ({"origin": "http://evil.test"}, {"sec_fetch_site": "cross-site"}, {"origin": ""}):
            done = await one.ask("POST", "/studio/v1/session", {"key": key}, **headers)
            assert (done.status, code(done)) == (403, "csrf_failed")
            assert "set-cookie" not in done.headers


async def test_a_name_that_was_led_here_by_somebody_else_is_nobody(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        await one.sign_in(key=key)
        stranger = {"host": "evil.test:8000", "origin": "http://evil.test:8000"}
        for method, path in (("GET", "/v1/credits"), ("GET", "/studio/v1/session"), ("POST", "/studio/v1/session")):
            done = await one.ask(method, path, {"key": key}, **stranger)
            assert (done.status, code(done)) == (421, "misdirected_request"), path
        with_key = await Exchange("GET", "/v1/credits", key, host="evil.test:8000").run(one.app)
        assert with_key.status == 200
        for host in ("localhost:8000", "[::1]:8000", "192.168.1.20:8000"):
            other = Browser(one.app, host=host)
            await other.sign_in(key=key)
            assert (await other.ask("GET", "/v1/credits")).status == 200


async def test_names_that_the_operator_trusts_are_this_server(tmp_path: Path) -> None:
    async with browser(tmp_path, trusted_hosts=("*.example.com", "127.0.0.1")) as (one, key):
        inside = Browser(one.app, host="studio.example.com")
        await inside.sign_in(key=key)
        assert (await inside.ask("GET", "/v1/credits")).status == 200


async def test_where_a_key_comes_too_the_key_counts(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        await one.sign_in(link=await new_link(one.state))
        done = await one.ask("POST", "/v1/callbacks/secret/rotate", authorization=f"Bearer {key}", x_opendance_csrf="")
        assert done.status == 200
        wrong = await one.ask("GET", "/v1/credits", authorization="Bearer od-of-nobody")
        assert wrong.status == 401


async def test_a_token_is_no_key_and_a_key_is_no_token(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        await one.sign_in(key=key)
        [(name, token)] = one.cookies.items()
        assert (await Exchange("GET", "/v1/credits", token).run(one.app)).status == 401
        one.cookies[name] = key
        assert (await one.ask("GET", "/v1/credits")).status == 401


async def test_a_browser_that_signs_in_has_a_token_that_nobody_chose_and_the_former_is_no_more(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        one.cookies["opendance-8000"] = "os_chosen-by-somebody-else"
        await one.sign_in(key=key)
        first = dict(one.cookies)
        assert first["opendance-8000"] != "os_chosen-by-somebody-else"
        await one.sign_in(key=key)
        assert one.cookies != first
        former = Browser(one.app, cookies=first)
        assert (await former.ask("GET", "/v1/credits")).status == 401


async def test_a_session_is_raised_with_the_admin_key_and_lowered_each_time_with_another_token(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        await one.sign_in(key=key)
        assert (await one.ask("GET", "/admin/v1/accounts")).status == 401
        assert (await one.ask("POST", "/studio/v1/session/admin", {"key": key})).status == 401
        plain, word = dict(one.cookies), one.csrf
        raised = json.loads((await one.ask("POST", "/studio/v1/session/admin", {"key": ADMIN_KEY})).body)
        assert raised["admin_until"] == pytest.approx(time.time() + 8 * 3600, abs=60)
        assert (await Browser(one.app, cookies=plain, csrf=word).ask("GET", "/v1/credits")).status == 401
        assert (await one.ask("POST", "/admin/v1/accounts", {"name": "x"})).status == 403  # the word is another one too
        one.csrf = raised["csrf"]
        assert (await one.ask("POST", "/admin/v1/accounts", {"name": "x"})).status == 200
        high = dict(one.cookies)
        lowered = json.loads((await one.ask("DELETE", "/studio/v1/session/admin")).body)
        assert lowered["admin_until"] is None
        assert (await one.ask("GET", "/admin/v1/accounts")).status == 401
        assert (await Browser(one.app, cookies=high).ask("GET", "/admin/v1/accounts")).status == 401
        async with one.state.database.read() as connection:
            rows = await list_audit(connection, kind="admin.create_account", limit=10)
        assert [row.actor for row in rows] == [f"session {raised['session_id'].removeprefix('session-')}"]


async def test_what_the_operator_may_ends_after_eight_hours_and_a_session_that_is_not_used(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, _):
        await one.sign_in(link=await new_link(one.state, admin=True))
        assert (await one.ask("GET", "/admin/v1/accounts")).status == 200
        await change(one.state.database, admin_until=time.time() - 1)
        one.state.callers.clear()
        assert (await one.ask("GET", "/admin/v1/accounts")).status == 401
        assert (await one.ask("GET", "/v1/credits")).status == 200
        await change(one.state.database, last_used=time.time() - 31 * 86_400)
        one.state.callers.clear()
        assert (await one.ask("GET", "/v1/credits")).status == 401


async def change(database: Database, **values: Any) -> None:
    async with database.write() as connection:
        await connection.execute(update(StudioSession).values(**values))


async def test_a_session_ends_with_its_key_with_signing_out_and_when_another_ends_it(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        session = await one.sign_in(key=key)
        other = Browser(one.app)
        await other.sign_in(key=key)
        rows = json.loads((await other.ask("GET", "/studio/v1/sessions")).body)["data"]
        assert [row["is_this"] for row in rows].count(True) == 1
        done = await other.ask("DELETE", f"/studio/v1/sessions/{session['session_id']}")
        assert done.status == 200
        assert (await one.ask("GET", "/v1/credits")).status == 401
        cookies = dict(other.cookies)
        assert (await other.ask("DELETE", "/studio/v1/session")).status == 200
        assert other.cookies == {}
        assert (await Browser(one.app, cookies=cookies).ask("GET", "/v1/credits")).status == 401
        third = Browser(one.app)
        session = await third.sign_in(key=key)
        revoked = await Exchange("DELETE", f"/admin/v1/keys/{session['key']['id']}", ADMIN_KEY).run(one.app)
        assert revoked.status == 200
        assert (await third.ask("GET", "/v1/credits")).status == 401


async def test_a_session_of_one_account_is_not_ended_by_another(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        session = await one.sign_in(key=key)
        for path, body in (("", {"name": "b"}), ("/b/keys", {"name": "b"})):
            made = await Exchange("POST", f"/admin/v1/accounts{path}", ADMIN_KEY).run(
                one.app, iter([json.dumps(body).encode()])
            )
        other = Browser(one.app)
        await other.sign_in(key=json.loads(made.body)["key"])
        assert (await other.ask("DELETE", f"/studio/v1/sessions/{session['session_id']}")).status == 404
        assert (await one.ask("GET", "/v1/credits")).status == 200


async def test_ten_wrong_keys_a_minute_are_looked_at_and_no_more(tmp_path: Path) -> None:
    async with browser(tmp_path) as (one, key):
        tried = [await one.ask("POST", "/studio/v1/session", {"key": f"od-{number}"}) for number in range(11)]
        assert [done.status for done in tried] == [401] * 10 + [429]
        assert 0 < int(tried[-1].headers["retry-after"]) <= 60
        good = await one.ask("POST", "/studio/v1/session", {"key": key})
        assert good.status == 429


async def test_operators_with_a_listener_of_their_own_raise_no_session_elsewhere(tmp_path: Path) -> None:
    async with browser(tmp_path, admin_port=9999) as (one, key):
        session = await one.sign_in(key=key)
        assert session["features"]["admin"] is False
        assert (await one.ask("POST", "/studio/v1/session/admin", {"key": ADMIN_KEY})).status == 404


async def test_other_pages_that_may_ask_from_a_browser_never_bring_the_cookie(tmp_path: Path) -> None:
    async with browser(tmp_path, cors_origins=("https://app.example",)) as (one, key):
        await one.sign_in(key=key)
        done = await one.ask("GET", "/v1/credits", origin="https://app.example")
        assert "access-control-allow-credentials" not in done.headers
        forged = await one.ask("POST", "/v1/callbacks/secret/rotate", origin="https://app.example")
        assert forged.status == 403
