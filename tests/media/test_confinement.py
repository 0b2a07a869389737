"""What a decoder with a hole in it could do: each attack is tried in native code by a process that confined itself."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from opendance.errors import TaskError
from opendance.media import seccomp
from opendance.media.budget import most_at_once
from opendance.media.confinement import MEMORY
from opendance.media.examine import Examiner
from opendance.media.landlock import ruleset_for
from tests.files import image_bytes, saved

resource = pytest.importorskip("resource")

ATTACKS = """
import _posixsubprocess, ctypes, json, os, struct, sys, threading
port, secret, target, server, layer = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3].encode(), int(sys.argv[4]), sys.argv[5]
libc = ctypes.CDLL(None, use_errno=True)
there = struct.pack("=H", 2) + struct.pack("!H", port) + bytes([127, 0, 0, 1]) + bytes(8)
status = open("/proc/self/status")

def to(kind):
    return libc.socket(2, kind, 0)

def fork():
    process_id = libc.fork()
    if process_id == 0:
        os._exit(0)
    return process_id > 0

def fork_exec():
    ends = os.pipe()
    process_id = _posixsubprocess.fork_exec(
        [b"/bin/sh", b"-c", b"exit 0"], (b"/bin/sh",), True, (ends[1],), None, [], -1, -1, -1, -1, -1, -1, *ends,
        False, False, -1, None, None, None, -1, None, True,
    )
    return os.waitstatus_to_exitcode(os.waitpid(process_id, 0)[1]) == 0

def read(path):
    return len(os.read(libc.open(path, 0), 10)) > 0

TRIES = {
    "connect": lambda: libc.connect(to(1), there, 16) == 0,
    "sendto": lambda: libc.sendto(to(2), b"x", 1, 0, there, 16) == 1,
    "system": lambda: libc.system(b"exit 0") == 0,
    "fork": fork,
    "fork_exec": fork_exec,
    "read a file of another account": lambda: read(secret),
    "read the server's environment": lambda: read(b"/proc/%d/environ" % server),
    "write a file": lambda: libc.open(target, os.O_CREAT | os.O_WRONLY, 0o600) >= 0,
    "change a file": lambda: libc.open(secret, os.O_WRONLY) >= 0,
    "remove a file": lambda: libc.unlink(secret) == 0,
    "signal the server": lambda: libc.kill(server, 0) == 0,
    "trace the server": lambda: libc.ptrace(16, server, 0, 0) == 0,
    "limit the server": lambda: libc.prlimit(server, 7, ctypes.byref((ctypes.c_ulong * 2)(64, 64)), None) == 0,
}
if layer == "none":
    layers = []
elif layer == "all":
    from opendance.media.confinement import confine
    layers = [(each.name, each.holds) for each in confine()]
else:
    libc.prctl(38, 1, 0, 0, 0)
    try:
        if layer == "seccomp":
            from opendance.media.seccomp import filter_calls as build
        else:
            from opendance.media.landlock import close_file_system as build
        build()
        layers = [(layer, True)]
    except OSError:
        layers = [(layer, False)]
done = []
for name, attack in TRIES.items():
    try:
        if attack():
            done.append(name)
    except OSError:
        pass
thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
print(json.dumps({"layers": dict(layers), "done": done, "status": status.read()}), flush=True)
libc.execve(b"/bin/sh", (ctypes.c_char_p * 4)(b"sh", b"-c", b"exit 77", None), None)
"""
EXECUTED = 77
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such layers")


@dataclass(frozen=True)
class Outcome:
    """What a process could still do with some of the layers; `layers` tells which of them this system has."""

    layers: dict[str, bool]
    done: set[str]
    status: str


Attacked = Callable[[str], Outcome]


@pytest.fixture
def attacked(tmp_path: Path) -> Generator[Attacked]:
    """Attacks by a process with the layers of this name, on a file and on a process that are not its own."""
    victim = subprocess.Popen(["sleep", "600"], env={"OPENDANCE_ADMIN_KEY": "k" * 20})
    secret = saved(tmp_path, "secret", b"the video of somebody else")

    def attack(layer: str) -> Outcome:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            words = [listener.getsockname()[1], secret, tmp_path / "target", victim.pid, layer]
            command = [sys.executable, "-c", ATTACKS, *map(str, words)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.stdout, done.stderr
        outcome = json.loads(done.stdout)
        executed = {"execve"} if done.returncode == EXECUTED else set[str]()
        return Outcome(outcome["layers"], {*outcome["done"], *executed}, outcome["status"])

    yield attack
    victim.kill()
    victim.wait()


FILES = {"read a file of another account", "read the server's environment", "write a file", "change a file"}
PROGRAMS = {"system", "execve", "fork_exec"}
OTHERS = {"fork", "sendto", "connect", "remove a file", "signal the server", "trace the server", "limit the server"}


def test_without_layers_each_attack_succeeds(attacked: Attacked) -> None:
    assert attacked("none").done == FILES | PROGRAMS | OTHERS


def test_a_confined_process_can_do_none_of_it(attacked: Attacked) -> None:
    outcome = attacked("all")
    if not outcome.layers["seccomp"]:
        pytest.skip("this kernel has no seccomp")
    assert outcome.done == set()
    assert "NoNewPrivs:\t1" in outcome.status
    assert "Seccomp:\t2" in outcome.status


def test_the_filter_of_calls_holds_by_itself(attacked: Attacked) -> None:
    outcome = attacked("seccomp")
    if not outcome.layers["seccomp"]:
        pytest.skip("this kernel has no seccomp")
    assert outcome.done == set()


def test_landlock_holds_by_itself_what_is_its_to_hold(attacked: Attacked) -> None:
    outcome = attacked("Landlock")
    if not outcome.layers["Landlock"]:
        pytest.skip("this kernel has no Landlock")
    assert not outcome.done & (FILES | PROGRAMS | {"remove a file", "trace the server"})


@pytest.mark.parametrize(("machine", "number_of_openat"), [("x86_64", 257), ("aarch64", 56)])
def test_the_filter_is_one_for_each_architecture(machine: str, number_of_openat: int) -> None:
    """A small machine for the kernel's programs says what the filter says to a call."""
    program = seccomp.filter_for(machine, 4321)
    rows = list(struct.iter_unpack("=HBBI", program))
    architecture = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]

    def answer(number: int, argument: int = 0, spoken: int = architecture) -> int:
        words = {0: number, 4: spoken, 16: argument}
        at, value = 0, 0
        while True:
            code, yes, no, k = rows[at]
            at += 1
            match code:
                case 0x20:
                    value = words[k]
                case 0x15:
                    at += yes if value == k else no
                case 0x45:
                    at += yes if value & k else no
                case _:
                    return k

    allowed, refused, killed = 0x7FFF0000, 0x00050026, 0x80000000
    read, clone, tgkill, prctl = {"x86_64": (0, 56, 234, 157), "aarch64": (63, 220, 131, 167)}[machine]
    assert (answer(read), answer(read, spoken=architecture ^ 1)) == (allowed, killed)
    assert (answer(number_of_openat), answer(read | 0x40000000), answer(9999)) == (refused, refused, refused)
    assert (answer(clone, 0x3D0F00), answer(clone, 17)) == (allowed, refused)
    assert (answer(tgkill, 4321), answer(tgkill, 1)) == (allowed, refused)
    assert (answer(prctl, 15), answer(prctl, 22)) == (allowed, refused)


def test_an_architecture_without_numbers_is_told() -> None:
    with pytest.raises(OSError, match="no list of system calls for riscv64"):
        seccomp.filter_for("riscv64", 1)


@pytest.mark.parametrize(("version", "words"), [(1, (0x1FFF,)), (3, (0x7FFF,)), (4, (0x7FFF, 3)), (5, (0xFFFF, 3)), (7, (0xFFFF, 3, 3))])  # fmt: skip
def test_of_each_version_of_landlock_all_is_taken(version: int, words: tuple[int, ...]) -> None:
    assert struct.unpack(f"={len(words)}Q", ruleset_for(version)) == words


