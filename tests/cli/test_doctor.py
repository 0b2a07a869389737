"""opendance doctor."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from opendance.cli.checks import Check, check_engine, check_installation
from opendance.drawings.packaged import PackagedDrawings
from opendance.engines import registry
from opendance.engines.registry import EngineFacts, known_engines
from opendance.settings import Settings
from opendance.store.database import known_migrations
from tests.cli.conftest import Run, Told

Read = Callable[..., Any]


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process for each engine; a test of its own has one."""
    monkeypatch.setattr("opendance.cli.checks.check_engine", lambda facts, *_: Check(f"  loads {facts.name}", True, ""))


@pytest.fixture
def with_engines(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, EngineFacts]], None]:
    return lambda engines: monkeypatch.setattr(registry, "known_engines", lambda: engines)


def test_it_tells_what_can_run(read: Read) -> None:
    found = {row["what"]: row for row in read("doctor")}
    assert [found[what]["ok"] for what in ("python", "engine previs", "video encoder", "sound encoder")] == [True] * 4
    assert {f"engine {name}" for name in known_engines()} <= set(found)
    assert "text-to-video" in found["engine previs"]["details"]
    assert "are opened at once" in found["files from outside"]["details"]
    assert {"limits", "no new privileges", "Landlock", "seccomp"} <= {what.strip() for what in found}


def test_it_tells_which_drawings_there_are(monkeypatch: pytest.MonkeyPatch, read: Read, tmp_path: Path) -> None:
    for drawings, good, words in (
        (PackagedDrawings(tmp_path / "none.zip"), False, "stand-ins take the place of Fluent and Noto"),
        (SimpleNamespace(names=lambda which: {"cat", which}), True, "2 of Fluent, 2 of Noto"),
    ):
        monkeypatch.setattr("opendance.drawings.packaged.packaged_drawings", lambda each=drawings: each)
        (row,) = [row for row in read("doctor") if row["what"] == "drawings"]
        assert row["ok"] is good
        assert words in row["details"]


def test_it_tells_which_tables_of_words_there_are(monkeypatch: pytest.MonkeyPatch, read: Read) -> None:
    glossed = "glossed: 70 Chinese, 70 Japanese, 70 Korean"
    none = "glossed: 0 Chinese, 0 Japanese, 0 Korean; the lexicon alone takes their place: install"
    for english, chinese, glosses, good, words in (
        (65406, 0, 70, False, f"65406 English of WordNet, 0 Chinese of jieba; {glossed}; the lexicon alone takes"),
        (65406, 111033, 0, False, f"65406 English of WordNet, 111033 Chinese of jieba; {none}"),
        (65406, 111033, 70, True, f"65406 English of WordNet, 111033 Chinese of jieba; {glossed}"),
    ):
        monkeypatch.setattr("opendance.prompt.glosses.num_glosses", lambda _language, each=glosses: each)
        monkeypatch.setattr("opendance.prompt.english_words.num_english_words", lambda each=english: each)
        monkeypatch.setattr("opendance.prompt.chinese_words.num_chinese_words", lambda each=chinese: each)
        (row,) = [row for row in read("doctor") if row["what"] == "words"]
        assert row["ok"] is good
        assert row["details"].startswith(words)


def test_it_tells_which_nets_look_at_pictures(monkeypatch: pytest.MonkeyPatch, read: Read, tmp_path: Path) -> None:
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    for packed, good, words in (
        ((), False, "rules tell apart what they show: install again"),
        (("u2netp.onnx",), False, "u2netp.onnx; without face_detection_short_range.tflite, face_landmark.tflite, pictures"),
        (("u2netp.onnx", "face_detection_short_range.tflite", "face_landmark.tflite"), True, f"u2netp.onnx, face_detection_short_range.tflite, face_landmark.tflite; for finer outlines put U2-Net's u2net.onnx (176 MB, `rembg d u2net`) at {tmp_path}"),
    ):  # fmt: skip
        monkeypatch.setattr("opendance.engines.previs.photo.nets.packed_nets", lambda each=packed: each)
        (row,) = [row for row in read("doctor") if row["what"] == "pictures"]
        assert row["ok"] is good
        assert row["details"].startswith(words)


def test_it_tells_which_languages_are_spoken_and_by_what(
    monkeypatch: pytest.MonkeyPatch, read: Read, tmp_path: Path
) -> None:
    voices = tmp_path / "voices.zip"
    monkeypatch.setattr("opendance.engines.previs.sound.speech.nets.VOICES", voices)
    for packed, speaks, good, words in (
        (False, {"en": "hibari"}, False, "English by hibari; those of Kokoro are not packed: install"),
        (True, {"en": "hibari"}, False, "English by hibari; not spoken: Chinese, Korean, Japanese: pip install"),
        (True, dict.fromkeys(("en", "zh", "ko", "ja"), "kokoro"), True, "English by kokoro, Chinese by kokoro"),
    ):
        if packed:
            voices.touch()
        monkeypatch.setattr("opendance.engines.previs.sound.speech.speaking.net_for", speaks.get)
        (row,) = [row for row in read("doctor") if row["what"] == "voices"]
        assert row["ok"] is good
        assert row["details"].startswith(words)


def test_a_process_for_files_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch, read: Read) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    (row,) = [row for row in read("doctor") if row["what"].strip() == "none"]
    assert not row["ok"]


