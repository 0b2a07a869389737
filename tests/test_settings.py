from __future__ import annotations

from pathlib import Path

import pytest

from opendance.errors import ConfigurationError
from opendance.machine import GIB
from opendance.settings import Settings, load_settings, unknown_variables


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "opendance.toml"
    file.write_text('port = 1111\nhost = "127.0.0.3"\nconcurrency = 3\n')
    monkeypatch.setenv("OPENDANCE_PORT", "2222")
    monkeypatch.setenv("OPENDANCE_HOST", "127.0.0.2")
    settings = load_settings(file, port=3333, host=None)
    assert (settings.port, settings.host, settings.concurrency) == (3333, "127.0.0.2", 3)


def test_what_is_wrong_is_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "opendance.toml"
    for text, word in (("prot = 1", "prot"), ("port = 'x'", "port"), ("port = ", "opendance.toml")):
        file.write_text(text)
        with pytest.raises(ConfigurationError, match=word):
            load_settings(file)
    with pytest.raises(ConfigurationError, match="no file"):
        load_settings(tmp_path / "missing.toml")
    monkeypatch.setenv("OPENDANCE_CONCURRENCY", "0")
    with pytest.raises(ConfigurationError, match="concurrency"):
        load_settings()


@pytest.mark.parametrize(
    ("cores", "gibibytes", "expected"), [(1, 2, 1), (2, 8, 1), (8, 16, 7), (64, 4, 4), (64, 0.5, 1)]
)
def test_by_default_one_core_is_left_free_and_each_video_has_some_memory(
    cores: int, gibibytes: float, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendance.settings.cores", lambda: cores)
    monkeypatch.setattr("opendance.settings.memory", lambda: int(gibibytes * GIB))
    assert load_settings().concurrency == expected


def test_allowed_networks_are_read_from_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDANCE_FETCH_ALLOW", "10.1.2.3/16, 127.0.0.1,fd00::/8,")
    assert [str(network) for network in load_settings().fetch_allow] == ["10.1.0.0/16", "127.0.0.1/32", "fd00::/8"]
    monkeypatch.delenv("OPENDANCE_FETCH_ALLOW")
    assert load_settings().fetch_allow == ()
    with pytest.raises(ConfigurationError, match=r"fetch_allow: .*'nonsense' is no network; write .*10\.1\.0\.0/16"):
        load_settings(fetch_allow="nonsense")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENDANCE_ADMIN_KEY", "change-me-20-letters-at-least"),
        ("OPENDANCE_ADMIN_KEY", "ChangeMe-20-letters-at-least"),
        ("OPENDANCE_DATABASE_URL", "postgresql://opendance:Change-Me@database/opendance"),
        ("OPENDANCE_SEARCH", '{"provider": "brave", "api_key": "change-me"}'),
        ("OPENDANCE_ENGINE__ARK__API_KEY", "change-me"),
        ("AWS_SECRET_ACCESS_KEY", "change-me"),
    ],
)
def test_what_an_example_has_in_place_of_a_secret_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(
        ConfigurationError, match=r"(?i)change-?me is what an example has in place of a secret"
    ) as caught:
        load_settings()
    assert value not in str(caught.value) or value == "change-me"
    assert name.removeprefix("OPENDANCE_").partition("__")[0].lower() in str(caught.value).lower()


def test_an_example_that_was_left_empty_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDANCE_ADMIN_KEY", "")
    with pytest.raises(ConfigurationError, match="admin_key"):
        load_settings()


def test_a_word_that_holds_the_placeholder_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDANCE_PUBLIC_URL", "https://exchangemedia.example")
    assert load_settings().public_url == "https://exchangemedia.example"


def test_further_tries_of_callbacks_are_read_from_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().callback_retries == ()
    monkeypatch.setenv("OPENDANCE_CALLBACK_RETRIES", "60, 600,3600")
    assert load_settings().callback_retries == (60.0, 600.0, 3600.0)
    for wrong in ("0", "soon", "60,90000", ",".join(["60"] * 21)):
        monkeypatch.setenv("OPENDANCE_CALLBACK_RETRIES", wrong)
        with pytest.raises(ConfigurationError, match="callback_retries"):
            load_settings()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OPENDANCE_STORAGE_URI", "OPENDANCE_STORAGE_URL"),
        ("OPENDANCE_PUBLIK_URL", "OPENDANCE_PUBLIC_URL"),
        ("OPENDANCE_DATADIR", "OPENDANCE_DATA_DIR"),
        ("OPENDANCE_BASEURL", "OPENDANCE_BASE_URL"),
        ("OPENDANCE_ENGIN__ARK__API_KEY", "OPENDANCE_ENGINE"),
        ("opendance_prot", "OPENDANCE_PORT"),
        ("OPENDANCE_XYZZY", None),
    ],
)
def test_a_misspelled_variable_is_told_with_the_nearest_name(name: str, meant: str | None) -> None:
    (told,) = unknown_variables({name: "x"})
    assert told.startswith(f"{name.upper()} is no setting and has no effect")
    assert told.partition("; did you mean ")[2] == ("" if meant is None else f"{meant}?")


def test_variables_that_are_known_are_not_told() -> None:
    known = [f"OPENDANCE_{name.upper()}" for name in Settings.model_fields]
    others = [
        "OPENDANCE_BASE_URL",
        "OPENDANCE_API_KEY",
        "OPENDANCE_ENGINE__ARK__API_KEY",
        "OPENDANCE_SEARCH__URL",
        "PATH",
    ]
    of_kubernetes = ["OPENDANCE_SERVICE_HOST", "OPENDANCE_SERVICE_PORT_HTTP", "OPENDANCE_PORT_80_TCP_ADDR"]
    assert unknown_variables(dict.fromkeys([*known, *others, *of_kubernetes], "x")) == []


def test_names_of_other_models_are_read_from_json_and_stand_for_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().model_aliases == {}
    monkeypatch.setenv("OPENDANCE_MODEL_ALIASES", '{"seedance-2.0": "auto", "old": "mini"}')
    assert load_settings().model_aliases == {"seedance-2.0": "auto", "old": "mini"}
    monkeypatch.setenv("OPENDANCE_MODEL_ALIASES", '{"old": "sora-2"}')
    with pytest.raises(ConfigurationError, match=r"model_aliases\.old: .*write one of auto, standard"):
        load_settings()
