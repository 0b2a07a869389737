"""A page of another site, in the browser of somebody who is signed in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.studio.conftest import Studio

pytestmark = pytest.mark.studio
_UNSAFE = "/v1/callbacks/secret/rotate"


@contextmanager
def another_site(body: str) -> Generator[str]:
    """A page of `localhost`, which is another site than 127.0.0.1; gives its address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>Another</title><body>{body}</body>".encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_form_of_another_site_is_sent_without_the_session(studio: Studio, sign_in: Callable[..., Any]) -> None:
    page = sign_in(studio)
    page.locator("div[role=textbox]").wait_for()
    form = f'<form method="post" action="{studio.address}{_UNSAFE}"><button>Win</button></form>'
    with another_site(form) as address:
        page.goto(address)
        with page.expect_response(f"**{_UNSAFE}") as answer:
            page.get_by_role("button", name="Win").click()
        assert "cookie" not in answer.value.request.all_headers()
        assert answer.value.status == 401


def test_a_script_of_another_site_reads_nothing_and_changes_nothing(
    studio: Studio, sign_in: Callable[..., Any]
) -> None:
    page = sign_in(studio)
    page.locator("div[role=textbox]").wait_for()
    with another_site("") as address:
        page.goto(address)
        ask = (
            """([url, method]) => fetch(url, { method, credentials: 'include' }).then(() => 'read', () => 'refused')"""
        )
        for path, method in (("/v1/credits", "GET"), ("/studio/v1/session", "GET"), (_UNSAFE, "POST")):
            assert page.evaluate(ask, [studio.address + path, method]) == "refused", path
    # The session is as it was.
    page.goto(studio.address)
    page.locator("div[role=textbox]").wait_for()
