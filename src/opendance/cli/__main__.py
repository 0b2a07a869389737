"""`python -m opendance.cli`."""

from __future__ import annotations

from opendance.__main__ import main

main()
