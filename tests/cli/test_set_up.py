"""The part of a settings file that is written and taken away by the program."""

from __future__ import annotations

import tomllib

import pytest

from opendance.cli.set_up import with_block, without_block
from opendance.errors import ConfigurationError

OWN = '# mine\nhost = "0.0.0.0"\n\n[routes]\ndefault = ["previs"]\n'


def test_what_is_written_can_be_read_and_taken_away_again() -> None:
    made = with_block(OWN, "wan2_2_5b", {"weights": '/a "b"/ü'})
    assert made is not None
    assert tomllib.loads(made)["engine"]["wan2_2_5b"] == {"weights": '/a "b"/ü'}
    assert made.startswith(OWN)
    assert without_block(made, "wan2_2_5b") == OWN


def test_it_is_written_once_and_others_stay() -> None:
    made = with_block(OWN, "a", {"weights": "1"})
    made = with_block(made or "", "b", {"weights": "2"})
    made = with_block(made or "", "a", {"weights": "3"})
    assert tomllib.loads(made or "")["engine"] == {"b": {"weights": "2"}, "a": {"weights": "3"}}
    assert without_block(without_block(made or "", "a"), "b") == OWN


def test_what_the_operator_wrote_is_not_touched() -> None:
    assert with_block('[engine.a]\nweights = "mine"\n', "a", {"weights": "1"}) is None


def test_a_file_that_is_no_toml_is_told() -> None:
    with pytest.raises(ConfigurationError, match="--config: "):
        with_block("[[", "a", {})
