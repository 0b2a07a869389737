"""`opendance`, and `python -m opendance`: an interrupt ends it without a traceback from its first moment on."""

from __future__ import annotations

import signal
import sys
from io import TextIOWrapper

from opendance.loading import loading


def main() -> None:
    """Entry point of the command line."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # and not ignored, as in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an import that is interrupted has nothing to clean up
    with loading():
        from opendance.cli import program

        app = program(sys.argv[1:])

    for stream in (sys.stdout, sys.stderr):
        # Where the terminal cannot show a character, as on Windows, its number is better than an end.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGINT, handler)
    app()


if __name__ == "__main__":
    main()
