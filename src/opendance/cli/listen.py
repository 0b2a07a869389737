"""opendance listen: brings callbacks to a program that has no public address, over event streams."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Annotated, Final

import httpx
import typer

from opendance.cli.common import ConfigFile, DataDir, app
from opendance.cli.own_server import server_on
from opendance.cli.printing import say, tell
from opendance.cli.where import installation, named_server
from opendance.client import ApiProblem, AsyncClient, ServerFailed, Task, Unreachable, webhooks
from opendance.errors import ConfigurationError

# As the server's own callbacks: s for a try, and after each that failed.
_LIMIT, _AGAIN_AFTER = 10.0, (1.0, 2.0, 4.0)
_LOOK_EVERY = 2.0  # s between two looks for new tasks
_STREAMS = 10  # event streams at a time, of those that an account may have
_MOST_KNOWN = 10_000
_OVERLAP = 60  # s; tasks of which a transaction was under way while another's was seen
_LIVE: Final = ("pending", "processing")


@app.command()
def listen(
    forward: Annotated[str, typer.Option(help="Where your program takes callbacks: http://localhost:3000/hook.")],
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Send what callbacks tell to an address of this machine: of every task that ends from now on, signed alike."""
    if not forward.lower().startswith(("http://", "https://")):
        raise ConfigurationError(f"--forward: {forward} is no address; one is http://localhost:3000/hook")
    named = named_server(data_dir, config)
    try:
        if named is not None:
            if named.api_key is None:
                raise ConfigurationError(f"OPENDANCE_API_KEY: {named.address} needs a key; set it")
            asyncio.run(_listen(named.address, named.api_key, forward))
            return
        # It waits for tasks of others: in a folder without an installation there will be none.
        folder = installation(data_dir, config).data_dir
        with server_on(folder, config, lambda _: None) as server:
            tell(f"server {server.address}, data in {folder}")
            asyncio.run(_listen(server.address, server.key, forward))
    except KeyboardInterrupt:
        return


async def _listen(address: str, key: str, forward: str) -> None:
    async with AsyncClient(address, key) as client, httpx.AsyncClient(timeout=_LIMIT) as receiver:
        tell(f"listening for tasks that end at {address}; they are told to {forward}; Ctrl-C ends it")
        await Listener(client, receiver, forward, secret=await client.callback_secret()).listen()


class Listener:
    """Finds tasks, follows them, and tells how each ended.

    Args:
        receiver: carries what is told.
        forward: the address that it is told to.
        secret: that signs it.
        since: unix time; tasks that were created before, and have ended, are left alone.
    """

    def __init__(
        self, client: AsyncClient, receiver: httpx.AsyncClient, forward: str, *, secret: str, since: float | None = None
    ) -> None:
        self._client, self._receiver, self._forward, self._secret = client, receiver, forward, secret
        self._since = int(time.time() if since is None else since)
        self._known: dict[str, None] = {}  # in the order in which they were found
        self._following: set[asyncio.Task[None]] = set()
        self._streams = asyncio.Semaphore(_STREAMS)

    async def listen(self) -> None:
        """For ever.

        Raises:
            ApiProblem: the server refuses to tell.
        """
        try:
            while True:
                try:
                    await self.look()
                except (Unreachable, ServerFailed) as problem:
                    tell(f"{problem.message}; it is asked again")
                await asyncio.sleep(_LOOK_EVERY)
        finally:
            for following in self._following:
                following.cancel()
            await asyncio.gather(*self._following, return_exceptions=True)

    async def look(self) -> None:
        """Begin to follow every task that is new.

        Raises:
            ApiProblem: the server does not tell.
        """
        newest = self._since
        async for task in self._client.tasks(created_after=self._since - 1):
            self._follow(task)
            newest = max(newest, task.created - _OVERLAP)
        self._since = newest
        for status in _LIVE:  # that were asked for before
            async for task in self._client.tasks(status=status):
                self._follow(task)

    async def done(self) -> None:
        """Wait until everything that was found is told."""
        await asyncio.gather(*self._following)

    def _follow(self, task: Task) -> None:
        if task.id in self._known:
            return
        self._known[task.id] = None
        for oldest in list(self._known)[: max(0, len(self._known) - _MOST_KNOWN)]:
            del self._known[oldest]
        following = asyncio.create_task(self._to_the_end(task))
        self._following.add(following)
        following.add_done_callback(self._following.discard)

    async def _to_the_end(self, task: Task) -> None:
        if not task.has_ended:
            async with self._streams:
                try:
                    async for changed in self._client.follow(task.id):
                        task = changed
                except ApiProblem as problem:
                    tell(f"{task.id}: {problem.message}")
                    self._known.pop(task.id, None)  # the next look finds it again
                    return
        await self._tell(task)

    async def _tell(self, task: Task) -> None:
        """Tell how it ended, as often as a callback is tried."""
        body = json.dumps(task.raw, ensure_ascii=False, separators=(",", ":")).encode()
        for pause in (*_AGAIN_AFTER, None):
            headers = webhooks.sign(f"msg-{task.id}", body, self._secret) | {"Content-Type": "application/json"}
            try:
                answer = await self._receiver.post(self._forward, content=body, headers=headers)
                came = f"HTTP {answer.status_code}"
            except httpx.RequestError as error:
                answer, came = None, f"no answer: {error}"
            now = datetime.now(UTC).strftime("%H:%M:%S")
            say(f"{now} {task.id} {task.status}: {came}")
            if (answer is not None and answer.is_success) or pause is None:
                return
            await asyncio.sleep(pause)
