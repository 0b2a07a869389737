"""An engine of another package that can be loaded only while a file is there, as weights on a disk may be."""

from __future__ import annotations

import os
from pathlib import Path

NAME = "moody"
KEY = "od-" + "secret" * 6
_SOURCE = f'''
from pathlib import Path
from opendance.catalog import Mode
from opendance.engines.blank import Blank
from opendance.engines.registry import EngineFacts

class Moody(Blank):
    def warm(self):
        if not Path({{file!r}}).exists():
            raise RuntimeError("no weights for {KEY}\\nand a second line")

FACTS = EngineFacts(
    name="{NAME}", summary="x", modes=frozenset(Mode), factory="opendance_moody:Moody", must_be_set_up=True
)
'''


def installed(folder: Path, file: Path) -> dict[str, str]:
    """The environment of a Python that has it.

    Args:
        folder: where it is put.
        file: without which it cannot be loaded.
    """
    about = folder / "opendance_moody-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: opendance-moody\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[opendance.engines]\n{NAME} = opendance_moody:FACTS\n")
    (folder / "opendance_moody.py").write_text(_SOURCE.format(file=str(file)))
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))}
