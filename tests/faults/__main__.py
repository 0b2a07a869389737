"""`python -m tests.faults`: many faults, and the table of what came of them."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.faults import run
from tests.faults.world import running_world


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--log", type=Path, help="keep what the processes said in this file")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed} on {arguments.database}", flush=True)
    with tempfile.TemporaryDirectory(prefix="opendance-faults-") as folder:
        try:
            with running_world(arguments.database, Path(folder)) as world:
                table = run(
                    world, faults=arguments.faults, seed=arguments.seed, tell=lambda line: print(line, flush=True)
                )
        finally:
            if arguments.log:
                arguments.log.write_bytes((Path(folder) / "log").read_bytes())
    print(table)
    sys.exit(bool(table.verdict.problems))


if __name__ == "__main__":
    main()