async def test_its_environment_has_nothing_of_ours(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("OPENDANCE_ADMIN_KEY", "OPENDANCE_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN"):
        monkeypatch.setenv(name, "secret")
    await examiner.layers()
    (process_id,) = sandboxes()
    environment = Path(f"/proc/{process_id}/environ").read_text()
    assert "secret" not in environment
    assert {entry.partition("=")[0] for entry in environment.split("\0") if entry} <= {
        "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "MALLOC_ARENA_MAX", "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    }  # fmt: skip


async def test_no_thread_runs_and_no_file_is_open_but_its_own_when_the_first_file_comes(examiner: Examiner) -> None:
    await examiner.layers()
    (process_id,) = sandboxes()
    assert len(os.listdir(f"/proc/{process_id}/task")) == 1, "a thread that ran before the layers has none of them"
    assert int(Path(f"/proc/{process_id}/oom_score_adj").read_text()) == 1000
    opened = [os.readlink(f"/proc/{process_id}/fd/{name}") for name in os.listdir(f"/proc/{process_id}/fd")]
    assert not [path for path in opened[3:] if path.startswith("/") and not path.startswith("/dev/")]


async def test_what_a_refused_file_would_have_left_is_taken_away(examiner: Examiner, tmp_path: Path) -> None:
    source = saved(tmp_path, "source", b"<html>")
    for kind in ("image", "video", "audio"):
        with pytest.raises(TaskError):
            await examiner.examine(kind, source, tmp_path / "copy.x", most_pixels=1)
    assert os.listdir(tmp_path) == ["source"]


async def test_a_file_that_is_not_there_is_told(examiner: Examiner, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="cannot be opened: No such file"):
        await examiner.marks(tmp_path / "nothing")


async def test_what_takes_too_much_memory_is_refused_and_the_process_goes_on(
    examiner: Examiner, tmp_path: Path
) -> None:
    source = saved(tmp_path, "source", image_bytes(2000, 2000, "PNG", compress_level=1))
    await examiner.layers()
    (process_id,) = sandboxes()
    # As if the picture were larger than any that the rules let through.
    _, hard = resource.prlimit(process_id, resource.RLIMIT_AS)
    assert hard == MEMORY
    taken = int(Path(f"/proc/{process_id}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.prlimit(process_id, resource.RLIMIT_AS, (taken + 100_000, hard))
    with pytest.raises(TaskError) as caught:
        await examiner.examine("image", source, tmp_path / "copy.png", most_pixels=1)
    assert (caught.value.code, caught.value.message) == ("resource_exhausted", "it takes too much memory to open")
    resource.prlimit(process_id, resource.RLIMIT_AS, (hard, hard))
    assert (await examiner.examine("image", source, tmp_path / "copy.png", most_pixels=1))["width"] == 2000


@pytest.mark.parametrize(
    ("cores", "gibibytes", "number"), [(1, 1, 1), (2, 16, 2), (64, 4, 1), (64, 16, 6), (4, 0.5, 1)]
)
def test_so_many_run_at_once_as_there_are_cores_and_memory_for(cores: int, gibibytes: float, number: int) -> None:
    assert most_at_once(cores, int(gibibytes * (1 << 30))) == number


async def test_the_places_are_shared_by_all_and_who_waits_runs_no_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("opendance.media.budget.num_places", lambda: 1)
    source = saved(tmp_path, "source", image_bytes(320, 320))
    examiners = [Examiner() for _ in range(3)]
    seen: list[int] = []

    async def examine(number: int) -> None:
        for turn in range(2):
            target = tmp_path / f"{number}-{turn}.png"
            await examiners[number].examine("image", source, target, most_pixels=1)
            seen.append(len(sandboxes()))
        await examiners[number].close()

    await asyncio.gather(*(examine(number) for number in range(3)))
    assert len(seen) == 6
    assert max(seen) <= 2, "one at work, and one that has just ended its file"


def sandboxes() -> list[int]:
    """The confined processes that this one has started."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                is_one = b"opendance.media.sandbox" in (folder / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if is_one and parent == os.getpid():
                found.append(int(folder.name))
    return found
