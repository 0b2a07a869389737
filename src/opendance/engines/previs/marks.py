"""From the subjects of a shot to their marks: who holds, rides or follows whom, and how large each of them is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from opendance.drawings.library import drawn_height_of, facts_of, own_of, shows_of, stands_of, svg_of
from opendance.drawings.own import AnchorName, Stands
from opendance.engines.previs.blocking import Figure
from opendance.engines.previs.bodies import drawing_name
from opendance.engines.previs.extras import extras, is_of_the_sky, is_stand_in
from opendance.engines.previs.happenings import Happening, happening_of, happening_to
from opendance.engines.previs.motion import TRAVEL
from opendance.engines.previs.performers import Performer, is_shown_by, performer_of, with_tools
from opendance.engines.previs.photo.cutout import Cutout
from opendance.engines.previs.relations import APART, as_drawn, give_tools, relation_of
from opendance.engines.previs.standins import TALLEST, TALLEST_ALONE, height_like
from opendance.plan import Action, Relation, Setting, Shot, Subject

_VEHICLES = ("vehicle", "boat", "aircraft")
_IN_THE_AIR: tuple[Action, ...] = ("fly", "float", "rise")
_OF_STAND_IN = 0.8  # m
_OF_PHOTOGRAPH = 1.7  # m, of a photograph of nobody knows what
_SHOULDERS = 0.34  # width of a figure over its height
# What one also does sitting, where there is something to sit on.
_SITTING = (
    "stand", "sit", "read", "talk", "phone", "text", "drink", "eat", "hold", "hold_two", "knit", "mend", "think", "sad",
    "weep", "smile", "laugh", "yawn", "snack", "lick", "sketch", "write", "wave", "clap", "play_guitar", "play_flute",
    "play_game", "look_up", "listen", "pray", "cross_arms", "nod", "eat_noodles", "eat_soup", "whisper", "feed", "kiss",
)  # fmt: skip
_WIDE = (
    "cartwheel",
    "push_up",
    "sit_up",
    "sleep",
    "swim",
    "dive",
    "crawl",
    "fly",
    "push_cart",
    "haul",
    "row",
    "paddle",
)
# Buildings, and parts of them, that one stands on top of.
_STOOD_ON = (
    "roof", "rooftop", "wall", "bridge", "stair", "step", "tower", "ladder", "balcony", "fence", "platform", "pier",
)  # fmt: skip
_DRY: tuple[Setting, ...] = ("room", "studio")
_SCHOOLS = ("classroom", "school", "lecture", "university", "library", "laboratory")
_IN_THE_SKIES = {"hot_air_balloon": 22.0, "eagle": 0.9}  # drawings of the engine's own; m
_FLAT, _FLAT_HEIGHT = 2.6, 0.36  # width over height, and height in m, of what lies on the ground
_LYING = 0.9  # width of who does these, over the height
_JETS = ("breathe", "spit", "blow", "spray", "shoot", "exhale")


@dataclass(frozen=True)
class Mark:
    """A subject with what blocking must know of it.

    Attributes:
        index: of the subject in the plan's shot.
        subject: as it is drawn: its `emoji` is the name of its drawing.
        asked: as the plan has it.
        jet_to: index of the mark that its breath goes to, or -1 where it goes ahead; None where there is none.
        jet_of: the subject that the breath is.
        happening: what happens to it: it melts, bursts, steams.
    """

    index: int
    subject: Subject
    asked: Subject
    figure: Figure
    performer: Performer | None
    jet_of: Subject | None = None
    jet_to: int | None = None
    happening: Happening | None = None


def marks_of(shot: Shot, cast: int, cutouts: Mapping[int, Cutout]) -> list[Mark]:
    """The marks of all that are seen by themselves, in the order of the plan; relations point at marks."""
    subjects = list(shot.subjects)
    relations = [relation_of(subjects, index, cast) for index in range(len(subjects))]
    hidden = {s.object for s in subjects if s.verb in _JETS and s.object is not None}
    hidden |= extras(subjects, relations, shot.setting, cast)
    hidden |= {s.object for s in subjects if s.action == "play_instrument" and s.object is not None}  # who plays has it
    relations = [as_drawn(subjects, index, relations[index], cast) for index in range(len(subjects))]
    give_tools(subjects, relations, cast)
    acting: dict[int, Performer] = {}
    for index in range(len(subjects)):
        if (performing := _with_tools(subjects, index, relations, cast)) is not None:
            acting[index], tools = performing
            if acting[index].gear == "blackboard" and not any(word in (shot.place or "") for word in _SCHOOLS):
                acting[index] = replace(acting[index], action="talk", gear=None)  # who teaches to ride teaches outside
            hidden |= set(tools)
            subjects[index] = _moving_as(subjects[index], acting[index], performer_of(subjects[index], 0, cast))
    for index, subject in enumerate(subjects):
        to = subject.object
        if to is not None and to < len(subjects) and _is_in_gear(subject, subjects[to], cast):
            hidden.add(to)
        if subject.count == 2 and to is not None and to < len(subjects) and relations[to] is None:
            relations[to] = ("between", index)
        relation = relations[index]
        if relation is not None and relation[0] == "holding" and not _has_hands(subject, cast):
            relations[index] = None
    in_hands = {performer.gear for performer in acting.values() if performer.gear is not None}
    hidden |= {
        index for index, subject in enumerate(subjects)
        if index not in acting and relations[index] is None and subject.image is None
        and svg_of(drawing_name(subject)) is None and any(is_shown_by(gear, subject.name) for gear in in_hands)
    }  # fmt: skip
    for index, relation in enumerate(relations):  # who rides what stands still makes it go
        if relation is not None and relation[0] in ("riding", "in", "inside", "on"):
            subjects[relation[1]] = _carrying(subjects[relation[1]], subjects[index])
    shown = [index for index in range(len(subjects)) if index not in hidden]
    place = {index: at for at, index in enumerate(shown)}
    marks: list[Mark] = []
    for index in shown:
        asked, relation = subjects[index], relations[index]
        kept = None if relation is None or relation[1] not in place else (relation[0], place[relation[1]])
        mark = _mark(index, asked, kept, cast, cutouts)
        if mark.figure.stands == "under_water" and shot.setting in _DRY and asked.action != "swim" and not asked.verb:
            mark = replace(mark, figure=replace(mark.figure, stands="table"))  # a fish in a kitchen
        if index in acting:
            figure = replace(mark.figure, sits=_sits(subjects, acting[index], relation))
            if acting[index].action in _WIDE:
                figure = replace(figure, width=figure.height * _LYING)
            mark = replace(mark, performer=acting[index], figure=figure)
        mark = replace(mark, happening=_happening(subjects, index, alive=_has_hands(asked, cast)))
        if asked.verb in _JETS and asked.object is not None and asked.object < len(subjects):
            breath = subjects[asked.object]
            aim = relations[asked.object]
            others = [at for at in shown if at != index]
            target = aim[1] if aim is not None else others[0] if len(others) == 1 else -1
            mark = replace(mark, jet_of=breath, jet_to=place.get(target, -1))
        marks.append(mark)
    if len(marks) == 1 and marks[0].figure.is_plain:
        marks[0] = replace(marks[0], figure=replace(marks[0].figure, tallest=TALLEST_ALONE))
    return marks


def _with_tools(
    subjects: list[Subject], index: int, relations: Sequence[tuple[Relation, int] | None], cast: int
) -> tuple[Performer, list[int]] | None:
    """Somebody with what is done to something, and the things that are drawn as gear then; None for who is nobody."""
    subject = subjects[index]
    performer = performer_of(subject, 0, cast)
    if performer is None:
        return None
    own = (*subject.relations, relations[index])
    held = [relation[1] for relation in own if relation is not None and relation[0] == "holding"]
    near = [at for at in (subject.object, *held) if at is not None and 0 <= at < len(subjects) and at != index]
    things = [
        at for at in dict.fromkeys(near)
        if performer_of(subjects[at], 0, cast) is None and subjects[at].image is None and subjects[at].count == 1
        and not (subject.verb in APART and at == subject.object and subject.verb != "shoot")
    ]  # fmt: skip
    plain = {subjects[at].name: at for at in things if subjects[at].colour is None and subjects[at].material is None}
    performer, shown = with_tools(performer, subject, list(plain))
    return performer, [plain[name] for name in shown]


def _sits(subjects: list[Subject], acts: Performer, relation: tuple[Relation, int] | None) -> bool:
    """Whether somebody sits on what it is on."""
    if relation is None or relation[0] != "on" or acts.action not in _SITTING:
        return False
    own = own_of(drawing_name(subjects[relation[1]]))
    return own is not None and "seat" in own.anchors


def _moving_as(subject: Subject, acts: Performer, usual: Performer | None) -> Subject:
    """Who flies a kite does not fly, and who pushes a cart walks."""
    if usual is None or acts.action == usual.action or subject.action == "play_instrument":
        return subject
    return replace(subject, action="walk" if acts.action in ("push_cart", "haul", "carry") else "idle")


def _happening(subjects: list[Subject], index: int, *, alive: bool) -> Happening | None:
    """What happens to one, by its own verb or by what another one does to it."""
    own = None if subjects[index].object is not None else happening_of(subjects[index].verb, is_alive=alive)
    if own is not None or alive:
        return own
    for other in subjects:
        if other.object == index and other is not subjects[index] and (done := happening_to(other.verb)) is not None:
            return done
    return None


def _has_hands(subject: Subject, cast: int) -> bool:
    facts = facts_of(drawing_name(subject))
    animal = facts is not None and facts.kind in ("animal", "bird", "person")
    return animal or performer_of(subject, 0, cast) is not None


def _is_in_gear(holder: Subject, held: Subject, cast: int) -> bool:
    """Whether the figure is drawn with it in its hands already."""
    performer = performer_of(holder, 0, cast)
    if performer is None or performer.gear is None:
        return False
    words = set(performer.gear.replace("_", "-").split("-"))
    named = set(drawing_name(held).split("-")) | set(held.name.lower().split())
    return bool(words & named)


def _carrying(carrier: Subject, rider: Subject) -> Subject:
    if TRAVEL.get(carrier.action, 0) or carrier.action not in ("idle", "walk"):
        return carrier
    facts = facts_of(drawing_name(carrier))
    if rider.action not in TRAVEL and rider.verb not in ("ride", "drive", "sail", "row", "gallop", "race"):
        return carrier
    if facts is not None and facts.kind in ("animal", "bird"):
        return replace(carrier, action="run" if rider.action in ("run", "drive") else "walk")
    if facts is not None and facts.kind in _VEHICLES:
        return replace(carrier, action="sail" if facts.kind == "boat" else "drive")
    return carrier


def _mark(
    index: int, asked: Subject, relation: tuple[Relation, int] | None, cast: int, cutouts: Mapping[int, Cutout]
) -> Mark:
    flies = asked.action in _IN_THE_AIR
    if asked.image is not None:
        name = asked.emoji
        height = drawn_height_of(name) or _OF_PHOTOGRAPH
        cutout = cutouts.get(asked.image)
        ratio = 0.6 if cutout is None else cutout.rgba.shape[1] / cutout.rgba.shape[0]
        figure = Figure(height, height * ratio, count=asked.count, relation=relation, flies=flies, widest=0.62)
        return Mark(index, asked, asked, figure, None)
    performer = performer_of(asked, 0, cast)
    if performer is not None:
        figure = Figure(
            performer.metres, performer.metres * _SHOULDERS, _stands_as(asked), asked.count, relation=relation,
            flies=flies, acts=True, is_person=True, is_alive=True,
            shows_itself=performer.action == "selfie",
            is_pair=asked.count == 2 and bool(asked.verb) and asked.action == "idle",
        )  # fmt: skip
        return Mark(index, asked, asked, figure, performer)
    name = asked.emoji if asked.emoji == asked.face else drawing_name(asked)
    return Mark(index, replace(asked, emoji=name), asked, _figure_of(name, asked, relation), None)


def _stands_as(subject: Subject) -> Stands:
    return "under_water" if subject.action == "swim" else "ground"


def _is_stood_on(name: str) -> bool:
    words = name.lower().replace("-", " ").split()
    return any(word.rstrip("s") in _STOOD_ON for word in words)


def _figure_of(name: str, asked: Subject, relation: tuple[Relation, int] | None) -> Figure:
    facts, own = facts_of(name), own_of(name)
    if name in _IN_THE_SKIES:
        height = _IN_THE_SKIES[name]
        return Figure(height, height, "air", asked.count, relation=relation, flies=True, acts=True)
    if is_stand_in(asked, 0):
        height = height_like(asked.emoji)
        return Figure(
            height, height * 1.35, count=min(asked.count, 2), relation=relation, tallest=TALLEST, is_plain=True
        )
    height = drawn_height_of(name) or _OF_STAND_IN
    stands = stands_of(name) or "ground"
    if stands in ("air", "under_water", "ceiling") and asked.action in ("walk", "run", "jump", "sleep", "eat", "dance"):
        stands = "ground"
    if own is None:
        ratio, anchors = 1.0, {}
    else:
        width, tall = own.box
        ratio = width / tall
        anchors: dict[AnchorName, tuple[float, float]] = {
            at: (x / width - 0.5, 1 - y / tall) for at, (x, y) in own.anchors.items()
        }
    if shows_of(name) == "head" and facts is not None:  # it gets a body where its feet are seen
        height, ratio = facts.height, 0.9
    return Figure(
        height,
        height * ratio,
        stands,
        asked.count,
        anchors,
        relation,
        flies=asked.action in _IN_THE_AIR,
        is_vehicle=facts is not None and facts.kind in _VEHICLES,
        acts=bool(asked.verb) or asked.action != "idle" or (facts is not None and facts.kind in ("animal", "bird")),
        in_sky=is_of_the_sky(asked) and relation is None,
        is_alive=facts is not None and facts.kind in ("animal", "bird", "fish"),
        is_building=facts is not None and facts.kind == "building" and not _is_stood_on(asked.name),
        lies=stands == "ground" and ratio > _FLAT and height < _FLAT_HEIGHT,
    )


def without_scenery(marks: Sequence[Mark], shown: Collection[str]) -> list[Mark]:
    """The marks but for what the set shows anyway, where nobody is related to it."""
    related = {mark.figure.relation[1] for mark in marks if mark.figure.relation is not None}
    gone = {
        at for at, mark in enumerate(marks)
        if at > 0 and mark.subject.emoji in shown and at not in related and mark.subject.action == "idle"
        and mark.figure.relation is None
    }  # fmt: skip
    kept = [at for at in range(len(marks)) if at not in gone]
    place = {at: number for number, at in enumerate(kept)}
    left: list[Mark] = []
    for at in kept:
        mark, relation = marks[at], marks[at].figure.relation
        figure = mark.figure if relation is None else replace(mark.figure, relation=(relation[0], place[relation[1]]))
        aim = mark.jet_to if mark.jet_to is None or mark.jet_to < 0 else place.get(mark.jet_to, -1)
        left.append(replace(mark, figure=figure, jet_to=aim))
    return left
