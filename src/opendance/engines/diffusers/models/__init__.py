"""The table of models, by the names of their engines. Importing it needs neither torch nor diffusers."""

from __future__ import annotations

from opendance.engines.diffusers.models import ltx, minimax, others, wan
from opendance.engines.diffusers.row import Row

ROWS: dict[str, Row] = {row.name: row for row in (*minimax.ROWS, *ltx.ROWS, *wan.ROWS, *others.ROWS)}
