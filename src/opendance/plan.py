"""The shot plan: what a prompt asks for, in the words of film. Values only; `prompt/` makes it, engines follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Setting = Literal[
    "city", "sea", "underwater", "mountains", "forest", "desert", "snow", "street", "room", "stage", "space",
    "garden", "sky", "field", "studio",
]  # fmt: skip
Hour = Literal["dawn", "day", "golden", "dusk", "night"]
Weather = Literal["clear", "clouds", "rain", "storm", "snow", "fog", "wind"]
ShotSize = Literal["extreme_close_up", "close_up", "medium", "full", "wide"]
Move = Literal[
    "static", "push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "truck_left", "truck_right",
    "pedestal_up", "pedestal_down", "orbit", "crane_up", "crane_down", "handheld", "zoom_in", "zoom_out",
    "dolly_zoom", "tracking", "whip_pan", "time_lapse", "roll",
]  # fmt: skip
Action = Literal[
    "idle", "walk", "run", "jump", "fly", "swim", "dance", "play_instrument", "fall", "rise", "drive", "float",
    "spin", "sleep", "eat", "wave", "sail", "shake", "bloom", "burn",
]  # fmt: skip
Particle = Literal[
    "petals", "leaves", "fireflies", "embers", "bubbles", "confetti", "dust", "fireworks", "aurora", "notes", "meteors",
]  # fmt: skip
Choice = Literal["camera", "hour", "weather"]
Style = Literal[
    "natural", "cinematic", "watercolor", "noir", "neon", "pastel", "black_and_white", "vintage", "anime", "sketch",
]  # fmt: skip
Season = Literal["spring", "summer", "autumn", "winter"]
Lens = Literal["macro", "wide_angle", "telephoto", "fisheye", "anamorphic", "tilt_shift", "normal"]
View = Literal[
    "aerial", "top_down", "high_angle", "low_angle", "eye_level", "first_person", "over_the_shoulder",
    "from_the_side", "from_behind", "from_the_front",
]  # fmt: skip
Pace = Literal["slow_motion", "normal", "fast"]
Age = Literal["child", "teen", "adult", "elderly"]
Gender = Literal["female", "male"]
Colour = Literal[
    "red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "brown", "beige", "black", "grey",
    "white", "golden", "silver", "rainbow",
]  # fmt: skip
Material = Literal[
    "ice", "snow", "water", "fire", "glass", "crystal", "gold", "silver", "bronze", "metal", "chrome", "wood", "bamboo",
    "stone", "marble", "brick", "clay", "porcelain", "paper", "cloth", "silk", "wool", "leather", "plastic", "rubber",
    "sand", "cloud", "smoke", "light", "leaves", "flowers", "chocolate", "candy", "bone", "lava",
]  # fmt: skip
Relation = Literal[
    "in", "on", "under", "beside", "behind", "in_front_of", "over", "inside", "holding", "wearing", "riding", "facing",
    "following", "between", "leaning_on", "coming_out_of",
]  # fmt: skip
ReasonKind = Literal[
    "setting", "place", "hour", "weather", "season", "size", "lens", "view", "pace", "camera", "style", "mood",
    "subject", "count", "colour", "material", "age", "gender", "role", "wears", "action", "verb", "relation",
    "particles", "music", "written", "dialogue", "excluded", "asset", "shot", "nearest", "length", "quality", "sound",
]  # fmt: skip
Mood = Literal["calm", "joyful", "melancholic", "epic", "tense", "romantic", "playful", "mysterious"]
Language = Literal["en", "zh", "ko", "ja"]
Manner = Literal["whisper", "shout", "slow", "fast", "narration"]
LANGUAGES: Final[dict[Language, str]] = {"en": "English", "zh": "Chinese", "ko": "Korean", "ja": "Japanese"}
AssetKind = Literal["image", "video", "audio"]
Role = Literal[
    "first_frame", "last_frame", "subject", "product", "setting", "style",
    "camera", "motion", "edit", "extend", "join",
    "music", "effect", "voice",
]  # fmt: skip


@dataclass(frozen=True)
class Deed:
    """Something that somebody does.

    Attributes:
        verb: an English lemma: "mend", "toss"; `action`: how it is shown where nothing else is known.
        object: index, in the shot's subjects, of what it is done to.
        object_words: what it is done to, in English; also where that is no subject: "hands", "viaduct".
    """

    verb: str
    action: Action = "idle"
    object: int | None = None
    object_words: str = ""


@dataclass(frozen=True)
class Subject:
    """Someone or something that the prompt names.

    Attributes:
        emoji: the drawing that stands for it.
        name: its English name, for people.
        words: the words of the prompt that named it.
        count: how many of it, 1 to 12.
        action: what it does.
        instrument: the emoji of what it plays, with `play_instrument`.
        face: the drawing for close shots, where there is one.
        image: number of the reference image that shows it, where there is one.
        drawing: what shows it: the emoji, the name of a drawing of our own, or None: a simple shape with its name.
        colour, material, age, gender: as the words say; None where they say nothing.
        role: for a person, what it is, in English: "fisherman", "samurai".
        wears: what it wears, English names; `colours_worn`, `materials_worn`: the colour and the material of each.
        hair: the colour of its hair.
        qualities: what the words say of it besides, in their own language: "rusted", "half-eaten", "molten", 发光.
        verb: what it does, an English lemma: "mend", "toss"; empty where the words say nothing.
        object: index, in the shot's subjects, of what it does it to.
        relation: how it stands to another of the shot's subjects, and the index of that one; `relations`: all of them.
        deeds: all that it does, in the order of the words; `action`, `verb` and `object` say the one that is shown.
    """

    emoji: str
    name: str
    words: str
    count: int = 1
    action: Action = "idle"
    instrument: str | None = None
    face: str | None = None
    image: int | None = None
    drawing: str | None = None
    colour: Colour | None = None
    material: Material | None = None
    age: Age | None = None
    gender: Gender | None = None
    role: str | None = None
    wears: tuple[str, ...] = ()
    colours_worn: tuple[Colour | None, ...] = ()
    materials_worn: tuple[Material | None, ...] = ()
    hair: Colour | None = None
    qualities: tuple[str, ...] = ()
    verb: str = ""
    object: int | None = None
    relation: tuple[Relation, int] | None = None
    relations: tuple[tuple[Relation, int], ...] = ()
    deeds: tuple[Deed, ...] = ()


@dataclass(frozen=True)
class Camera:
    """A camera move; `speed` 1 is a calm move over the whole shot.

    Attributes:
        then: the moves that the words name after `move`, in their order; `move` is the one that is shown.
    """

    move: Move = "push_in"
    speed: float = 1.0
    handheld: bool = False
    then: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Shot:
    """One shot of the film, from `start` to `end` seconds.

    Attributes:
        explicit: what the words of the prompt themselves choose; the rest was chosen for them.
        place: key of the place in the words ("kitchen", "bamboo_forest"); `setting` is the kind of place that it is.
        where: the words for the place with what they say of it: "a flooded London street", 长满青苔的废墟城市.
        seasons: all that the words name, in their order; `season` is the first of them.
        rained: it has rained before, and rains no more.
        sounds: what is to be heard beside speech and music, in the prompt's own words: "roar of the furnace".
        season, lens, view: as the words say; None where they say nothing.
        focal_length: mm, for a picture of 36 x 24 mm, where the words tell one.
        pace: how fast time goes.
        framing: what the words say of the frame beside all this, in English: "two_shot", "vertical", "rack_focus".
        detail: the part of somebody that fills the frame, in English: "hands", "feet"; empty where none does.
        backdrop: the colour of a plain background.
        region: the town, land or age in which the words set it, in the prompt's own words: "Lisbon", "1890s London".
    """

    start: float
    end: float
    text: str
    setting: Setting
    hour: Hour
    weather: Weather
    size: ShotSize
    camera: Camera
    subjects: tuple[Subject, ...] = ()
    particles: tuple[Particle, ...] = ()
    shallow_focus: bool = False
    explicit: tuple[Choice, ...] = ()
    place: str | None = None
    season: Season | None = None
    lens: Lens | None = None
    focal_length: int | None = None
    view: View | None = None
    pace: Pace = "normal"
    framing: tuple[str, ...] = ()
    detail: str = ""
    backdrop: Colour | None = None
    region: str = ""
    where: str = ""
    seasons: tuple[Season, ...] = ()
    rained: bool = False

    @property
    def wet(self) -> bool:
        """The ground is wet: it rains, or did."""
        return self.rained or self.weather in ("rain", "storm")

    sounds: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Dialogue:
    """Words to be spoken.

    Attributes:
        start: of the shot whose words they stand in, s; None where they stand in no shot of several.
        speaker: index, in the subjects of that shot, else of the first, of who says them; None where no words tell.
        manners: how they are said, and whether by nobody who is seen.
    """

    text: str
    language: Language
    start: float | None = None
    speaker: int | None = None
    manners: tuple[Manner, ...] = ()


@dataclass(frozen=True)
class Writing:
    """Words to be seen: on a sign, as a subtitle; from `start` to `end`, s."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class AssetReference:
    """A place in the prompt that names an asset, numbered from 1 in the order of its array.

    Attributes:
        begin, end: of the words in the prompt, characters.
    """

    kind: AssetKind
    number: int
    words: str
    begin: int = 0
    end: int = 0


