"""Credits: exact amounts, and what an amount is made of. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final, Literal

from pydantic import Field
from typing_extensions import TypedDict

SMALLEST: Final = Decimal("0.0001")
MOST: Final = Decimal(10) ** 12  # of one movement: more than anybody pays
FULLEST: Final = SMALLEST * 2**62  # what an account can hold: its sums stay inside 64 bits, with room for refunds


def rounded(amount: Decimal) -> Decimal:
    """`amount` to the smallest unit, half up."""
    return amount.quantize(SMALLEST, rounding=ROUND_HALF_UP)


def shown(amount: Decimal) -> str:
    """The amount as people write it: no exponent, no zeros at the end."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


Item = Literal["video", "input_video", "web_search", "content_filter_off", "group"]
Unit = Literal["second", "search", "factor"]


class PriceLine(TypedDict):
    """One line of a price."""

    item: Item
    unit: Unit
    quantity: Annotated[float, Field(description="Seconds or searches; of a factor, the factor.")]
    unit_price: Annotated[float, Field(description="Credits for one; of a factor, the sum that it is applied to.")]
    credits: Annotated[float, Field(description="What the line adds; negative where a factor is below one.")]


@dataclass(frozen=True)
class ChargeLine:
    """One line of what a video costs, exactly.

    Attributes:
        item: of what; `content_filter_off` and `group` are factors on all lines above them.
        quantity, unit_price, credits: as in `PriceLine`.
    """

    item: Item
    quantity: Decimal
    unit: Unit
    unit_price: Decimal
    credits: Decimal

    def as_json(self) -> PriceLine:
        """As it is kept and answered: numbers of JSON, which carry four decimals exactly enough to be read back."""
        return {
            "item": self.item,
            "unit": self.unit,
            "quantity": float(self.quantity),
            "unit_price": float(self.unit_price),
            "credits": float(self.credits),
        }


@dataclass(frozen=True)
class Charge:
    """What a video costs, line by line."""

    lines: tuple[ChargeLine, ...] = ()

    @property
    def credits(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.credits for line in self.lines), Decimal(0))

    def as_json(self) -> list[PriceLine]:
        """The lines, for answers and for the ledger."""
        return [line.as_json() for line in self.lines]
