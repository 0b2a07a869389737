"""What the operator's calls take; the command line reads its options into the same."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from opendance.catalog import MODELS
from opendance.credits import MOST
from opendance.store import accounts
from opendance.store.keys import KeyKind

_GROUP_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
DEFAULT_OVERLAP_HOURS = 24.0


def _named(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    if "\x00" in text:
        raise ValueError("must not contain the character U+0000")
    return text.strip()


def _group_name(text: str) -> str:
    if not _GROUP_NAME.fullmatch(text):
        raise ValueError("must be small letters, digits, - and _, such as gold-2")
    return text


def _known_models(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for name in names or ():
        if name not in MODELS:
            raise ValueError(f"there is no {name}; the models are {', '.join(MODELS)}")
    return names or None


Name = Annotated[str, Field(max_length=200), AfterValidator(_named)]
ShortName = Annotated[str, Field(max_length=100)]
GroupName = Annotated[str, Field(max_length=40), AfterValidator(_group_name)]
Limit = Annotated[int, Field(ge=1, le=10**9)]
Amount = Annotated[Decimal, Field(max_digits=16, decimal_places=4, ge=-MOST, le=MOST)]
Models = Annotated[tuple[ShortName, ...] | None, Field(max_length=100), AfterValidator(_known_models)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Limits(_Input):
    requests_per_minute: Limit | None = Field(default=None, description="Null: no limit of its own.")
    max_tasks: Limit | None = Field(default=None, description="Tasks that wait or run at once. Null: none of its own.")


class NewAccount(_Limits):
    """An account to make."""

    name: Name
    user_group: GroupName = accounts.DEFAULT_GROUP
    credits: Annotated[Amount, Field(ge=0)] = Field(default=Decimal(0), description="Credits that it starts with.")


class AccountChange(_Limits):
    """What is to change of an account; what is not given stays."""

    name: Name | None = None
    user_group: GroupName | None = None
    enabled: bool | None = Field(default=None, description="False: its keys are refused, its tasks go on.")


class GroupChange(_Limits):
    """What is to change of a group; what is not given stays, or is the default in a new one."""

    price_ratio: Annotated[Decimal, Field(ge=0, le=100, max_digits=9, decimal_places=6)] | None = None
    priority: Annotated[int, Field(ge=1, le=100)] | None = Field(
        default=None, description="Share of the engines' time against other groups."
    )
    total_requests_per_minute: Limit | None = Field(default=None, description="Of all its accounts together.")
    total_max_tasks: Limit | None = Field(default=None, description="Of all its accounts together.")
    max_files: Annotated[int, Field(ge=0, le=10**6)] | None = None
    max_kept_bytes: Annotated[int, Field(ge=0, le=2**60)] | None = Field(
        default=None, description="Room for what each account keeps from the sweep: results with their inputs."
    )
    own_keys: bool | None = Field(default=None, description="Whether accounts may make and change keys of their own.")
    engines: Annotated[tuple[ShortName, ...] | None, Field(max_length=100)] = Field(
        default=None, description="Engines that it may use. Null: all."
    )


class NewKey(_Limits):
    """A key to make."""

    name: Name
    kind: KeyKind = Field(
        default="live", description="`test`: what it asks for is made by the sandbox, and costs nothing."
    )
    models: Models = Field(default=None, description="Models that it may use. Null: all.")
    expires: Annotated[float, Field(gt=0, lt=2**40)] | None = Field(default=None, description="Unix time. Null: never.")
    credit_limit: Annotated[Amount, Field(ge=0)] | None = Field(
        default=None, description="Credits that it may use in all. Null: as many as its account has."
    )


class KeyChange(_Limits):
    """What is to change of a key; what is not given stays."""

    name: Name | None = None
    models: Models = None
    expires: Annotated[float, Field(gt=0, lt=2**40)] | None = None
    enabled: bool | None = None
    credit_limit: Annotated[Amount, Field(ge=0)] | None = None


class Rotation(_Input):
    """How a key is rotated."""

    overlap_hours: Annotated[float, Field(ge=0, le=24 * 365)] = Field(
        default=DEFAULT_OVERLAP_HOURS, description="How long the old key works too."
    )


class TopUp(_Input):
    """Credits that were paid."""

    credits: Annotated[Amount, Field(gt=0)]
    reason: Name = "top-up"
    reference: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_named)] | None = Field(
        default=None, description="Of the payment: the same one is booked once, however often it is sent."
    )


class Adjustment(_Input):
    """Credits to add, or to take with a minus."""

    credits: Amount
    reason: Name
