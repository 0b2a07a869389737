from __future__ import annotations

from opendance.engines.previs.blocking import Stage, block
from opendance.engines.previs.marks import marks_of
from opendance.engines.previs.views import over_the_shoulder, seen_over_a_shoulder, side_of, speaker_of
from opendance.plan import Camera, Shot, Subject

WOMAN = Subject("👩", "woman", "woman")
MAN = Subject("👨", "man", "man", verb="talk")
CAT = Subject("🐈", "cat", "cat")


def shot(*subjects: Subject) -> Shot:
    return Shot(0, 4, "", "room", "day", "clear", "medium", Camera(), subjects, view="over_the_shoulder")


def test_people_are_seen_from_where_the_words_say() -> None:
    assert side_of("from_behind", "side") == "back"
    assert side_of("from_the_front", "side") == "front"
    assert side_of("over_the_shoulder", "side", is_near=True) == "back"
    assert side_of(None, "three_quarter") == "three_quarter"


def test_over_a_shoulder_one_is_large_at_the_edge_and_the_other_beyond() -> None:
    marks = marks_of(shot(WOMAN, CAT), 0, {})
    near = over_the_shoulder(marks)
    assert near == 0
    stage = Stage(16 / 9, 0.56, 0.39, 0.05)
    first, second = (each[0] for each in seen_over_a_shoulder(block([m.figure for m in marks], stage), near, stage))
    assert first.height > 1.5 > second.height
    assert first.depth < second.depth
    assert first.x < 0 < second.x
    assert second.facing == -1


def test_nobody_is_looked_over_who_is_alone() -> None:
    assert over_the_shoulder(marks_of(shot(WOMAN), 0, {})) is None
    assert over_the_shoulder(marks_of(shot(CAT, CAT), 0, {})) is None


def test_who_speaks_by_the_words_speaks() -> None:
    assert speaker_of(marks_of(shot(WOMAN, MAN), 0, {})) == 1
    assert speaker_of(marks_of(shot(CAT, WOMAN), 0, {})) == 1
    assert speaker_of(marks_of(shot(CAT), 0, {})) is None
