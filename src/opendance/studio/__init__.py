"""The Studio's built page: `static/`, made of `web/` by the build (`packing/studio.py`); git knows nothing of it."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).parent / "static"
PAGE, ASSETS = "index.html", "assets"


def is_built() -> bool:
    """Whether the page is there."""
    return (STATIC / PAGE).is_file()


def link_address(base_url: str, secret: str) -> str:
    """What a browser opens. The secret stands behind the #, which no browser sends: no log and no proxy sees it."""
    return f"{base_url.rstrip('/')}/#link={secret}"