def test_what_is_missing_is_told_with_the_command_that_installs_it(
    with_engines: Callable[[Mapping[str, EngineFacts]], None], told: Told, read: Read
) -> None:
    previs = known_engines()["previs"]
    missing = replace(previs, requires=("a_module_that_nobody_has",), install="pip install 'opendance[gpu]'")
    with_engines({"previs": previs, "warp": missing})
    row = next(row for row in read("doctor") if row["what"] == "engine warp")
    assert (row["ok"], row["details"]) == (
        False,
        "missing: a_module_that_nobody_has; pip install 'opendance[gpu]'",
    )
    table = told("doctor")
    assert "pip install 'opendance[gpu]'" in table
    assert [line.split()[1] for line in table.splitlines() if " engine " in line] == ["ok", "--"]


def test_where_no_engine_can_run_it_fails(with_engines: Callable[[Mapping[str, EngineFacts]], None], run: Run) -> None:
    with_engines({"warp": replace(known_engines()["previs"], requires=("a_module_that_nobody_has",))})
    done = run("doctor")
    assert (done.exit_code, done.stderr) == (1, "error: no engine can run here\n")
    assert "video encoder" not in done.stdout


def test_a_data_folder_that_others_can_read_is_told(read: Read, installation: Path) -> None:

    def row() -> dict[str, Any]:
        return next(row for row in read("doctor") if row["what"] == "data folder")

    assert row()["ok"]
    (installation / "opendance.sqlite3").chmod(0o644)
    assert not row()["ok"]
    assert "other users may use 1 of its files" in row()["details"]
    assert "chmod -R go= opendance-data" in row()["details"]


# ── the installation ──


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., dict[str, Check]]:
    """What is found of an installation with these settings, by name."""

    def found(**changes: Any) -> dict[str, Check]:
        settings = Settings(**{"data_dir": tmp_path / "data", "port": 0, **changes})
        return {check.what: check for check in check_installation(settings, None, None)}

    return found


def test_where_nothing_is_there_yet_all_is_good(found: Callable[..., dict[str, Check]], folder: Path) -> None:
    assert {what for what, check in found().items() if not check.is_good} == set()
    assert "is not there yet; opendance serve makes it" in found()["data folder"].details
    assert "no installation yet" in found()["database"].details
    assert list(folder.iterdir()) == [], "to look changes nothing"


def test_an_installation_is_told_with_its_schema_and_folder(
    found: Callable[..., dict[str, Check]], installation: Path
) -> None:
    checks = found(data_dir=installation)
    assert {what for what, check in checks.items() if not check.is_good} == set()
    assert checks["works with"].details == f"{installation}; no server runs on it"
    assert checks["database"].details.startswith("SQLite, schema 00")
    assert checks["store"].details == "in the data folder; nothing is kept yet"


def test_a_folder_that_is_none_or_cannot_be_written_is_told_with_what_to_do(
    found: Callable[..., dict[str, Check]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("x")
    assert "file is no folder: choose another" in found(data_dir=folder / "file" / "data")["data folder"].details
    monkeypatch.setattr("opendance.cli.checks.os.access", lambda *_: False)
    check = found()["data folder"]
    assert not check.is_good
    assert "cannot be written by this user: chown it" in check.details


def test_a_full_disk_is_told(found: Callable[..., dict[str, Check]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.cli.checks.shutil.disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    assert not found()["disk"].is_good
    assert "make room" in found()["scratch space"].details


def test_a_port_that_is_taken_is_told(found: Callable[..., dict[str, Check]]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        check = found(port=taken.getsockname()[1])["port"]
    assert not check.is_good
    assert "choose another with --port or OPENDANCE_PORT" in check.details


def test_a_database_that_is_none_or_waits_or_is_away_is_told(
    found: Callable[..., dict[str, Check]], installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendance.cli.checks.waiting_migrations", lambda _: known_migrations()[-1:])
    assert "1 migrations wait; run opendance migrate up" in found(data_dir=installation)["database"].details
    monkeypatch.undo()
    (installation / "opendance.sqlite3").write_bytes(b"no database at all" * 100)
    check = found(data_dir=installation)["database"]
    assert not check.is_good
    assert "restore it from a backup" in check.details


def test_a_store_that_does_not_answer_is_told(found: Callable[..., dict[str, Check]], folder: Path) -> None:
    (folder / "file").write_text("x")
    check = found(storage_url=f"file://{folder / 'file'}")["store"]
    assert not check.is_good


def test_a_clock_that_stands_in_the_past_is_told(
    found: Callable[..., dict[str, Check]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendance.cli.checks.time.time", lambda: 3600.0)
    assert not found()["clock"].is_good
    assert "1970-01-01" in found()["clock"].details


def test_the_server_of_the_environment_and_misspelled_variables_are_told(
    found: Callable[..., dict[str, Check]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDANCE_BASE_URL", "http://server.test")
    monkeypatch.setenv("OPENDANCE_STORAGE_URI", "s3://x/y")
    checks = found()
    assert "http://server.test (OPENDANCE_BASE_URL, NO KEY" in checks["works with"].details
    assert "did you mean OPENDANCE_STORAGE_URL?" in checks["variable"].details


def test_an_engine_that_does_not_load_is_told_with_the_reason(tmp_path: Path) -> None:
    facts = replace(known_engines()["previs"], name="previs", factory="opendance.engines.blank:Blank", options=None)
    settings = Settings(data_dir=tmp_path)
    assert check_engine(facts, {}, settings).is_good
    assert "not tried" in check_engine(replace(facts, runs_on="gpu"), {}, settings).details
    settings = Settings(data_dir=tmp_path, engine={"previs": {"colour": "red"}})
    check = check_engine(facts, settings.engine["previs"], settings)
    assert not check.is_good
    assert "previs has no options, not colour" in check.details
