"""Prices to credits: what a video can cost at most, and what it did cost."""

from __future__ import annotations

from decimal import Decimal

from opendance.catalog import CONTENT_FILTER_OFF_FACTOR, MAX_INPUT_SECONDS, MAX_WEB_SEARCHES, PRICES, WEB_SEARCH_PRICE
from opendance.credits import Charge, ChargeLine, Item, Unit, rounded
from opendance.order import Order

_ONE = Decimal(1)


def most_it_can_cost(order: Order, *, price_ratio: Decimal = _ONE) -> Charge:
    """What is reserved for a video: unknown input seconds at their upper bound, and every search that may run."""
    return charge_for(
        order,
        input_seconds=Decimal(MAX_INPUT_SECONDS),
        searches=MAX_WEB_SEARCHES if order.web_search else 0,
        price_ratio=price_ratio,
    )


def charge_for(order: Order, *, input_seconds: Decimal, searches: int, price_ratio: Decimal = _ONE) -> Charge:
    """What a video costs.

    Without video input: output seconds x unit. With it: (max(input seconds, output seconds) + output seconds) x unit.
    Searches are added, then all is multiplied by 1.1 where the content filter is off, then by the group's ratio. Each
    line is the difference of two rounded sums, so that the lines add up to the rounded total.

    Args:
        input_seconds: measured length of all video input together, s; counts up to its limit.
        searches: web searches that ran.
        price_ratio: of the account's group.
    """
    price = PRICES[order.catalog_model.tier][order.quality]
    total, charged = Decimal(0), Decimal(0)
    lines: list[ChargeLine] = []

    def add(item: Item, quantity: Decimal, unit: Unit, unit_price: Decimal) -> None:
        nonlocal total, charged
        total = total * quantity if unit == "factor" else total + quantity * unit_price
        lines.append(ChargeLine(item, quantity, unit, unit_price, rounded(total) - charged))
        charged = rounded(total)

    output_seconds = Decimal(order.duration)
    if order.links_of("video"):
        counted = max(min(input_seconds, Decimal(MAX_INPUT_SECONDS)), output_seconds)
        add("input_video", counted, "second", price.with_video_input)  # VID-06
        add("video", output_seconds, "second", price.with_video_input)
    else:
        add("video", output_seconds, "second", price.without_video_input)
    if searches:
        add("web_search", Decimal(searches), "search", WEB_SEARCH_PRICE)  # OUT-08
    if not order.content_filter:
        add("content_filter_off", CONTENT_FILTER_OFF_FACTOR, "factor", charged)  # OUT-07
    if price_ratio != _ONE:
        add("group", price_ratio, "factor", charged)
    return Charge(tuple(lines))
