"""How costs are told: in units where a provider counts them, else in bytes and requests; free only where it is said."""

import pytest

from services.plan import Cost
from services.providers import Words

COST = Cost(62.13, 840, 1_130_000_000)
UNITS, DEMO = (Words("units", "processing units", free) for free in ("", ", free ones of the demo archive"))
PAID, OPEN = Words(), Words(free=", free")


@pytest.mark.parametrize(
    ("words", "price"), [(UNITS, "62.1 units"), (PAID, "1.1 GB, 840 requests"), (OPEN, "1.1 GB, 840 requests, free")]
)
def test_a_price(words: Words, price: str) -> None:
    assert words.price(COST) == price


@pytest.mark.parametrize(
    ("cost", "price"),
    [
        (Cost(bytes=4_200_000, requests=1), "4.2 MB, 1 request, free"),
        (Cost(bytes=71_000, requests=1204), "71 kB, 1,204 requests, free"),
        (Cost(), "0 bytes, 0 requests, free"),
    ],
)
def test_small_prices_have_smaller_names(cost: Cost, price: str) -> None:
    assert OPEN.price(cost) == price


def test_the_long_price_says_once_that_nobody_pays_it() -> None:
    assert DEMO.price_of(COST, 10_000.0) == "62.1 of 10,000 processing units a month, free ones of the demo archive"
    assert UNITS.price_of(COST, 0.0) == UNITS.price_in_full(COST) == "62.1 processing units"
    assert OPEN.price_of(COST, 0.0) == OPEN.price_in_full(COST) == "1.1 GB, 840 requests, free"


def test_what_is_missing_and_what_is_dear() -> None:
    assert UNITS.price_with_requests(COST) == "840 requests, 62.1 units"
    assert OPEN.price_with_requests(COST) == "1.1 GB, 840 requests, free"
    assert [words.amount(COST) for words in (UNITS, OPEN)] == ["62 units", "1.1 GB"]
