"""Credits: exact amounts, and what an amount is made of. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

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


@dataclass(frozen=True)
class PriceLine:
    """One line of what a video costs.

    Attributes:
        item: `video`, `input_video`, `web_search`, or a factor on all lines above it: `content_filter_off`, `group`.
        quantity: seconds or searches; of a factor, the factor.
        unit: `second`, `search` or `factor`.
        unit_price: credits for one; of a factor, the sum that it is applied to.
        credits: what this line adds; negative where a factor is below one.
    """

    item: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    credits: Decimal

    def as_json(self) -> dict[str, Any]:
        """For answers: numbers of JSON, which carry four decimals exactly enough to be read back."""
        numbers = {"quantity": self.quantity, "unit_price": self.unit_price, "credits": self.credits}
        return {"item": self.item, "unit": self.unit} | {name: float(value) for name, value in numbers.items()}


@dataclass(frozen=True)
class Charge:
    """What a video costs, line by line."""

    lines: tuple[PriceLine, ...] = ()

    @property
    def credits(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.credits for line in self.lines), Decimal(0))

    def as_json(self) -> list[dict[str, Any]]:
        """The lines, for answers and for the ledger."""
        return [line.as_json() for line in self.lines]
