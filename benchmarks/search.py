"""How long a list of one account's 20,000 tasks takes by each filter, search and sort, on both databases.

Prompts are in four languages, one of twenty as long as what is searched of one. SQLite answers on the event loop: each
line of it is time in which the server does nothing else.

`python -m benchmarks.search [tasks]`
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tests.databases import running_postgresql

from opendance.catalog import AspectRatio, Quality
from opendance.order import Order
from opendance.store.beginning import ensure_default_account
from opendance.store.database import Database, migrate, open_database
from opendance.store.listing import Filter, Sort, list_tasks
from opendance.store.search import SEARCHED_CHARACTERS, index_task
from opendance.store.tasks import TaskRecord, create_task
from opendance.task import Status, new_task_id

_ROUNDS = 9
_WAITING = 50  # tasks that have not ended
_WORDS = {
    " ": "a the cat walks through an old garden at sunset in cinematic light close-up of a dancer slow dolly river "
    "mountain neon city rain golden hour camera pans left portrait film grain storm lighthouse harbour snow train",
    "": "一只猫在花园里走过夕阳电影感光线特写镜头老人弹钢琴慢速推轨森林河流山城市雨夜霓虹梦幻黄金时刻",
    "、": "猫が 庭を 歩く 夕焼け 映画の 光 クローズアップ 踊る 女性 川 山 雨の 街 カメラが 左へ 桜 電車 雪",
    "  ": "고양이가 정원을 걷는다 노을 영화 같은 빛 클로즈업 춤추는 여자 강 산 비 오는 도시 카메라 왼쪽 벚꽃 기차",
}
_KINDS: dict[str, tuple[Filter, Sort]] = {
    "no filter": (Filter(), Sort.NEWEST),
    "created": (Filter(), Sort.OLDEST),
    "-finished": (Filter(), Sort.ENDED_LAST),
    "finished": (Filter(), Sort.ENDED_FIRST),
    "status pending": (Filter(status=Status.PENDING), Sort.NEWEST),
    "favourite": (Filter(favourite=True), Sort.NEWEST),
    "favourite, -finished": (Filter(favourite=True), Sort.ENDED_LAST),
    "kept (none)": (Filter(kept=True), Sort.NEWEST),
    "hidden (none)": (Filter(hidden=True), Sort.NEWEST),
    "engine": (Filter(engine="previs"), Sort.NEWEST),
    "engine (none)": (Filter(engine="no-such"), Sort.NEWEST),
    "quality (none)": (Filter(quality=Quality.P1080), Sort.NEWEST),
    "ratio": (Filter(aspect_ratio=AspectRatio.R21_9), Sort.NEWEST),
    "one day": (Filter(created_from=1e9 + 86_400, created_before=1e9 + 2 * 86_400), Sort.NEWEST),
    "tag": (Filter(tag="holiday"), Sort.NEWEST),
    "tag (none)": (Filter(tag="no such tag"), Sort.NEWEST),
    "common word": (Filter(search="cat"), Sort.NEWEST),
    "common word, -finished": (Filter(search="cat"), Sort.ENDED_LAST),
    "common word and favourite": (Filter(search="cat", favourite=True), Sort.NEWEST),
    "common word, quality (none)": (Filter(search="cat", quality=Quality.P1080), Sort.NEWEST),
    "rare word": (Filter(search="zeppelin"), Sort.NEWEST),
    "rare word, finished": (Filter(search="zeppelin"), Sort.ENDED_FIRST),
    "phrase": (Filter(search="sunset in cinematic"), Sort.NEWEST),
    "common words in no such order": (Filter(search="the the the cat the"), Sort.NEWEST),
    "two Han characters": (Filter(search="电影"), Sort.NEWEST),
    "one Han character": (Filter(search="猫"), Sort.NEWEST),
    "rare Han character": (Filter(search="鯨"), Sort.NEWEST),
    "two syllables of Hangul": (Filter(search="도시"), Sort.NEWEST),
    "one letter": (Filter(search="a"), Sort.NEWEST),
    "one letter, finished": (Filter(search="a"), Sort.ENDED_FIRST),
    "one letter, quality (none)": (Filter(search="a", quality=Quality.P1080), Sort.NEWEST),
    "part of every id": (Filter(search="task-unified"), Sort.NEWEST),
    "nothing found": (Filter(search="qqqqzzzz"), Sort.NEWEST),
}


def _prompt(rng: random.Random, number: int) -> str:
    joint, words = rng.choice(list(_WORDS.items()))
    choice = list(words) if joint == "" else words.split()
    prompt = joint.join(rng.choices(choice, k=rng.randint(10, 60)))
    if number % 20 == 0:
        prompt = (prompt + joint) * (SEARCHED_CHARACTERS // len(prompt))
    return prompt + {7: " zeppelin", 77: " 鯨"}.get(number % 2000, "")


async def _fill(database: Database, count: int) -> str:
    """Tasks of the first account; most have ended."""
    rng = random.Random(7)
    async with database.write() as connection:
        account = await ensure_default_account(connection)
    for start in range(0, count, 500):
        async with database.write() as connection:
            for number in range(start, min(start + 500, count)):
                task = _task(rng, account, number, ended=number < count - _WAITING)
                await create_task(connection, task)
                if task.status.terminal:
                    await index_task(
                        connection, account, task.id, title=task.title, tags=task.tags, prompt=task.order.prompt
                    )
    return account


def _task(rng: random.Random, account: str, number: int, *, ended: bool) -> TaskRecord:
    order = Order(
        model="seedance-2.0-text-to-video",
        prompt=_prompt(rng, number),
        quality=rng.choice((Quality.P480, Quality.P720)),
        aspect_ratio=rng.choice(list(AspectRatio)),
    )
    task = TaskRecord(
        new_task_id(1.7e9 + number), account, "default", order.model, order, seed=1, created=1e9 + number * 60.0
    )
    task = replace(
        task,
        title=f"Scene {number}" if number % 3 == 0 else None,
        tags=["holiday", "family"] if number % 50 == 0 else None,
        favourite=number % 100 == 0,
    )
    if not ended:
        return task
    return replace(
        task, status=Status.COMPLETED, engine="previs", finished=task.created + rng.uniform(10, 600), result_key="x.mp4"
    )


@asynccontextmanager
async def _both() -> AsyncGenerator[dict[str, Database]]:
    async with AsyncExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "db.sqlite3"
        migrate(place)
        url = stack.enter_context(running_postgresql()).new_database()
        found = {"SQLite": open_database(place), "PostgreSQL": open_database(url)}
        for database in found.values():
            stack.push_async_callback(database.close)
        yield found


async def _time(database: Database, account: str, which: Filter, sort: Sort) -> tuple[float, float, int]:
    """Median and longest time, ms, and how many tasks a page shows."""
    times: list[float] = []
    shown = 0
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        async with database.read() as connection:
            shown = len(await list_tasks(connection, account, which, sort=sort, limit=21))
        times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times), max(times), shown


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    async with _both() as databases:
        accounts = {name: await _fill(database, count) for name, database in databases.items()}
        print(
            f"{f'{count} tasks; ms, median and longest of {_ROUNDS}':<44}{'SQLite':>16}{'PostgreSQL':>18}   on the page"
        )
        for kind, (which, sort) in _KINDS.items():
            figures = [await _time(database, accounts[name], which, sort) for name, database in databases.items()]
            cells = "  ".join(f"{median:8.1f}{longest:8.1f}" for median, longest, _ in figures)
            shown = " / ".join(str(shown) for *_, shown in figures)
            print(f"{kind:<44}{cells}   {shown}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
