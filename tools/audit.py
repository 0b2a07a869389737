"""Ask whether advisories are known against pinned packages, with pip-audit; fail where one is.

Where the advisory service cannot be reached nothing is known, which is no failure: it is said in a line. That is found
out with one package, so that a registry without advisories is not asked for all of them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PIN = re.compile(r"^([\w.-]+)==([\w.+!-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What pip-audit says.

    Attributes:
        advisories: a line for each advisory: package, version, id, the releases without it.
        unknown: a line for each package that the service does not know, with the reason.
        known: how many packages it knows.
    """

    advisories: tuple[str, ...]
    unknown: tuple[str, ...]
    known: int


def read_report(text: str) -> Report | None:
    """The report in pip-audit's JSON; None where there is none, as after a failure."""
    try:
        packages: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    return Report(
        advisories=tuple(
            f"{package['name']} {package['version']}: {advisory['id']}, fixed in "
            f"{', '.join(advisory['fix_versions']) or 'no release'}"
            for package in packages
            for advisory in package.get("vulns", ())
        ),
        unknown=tuple(
            f"{package['name']}: {package['skip_reason']}" for package in packages if "skip_reason" in package
        ),
        known=sum("vulns" in package for package in packages),
    )


def pins_of(text: str) -> list[str]:
    """`name==version` of each package in the text of a requirements file."""
    return [pin[0] for pin in _PIN.finditer(text)]


def ask(pins: list[str]) -> Report | None:
    """What is known of these packages; None where nobody could be asked."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder, "requirements.txt")
        asked.write_text("\n".join(pins))
        command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        done = subprocess.run(  # noqa: S603 - our own words
            [*command, "--format", "json", "-r", str(asked)], capture_output=True, text=True, check=False
        )
    report = read_report(done.stdout)
    return None if report is None or not report.known else report


def audit(paths: list[str], ask: Callable[[list[str]], Report | None] = ask) -> int:
    """Audit requirements files; gives the exit code."""
    pins = sorted({pin for path in paths for pin in pins_of(Path(path).read_text())})
    report = ask(pins) if ask(pins[:1]) is not None else None
    if report is None:
        print("audit skipped: no advisory service can be reached from here")
        return 0
    for line in report.unknown:
        print(f"not audited: {line}")
    for line in report.advisories:
        print(line)
    print(f"{report.known} packages audited, {len(report.advisories)} advisories")
    return 1 if report.advisories else 0


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1:]))
