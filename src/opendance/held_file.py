"""A file that is locked while the process that wrote it lives; the lock goes with the process, however that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    # Locked bytes cannot be read by others there: this one is far behind the end.
    _LOCKED = 1 << 30

    def _hold(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

    def is_free(descriptor: int) -> bool:
        """Whether no process holds the file."""
        os.lseek(descriptor, _LOCKED, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, _LOCKED, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

    def write_held(path: Path, content: bytes) -> int:
        """Write the file; gives its descriptor, which holds it as long as it is open.

        Raises:
            OSError: it cannot be written.
        """
        # A file that is open cannot take another's place there. Its name is free where whoever had it is gone.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_BINARY, 0o600)
        try:
            _hold(descriptor)
            os.write(descriptor, content)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def remove_held(path: Path, descriptor: int) -> None:
        """Let go of the file, and remove it."""
        os.close(descriptor)
        path.unlink(missing_ok=True)

else:
    import fcntl

    def is_free(descriptor: int) -> bool:
        """Whether no process holds the file; who looks does not hinder others who look."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def write_held(path: Path, content: bytes) -> int:
        """Put the whole file there at once; gives its descriptor, which holds it as long as it is open.

        Raises:
            OSError: it cannot be written.
        """
        part = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.write(descriptor, content)
            part.replace(path)
        except OSError:
            os.close(descriptor)
            part.unlink(missing_ok=True)
            raise
        return descriptor

    def remove_held(path: Path, descriptor: int) -> None:
        """Let go of the file, and remove it where it is still ours."""
        if path.exists() and os.path.samestat(path.stat(), os.fstat(descriptor)):
            path.unlink()
        os.close(descriptor)
