"""Precision and recall of the rules of words on the labelled prompts: `python -m tests.safety.measure`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from opendance.safety import Policy, load_rules

HERE = Path(__file__).parent
LANGUAGES = ("en", "zh", "ko", "ja")


@dataclass(frozen=True)
class Labelled:
    """A prompt and what should become of it: `banned`, `standard` or `innocent`."""

    language: str
    label: str
    category: str
    prompt: str


def labelled(name: str = "prompts") -> list[Labelled]:
    """The labelled prompts of all languages, of one file for each."""
    out: list[Labelled] = []
    for language in LANGUAGES:
        with (HERE / f"{name}.{language}.tsv").open(encoding="utf-8", newline="") as file:
            out += [Labelled(language, *row) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return out


def told(prompt: str) -> str:
    """What the rules make of a prompt."""
    policies = {finding.policy for finding in load_rules().check(prompt)}
    return "banned" if Policy.BANNED in policies else "standard" if policies else "innocent"


@dataclass(frozen=True)
class Figures:
    """Of one language, or all.

    Attributes:
        banned: recall of the banned class: told as banned.
        refused: recall of banned and standard: refused while the filter is on.
        alarms: share of the innocent class that is refused.
        precision: share of what is refused that should be.
    """

    count: int
    banned: float
    refused: float
    alarms: float
    precision: float


def figures(prompts: Iterable[Labelled], verdict: Callable[[str], str] = told) -> Figures:
    pairs = [(each.label, verdict(each.prompt)) for each in prompts]

    def share(of: Callable[[str, str], bool], among: Callable[[str, str], bool]) -> float:
        chosen = [pair for pair in pairs if among(*pair)]
        return sum(of(*pair) for pair in chosen) / len(chosen) if chosen else float("nan")

    return Figures(
        count=len(pairs),
        banned=share(lambda _, t: t == "banned", lambda label, _: label == "banned"),
        refused=share(lambda _, t: t != "innocent", lambda label, _: label != "innocent"),
        alarms=share(lambda _, t: t != "innocent", lambda label, _: label == "innocent"),
        precision=share(lambda label, _: label != "innocent", lambda _, t: t != "innocent"),
    )


def table(name: str = "prompts") -> str:
    """Markdown, a row for each language."""
    prompts = labelled(name)
    rows = [
        "| language | prompts | recall, banned | recall, refused | false alarms | precision |",
        "|---|---|---|---|---|---|",
    ]
    for language in (*LANGUAGES, "all"):
        of = figures(each for each in prompts if language in (each.language, "all"))
        rows.append(
            f"| {language} | {of.count} | {of.banned:.3f} | {of.refused:.3f} | {of.alarms:.3f} | {of.precision:.3f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    for name in ("prompts", "unseen", "later"):
        if (HERE / f"{name}.en.tsv").is_file():
            print(f"{name}:\n{table(name)}\n")
            for each in labelled(name):
                if (got := told(each.prompt)) != each.label:
                    found = [(f.category, f.words) for f in load_rules().check(each.prompt)]
                    print(f"  {each.language} {each.label} -> {got}: {each.prompt}  {found}")
