"""What words sound like, before anything speaks them."""

from __future__ import annotations

import pytest

from opendance.engines.previs.sound.speech import chinese, japanese, korean, numerals
from opendance.engines.previs.sound.speech.phonemes import LONGEST, TOKENS, phonemes_of
from opendance.plan import Language


def test_korean_is_written_as_it_sounds() -> None:
    """The examples of 표준 발음법, articles 10 to 20, but for one that is a compound."""
    written = (
        "국물 좋아요 같이 학교 갑니다 신라 않고 못해 독립 값이 읽다 없어요 많이 밥을 입학 굳이 축하 앉다 칼날 종로"
    )
    sounds = "궁물 조아요 가치 학꾜 감니다 실라 안코 모태 동닙 갑씨 익따 업써요 마니 바블 이팍 구지 추카 안따 칼랄 종노"
    assert korean.pronounced(written) == sounds


def test_korean_consonants_sound_between_vowels_alone() -> None:
    assert korean.phonemes("가가 고기, 시간") == "kaɡa koɡi, ɕiɡan"


def test_pinyin_has_its_tone_behind_the_vowel() -> None:
    pytest.importorskip("pypinyin", reason="the extra `speech` is not installed")
    assert chinese.phonemes("你好，吃鱼！") == "ni↓xau↓, ꭧʰɨ→ y↗!"
    assert chinese.phonemes("银行") == "i↗nxa↗ŋ", "what a letter sounds like, its word tells"


def test_japanese_sounds_as_its_dictionary_says() -> None:
    pytest.importorskip("janome", reason="the extra `speech` is not installed")
    assert japanese.phonemes("お母さんは学校へ行きました。") == "okaːsaɴ βa ɡaʔkoː e ikʲimaɕita."
    assert japanese.phonemes("ティーを飲みましょう！") == "tʲiː o nomʲimaɕoː!"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1998年有320人", "一九九八年有三百二十人"),
        ("10010", "一万零一十"),
        ("2个苹果，15%，3.14", "两个苹果，百分之十五，三点一四"),
        ("下午3:30", "下午三点三十分"),
        ("电话010", "电话零一零"),
    ],
)
def test_chinese_numbers(text: str, words: str) -> None:
    assert numerals.chinese(text) == words


def test_japanese_numbers_sound_as_they_are_counted() -> None:
    assert numerals.japanese("300円と8600円") == "サンビャク円とハッセンロッピャク円"
    assert numerals.japanese("1人、2人、3人、4人") == "ヒトリ、フタリ、サンニン、ヨニン"
    assert numerals.japanese("4時と7時") == "ヨジとシチ時"


def test_korean_counts_things_by_numbers_of_its_own() -> None:
    assert numerals.korean("3시 30분, 20살, 5마리") == "세 시 삼십분, 스무 살, 다섯 마리"
    assert numerals.korean("1998년, 10000원, 3.5%") == "천구백구십팔년, 만원, 삼점오 퍼센트"


def test_numbers_of_any_length_are_read() -> None:
    for read in (numerals.chinese, numerals.japanese, numerals.korean):
        assert read("9" * 400)
        assert read("1,000,000 1,2 0.5 00:00 99:99")


@pytest.mark.parametrize("language", ["en", "zh", "ja", "ko"])
def test_only_what_the_nets_know_comes_out_and_in_short_pieces(language: Language) -> None:
    for module in ("hibari", "pypinyin", "janome"):
        pytest.importorskip(module, reason="not all voices are installed")
    texts = {
        "en": "Hello there, my friend! ",
        "zh": "你好，世界。",
        "ja": "こんにちは、世界。",
        "ko": "안녕하세요, 세상. ",
    }
    pieces = phonemes_of(texts[language] * 20 + "🎉 iPhone 15 Привет สวัสดี [a](/b/)", language)
    assert len(pieces) > 10
    assert all(0 < len(piece) <= LONGEST and set(piece) <= set(TOKENS) for piece in pieces)


def test_what_has_no_sound_says_nothing() -> None:
    pytest.importorskip("hibari", reason="hibari is not installed")
    assert [phonemes_of(text, "en") for text in ("...", "🎉", "Привет", "สวัสดี")] == [[], [], [], []]


def test_a_sentence_without_a_mark_is_cut_where_a_word_ends() -> None:
    pieces = phonemes_of("바다 " * 200, "ko")
    assert all(piece.startswith("pada") and piece.endswith("pada") for piece in pieces)
