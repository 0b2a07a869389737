"""`python -m tests.clients`: published clients against a server of ours, and the matrix of what each did."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from tests.clients.chain import run_chain
from tests.clients.clients import CLIENTS, Missing, Step, install, run, table
from tests.conftest import QUICK_ENGINE, start_server
from tests.files import image_bytes

_FAST = {**QUICK_ENGINE, "OPENDANCE_FETCH_ALLOW": "127.0.0.1/32"}
# Models of other generations, which some clients ask for.
_ALIASES = {"seedance-2.0": "auto", "seedance-1.5-pro": "auto", "doubao-seedance-2-5-260628": "auto"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="programs, such as openai_python, or chain; all without")
    parser.add_argument("--out", type=Path, default=Path("out/clients.md"))
    parser.add_argument("--folder", type=Path, default=Path(".venv/clients"), help="where clients are installed")
    arguments = parser.parse_args()
    names: list[str] = arguments.names
    outcomes: list[Step | Missing] = []
    with tempfile.TemporaryDirectory(prefix="opendance-clients-") as folder:
        place = Path(folder)
        (place / "picture.png").write_bytes(image_bytes(640, 480))
        log = (place / "log").open("wb")
        aliases = json.dumps(_ALIASES)
        server = start_server(place / "data", stderr=log, OPENDANCE_MODEL_ALIASES=aliases, **_FAST)
        broken = start_server(place / "broken", stderr=log, **_FAST)
        try:
            _break(broken.data_dir)
            environment = {
                "OPENDANCE_BASE_URL": server.address,
                "OPENDANCE_API_KEY": server.key,
                "OPENDANCE_BROKEN_URL": broken.address,
                "OPENDANCE_BROKEN_KEY": broken.key,
                "OPENDANCE_PICTURE": str(place / "picture.png"),
            }
            wanted = [client for client in CLIENTS if not names or Path(client.program).stem in names]
            with ThreadPoolExecutor(2) as installing:  # the next ones, while one runs
                coming = [installing.submit(install, client, arguments.folder.absolute()) for client in wanted]
                for client, there in zip(wanted, coming, strict=True):
                    print(f"{client.name} ...", file=sys.stderr, flush=True)
                    came = there.result()
                    outcomes += [came] if isinstance(came, Missing) else run(client, came, environment)
            if not names or "chain" in names:
                print("two installations in a row ...", file=sys.stderr, flush=True)
                behind = start_server(place / "behind", stderr=log, **_FAST)
                try:
                    outcomes += run_chain(behind, place / "front", log)
                finally:
                    behind.stop()
        finally:
            server.stop()
            broken.stop()
            log.close()
    matrix = table(outcomes)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(matrix)
    print(matrix, end="")
    sys.exit(any(isinstance(outcome, Step) and not outcome.holds for outcome in outcomes))


def _break(data_dir: Path) -> None:
    """Take the server's table of tasks away, so that it answers creations with 503."""
    [path] = data_dir.glob("*.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute("ALTER TABLE tasks RENAME TO away")
        connection.commit()


if __name__ == "__main__":
    main()
