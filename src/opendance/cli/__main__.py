"""`python -m opendance.cli`."""

from __future__ import annotations

from opendance.cli import main

main()