EditAct = Literal["look", "remove", "replace", "recolour", "background", "add"]


@dataclass(frozen=True)
class AssetUse:
    """What an asset is for.

    Attributes:
        start, end: when, s.
        words: the words of the prompt that said so, or why it was chosen where none did.
        target: with `edit`, the words for what is replaced or removed; with `subject`, for what it shows.
        backwards: with `extend`, what happened before is wanted.
        act: with `edit`, what is done; `look` changes light, weather and style alone.
        colour: with `recolour`, the new one; `instead`: with `replace`, the words of the new thing.
    """

    kind: AssetKind
    number: int
    role: Role
    start: float
    end: float
    words: str
    target: str | None = None
    backwards: bool = False
    act: EditAct | None = None
    colour: Colour | None = None
    instead: str | None = None


@dataclass(frozen=True)
class Fact:
    """Something that was read on the web.

    Attributes:
        topic: weather, news, score, price, date, product, place.
    """

    topic: str
    text: str


@dataclass(frozen=True)
class Reason:
    """Words of the prompt and what they led to.

    Attributes:
        kind: what of the plan it is; `nearest` where no word is known and the nearest meaning was taken.
        value: what the plan says there.
        words: as they stand in the prompt.
        begin, end: where, code points.
        score: with `nearest`, how near the meaning is, 0 to 1.
    """

    kind: ReasonKind
    value: str
    words: str
    begin: int
    end: int
    score: float | None = None


