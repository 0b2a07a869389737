"""Files that are open already: how the confined process, which can open none, reads and writes what it was handed."""

from __future__ import annotations

import io
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast


class Descriptor(io.RawIOBase):
    """A file by its descriptor, with a position of its own: several can read and write one file side by side.

    Args:
        number: of the descriptor.
        shared: somebody else closes it.
    """

    name = "a file"  # what libraries call it where they tell of errors

    def __init__(self, number: int, *, shared: bool = False) -> None:
        super().__init__()
        self._number, self._shared, self._position = number, shared, 0

    def again(self) -> Descriptor:
        """The same file from its beginning."""
        return Descriptor(self._number, shared=True)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        if whence == os.SEEK_END:
            offset += os.lseek(self._number, 0, os.SEEK_END)
        elif whence == os.SEEK_CUR:
            offset += self._position
        if offset < 0:
            raise ValueError("there is nothing before the beginning of a file")
        self._position = offset
        return offset

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        content = os.pread(self._number, len(view), self._position)
        view[: len(content)] = content
        self._position += len(content)
        return len(content)

    def write(self, content: Any, /) -> int:
        view = memoryview(content).cast("B")
        written = 0
        while written < len(view):  # libraries expect that all of it is
            written += os.pwrite(self._number, view[written:], self._position + written)
        self._position += written
        return written

    def close(self) -> None:
        if not self.closed and not self._shared:
            os.close(self._number)
        super().close()


File = Path | Descriptor
"""A path where we opened the file ourselves, a descriptor in the confined process."""


@contextmanager
def opened(file: File) -> Generator[BinaryIO]:
    """`file`, to be read from its beginning."""
    with file.again() if isinstance(file, Descriptor) else file.open("rb") as content:
        yield cast(BinaryIO, content)


def written(file: File) -> str | BinaryIO:
    """`file` as libraries take what they are to write to."""
    return cast(BinaryIO, file) if isinstance(file, Descriptor) else str(file)
