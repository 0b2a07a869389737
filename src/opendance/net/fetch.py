"""The guarded client: the one way to a URL that somebody outside gave.

It resolves names itself, refuses what is not public, and connects to the very address that it checked - for every hop
of a redirect anew - so that a name which changes its answer between check and use leads nowhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpcore
import httpx
import stamina

from opendance import __version__
from opendance.errors import AddressRefused, ConfigurationError, FetchError, TooLarge
from opendance.net.addresses import IPAddress, IPNetwork, is_allowed_address

Headers = Iterable[tuple[bytes, bytes]]
Resolve = Callable[[str, int], Awaitable[list[str]]]

_log = logging.getLogger(__name__)
MAX_REDIRECTS = 5
# Also of a name that leads inside: who asks for one must not learn which names there are here, nor where they lead.
_NOWHERE = "there is no public host of this name"
_REDIRECTS = (301, 302, 303, 307, 308)
_TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
_HEADERS = (
    (b"User-Agent", f"Opendance/{__version__}".encode()),
    (b"Accept", b"*/*"),
    (b"Accept-Encoding", b"identity"),  # a packed answer could unpack without end
    (b"Connection", b"close"),
)


@dataclass(frozen=True)
class FetchLimits:
    """Time limits of one download, s, and how often it is tried again.

    Attributes:
        connect: until a connection stands, name resolution included.
        stall: without a byte.
        overall: all tries and redirects together.
        grace: of one try, redirects included, before `least_rate` holds.
        least_rate: bytes a second that must have come on the average of the time after that.
        pauses: before each further try.
    """

    connect: float = 10.0
    stall: float = 15.0
    overall: float = 120.0
    grace: float = 20.0
    least_rate: float = 64 * 1024
    pauses: tuple[float, ...] = (0.5, 1.5)


async def resolve_name(host: str, port: int) -> list[str]:
    """Every address of a name, by the system's resolver; it also reads 0x7f.1, 2130706433 and the like."""
    entries = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def _plain_backend() -> httpcore.AsyncNetworkBackend:
    return cast(httpcore.AsyncNetworkBackend, httpcore.AnyIOBackend())


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, allow: tuple[IPNetwork, ...], resolve: Resolve) -> None:
        self._allow, self._resolve, self._inner = allow, resolve, _plain_backend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        began = time.monotonic()
        addresses = await self._checked(host.strip("[]"), port, timeout)
        seconds_left = None if timeout is None else max(0.1, timeout - (time.monotonic() - began))
        problem: Exception = httpcore.ConnectError("no address")
        for address in addresses[:4]:
            try:
                return await self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=None if seconds_left is None else seconds_left / min(4, len(addresses)),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    async def _checked(self, host: str, port: int, timeout: float | None) -> list[IPAddress]:
        try:
            async with asyncio.timeout(timeout):
                answers = await self._resolve(host, port)
        except TimeoutError:
            raise FetchError("the name could not be resolved in time", transient=True) from None
        except (OSError, UnicodeError) as error:
            again = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            raise FetchError(_NOWHERE, transient=again) from None
        addresses = [ipaddress.ip_address(answer) for answer in answers]
        for address in addresses:  # one inside is enough: which one is used must not be left to chance
            if not is_allowed_address(address, self._allow):  # CB-02
                if str(address) == host:
                    raise AddressRefused("its address is not a public one; it must be where this server may reach it")
                _log.info("%s is not fetched from: its address %s is not a public one", host, address)
                raise FetchError(_NOWHERE)
        return addresses

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("sockets of this machine are not fetched from")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class GuardedClient:
    """Downloads files from public addresses, and posts to them.

    Args:
        allow: networks that are not public and allowed all the same.
        resolve: gives the addresses of a name.
        trust: certificates that are trusted; default: the public ones.
    """

    def __init__(
        self,
        allow: tuple[IPNetwork, ...] = (),
        *,
        limits: FetchLimits | None = None,
        resolve: Resolve = resolve_name,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or FetchLimits()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust,
            max_connections=None,
            max_keepalive_connections=0,  # every request checks its address
            network_backend=_GuardedBackend(allow, resolve),
        )

    async def close(self) -> None:
        """End every connection."""
        await self._pool.aclose()

    async def download(self, url: str, target: Path, *, max_bytes: int) -> int:
        """Save what `url` names at `target` and give its size; `target` appears only once it is whole.

        Raises:
            TooLarge: it is larger than `max_bytes`.
            FetchError: it could not be had, or is empty.
        """
        part = target.with_name(target.name + ".part")
        try:
            async with asyncio.timeout(self._limits.overall):
                size = await self._try(url, part, max_bytes)
            part.replace(target)
            return size
        except TimeoutError:
            raise FetchError(f"it did not arrive within {self._limits.overall:g} s", transient=True) from None
        finally:
            part.unlink(missing_ok=True)

    async def post(self, url: str, content: bytes, headers: dict[str, str]) -> int:
        """Send `content` and give the status of the answer, whose body is not read. No redirect is followed.

        Raises:
            FetchError: it could not be sent, or was not answered within the overall limit.
        """
        where = _parsed(url)
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        sent.append((b"Content-Length", str(len(content)).encode()))
        try:
            async with asyncio.timeout(self._limits.overall), AsyncExitStack() as stack:
                return (await self._send(stack, "POST", where, sent, content)).status
        except TimeoutError:
            raise FetchError(f"it was not answered within {self._limits.overall:g} s", transient=True) from None

    async def ask(self, url: str, content: bytes, headers: dict[str, str], *, max_bytes: int) -> tuple[int, bytes]:
        """Send `content` and give the status and the body of the answer. No redirect is followed.

        Raises:
            TooLarge: the answer is larger than `max_bytes`.
            FetchError: it could not be sent, or was not answered within the overall limit.
        """
        where = _parsed(url)
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        sent.append((b"Content-Length", str(len(content)).encode()))
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.overall), AsyncExitStack() as stack:
                response = await self._send(stack, "POST", where, sent, content)
                async for chunk in response.aiter_stream():
                    body += chunk
                    if len(body) > max_bytes:
                        raise TooLarge(max_bytes)
                return response.status, bytes(body)
        except TimeoutError:
            raise FetchError(f"it was not answered within {self._limits.overall:g} s", transient=True) from None
        except httpcore.TimeoutException:
            raise FetchError(f"no byte came for {self._limits.stall:g} s", transient=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise FetchError("the connection broke off in the middle", transient=True) from None

    async def _try(self, url: str, part: Path, max_bytes: int) -> int:
        pauses = iter(self._limits.pauses)

        def again(error: Exception) -> bool | float:
            """The pause before the next try, s; False where there shall be none."""
            return next(pauses, 0.0) if isinstance(error, FetchError) and error.transient else False

        # The overall limit is around all of it.
        tries = stamina.AsyncRetryingCaller(attempts=1 + len(self._limits.pauses), timeout=None)
        return await tries(again, self._follow, url, part, max_bytes)

    async def _follow(self, url: str, part: Path, max_bytes: int) -> int:
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began + self._limits.grace) as ends:

                def came(size: int) -> None:
                    ends.reschedule(began + self._limits.grace + size / self._limits.least_rate)

                return await self._followed(url, part, max_bytes, came)
        except TimeoutError:  # another try would only take as long
            rate = self._limits.least_rate / 1024
            raise FetchError(f"it comes too slowly: a host must give {rate:g} KB/s and more") from None

    async def _followed(self, url: str, part: Path, max_bytes: int, came: Callable[[int], None]) -> int:
        where = _parsed(url)
        for _ in range(MAX_REDIRECTS + 1):
            async with AsyncExitStack() as stack:
                response = await self._send(stack, "GET", where)
                if response.status in _REDIRECTS and (location := _header(response, b"location")) is not None:
                    where = _parsed(location, base=where)
                    continue
                if response.status != 200:
                    raise FetchError(f"the host answered {response.status}", transient=response.status in _TRANSIENT)
                return await self._save(response, part, max_bytes, came)
        raise FetchError(f"it was redirected more than {MAX_REDIRECTS} times")

    async def _send(
        self, stack: AsyncExitStack, method: str, where: httpx.URL, headers: Headers = (), content: bytes | None = None
    ) -> httpcore.Response:
        limits = self._limits
        timeout = {"connect": limits.connect, "read": limits.stall, "write": limits.stall, "pool": limits.overall}
        request = self._pool.stream(
            method,
            httpcore.URL(scheme=where.raw_scheme, host=where.raw_host, port=where.port, target=where.raw_path),
            headers=[(b"Host", where.netloc), *_HEADERS, *headers],
            content=content,
            extensions={"timeout": timeout},
        )
        try:
            return await stack.enter_async_context(request)
        except httpcore.TimeoutException:
            raise FetchError("the host did not answer in time", transient=True) from None
        except httpcore.ConnectError as error:
            # The pool takes the cause away; what the error was made of stays its context.
            if isinstance(error.__context__, ssl.SSLCertVerificationError):
                raise FetchError("its certificate is not valid") from None
            if isinstance(error.__context__, ssl.SSLError):
                raise FetchError("it does not speak TLS there, or none that is spoken here") from None
            raise FetchError("the host cannot be connected to", transient=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise FetchError("the connection broke", transient=isinstance(error, httpcore.NetworkError)) from None
        except (UnicodeError, ValueError, OSError):
            raise FetchError("the URL cannot be asked for") from None

    async def _save(self, response: httpcore.Response, part: Path, max_bytes: int, came: Callable[[int], None]) -> int:
        coding = (_header(response, b"content-encoding") or "identity").strip().lower()
        if coding not in ("", "identity"):
            raise FetchError(f"the host packed it ({coding}) although it was asked not to")
        declared = _header(response, b"content-length") or ""
        if declared.isdigit() and int(declared) > max_bytes:
            raise TooLarge(max_bytes)
        size = 0
        try:
            with part.open("wb") as out:
                async for chunk in response.aiter_stream():
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooLarge(max_bytes)
                    came(size)
                    await asyncio.to_thread(out.write, chunk)
        except httpcore.TimeoutException:
            raise FetchError(f"no byte came for {self._limits.stall:g} s", transient=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise FetchError("the connection broke off in the middle", transient=True) from None
        if size == 0:
            raise FetchError("it is empty")
        return size


def trusted(ca: Path | None, *, setting: str) -> ssl.SSLContext | None:
    """What certificates are trusted: the public ones, and those in the file `ca`.

    Args:
        setting: that names the file, for the operator.

    Raises:
        ConfigurationError: the file cannot be read, or has no certificates.
    """
    if ca is None:
        return None
    context = httpcore.default_ssl_context()
    try:
        context.load_verify_locations(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{setting}: {ca} has no certificates in PEM form: {error}") from None
    return context


def _parsed(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        parsed = httpx.URL(url) if base is None else base.join(url)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise FetchError("it leads to something that is no URL") from None
    if parsed.scheme not in ("http", "https") or not parsed.raw_host:
        raise FetchError(f"only http and https are fetched, not {parsed.scheme[:20] or 'a URL without scheme'}")
    if parsed.userinfo:
        raise FetchError("a URL with a user name or password is not fetched")
    return parsed


def _header(response: httpcore.Response, name: bytes) -> str | None:
    return next((_text(value) for key, value in response.headers if key.lower() == name), None)


def _text(value: bytes) -> str:
    """A value as browsers read it: UTF-8, and bytes of another code as they are in URLs.

    RFC 9110 has ASCII only; hosts send the names of files as they lie there.
    """
    try:
        return value.decode()
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value)