@dataclass(frozen=True)
class Plan:
    """What was understood of a prompt.

    Attributes:
        seconds: length of the whole clip, s; shots cover it without gaps.
        aspect_ratio: the ratio to use: the one asked for, or the one that `adaptive` chose.
        music: id of a public-domain piece in the embedded score book, or None for a bed in the mood.
        silent_music: the prompt asked for no music.
        references: where the prompt names assets; `assets`: what each one is for.
        facts: what was found on the web.
        found: (what, words) pairs: which words of the prompt led to what, for people; no program reads them.
        reasons: the same for programs, with the places of the words.
        unused: words with a meaning that changed nothing.
        excluded: English names of what the prompt does not want to see.
        written: words to be seen.
        styles: all that the words say of the kind of film, its medium, grade and light, in English: "documentary",
            "oil_painting", "purple light"; `style` is the one that is shown.
    """

    prompt: str
    language: Language
    seconds: float
    aspect_ratio: str
    style: Style
    mood: Mood
    shots: tuple[Shot, ...]
    dialogue: tuple[Dialogue, ...] = ()
    music: str | None = None
    silent_music: bool = False
    references: tuple[AssetReference, ...] = ()
    assets: tuple[AssetUse, ...] = ()
    facts: tuple[Fact, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    reasons: tuple[Reason, ...] = ()
    unused: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    written: tuple[Writing, ...] = ()
    styles: tuple[str, ...] = ()

    @property
    def prompt_with_facts(self) -> str:
        """The prompt for an engine, with what was found on the web quoted as that."""
        if not self.facts:
            return self.prompt
        quoted = " ".join(f"“{fact.text}”" for fact in self.facts)
        return f"{self.prompt}\n\nBackground, quoted from the web: {quoted}"

    def role_of(self, kind: AssetKind, number: int) -> Role | None:
        """What an asset is for, above all; None where the plan gives it no part."""
        return next((use.role for use in self.assets if (use.kind, use.number) == (kind, number)), None)

    def uses(self, *roles: Role) -> list[AssetUse]:
        """The assets with one of these roles, in order."""
        return [use for use in self.assets if use.role in roles]
