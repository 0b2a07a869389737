"""An engine of another package that is as engines on GPUs are: slow to hear, and broken by what it did not foresee."""

from __future__ import annotations

import os
from pathlib import Path

NAME = "stubborn"
FINE, SLOW, BROKEN, HOPELESS = 0, 1, 2, 3  # seeds, and what becomes of their jobs
_SOURCE = f'''
import time
from opendance.catalog import Mode
from opendance.engines.base import RenderCancelled
from opendance.engines.blank import Blank
from opendance.engines.registry import EngineFacts

class Stubborn(Blank):
    def render(self, job, progress, cancelled):
        if job.seed == {BROKEN}:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        if job.seed in ({SLOW}, {HOPELESS}):
            progress(0.1)
            time.sleep(1.5)  # a step
            if cancelled():
                raise RenderCancelled
            if job.seed == {HOPELESS}:
                progress(0.2)
                time.sleep(0.5)
                progress(0.21)
                time.sleep(0.5)
                if cancelled():
                    raise RenderCancelled
        return super().render(job, progress, cancelled)

FACTS = EngineFacts(
    name="{NAME}", summary="x", modes=frozenset(Mode), factory="opendance_stubborn:Stubborn", runs_on="gpu",
    must_be_set_up=True, variables=("OPENDANCE_BLANK_SECONDS",),
)
'''


def installed(folder: Path) -> dict[str, str]:
    """The environment of a Python that has it."""
    about = folder / "opendance_stubborn-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: opendance-stubborn\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[opendance.engines]\n{NAME} = opendance_stubborn:FACTS\n")
    (folder / "opendance_stubborn.py").write_text(_SOURCE)
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")])),
        "OPENDANCE_BLANK_SECONDS": "0",
    }
