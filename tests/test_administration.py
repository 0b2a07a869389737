"""What the operator can do, on both databases: what it changes, what it refuses, what it tells the audit log."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from opendance import administration as admin
from opendance.administration import views
from opendance.errors import AlreadyExists, ApiError, InvalidRequest, NotFound, ReferenceConflict, Unauthorized
from opendance.store import accounts, keys, ledger
from opendance.store.accounts import AccountRecord, Group
from opendance.store.audit import AuditRecord, list_audit
from opendance.store.audited import ACTOR
from opendance.store.database import Connection, Database
from opendance.store.keys import KeyRecord
from tests.conftest import MINI, TEXT

# An example is a row of its own, so that examples can share a database.
on_one_database = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def connection(database: Database) -> AsyncGenerator[Connection]:
    async with database.write() as connection:
        yield connection


async def new_account(connection: Connection, name: str = "Ann", **facts: Any) -> AccountRecord:
    return await admin.create_account(connection, admin.NewAccount(name=name, **facts))


async def new_key(connection: Connection, account: str = "Ann", **facts: Any) -> tuple[KeyRecord, str]:
    return await admin.create_key(connection, account, admin.NewKey(**{"name": "k", **facts}))


async def told(connection: Connection) -> list[AuditRecord]:
    return await list_audit(connection, kind="admin.", limit=1000)


async def last_told(connection: Connection) -> tuple[str, str | None, dict[str, Any]]:
    row = (await told(connection))[-1]
    return row.kind, row.account_id, row.detail


async def answer_to(connection: Connection, key: str) -> str:
    """What a request with this key would be told."""
    try:
        return (await keys.authenticate(connection, key)).key.id
    except Unauthorized as error:
        return error.message


# ── input ──


@pytest.mark.parametrize(
    ("kind", "given_", "words"),
    [
        (admin.NewAccount, {}, "Field required"),
        (admin.NewAccount, {"name": " \t"}, "must not be empty"),
        (admin.NewAccount, {"name": "x" * 201}, "at most 200"),
        (admin.NewAccount, {"name": "x", "colour": 1}, "Extra inputs"),
        (admin.NewAccount, {"name": "x", "user_group": "Gold"}, "small letters"),
        (admin.NewAccount, {"name": "x", "user_group": "-gold"}, "small letters"),
        (admin.NewAccount, {"name": "x", "user_group": "gold\n"}, "small letters"),
        (admin.NewAccount, {"name": "x", "user_group": ""}, "small letters"),
        (admin.NewAccount, {"name": "x", "user_group": "g" * 41}, "at most 40"),
        (admin.NewAccount, {"name": "x", "credits": "-0.0001"}, "greater than or equal to 0"),
        (admin.NewAccount, {"name": "x", "credits": "0.00001"}, "4 decimal places"),
        (admin.NewAccount, {"name": "x", "credits": "1000000000000"}, "12 digits before"),
        (admin.NewAccount, {"name": "x", "credits": "NaN"}, "finite"),
        (admin.NewAccount, {"name": "x", "credits": "Infinity"}, "finite"),
        (admin.NewAccount, {"name": "x", "max_tasks": 0}, "greater than or equal to 1"),
        (admin.NewAccount, {"name": "x", "requests_per_minute": 10**9 + 1}, "less than or equal"),
        (admin.GroupChange, {"price_ratio": "-0.1"}, "greater than or equal to 0"),
        (admin.GroupChange, {"price_ratio": "100.1"}, "less than or equal to 100"),
        (admin.GroupChange, {"priority": 101}, "less than or equal to 100"),
        (admin.GroupChange, {"max_files": -1}, "greater than or equal to 0"),
        (admin.NewKey, {"name": "k", "models": ["gpt"]}, "there is no gpt; the models are"),
        (admin.NewKey, {"name": "k", "expires": 0}, "greater than 0"),
        (admin.NewKey, {"name": "k", "expires": 2**40}, "less than"),
        (admin.NewKey, {"name": "k", "credit_limit": -1}, "greater than or equal to 0"),
        (admin.KeyChange, {"enabled": "perhaps"}, "boolean"),
        (admin.Rotation, {"overlap_hours": -1}, "greater than or equal to 0"),
        (admin.Rotation, {"overlap_hours": 8761}, "less than or equal to 8760"),
        (admin.TopUp, {"credits": 0}, "greater than 0"),
        (admin.TopUp, {"credits": 1, "reference": ""}, "at least 1"),
        (admin.TopUp, {"credits": 1, "reason": ""}, "must not be empty"),
        (admin.Adjustment, {"credits": 1}, "Field required"),
        (admin.Adjustment, {"credits": "-1000000000000", "reason": "x"}, "12 digits before"),
    ],
)
def test_bad_input_is_refused_with_what_would_be_right(
    kind: type[BaseModel], given_: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        kind.model_validate(given_)


# ── groups ──


async def test_a_new_group_has_the_defaults_and_what_is_given(connection: Connection) -> None:
    made = await admin.put_group(connection, "gold", admin.GroupChange(priority=3, max_tasks=9))
    assert made == Group("gold", priority=3, max_tasks=9, max_files=100)
    assert await accounts.get_group(connection, "gold") == made
    assert await last_told(connection) == ("admin.put_group", None, {"name": "gold", "priority": 3, "max_tasks": 9})


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "price_ratio": st.none() | st.decimals(0, 100, places=6),
        "priority": st.none() | st.integers(1, 100),
        "requests_per_minute": st.none() | st.integers(1, 10**9),
        "max_tasks": st.none() | st.integers(1, 10**9),
        "total_requests_per_minute": st.none() | st.integers(1, 10**9),
        "total_max_tasks": st.none() | st.integers(1, 10**9),
        "max_files": st.none() | st.integers(0, 10**6),
        "engines": st.none() | st.lists(st.sampled_from(["previs", "blank"]), unique=True).map(tuple),
    },
)


@on_one_database
@given(st.lists(CHANGES, min_size=1, max_size=4))
async def test_a_group_is_what_was_given_last_of_each(database: Database, changes: list[dict[str, Any]]) -> None:
    expected = vars(Group("gold", max_files=100))
    async with database.write() as connection:
        await accounts.remove_group(connection, "gold")
        for change in changes:
            made = await admin.put_group(connection, "gold", admin.GroupChange(**change))
            # A limit can be taken away; a price, a share and a number of files are always there.
            always = ("price_ratio", "priority", "max_files")
            expected |= {name: value for name, value in change.items() if value is not None or name not in always}
            assert vars(made) == expected
        assert await accounts.get_group(connection, "gold") == Group(**expected)


async def test_a_group_that_is_used_or_is_not_there_cannot_be_removed(connection: Connection) -> None:
    await admin.put_group(connection, "gold", admin.GroupChange())
    account = await new_account(connection, user_group="gold")
    before = await told(connection)
    with pytest.raises(InvalidRequest, match="group: gold cannot be removed, 1 accounts are in it"):
        await admin.remove_group(connection, "gold")
    with pytest.raises(InvalidRequest, match="group: default cannot be removed, new accounts come into it"):
        await admin.remove_group(connection, "default")
    with pytest.raises(NotFound, match="There is no group 'silver'; there are default, gold, "):
        await admin.remove_group(connection, "silver")
    assert await told(connection) == before
    await admin.change_account(connection, account.id, admin.AccountChange(user_group="vip"))
    await admin.remove_group(connection, "gold")
    assert await accounts.get_group(connection, "gold") is None
    assert await last_told(connection) == ("admin.remove_group", None, {"name": "gold"})


# ── accounts ──


async def test_an_account_starts_with_its_credits_and_a_reason_for_them(connection: Connection) -> None:
    made = await new_account(connection, " Ann ", user_group="vip", credits="12.5", max_tasks=3)
    assert (made.name, made.user_group, made.balance, made.enabled) == ("Ann", "vip", Decimal("12.5"), True)
    assert (made.max_tasks, made.requests_per_minute) == (3, None)
    (entry,) = await ledger.list_entries(connection, made.id)
    assert (entry.kind, entry.amount, entry.reason) == ("topup", Decimal("12.5"), "credits to start with")
    asked = {"name": "Ann", "user_group": "vip", "credits": "12.5", "max_tasks": 3}
    assert await last_told(connection) == ("admin.create_account", made.id, asked)


async def test_an_account_without_credits_has_an_empty_ledger(connection: Connection) -> None:
    made = await new_account(connection)
    assert (made.user_group, made.balance) == ("default", 0)
    assert await ledger.list_entries(connection, made.id) == []


@pytest.mark.parametrize(
    ("facts", "error", "words"),
    [
        ({"name": "Ann"}, AlreadyExists, "account 'Ann' exists already"),
        ({"name": " Ann "}, AlreadyExists, "account 'Ann' exists already"),
        ({"name": "Bea", "user_group": "silver"}, NotFound, "no group 'silver'; there are default, "),
    ],
)
async def test_an_account_that_cannot_be_made_leaves_nothing(
    connection: Connection, facts: dict[str, Any], error: type[ApiError], words: str
) -> None:
    await new_account(connection)
    before = await accounts.list_accounts(connection), await told(connection)
    with pytest.raises(error, match=words):
        await new_account(connection, **facts)
    assert (await accounts.list_accounts(connection), await told(connection)) == before


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200)


@on_one_database
@given(NAMES.filter(str.strip))
async def test_an_account_is_found_by_whatever_it_is_called(database: Database, name: str) -> None:
    async with database.write() as connection:
        if await accounts.find_account(connection, name.strip()) is None:
            made = await new_account(connection, name)
            assert made.name == name.strip()
            assert await admin.read_account(connection, made.name) == made
            assert await admin.read_account(connection, made.id) == made


async def test_of_an_account_changes_what_is_given_and_nothing_else(connection: Connection) -> None:
    made = await new_account(connection, credits=5, max_tasks=3, requests_per_minute=60)
    changed = await admin.change_account(
        connection, "Ann", admin.AccountChange(name="Bea", user_group="vip", max_tasks=None)
    )
    assert vars(changed) == vars(made) | {"name": "Bea", "user_group": "vip", "max_tasks": None}
    asked = {"id_or_name": "Ann", "name": "Bea", "user_group": "vip", "max_tasks": None}
    assert await last_told(connection) == ("admin.change_account", made.id, asked)
    off = await admin.change_account(connection, made.id, admin.AccountChange(enabled=False))
    assert vars(off) == vars(changed) | {"enabled": False}
    # Null has no meaning where there is always a value.
    assert await admin.change_account(connection, "Bea", admin.AccountChange(name=None, enabled=None)) == off
    assert await admin.change_account(connection, "Bea", admin.AccountChange(name="Bea")) == off
    assert await admin.change_account(connection, "Bea", admin.AccountChange()) == off


async def test_a_switched_off_account_has_no_working_keys_until_it_is_on_again(connection: Connection) -> None:
    await new_account(connection)
    key, secret = await new_key(connection)
    await admin.change_account(connection, "Ann", admin.AccountChange(enabled=False))
    assert "account is switched off" in await answer_to(connection, secret)
    await admin.change_account(connection, "Ann", admin.AccountChange(enabled=True))
    assert await answer_to(connection, secret) == key.id


async def test_an_account_cannot_take_what_another_is_known_by(connection: Connection) -> None:
    ann, bea = await new_account(connection), await new_account(connection, "Bea")
    before = await told(connection)
    for taken in ("Bea", " Bea ", bea.id):
        with pytest.raises(AlreadyExists, match="exists already"):
            await admin.change_account(connection, "Ann", admin.AccountChange(name=taken))
    with pytest.raises(NotFound, match="no group 'silver'"):
        await admin.change_account(connection, "Ann", admin.AccountChange(user_group="silver"))
    with pytest.raises(NotFound, match="no account 'nobody'"):
        await admin.change_account(connection, "nobody", admin.AccountChange(enabled=False))
    assert await accounts.list_accounts(connection) == sorted([ann, bea], key=lambda each: (each.created, each.id))
    assert await told(connection) == before


# ── keys ──


async def test_a_new_key_works_and_only_its_record_is_kept(connection: Connection) -> None:
    account = await new_account(connection)
    expires = time.time() + 1000
    key, secret = await new_key(connection, models=[TEXT, MINI], expires=expires, credit_limit="2.5", max_tasks=2)
    assert (key.account_id, key.name, key.models, key.credit_limit) == (account.id, "k", (TEXT, MINI), Decimal("2.5"))
    assert (key.expires, key.max_tasks, key.requests_per_minute, key.used) == (expires, 2, None, 0)
    assert key.state(time.time()) == "active"
    assert secret.startswith(key.prefix)
    assert await answer_to(connection, secret) == key.id
    kind, owner, detail = await last_told(connection)
    assert (kind, owner, detail["key"], detail["account"]) == ("admin.create_key", account.id, key.id, "Ann")
    assert (detail["models"], detail["credit_limit"]) == ([TEXT, MINI], "2.5")
    assert secret not in str(detail)


async def test_a_key_needs_an_account(connection: Connection) -> None:
    with pytest.raises(NotFound, match="no account 'nobody'"):
        await new_key(connection, "nobody")
    assert await told(connection) == []


async def test_of_a_key_changes_what_is_given_and_nothing_else(connection: Connection) -> None:
    account = await new_account(connection)
    key, secret = await new_key(connection, models=[TEXT], credit_limit=5, expires=time.time() + 9, max_tasks=2)
    changed = await admin.change_key(connection, "k", admin.KeyChange(name="other", credit_limit=None, models=(MINI,)))
    assert vars(changed) == vars(key) | {"name": "other", "credit_limit": None, "models": (MINI,)}
    asked = {"id_or_name": "k", "name": "other", "credit_limit": None, "models": [MINI], "key": key.id}
    assert await last_told(connection) == ("admin.change_key", account.id, asked)
    freed = await admin.change_key(connection, key.id, admin.KeyChange(models=None, expires=None, max_tasks=None))
    assert (freed.models, freed.expires, freed.max_tasks) == (None, None, None)
    off = await admin.change_key(connection, key.id, admin.KeyChange(enabled=False))
    assert off.state(time.time()) == "off"
    assert "switched off" in await answer_to(connection, secret)
    # Null has no meaning where there is always a value.
    assert await admin.change_key(connection, key.id, admin.KeyChange(name=None, enabled=None)) == off
    assert await admin.change_key(connection, key.id, admin.KeyChange()) == off


async def test_a_rotated_key_keeps_everything_but_its_secret(connection: Connection) -> None:
    account = await new_account(connection)
    key, first = await new_key(connection, models=[TEXT], credit_limit=5)
    rotated, second = await admin.rotate_key(connection, "k", admin.Rotation(overlap_hours=2))
    assert vars(rotated) == vars(key) | {"prefix": rotated.prefix, "previous_ends": rotated.previous_ends}
    assert second.startswith(rotated.prefix)
    assert rotated.previous_ends == pytest.approx(time.time() + 2 * 3600, abs=600)
    asked = {"id_or_name": "k", "overlap_hours": 2.0, "key": key.id}
    assert await last_told(connection) == ("admin.rotate_key", account.id, asked)
    assert [await answer_to(connection, each) for each in (first, second)] == [key.id, key.id]
    _, third = await admin.rotate_key(connection, key.id, admin.Rotation(overlap_hours=0))
    assert "not known" in await answer_to(connection, first), "only one secret is left working for a while"
    assert "replaced by a new one" in await answer_to(connection, second)
    assert await answer_to(connection, third) == key.id


async def test_a_revoked_key_never_comes_back(connection: Connection) -> None:
    account = await new_account(connection)
    key, secret = await new_key(connection)
    _, second = await admin.rotate_key(connection, key.id, admin.Rotation())
    revoked = await admin.revoke_key(connection, "k")
    assert revoked.id == key.id
    assert await last_told(connection) == ("admin.revoke_key", account.id, {"id_or_name": "k", "key": key.id})
    before = await told(connection)
    for each in (secret, second):
        assert "was revoked" in await answer_to(connection, each), "also the one that was to work for a while"
    for name in ("k", key.id):
        with pytest.raises(NotFound, match="no active key"):
            await admin.change_key(connection, name, admin.KeyChange(enabled=True))
        with pytest.raises(NotFound, match="no active key"):
            await admin.rotate_key(connection, name, admin.Rotation())
        with pytest.raises(NotFound, match="no active key"):
            await admin.revoke_key(connection, name)
    assert await told(connection) == before


async def test_a_name_that_several_keys_have_is_not_enough(connection: Connection) -> None:
    await new_account(connection)
    first, _ = await new_key(connection)
    second, _ = await new_key(connection)
    with pytest.raises(InvalidRequest, match="2 keys are named 'k'") as refused:
        await admin.revoke_key(connection, "k")
    assert first.id in refused.value.message
    assert second.id in refused.value.message
    third, _ = await new_key(connection, name=first.id)
    assert (await admin.read_key(connection, first.id)).id == first.id, "an id goes before a name"
    await admin.revoke_key(connection, first.id)
    assert (await admin.read_key(connection, "k")).id == second.id, "a revoked key has given its name up"
    assert (await admin.read_key(connection, first.id)).id == third.id


# ── credits ──


async def test_a_payment_is_booked_once_on_each_account(connection: Connection) -> None:
    ann, bea = await new_account(connection), await new_account(connection, "Bea")
    pay = admin.TopUp(credits=Decimal("100.0001"), reason="card", reference="pay-1")
    paid, added = await admin.top_up(connection, "Ann", pay)
    assert (paid.balance, added) == (Decimal("100.0001"), True)
    asked = {"account": "Ann", "credits": "100.0001", "reason": "card", "reference": "pay-1"}
    assert await last_told(connection) == ("admin.top_up", ann.id, asked)
    again, added = await admin.top_up(connection, ann.id, pay)
    assert (again.balance, added) == (Decimal("100.0001"), False)
    assert (await admin.top_up(connection, bea.id, pay))[1]
    (entry,) = await ledger.list_entries(connection, ann.id)
    assert (entry.kind, entry.amount, entry.reason, entry.reference) == ("topup", paid.balance, "card", "pay-1")


async def test_a_reference_that_comes_with_another_amount_is_refused(connection: Connection) -> None:
    await new_account(connection)
    await admin.top_up(connection, "Ann", admin.TopUp(credits=Decimal(100), reference="pay-1"))
    before = await told(connection)
    with pytest.raises(ReferenceConflict, match="'pay-1' was booked with 100 credits, not 250"):
        await admin.top_up(connection, "Ann", admin.TopUp(credits=Decimal("250.5"), reference="pay-1"))
    assert await told(connection) == before
    assert (await admin.read_account(connection, "Ann")).balance == 100


async def test_payments_without_a_reference_are_all_booked(connection: Connection) -> None:
    account = await new_account(connection)
    for _ in range(2):
        assert (await admin.top_up(connection, "Ann", admin.TopUp(credits=Decimal(5))))[1]
    assert (await admin.read_account(connection, "Ann")).balance == 10
    assert {entry.reason for entry in await ledger.list_entries(connection, account.id)} == {"top-up"}


async def test_an_adjustment_keeps_its_reason_and_never_goes_below_zero(connection: Connection) -> None:
    account = await new_account(connection, credits="7.5")
    lower = await admin.adjust(connection, "Ann", admin.Adjustment(credits=Decimal("-7.4999"), reason=" rounding "))
    assert lower.balance == Decimal("0.0001")
    asked = {"account": "Ann", "credits": "-7.4999", "reason": "rounding"}
    assert await last_told(connection) == ("admin.adjust", account.id, asked)
    before = await told(connection)
    for wanted, words in (("0", "0 changes nothing"), ("-0.0002", "holds 0.0001, so at most 0.0001 can be taken")):
        with pytest.raises(InvalidRequest, match=words):
            await admin.adjust(connection, "Ann", admin.Adjustment(credits=Decimal(wanted), reason="x"))
    assert await told(connection) == before
    empty = await admin.adjust(connection, "Ann", admin.Adjustment(credits=Decimal("-0.0001"), reason="to the last"))
    assert empty.balance == 0
    kinds = [(entry.kind, entry.reason) for entry in await ledger.list_entries(connection, account.id)]
    assert kinds == [("adjust", "to the last"), ("adjust", "rounding"), ("topup", "credits to start with")]


async def test_what_is_reserved_for_a_task_cannot_be_taken(connection: Connection) -> None:
    account = await new_account(connection, credits=10)
    await ledger.reserve(connection, account.id, "task-1", Decimal(4), key_id=None, balance=Decimal(10))
    with pytest.raises(InvalidRequest, match="holds 6, so at most 6 can be taken; credits reserved for tasks"):
        await admin.adjust(connection, "Ann", admin.Adjustment(credits=Decimal(-7), reason="x"))
    assert (await admin.adjust(connection, "Ann", admin.Adjustment(credits=Decimal(-6), reason="x"))).balance == 0


async def test_an_account_that_is_not_there_gets_and_gives_nothing(connection: Connection) -> None:
    with pytest.raises(NotFound, match="no account 'nobody'"):
        await admin.top_up(connection, "nobody", admin.TopUp(credits=Decimal(1)))
    with pytest.raises(NotFound, match="no account 'nobody'"):
        await admin.adjust(connection, "nobody", admin.Adjustment(credits=Decimal(1), reason="x"))
    assert await told(connection) == []


AMOUNTS = st.decimals(-50, 50, places=4)
STEPS = st.tuples(st.just("adjust"), AMOUNTS, st.none()) | st.tuples(
    st.just("top_up"), AMOUNTS.filter(lambda amount: amount > 0), st.sampled_from([None, "pay-1", "pay-2"])
)


@on_one_database
@given(st.lists(STEPS, max_size=8))
async def test_any_order_of_payments_and_corrections_keeps_the_sum(
    database: Database, steps: list[tuple[str, Decimal, str | None]]
) -> None:
    expected, booked = Decimal(0), dict[str | None, Decimal]()
    async with database.write() as connection:
        name = f"account {len(await accounts.list_accounts(connection))}"
        account = await new_account(connection, name)
        for step, amount, reference in steps:
            if step == "top_up" and booked.get(reference, amount) != amount:
                with pytest.raises(ReferenceConflict):
                    await admin.top_up(connection, name, admin.TopUp(credits=amount, reference=reference))
            elif step == "top_up":
                _, added = await admin.top_up(connection, name, admin.TopUp(credits=amount, reference=reference))
                assert added == (reference not in booked)
                expected += amount if added else 0
                booked |= {reference: amount} if reference else {}
            elif amount == 0 or expected + amount < 0:
                with pytest.raises(InvalidRequest):
                    await admin.adjust(connection, name, admin.Adjustment(credits=amount, reason="x"))
            else:
                await admin.adjust(connection, name, admin.Adjustment(credits=amount, reason="x"))
                expected += amount
            assert (await admin.read_account(connection, name)).balance == expected
        assert await ledger.sum_of_entries(connection, account.id) == expected


# ── the admin key ──


async def test_the_admin_key_is_the_newest_made_or_the_configured_one(connection: Connection) -> None:
    first = await admin.new_admin_key(connection)
    second = await admin.new_admin_key(connection)
    assert await last_told(connection) == ("admin.new_admin_key", None, {})
    assert not await admin.is_admin_key(connection, first, "od-configured")
    assert await admin.is_admin_key(connection, second, "od-configured")
    assert await admin.is_admin_key(connection, "od-configured", "od-configured")
    assert await admin.is_admin_key(connection, second, None)
    assert not await admin.is_admin_key(connection, second + "x", None)
    assert await admin.remove_admin_key(connection)
    assert await last_told(connection) == ("admin.remove_admin_key", None, {})
    assert not await admin.is_admin_key(connection, second, "od-configured")
    assert not await admin.remove_admin_key(connection)


@pytest.mark.parametrize("configured", [None, ""])
async def test_without_an_admin_key_nothing_opens_administration(
    connection: Connection, configured: str | None
) -> None:
    for tried in ("", "None", "od-admin-"):
        assert not await admin.is_admin_key(connection, tried, configured)


# ── the audit log ──

# Rows are kept for years and filtered by these: they stay, whatever the functions are called.
KINDS = [
    "admin.adjust", "admin.change_account", "admin.change_key", "admin.create_account", "admin.create_key",
    "admin.create_link", "admin.new_admin_key", "admin.put_group", "admin.remove_admin_key", "admin.remove_group", "admin.revoke_key",
    "admin.rotate_key", "admin.top_up",
]  # fmt: skip


def test_every_change_has_a_kind_of_its_own() -> None:
    changes = [value for _, value in inspect.getmembers(admin, inspect.isfunction) if hasattr(value, "__wrapped__")]
    assert len(changes) == len(KINDS) == len(set(KINDS))


async def test_every_action_leaves_one_row_and_reading_leaves_none(connection: Connection) -> None:
    await admin.put_group(connection, "gold", admin.GroupChange())
    await admin.remove_group(connection, "gold")
    await new_account(connection)
    await admin.change_account(connection, "Ann", admin.AccountChange())
    key, _ = await new_key(connection)
    await admin.change_key(connection, "k", admin.KeyChange())
    await admin.create_link(connection, "Ann", admin.NewLink())
    await admin.rotate_key(connection, "k", admin.Rotation())
    await admin.revoke_key(connection, "k")
    await admin.top_up(connection, "Ann", admin.TopUp(credits=Decimal(1)))
    await admin.adjust(connection, "Ann", admin.Adjustment(credits=Decimal(1), reason="x"))
    await admin.new_admin_key(connection)
    await admin.remove_admin_key(connection)
    await admin.read_account(connection, "Ann")
    await admin.is_admin_key(connection, "x", None)
    assert sorted(row.kind for row in await told(connection)) == sorted(KINDS)
    assert key.id in {row.detail.get("key") for row in await told(connection)}


async def test_the_row_names_who_acted(connection: Connection) -> None:
    await new_account(connection)
    token = ACTOR.set("admin key")
    try:
        await admin.change_account(connection, "Ann", admin.AccountChange(enabled=False))
    finally:
        ACTOR.reset(token)
    assert [row.actor for row in await told(connection)] == ["command line", "admin key"]


# ── as JSON ──


async def test_records_become_json_with_numbers_and_without_secrets(connection: Connection) -> None:
    account = await new_account(connection, credits="12.5001")
    key, secret = await new_key(connection, credit_limit="2.5", models=[TEXT])
    group = await admin.put_group(
        connection, "gold", admin.GroupChange(price_ratio=Decimal("0.85"), engines=("blank",))
    )
    (entry,) = await ledger.list_entries(connection, account.id)
    shown = {
        "account": views.account_json(account),
        "key": views.key_json(key),
        "group": views.group_json(group),
        "entry": views.entry_json(entry),
        "audit": [views.audit_json(row) for row in await told(connection)],
    }
    read = json.loads(json.dumps(shown))
    assert (read["account"]["balance"], read["account"]["created"]) == (12.5001, int(account.created))
    assert (read["key"]["credit_limit"], read["key"]["used"], read["key"]["state"]) == (2.5, 0.0, "active")
    assert (
        views.key_json(await admin.change_key(connection, "k", admin.KeyChange(credit_limit=None)))["credit_limit"]
        is None
    )
    assert (read["group"]["price_ratio"], read["group"]["engines"]) == (0.85, ["blank"])
    assert (read["entry"]["amount"], read["entry"]["kind"]) == (12.5001, "topup")
    assert [row["kind"] for row in read["audit"]] == ["admin.create_account", "admin.create_key", "admin.put_group"]
    assert secret not in json.dumps(shown)
