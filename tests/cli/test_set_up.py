"""The part of a settings file that is written and taken away by the program."""

from __future__ import annotations

import tomllib

import pytest

from opendance.catalog import Mode
from opendance.cli.set_up import with_block, with_routes, without_block, without_routes
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


ROUTED = """# mine
[routes]  # best first
default = "previs"   # a preview
fast = ["ark", "previs"]
image-to-video = ["ark"]
text-to-video = ["ark"]
"seedance-2.0-mini-text-to-video" = ["wan2_2_5b", "previs"]
"""


def test_routes_ask_the_engine_first_where_it_makes_what_they_name_and_keep_their_comments() -> None:
    made, keys = with_routes(ROUTED, "wan2_2_5b", {Mode.TEXT})
    assert keys == ["default", "fast", "text-to-video"]
    assert tomllib.loads(made)["routes"] == {
        "default": ["wan2_2_5b", "previs"],
        "fast": ["wan2_2_5b", "ark", "previs"],
        "image-to-video": ["ark"],
        "text-to-video": ["wan2_2_5b", "ark"],
        "seedance-2.0-mini-text-to-video": ["wan2_2_5b", "previs"],
    }
    assert "# mine\n[routes]  # best first\n" in made
    assert "# a preview" in made
    assert with_routes(made, "wan2_2_5b", {Mode.TEXT}) == (made, [])


def test_routes_forget_an_engine_and_a_key_that_named_no_other_goes() -> None:
    made, keys = without_routes('[routes]\ndefault = "a, b"\nfast = ["a"]\nmini = ["b"]\n', "a")
    assert keys == ["default", "fast"]
    assert tomllib.loads(made)["routes"] == {"default": ["b"], "mini": ["b"]}


def test_a_file_without_routes_is_left_without() -> None:
    assert with_routes("host = 'x'\n", "a", set(Mode)) == ("host = 'x'\n", [])
