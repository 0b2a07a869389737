"""Finished objects: a local folder, and links to it that are signed and end."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from opendance.catalog import FILE_SECONDS, RESULT_LINK_SECONDS
from opendance.errors import LinkExpired, LinkInvalid

UPLOADS = "uploads/"  # keys of uploaded files begin so
UPLOAD_PATH = "/api/v1/files/content/"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class LocalStorage:
    """Objects as files below one folder.

    Args:
        folder: where they lie.
        secret: signs the links.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._folder, self._secret = folder, secret

    def path(self, key: str) -> Path:
        """Where the object lies.

        Raises:
            ValueError: `key` is not a plain relative path.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not an object key")
        return self._folder / key

    def put(self, key: str, source: Path) -> None:
        """Store a copy of `source`; whoever reads sees the whole object or none. Doing it twice does no harm."""
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        shutil.copyfile(source, part)
        part.replace(target)

    def remove(self, key: str) -> None:
        """Forget an object; one that is gone already is no error."""
        self.path(key).unlink(missing_ok=True)

    def link(self, base_url: str, key: str, *, made: float) -> str:
        """A URL that gives the object until 24 hours after `made` (unix time)."""
        return f"{base_url.rstrip('/')}/v1/results/{quote(key)}?{self._signed(key, int(made + RESULT_LINK_SECONDS))}"

    def upload_link(self, base_url: str, key: str, *, ends: float) -> str:
        """A URL that gives an uploaded file until `ends` (unix time)."""
        name = key.removeprefix(UPLOADS)
        return f"{base_url.rstrip('/')}{UPLOAD_PATH}{quote(name)}?{self._signed(key, int(ends))}"

    def own_upload(self, url: str) -> Path | None:
        """The uploaded file that a link of `upload_link` names, on whatever host; None where it is no such link.

        Raises:
            LinkExpired: it has ended.
        """
        parts = urlsplit(url)
        if not parts.path.startswith(UPLOAD_PATH):
            return None
        query = dict(parse_qsl(parts.query))
        key = UPLOADS + unquote(parts.path.removeprefix(UPLOAD_PATH))
        try:
            return self.open_link(key, query.get("ends", ""), query.get("signature", ""))
        except LinkInvalid:
            return None

    def open_link(self, key: str, ends: str, signature: str) -> Path:
        """The file that a link of `link` leads to.

        Raises:
            LinkInvalid: the link was altered, or what it led to was removed.
            LinkExpired: it has ended.
        """
        if not ends.isascii() or not ends.isdigit() or len(ends) > 12 or not _KEY.fullmatch(key):
            raise LinkInvalid
        if not hmac.compare_digest(signature.encode(), self._sign(key, int(ends)).encode()):
            raise LinkInvalid
        if int(ends) <= time.time():
            ended = datetime.fromtimestamp(int(ends), UTC).isoformat()
            hours = (FILE_SECONDS if key.startswith(UPLOADS) else RESULT_LINK_SECONDS) // 3600
            raise LinkExpired(ended=ended, hours=hours)
        path = self.path(key)
        if not path.is_file():
            raise LinkInvalid
        return path

    def _signed(self, key: str, ends: int) -> str:
        return f"ends={ends}&signature={self._sign(key, ends)}"

    def _sign(self, key: str, ends: int) -> str:
        return hmac.new(self._secret, f"{key}\n{ends}".encode(), hashlib.sha256).hexdigest()
