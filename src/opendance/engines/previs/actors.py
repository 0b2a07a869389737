"""Subjects on their marks: size, place, motion, shadow, mirror image, instrument, and the sounds they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from opendance.drawings.library import faces_of, facts_of, shows_of
from opendance.engines.previs.blocking import Spot, carriers_first
from opendance.engines.previs.bodies import gait_of, lying_body, moving_body, turned
from opendance.engines.previs.breath import breath_plates
from opendance.engines.previs.camera import glide
from opendance.engines.previs.colour import Colour, Floats, tone_curve
from opendance.engines.previs.emissions import emitted, flame, flash, pieces
from opendance.engines.previs.happenings import Happening, happen
from opendance.engines.previs.inflating import inflate
from opendance.engines.previs.instruments import held_instrument, is_keyboard, keyboard_plates
from opendance.engines.previs.lanes import pack, seen_box
from opendance.engines.previs.marks import Mark
from opendance.engines.previs.motion import STEPS, TRAVEL, SoundEvent, move
from opendance.engines.previs.mouths import Speech, face_shown
from opendance.engines.previs.people import Face, actions, rig
from opendance.engines.previs.performers import OWN_MOTION, TRAVELLING, Performer, close, performer_of
from opendance.engines.previs.photo.bodies import cutout_body
from opendance.engines.previs.photo.cutout import Cutout
from opendance.engines.previs.photo.relighting import relit
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.props import Stroke
from opendance.engines.previs.relations import is_table
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.engines.previs.shadows import mirror_plate, shadow_plate, sheen_plate
from opendance.engines.previs.subject_sounds import sounds_of
from opendance.engines.previs.subjects import (
    Body,
    Bytes,
    animal_or_thing,
    animal_with_body,
    fur,
    person,
)
from opendance.engines.previs.surfaces import PLAIN, Surface
from opendance.engines.previs.tops import Top, top_of
from opendance.engines.previs.traits import drawing_svg, traits_of
from opendance.engines.previs.views import side_of
from opendance.engines.previs.writing import lettered
from opendance.machine import cores
from opendance.plan import Action, ShotSize, Subject

_FLOATING: tuple[Action, ...] = ("fly", "swim", "float")
_CLOSE: tuple[ShotSize, ...] = ("close_up", "extreme_close_up")
_MOVING_PIXELS = 800  # of those that are drawn eight times and more: in 1080p a picture of 1,500 takes 27 MB
_PIXELS = (24, 1500)  # height of a drawing, least and most: smaller has no eyes, larger only takes time
BUST = 2.0  # height of a figure whose head and shoulders are as high as the framing says
_BELOW_FRAME = 0.72  # y, picture heights, below which nothing of a close figure is ever seen
_AT_PIANO = 0.76  # the instrument takes the room
_MIDDLE = 0.02  # x, picture heights: who stands so near to the middle looks the way of the shot
_BLINKING = ("stand", "sit", "hold", "talk", "think", "sad", "read")  # they are calm, and their cycles short
_UPRIGHT = (
    "stand", "hold", "hold_two", "talk", "think", "sad", "walk", "run", "wave", "smile", "laugh", "look_up", "listen",
    "nod", "sing", "clap", "weep", "phone", "text", "drink", "whisper", "cross_arms", "play_guitar", "play_flute",
)  # fmt: skip
_SEEN_EYES = 160  # px of a figure: the eyes of smaller ones are not seen to close
_LAYER = 0.006  # depth: before or behind somebody
_OVER_HEADS = ("☂️", "☔", "🌂", "open-umbrella", "oilpaper-umbrella")
_HALF_FIGURE = 0.6  # height at least of who is cut off by the edge of a photograph
_WIDEST = 0.62  # of the picture's width, for a photograph that was cut out: others have to be seen too


def _surface(subject: Subject) -> Surface:
    return Surface(subject.colour, subject.material) if subject.image is None else PLAIN


def _shows_head_alone(subject: Subject) -> bool:
    """Whether its drawing is an animal's head, which gets a body where the feet are seen."""
    facts = facts_of(subject.emoji)
    return shows_of(subject.emoji) == "head" and facts is not None and facts.kind in ("animal", "bird")


@dataclass(frozen=True)
class Framing:
    """How a shot size frames: subject height, y of its foot, y of the horizon, all picture heights."""

    height: float
    foot: float
    horizon: float


