"""Links that sign in: they work once, and their secret stays nowhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import start_server
from tests.studio.conftest import QUICK, Studio

pytestmark = pytest.mark.studio


def test_a_link_signs_in_once_and_its_secret_is_in_no_address_history_or_log(
    tmp_path: Path, new_page: Callable[..., Any]
) -> None:
    with (tmp_path / "log").open("wb") as log:
        server = start_server(tmp_path / "data", stderr=log, OPENDANCE_LOG_LEVEL="debug", **QUICK)
        try:
            studio, page = Studio(server), new_page()
            link = studio.link()
            secret = link.partition("#link=")[2]
            page.goto(link)
            page.get_by_role("navigation").first.wait_for()
            assert "#" not in page.url
            page.goto("about:blank")
            page.go_back()
            assert secret not in page.url
            again = new_page()
            again.goto(link)
            alert = again.get_by_role("alert").first
            alert.wait_for()
            assert re.search(r"used at \d", alert.inner_text())
            assert "#" not in again.url
            late = studio.link()
            engine = create_engine(f"sqlite:///{server.data_dir / 'opendance.sqlite3'}")
            with engine.begin() as connection:
                connection.execute(
                    text("UPDATE studio_links SET ends = :now WHERE used IS NULL"), {"now": time.time() - 60}
                )
            engine.dispose()
            over = new_page()
            over.goto(late)
            alert = over.get_by_role("alert").first
            alert.wait_for()
            assert re.search(r"ended at \d", alert.inner_text())
        finally:
            server.stop()
    assert secret not in (tmp_path / "log").read_text()
