"""The audit of what is installed: an advisory fails it, a service that is away does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.audit import Report, audit, pins_of, read_report

# As pip-audit 2.10 writes them.
PACKAGES = [
    {"name": "good", "version": "1.0", "vulns": []},
    {"name": "bad", "version": "2.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.1", "3.0"], "aliases": []}]},
    {"name": "strange", "skip_reason": "Dependency not found on PyPI and could not be audited: strange (1)"},
]


def test_a_report_is_read() -> None:
    assert read_report(json.dumps({"dependencies": PACKAGES, "fixes": []})) == Report(
        advisories=("bad 2.0: PYSEC-2026-1, fixed in 2.1, 3.0",),
        unknown=("strange: Dependency not found on PyPI and could not be audited: strange (1)",),
        known=2,
    )


@pytest.mark.parametrize("text", ["", "ERROR", "[]", "{}", "null"])
def test_what_is_no_report_tells_nothing(text: str) -> None:
    assert read_report(text) is None


def test_pins_are_read_with_what_stands_behind_them() -> None:
    text = "# by\na-b==1.0 \\\n    --hash=sha256:00\nc.d==2.0rc1 ; sys_platform == 'win32' \\\n    --hash=sha256:11\n"
    assert pins_of(text) == ["a-b==1.0", "c.d==2.0rc1"]


@pytest.mark.parametrize(
    ("report", "code", "words"),
    [
        (None, 0, "audit skipped: no advisory service can be reached from here\n"),
        (Report((), (), 2), 0, "2 packages audited, 0 advisories\n"),
        (Report(("bad 2.0: X-1",), (), 2), 1, "bad 2.0: X-1\n2 packages audited, 1 advisories\n"),
        (Report((), ("odd: why",), 1), 0, "not audited: odd: why\n1 packages audited, 0 advisories\n"),
    ],
    ids=["nobody to ask", "nothing known", "an advisory", "an unknown package"],
)
def test_an_advisory_fails_the_audit_and_a_service_that_is_away_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], report: Report | None, code: int, words: str
) -> None:
    (tmp_path / "a.txt").write_text("a==1\nb==2\n")
    asked: list[list[str]] = []

    def ask(pins: list[str]) -> Report | None:
        asked.append(pins)
        return report

    assert audit([str(tmp_path / "a.txt")], ask) == code
    assert capsys.readouterr().out == words
    assert asked == [["a==1"]] if report is None else [["a==1"], ["a==1", "b==2"]]
