"""opendance credits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Told, kept

Read = Callable[..., Any]


@pytest.fixture(autouse=True)
def account(told: Told, installation: Path) -> str:
    return told("accounts", "create", "--name", "Ann", "--credits", "7.5").strip()


def test_credits_are_added_and_corrected(told: Told, account: str) -> None:
    assert told("credits", "add", "Ann", "2.5001") == "Ann holds 10.0001\n"
    assert told("credits", "adjust", account, "--reason", "typo", "-0.0001") == "Ann holds 10\n"
    assert told("credits", "adjust", "Ann", "3", "--reason", "a gift") == "Ann holds 13\n"


def test_a_payment_is_booked_once(told: Told) -> None:
    pay = ("credits", "add", "Ann", "100", "--reference", "pay-1")
    assert told(*pay) == "Ann holds 107.5\n"
    assert told(*pay) == "Ann holds 107.5 (pay-1 was booked before)\n"
    assert told("credits", "add", "Ann", "1", "--reference", "pay-2") == "Ann holds 108.5\n"


def test_the_ledger_tells_every_movement_newest_first(told: Told, read: Read, account: str) -> None:
    told("credits", "add", "Ann", "100", "--reason", "card", "--reference", "pay-1")
    told("credits", "adjust", "Ann", "--reason", "[/] :cat: rounding", "-0.5")
    rows = read("credits", "ledger", "Ann")
    assert [(row["kind"], row["amount"], row["reason"]) for row in rows] == [
        ("adjust", -0.5, "[/] :cat: rounding"),
        ("topup", 100.0, "card"),
        ("topup", 7.5, "credits to start with"),
    ]
    assert {row["account_id"] for row in rows} == {account}
    assert [row["amount"] for row in read("credits", "ledger", account, "--limit", "1")] == [-0.5]
    assert read("credits", "ledger", "Ann", "--task", "task-x") == []
    lines = [line for line in told("credits", "ledger", "Ann").splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in line.split("│")][3:7] for line in lines] == [
        ["adjust", "-0.5000", "-", "[/] :cat: rounding"],
        ["topup", "+100.0000", "-", "card, pay-1"],
        ["topup", "+7.5000", "-", "credits to start with"],
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "nobody", "1"), "no account 'nobody'"),
        (("add", "Ann", "0"), "must be greater than 0"),
        (("add", "Ann", "much"), "error: AMOUNT: must be a number, not 'much'"),
        (("add", "Ann", "-5"), "AMOUNT: must be greater than 0"),
        (("add", "Ann", "nan"), "finite number"),
        (("add", "Ann", "0.00001"), "at most 4 decimals are possible"),
        (("add", "Ann", "1", "--reference", ""), "--reference: must not be empty"),
        (("add", "Ann", "2", "--reference", "pay-0"), "'pay-0' was booked with 1 credits, not 2"),
        (("adjust", "Ann", "-7.5001", "--reason", "x"), "holds 7.5, so at most 7.5 can be taken"),
        (("adjust", "Ann", "0", "--reason", "x"), "an adjustment of 0 changes nothing"),
        (("adjust", "Ann", "1", "--reason", " "), "--reason: must not be empty"),
        (("adjust", "Ann", "1"), "Missing option '--reason'"),
        (("ledger", "nobody"), "no account 'nobody'"),
        (("ledger", "Ann", "--limit", "0"), "'--limit'"),
    ],
)
def test_what_is_wrong_is_told_and_moves_nothing(
    told: Told, refused: Told, arguments: tuple[str, ...], words: str
) -> None:
    told("credits", "add", "Ann", "1", "--reference", "pay-0")
    told("credits", "adjust", "Ann", "-1", "--reason", "so that it holds what it did")
    before = kept()
    assert words in refused("credits", *arguments)
    assert kept() == before
