"""Print every rule of docs/rules.md with where it is checked and which tests cover it; fail for one that has neither.

A check bears its rule's id as a comment of its own at the end of a line, such as `# MD-05`.
"""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
_ID = r"(?:EP|AU|MO|PR|MD|IMG|VID|AUD|OUT|CB|TK|ER)-\d+"
_IN_NAME = re.compile(rf"_({_ID.replace('-', '_')})_")
_MARK = re.compile(rf"# ({_ID}(?:, {_ID})*)")


def rule_ids() -> list[str]:
    """The ids of all rules, in order."""
    return re.findall(r"^\| ([A-Z]{2,3}-\d+) \|", (ROOT / "docs" / "rules.md").read_text("utf-8"), re.MULTILINE)


def checks() -> dict[str, list[str]]:
    """Lines of the source by the rules that they bear."""
    lines: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "src").rglob("*.py")):
        with path.open("rb") as source:
            for token in tokenize.tokenize(source.readline):
                mark = _MARK.fullmatch(token.string) if token.type == tokenize.COMMENT else None
                for rule in mark[1].split(", ") if mark else ():
                    lines[rule].append(f"{path.relative_to(ROOT)}:{token.start[0]}")
    return lines


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


def faults() -> list[str]:
    """What is wrong: rules that are checked or tested nowhere, and ids of rules that do not exist."""
    ids, checked, tested = rule_ids(), checks(), covering_tests()
    return [
        *(f"{rule} is checked nowhere: put `# {rule}` at its check" for rule in ids if rule not in checked),
        *(f"{rule} has no test" for rule in ids if rule not in tested),
        *(f"{rule} is no rule: {where[0]}" for rule, where in {**tested, **checked}.items() if rule not in ids),
    ]


def main() -> None:
    checked, tested = checks(), covering_tests()
    for rule in rule_ids():
        print(rule)
        print(*(f"    {place}" for place in (*checked.get(rule, ()), *tested.get(rule, ()))), sep="\n")
    if wrong := faults():
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
