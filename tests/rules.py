"""Print every rule of docs/rules.md with the tests that cover it, and those that have none."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
_IN_NAME = re.compile(r"_((?:EP|AU|MO|PR|MD|IMG|VID|AUD|OUT|CB|TK|ER)_\d+)_")


def rule_ids() -> list[str]:
    """The ids of all rules, in order."""
    return re.findall(r"^\| ([A-Z]{2,3}-\d+) \|", (ROOT / "docs" / "rules.md").read_text("utf-8"), re.MULTILINE)


def covering_tests() -> dict[str, list[str]]:
    """Tests by the rules that their marker or their name gives."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
                continue
            ids = {match.replace("_", "-") for match in _IN_NAME.findall(node.name)}
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule":
                    ids |= {str(ast.literal_eval(argument)) for argument in decorator.args}
            for rule in ids:
                found[rule].append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def main() -> None:
    tests = covering_tests()
    ids = rule_ids()
    for rule in ids:
        print(rule, *(f"    {test}" for test in tests.get(rule, ["-"])), sep="\n")
    without = [rule for rule in ids if rule not in tests]
    print(f"\n{len(ids) - len(without)} of {len(ids)} rules have tests; without: {', '.join(without) or 'none'}")
    unknown = sorted(set(tests) - set(ids))
    if unknown:
        sys.exit(f"tests name rules that do not exist: {', '.join(unknown)}")


if __name__ == "__main__":
    main()
