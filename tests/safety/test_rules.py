"""The rules of words on the labelled prompts, in disguise, and read from an operator's own files."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from opendance.errors import ConfigurationError
from opendance.safety import Policy, load_rules
from tests.safety.measure import LANGUAGES, figures, labelled, told

LEAST_RECALL, MOST_ALARMS = 0.98, 0.02  # of the banned class; of the innocent class


@pytest.mark.parametrize("language", [*LANGUAGES, "all"])
def test_recall_and_false_alarms(language: str) -> None:
    of = figures(each for each in labelled() if language in (each.language, "all"))
    assert of.banned >= LEAST_RECALL
    assert of.alarms <= MOST_ALARMS
    assert of.refused >= LEAST_RECALL


@pytest.mark.parametrize("name", ["unseen", "later"])
def test_prompts_that_the_rules_met_later(name: str) -> None:
    of = figures(labelled(name))
    assert of.banned >= LEAST_RECALL
    assert of.alarms <= MOST_ALARMS


def test_the_labelled_set_is_large_and_names_every_category() -> None:
    prompts = labelled()
    assert len(prompts) >= 400
    for language in LANGUAGES:
        mine = [each for each in prompts if each.language == language]
        assert {each.label for each in mine} == {"banned", "standard", "innocent"}
        assert sum(each.label == "innocent" for each in mine) >= 50


@pytest.mark.parametrize("each", [each for each in labelled() if each.label != "innocent"][::9], ids=lambda e: e.prompt)
def test_the_category_is_the_right_one(each) -> None:  # type: ignore[no-untyped-def]
    assert each.category in {finding.category for finding in load_rules().check(each.prompt)}


def _spaced(text: str) -> str:
    return " ".join("  " if letter == " " else letter for letter in text)


def _evenly_spaced(text: str) -> str:
    return " ".join(text.replace(" ", ""))


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def _dotted(text: str) -> str:
    return " ".join(".".join(word) for word in text.split())


LATIN_TO_CYRILLIC = str.maketrans("aeopcxyis", "аеорсхуіѕ")
LEET = str.maketrans("aeios", "43105")
DODGES = {
    "full width": _full_width,
    "invisible": "\u200b".join,
    "spaced": _spaced,
    "evenly spaced": _evenly_spaced,
    "dotted": _dotted,
    "homoglyphs": lambda text: text.translate(LATIN_TO_CYRILLIC),
    "leetspeak": lambda text: text.translate(LEET),
    "accents": lambda text: "".join(f"{letter}\u0301" if letter.isascii() and letter.isalpha() else letter for letter in text),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "capitals": str.upper,
}  # fmt: skip


@pytest.mark.parametrize("dodge", DODGES)
def test_disguises_do_not_help(dodge: str) -> None:
    banned = [each for each in labelled() if each.label == "banned"]
    seen = [told(DODGES[dodge](each.prompt)) == "banned" for each in banned]
    assert sum(seen) / len(seen) >= (0.9 if dodge == "evenly spaced" else 0.95)


@pytest.mark.parametrize("dodge", ["full width", "invisible", "homoglyphs", "leetspeak", "capitals"])
def test_disguises_make_nothing_bad(dodge: str) -> None:
    innocent = [each.prompt for each in labelled() if each.label == "innocent"]
    alarms = [prompt for prompt in innocent if told(DODGES[dodge](prompt)) != "innocent"]
    assert len(alarms) <= MOST_ALARMS * len(innocent), alarms


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("A dog. A N.U.D.E woman on a bed.", "N.U.D.E"),
        ("ａ  ｎｕｄｅ woman", "ｎｕｄｅ"),
        ("n u d e c h i l d", "n u d e"),
        ("누.드 모델", "누.드"),
        ("ㄴㅜㄷㅡ 모델", "ㄴㅜㄷㅡ"),
        ("两人性 交", "性 交"),
        ("ｾｯｸｽする二人", "ｾｯｸｽ"),
    ],
)
def test_the_words_are_told_as_they_were_written(prompt: str, words: str) -> None:
    found = [word for finding in load_rules().check(prompt) for word in finding.words]
    assert words in found


@pytest.mark.parametrize(
    "prompt",
    [
        "a 12-year-old plays chess",
        "grapefruit, Scunthorpe, Sussex, Essex",
        "4k, 60fps, h264, 3d",
        "杀青 秒杀",
        "총회 총무",
        "",
    ],
)
def test_innocent(prompt: str) -> None:
    assert load_rules().check(prompt) == []


def test_an_operator_brings_rules(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('[[rule]]\npolicy = "standard"\ncategory = "our_brand"\nall = [["rival"]]\n')
    (tmp_path / "words.toml").write_text('innocent = ["acme trees"]\n[terms]\nrival = ["acme*"]\n')
    rules = load_rules(tmp_path)
    assert [(f.policy, f.category, f.words) for f in rules.check("an Acme-car")] == [
        (Policy.STANDARD, "our_brand", ("Acme",))
    ]
    assert rules.check("acme trees in the wind") == []
    assert rules.check("a naked woman") == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("rules.toml", '[[rule]]\npolicy = "banned"\ncategory = "x"\nall = [["nobody"]]', "no file has terms of"),
        ("rules.toml", '[[rule]]\npolicy = "sometimes"\ncategory = "x"\nall = [["a"]]', "policy"),
        ("words.toml", "[terms]\na = [1]", "terms.a[0]: must be a string, not a number"),
        ("words.toml", "[patterns]\na = ['(']", "missing )"),
        ("words.toml", "terms", "words.toml"),
    ],
)
def test_a_mistake_is_told_with_its_file(tmp_path: Path, name: str, text: str, problem: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigurationError, match="safety_rules") as error:
        load_rules(tmp_path)
    assert problem in str(error.value)


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no \.toml file"):
        load_rules(tmp_path)