def _towards(spot: Spot, other: Spot) -> int:
    return 1 if other.x > spot.x else -1


def _still(t: float) -> Placement:
    return Placement()


class Actors:
    """Puts subjects on their marks."""

    def __init__(
        self,
        film_set: FilmSet,
        framing: Framing,
        follow: float,
        direction: int,
        strokes: list[Stroke],
        cutouts: dict[int, Cutout],
        led: Callable[[float], Placement] | None = None,
    ) -> None:
        self.cutouts, self.led = cutouts, led
        self.film_set, self.framing, self.follow, self.direction = film_set, framing, follow, direction
        self.strokes = strokes
        self.plates: list[tuple[float, Plate]] = []
        self.events: list[SoundEvent] = []
        self.note_source: tuple[float, float] | None = None
        self.written: Mapping[int, str] = {}  # by mark: what is to be read on it
        self.near: int | None = None  # the mark over whose shoulder is looked
        self.curve: Floats | None = tone_curve("natural")  # what frames are finished with; None where they are not
        self.speaks: Mapping[int, Speech] = {}  # by mark: what it says

    def add(self, marks: Sequence[Mark], spots: Sequence[Sequence[Spot]]) -> None:
        """Put all on their marks; whoever carries another comes first, so that the other moves with it."""
        self._moves: dict[int, Callable[[float], Placement]] = {}
        self._hands: dict[int, Callable[[float], tuple[float, float]]] = {}
        spots = [
            [replace(spot, facing=_towards(spot, spots[mark.jet_to][0])) for spot in own]
            if mark.jet_to is not None and mark.jet_to >= 0
            else own
            for mark, own in zip(marks, spots, strict=True)
        ]
        figures = [mark.figure for mark in marks]
        self._grips: dict[int, tuple[float, float]] = {}
        self._tops: dict[int, Top] = {}  # by mark: of the tables that something is on
        self._laid = {  # the tables among them that something is on: whoever plays a piano is on none
            to
            for kind, to in (figure.relation for figure in figures if figure.relation is not None)
            if kind == "on" and is_table(marks[to].subject)
        }
        self._holders = {
            at for at, figure in enumerate(figures) if figure.relation is not None and figure.relation[0] == "holding"
        }
        for at in sorted(carriers_first(figures), key=lambda each: spots[each][0].carrier is not None):
            for k, spot in enumerate(spots[at]):
                self._add_one(marks[at], spot, at, k)
            performer = marks[at].performer
            acts = None if performer is None else performer.action
            self.events += sounds_of(marks[at].asked, self.film_set.shot, acts, marks[at].happening)
        for at, mark in enumerate(marks):
            if mark.jet_of is not None:
                self._breathe(mark, spots, at)

    def _add_one(self, mark: Mark, spot: Spot, at: int, k: int) -> None:
        """One of a subject.

        Args:
            at: its mark's number.
            k: which one of its like.
        """
        film_set, subject, action = self.film_set, mark.subject, mark.subject.action
        spot = self._in_hand(mark, self._seated(subject, spot))
        top = self._top_under(mark)
        if top is not None:
            spot = replace(spot, foot=top.foot, touches_ground=True)
        pixels = int(np.clip(spot.height * film_set.resolution * film_set.detail * 1.25, *_PIXELS))
        performer = self._performer(subject, k)
        if performer is None:
            body = self._body(subject, pixels, speaks=at in self.speaks)
            if self._is_mirrored(subject, spot):
                body = turned(body)
        else:
            if mark.performer is not None:
                acts = mark.performer
                performer = replace(performer, action=acts.action, view=acts.view, gear=acts.gear)
            if at in self._holders:
                performer = replace(performer, gear=None)
            body = self._person(subject, performer, spot, pixels, at, seated=mark.figure.sits)
        motion = self._motion(subject, spot, k, mark.happening)
        towards = (film_set.sun[0] - spot.x, film_set.sun[1] - (spot.foot - spot.height / 2))
        pictures = self._all_lit(body.pictures, subject, towards, spot)
        if at in self.written:
            pictures = [lettered(picture, self.written[at]) for picture in pictures]
        if k == 0:
            self._moves[at] = motion
        plate = self._place(pictures, body, motion, spot, k, subject=subject, speaks=self.speaks.get(at))
        whole, pictures = self.plates[-1][1], pictures[:1]
        if k == 0:
            self._remember_hand(at, body, pictures[0].shape, plate)
        if at in self._laid and k == 0:
            own = top_of(pictures[0], plate, motion, spot, film_set, _surface(subject).material)
            if own is not None:
                self._tops[at] = own
                self.plates.append((own.plate.depth, own.plate))
        if self._is_mirrored_below(subject, spot, top):
            ends = None if top is None else top.front
            self.plates.append((spot.depth + 0.005, sheen_plate(pictures[0], plate, motion, spot, ends=ends)))
        if self._casts_shadow(subject, spot):
            shadow = shadow_plate(pictures[0], plate, motion, spot)
            self.plates.insert(len(self.plates) - 1, (spot.depth + 0.004, shadow))
        afloat = mark.figure.stands == "water" or action == "sail"
        on_water = afloat or (spot.touches_ground and not film_set.beach and not film_set.has_strip)
        if film_set.shot.setting == "sea" and on_water and spot.carrier is None:
            self.plates.append((spot.depth + 0.003, mirror_plate(pictures[0], plate, motion, spot)))
        if action == "play_instrument" and k == 0:
            self._instrument(subject, spot, motion)
        if action == "rise" and traits_of(mark.asked.emoji).flame:
            self.plates.append((spot.depth + 0.002, flame(film_set, spot, motion)))
        if mark.happening is not None:
            self._happen(mark.happening, whole, spot, motion)

    def _happen(self, happening: Happening, whole: Plate, spot: Spot, motion: Callable[[float], Placement]) -> None:
        """What comes out of a subject, or is left of it."""
        seconds = self.film_set.seconds
        width = whole.pixels.shape[1] / whole.density
        parts = emitted(happening, self.film_set, spot, width, motion)
        if happening in ("explode", "shatter"):
            parts = pieces(whole, spot, motion, seconds=seconds, bursts=happening == "explode")
        if happening == "explode":
            parts.append(flash(self.film_set, spot, seconds))
        self.plates += [(part.depth, part) for part in parts]

    def _remember_hand(self, at: int, body: Body, shape: tuple[int, ...], plate: Plate) -> None:
        """Where the leading hand of a figure is, and how far it goes from there."""
        wide, tall = (shape[1] - 20) / plate.density, (shape[0] - 20) / plate.density
        places = [step.get("right_hand", (0.5, 0.5)) for step in body.anchors]
        if not places:
            return
        first, count, rate = places[0], len(places), body.rate  # a closure over the body would keep all of its pictures
        margin = 10 / plate.density
        self._grips[at] = plate.left + margin + first[0] * wide, plate.top + margin + first[1] * tall

        def moved(t: float) -> tuple[float, float]:
            x, y = places[int(t * rate) % count]
            return (x - first[0]) * wide, (y - first[1]) * tall

        if body.rate:
            self._hands[at] = moved

    def _in_hand(self, mark: Mark, spot: Spot) -> Spot:
        """What is held goes to where the hand really is; what is long is held aslant, so that it hides no face."""
        grip = None if spot.carrier is None or spot.carrier not in self._holders else self._grips.get(spot.carrier)
        if grip is None:
            return spot
        figure = mark.figure
        at = figure.anchors.get("hand", (0.0, 0.5))
        width = spot.height * figure.width / figure.height
        is_over_head = mark.subject.emoji in _OVER_HEADS
        slant = 0.55 if figure.height > 2.5 * figure.width and not is_over_head else 0.0
        depth = spot.depth + 3 * _LAYER if is_over_head else spot.depth  # behind the head that it is over
        return replace(
            spot,
            depth=depth,
            x=grip[0] - at[0] * width,
            foot=grip[1] + at[1] * spot.height,
            grip=grip,
            angle=spot.angle + slant,
        )

    def _breathe(self, mark: Mark, spots: Sequence[Sequence[Spot]], at: int) -> None:
        """Fire, ice or water from the mouth, towards what it is meant for."""
        assert mark.jet_of is not None
        spot, figure = spots[at][0], mark.figure
        right, up = figure.anchors.get("mouth", (-0.45, 0.80))
        way = -1 if self._is_mirrored(mark.subject, spot) else 1
        width = spot.height * figure.width / figure.height
        mouth = (spot.x + way * right * width, spot.foot - up * spot.height)
        aim = (mouth[0] - way * spot.height * 0.9, spot.foot - 0.15 * spot.height)
        if mark.jet_to is not None and mark.jet_to >= 0:
            target = spots[mark.jet_to][0]
            aim = (target.x, target.foot - target.height * 0.55)
        for plate in breath_plates(self.film_set, mark.jet_of, mouth, aim, spot, self._moves[at]):
            self.plates.append((plate.depth, plate))

    def _all_lit(
        self, pictures: Sequence[Bytes], subject: Subject, towards: tuple[float, float], spot: Spot
    ) -> list[Bytes]:
        """All pictures of a body in the light, side by side: half of the time that a set takes goes into it."""
        if len(pictures) == 1:
            return [self._lit(pictures[0], subject, towards, spot)]
        with ThreadPoolExecutor(cores()) as pool:
            lighting = [pool.submit(self._lit, picture, subject, towards, spot) for picture in pictures]
            return [each.result() for each in lighting]

    def _lit(self, picture: Bytes, subject: Subject, towards: tuple[float, float], spot: Spot) -> Bytes:
        light = self.film_set.light
        if subject.image is not None and subject.image in self.cutouts:
            stands = spot.touches_ground and not self._is_cut_off(subject)
            return relit(picture, light, towards, depth=spot.depth, curve=self.curve, stands=stands)
        return inflate(picture, light, towards, depth=spot.depth, gloss=_surface(subject).gloss)

    def _seated(self, subject: Subject, spot: Spot) -> Spot:
        """Where a subject is that sits at a piano, or that its photograph cuts off below."""
        if self._at_piano(subject):  # the face shows over the keys
            height = self.framing.height * _AT_PIANO
            foot = 0.30 if self.film_set.shot.size in _CLOSE else self.framing.foot - height * 0.35
            if self._performer(subject, 0) is None:
                return replace(spot, foot=foot, height=height)
            return replace(spot, foot=foot + height * (BUST - 1), height=height * BUST)
        if self._is_cut_off(subject) and spot.touches_ground:  # whoever is cut off below is shown so
            # In a wide shot it would look buried to the chest: a half figure is seen from nearer.
            least = _HALF_FIGURE if len(self.film_set.shot.subjects) == 1 else 0.0
            return replace(spot, height=max(spot.height * 1.15, least), foot=0.52)
        return spot

    def _floats(self, subject: Subject) -> bool:
        return subject.action in _FLOATING or not self.film_set.has_floor

    def _is_cut_off(self, subject: Subject) -> bool:
        cutout = None if subject.image is None else self.cutouts.get(subject.image)
        return cutout is not None and cutout.cut_off

    def _casts_shadow(self, subject: Subject, spot: Spot) -> bool:
        return (
            spot.touches_ground
            and not self._floats(subject)
            and not self._is_cut_off(subject)
            and not self._at_piano(subject)
            and not self._is_bust(subject)
            and subject.action not in ("rise", "sail")
            and self.film_set.shot.setting != "underwater"
        )

    def _top_under(self, mark: Mark) -> Top | None:
        """The upper side of the table that it stands on."""
        relation = mark.figure.relation
        stands = relation is not None and relation[0] == "on" and not mark.figure.sits
        return self._tops.get(relation[1]) if relation is not None and stands else None

    def _is_mirrored_below(self, subject: Subject, spot: Spot, top: Top | None) -> bool:
        """Whether it is a photograph of a thing on a table, or on the polished floor of a studio."""
        cutout = None if subject.image is None else self.cutouts.get(subject.image)
        is_thing = cutout is not None and not cutout.faces and not cutout.cut_off
        shines = top is not None or self.film_set.shot.setting == "studio"
        return is_thing and spot.touches_ground and shines and not self._floats(subject)

    @staticmethod
    def _at_piano(subject: Subject) -> bool:
        return subject.action == "play_instrument" and is_keyboard(subject.instrument)

    def _stands(self, subject: Subject) -> bool:
        size_shows_feet = self.film_set.shot.size in ("full", "wide", "medium") and self.film_set.has_floor
        return size_shows_feet and subject.action not in _FLOATING and not self._at_piano(subject)

    def _body(self, subject: Subject, pixels: int, *, speaks: bool) -> Body:
        if subject.image is not None and subject.image in self.cutouts:
            widest = self.film_set.aspect * _WIDEST * self.film_set.resolution
            return cutout_body(self.cutouts[subject.image], pixels, width=widest, speaks=speaks)
        surface = _surface(subject)
        if drawing_svg(subject.emoji) is None:  # a stand-in is a whole figure
            return animal_or_thing(subject.emoji, pixels, surface)
        if _shows_head_alone(subject) and self._stands(subject):
            return animal_with_body(subject.emoji, pixels, surface)
        if subject.action == "sleep" and (asleep := lying_body(subject.emoji, pixels, surface)) is not None:
            return asleep
        moving = moving_body(subject.emoji, min(pixels, _MOVING_PIXELS), surface, gait_of(subject))
        return moving if moving is not None else animal_or_thing(subject.emoji, pixels, surface)

    def _performer(self, subject: Subject, k: int) -> Performer | None:
        return performer_of(subject, k, self.film_set.cast)

    def _is_bust(self, subject: Subject) -> bool:
        """A person of whom the frame shows head and shoulders."""
        near = self.film_set.shot.size in _CLOSE or self._at_piano(subject)
        return near and self._performer(subject, 0) is not None

    def _person(
        self, subject: Subject, performer: Performer, spot: Spot, pixels: int, at: int, *, seated: bool
    ) -> Body:
        above: float | None = None
        if self._is_bust(subject):
            performer = close(performer)
            if performer.action in _UPRIGHT:  # of others the head is lower, and the frame shows more of them
                above = max(0.0, (spot.foot - _BELOW_FRAME) / spot.height)
        right = self.direction > 0 if performer.action in TRAVELLING or abs(spot.x) < _MIDDLE else spot.x < 0
        if spot.facing:
            right = spot.facing > 0
        view = side_of(self.film_set.shot.view, performer.view, is_near=at == self.near)
        view = "front" if self._at_piano(subject) else view
        talks = at in self.speaks and view != "back"
        calm = performer.action in _BLINKING and pixels > _SEEN_EYES
        material = replace(_surface(subject), colour=None)  # a colour is worn
        return person(
            rig(
                performer.look,
                view,
                performer.action,
                min(pixels, _MOVING_PIXELS),
                face=Face(actions()[performer.action].mood) if talks else None,
                variants=((("blink",) if calm else ()) + (("open",) if talks else ())),
                facing="right" if right else "left",
                above=above,
                gear=performer.gear,
                seated=seated,
            ),
            material,
        )

    def _is_mirrored(self, subject: Subject, spot: Spot) -> bool:
        """Whether a drawing goes the other way than it looks."""
        if subject.image is not None or self._performer(subject, 0) is not None:
            return False
        way = spot.facing or (self.direction if TRAVEL.get(subject.action, 0) else 0)
        if way == 0 or drawing_svg(subject.emoji) is None:
            return False
        faces = faces_of(subject.emoji) or "left"
        return faces == ("left" if way > 0 else "right")

    def _motion(
        self, subject: Subject, spot: Spot, k: int, happening: Happening | None = None
    ) -> Callable[[float], Placement]:
        film_set, height = self.film_set, spot.height
        if spot.carrier is not None and spot.carrier in self._moves:
            return self._carried(spot.carrier, spot.angle)
        seconds, follow = film_set.seconds, self.follow if TRAVEL.get(subject.action, 0) else 0.0
        tracking = film_set.shot.camera.move == "tracking"
        beats = [stroke.at for stroke in self.strokes] if subject.action == "play_instrument" else None
        phase = (k * 0.37) % 1
        action = subject.action
        performer = self._performer(subject, 0)
        if performer is not None and (action in OWN_MOTION or performer.action == "climb"):
            action = None
        base = _still if action is None else move(action, height=height, seconds=seconds, phase=phase, beats=beats)
        if happening is not None:
            base = happen(happening, height=height, aspect=film_set.aspect, seconds=seconds, phase=phase)
        if self.led is not None and subject.image is not None:
            base, follow = self.led, 0.0
        begin = 0.0 if tracking else -follow / 2

        def motion(t: float) -> Placement:
            placement = base(t)
            placement.angle += spot.angle
            placement.x += begin + follow * glide(min(1.0, t / seconds)) if follow else 0.0
            return placement

        return motion

    def _carried(self, carrier: int, angle: float) -> Callable[[float], Placement]:
        """With whoever carries it."""
        move_of, hand_of = self._moves[carrier], self._hands.get(carrier)

        def motion(t: float) -> Placement:
            at = move_of(t)
            x, y = (0.0, 0.0) if hand_of is None else hand_of(t)
            return Placement(x=at.x + x, y=at.y + y, angle=angle + at.angle * 0.5)

        return motion

    def _place(
        self,
        pictures: list[Bytes],
        body: Body,
        motion: Callable[[float], Placement],
        spot: Spot,
        k: int,
        *,
        subject: Subject,
        speaks: Speech | None = None,
    ) -> Plate:
        """Add the plate of a subject, cut to what is seen of it; returned is where it would be whole."""
        x, foot, height, depth = spot.x, spot.foot, spot.height, spot.depth
        margin = 10
        rows, columns = pictures[0].shape[0] - 2 * margin, pictures[0].shape[1] - 2 * margin
        density = (rows if body.standing is None else body.standing) / height
        left = x - (margin + columns * body.middle) / density
        top = foot - (margin + rows * body.foot) / density
        if self._is_bust(subject):  # also who sits is seen where the head is
            top = foot - height - (margin + rows * body.crown) / density
        choose: Callable[[float], int] | None = None
        if body.rate:
            own, closed_eyes, since, own_rate = body.steps, body.closed, 0.83 * k, body.rate
            open_mouths = body.speaking

            def own_step(t: float) -> int:
                step = int((t + since) * own_rate) % len(own)
                if open_mouths and speaks is not None and speaks.is_open(t):
                    return open_mouths[step]
                return closed_eyes[step] if closed_eyes and (t + 0.9 + since) % 2.7 < 0.13 else own[step]

            choose = own_step
        elif body.lids or body.mouths:
            choose = face_shown(body.lids, body.mouths, speaks, since=0.83 * k + 1.1)
        elif body.steps and (gait := self._gait()) is not None:
            rate, cycle = STEPS[gait], body.steps
            choose = lambda t: cycle[int(t * rate * 2 + k) % len(cycle)]  # noqa: E731
        elif body.blink is not None:
            blink = body.blink
            offset = 0.9 + 0.83 * k
            choose = lambda t: blink if (t + offset) % 2.7 < 0.13 else 0  # noqa: E731
        if (
            self.film_set.shot.subjects
            and any(sub.action == "sleep" for sub in self.film_set.shot.subjects)
            and body.blink is not None
            and not body.rate
        ):
            closed = body.blink
            choose = lambda t: closed  # noqa: E731
        box = seen_box(pictures)
        plate = Plate(
            pack(pictures[0][box]),
            left + box[1].start / density,
            top + box[0].start / density,
            density,
            depth,
            anchor=spot.grip or (x, foot),
            motion=motion,
            others=tuple(np.ascontiguousarray(picture[box]) for picture in pictures[1:]),
            choose=choose,
        )
        self.plates.append((depth, plate))
        return replace(plate, left=left, top=top)

    def _gait(self) -> Action | None:
        """How the feet of this shot go; those who dance are as quick as those who run."""
        for subject in self.film_set.shot.subjects:
            if subject.action in ("walk", "run"):
                return subject.action
            if subject.action == "dance":
                return "run"
        return None

    def _instrument(self, subject: Subject, spot: Spot, motion: Callable[[float], Placement]) -> None:
        if subject.instrument is None or is_keyboard(subject.instrument):
            if self._is_bust(subject):  # what is over the keys is as high as a head of an animal would be
                height = spot.height / BUST
                spot = replace(spot, foot=spot.foot - spot.height + height, height=height)
            plates, self.note_source = keyboard_plates(self.film_set, spot, self._skin(subject), self.strokes)
        else:
            self.note_source = (spot.x + spot.height * 0.30, spot.foot - spot.height * 0.55)
            performer = self._performer(subject, 0)
            if performer is not None and performer.gear is not None:
                return  # it is in the hands of the figure
            plates = [held_instrument(self.film_set, spot, subject.instrument, motion)]
        self.plates += [(plate.depth, plate) for plate in plates]

    def _skin(self, subject: Subject) -> Colour:
        performer = self._performer(subject, 0)
        if performer is None:
            return fur(subject.emoji, _surface(subject))
        red, green, blue = performer.look.skin
        return (red / 255, green / 255, blue / 255)
