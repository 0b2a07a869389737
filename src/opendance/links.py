"""Links of this server to what it keeps: signed, and ending. The one place that knows which paths they have."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from opendance.catalog import FILE_SECONDS, RESULT_LINK_SECONDS
from opendance.errors import LinkExpired, LinkInvalid
from opendance.storage import INPUTS, UPLOADS, Picture, is_key, picture_key, result_key
from opendance.task import is_task_id

RESULT_PATH = "/v1/results/"
UPLOAD_PATH = "/api/v1/files/content/"
INPUT_PATH = "/v1/inputs/"
CALLBACK_PATH = "/v1/upstream-callbacks/"
TASK_PATH = "/v1/tasks/"
PICTURES = {"poster": Picture.POSTER, "strip": Picture.STRIP, "last-frame": Picture.LAST_FRAME}
"""What stands for each picture behind a task's path."""
RESULT = "result"
"""What stands for its video there."""


class Links:
    """Makes links and knows its own again.

    Args:
        secret: signs them.
        address: of this server, for what was made before addresses were noted.
    """

    def __init__(self, secret: bytes, address: str = "") -> None:
        self._secret, self._address = secret, address

    def at(self, address: str) -> Links:
        """The same, of a server that is reached at another address."""
        return Links(self._secret, address)

    def result(self, base_url: str, key: str, *, made: float) -> str:
        """A URL that gives a video, or a picture of it, until 24 hours after `made` (unix time).

        Args:
            base_url: the address that the task was created at; nothing where that is not known.
        """
        return self._link(base_url or self._address, RESULT_PATH, key, "", made + RESULT_LINK_SECONDS)  # OUT-09

    def upload(self, base_url: str, key: str, *, ends: float) -> str:
        """A URL that gives an uploaded file until `ends` (unix time)."""
        return self._link(base_url, UPLOAD_PATH, key, UPLOADS, ends)

    def input(self, base_url: str, key: str, *, ends: float) -> str:
        """A URL that lends a file to an upstream until `ends` (unix time)."""
        return self._link(base_url, INPUT_PATH, key, INPUTS, ends)

    def callback(self, base_url: str, request_key: str) -> str:
        """A URL where an upstream may tell that the task of this request has changed."""
        return f"{base_url.rstrip('/')}{CALLBACK_PATH}{request_key}?mark={self._sign(CALLBACK_PATH + request_key, 0)}"

    def check_callback(self, request_key: str, signature: str) -> None:
        """Whether a link of `callback` is good.

        Raises:
            LinkInvalid: it was altered.
        """
        if not hmac.compare_digest(signature.encode(), self._sign(CALLBACK_PATH + request_key, 0).encode()):
            raise LinkInvalid

    def check(self, key: str, ends: str, signature: str, *, now: float | None = None) -> int:
        """Whether a link to an object is good; gives the unix time when it ends.

        Raises:
            LinkInvalid: the link was altered.
            LinkExpired: it has ended.
        """
        if not ends.isascii() or not ends.isdigit() or ends[0] == "0" or len(ends) > 12 or not is_key(key):
            raise LinkInvalid
        if not hmac.compare_digest(signature.encode(), self._sign(key, int(ends)).encode()):
            raise LinkInvalid
        if int(ends) <= (time.time() if now is None else now):
            ended = datetime.fromtimestamp(int(ends), UTC).isoformat()
            hours = (FILE_SECONDS if key.startswith(UPLOADS) else RESULT_LINK_SECONDS) // 3600
            raise LinkExpired(ended=ended, hours=hours)
        return int(ends)

    def key_of(self, url: str, *, now: float) -> str | None:
        """The key of the upload, video or picture that a link of `upload` or `result` names, on whatever host; None if
        it is none.

        Raises:
            LinkExpired: it had ended at `now` (unix time).
        """
        try:
            parts = urlsplit(url)
        except ValueError:  # no link of ours, whatever it is
            return None
        for path, folder in ((UPLOAD_PATH, UPLOADS), (RESULT_PATH, "")):
            if parts.path.startswith(path):
                query, key = dict(parse_qsl(parts.query)), folder + unquote(parts.path.removeprefix(path))
                try:
                    self.check(key, query.get("ends", ""), query.get("signature", ""), now=now)
                except LinkInvalid:
                    return None
                return key
        return None

    def _link(self, base_url: str, path: str, key: str, folder: str, ends: float) -> str:
        """`folder` of the key is left out of the link: the path says it."""
        end = int(ends)
        name = quote(key.removeprefix(folder))
        return f"{base_url.rstrip('/')}{path}{name}?ends={end}&signature={self._sign(key, end)}"

    def _sign(self, text: str, ends: int) -> str:
        return hmac.new(self._secret, f"{text}\n{ends}".encode(), hashlib.sha256).hexdigest()


def thumb_path(file_id: str) -> str:
    """The path of this API that leads to the picture of an uploaded video; it wants a key."""
    return f"/api/v1/files/{file_id}/thumb"


def made_and_named(url: str, base_url: str) -> str | None:
    """The key of the video or picture that a task's path of this API names, at the address `base_url`; None if none."""
    base = base_url.rstrip("/") + TASK_PATH
    task_id, _, name = url.removeprefix(base).partition("?")[0].partition("/")
    if not url.startswith(base) or not is_task_id(task_id):
        return None
    if name == RESULT:
        return result_key(task_id)
    return picture_key(task_id, PICTURES[name]) if name in PICTURES else None
