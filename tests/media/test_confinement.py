"""What a decoder with a hole in it could do: each attack is tried in native code by a process that confined itself."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from opendance.media import seccomp
from opendance.media.landlock import ruleset_for
from tests.files import saved

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
