"""Dates that only touch a corner of the picture: which they are, what is said of them, and how they are taken."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.catalogue import Acquisition, choose, join, kept, kept_or_raise, slivers_in_words
from services.errors import NothingUnderLimitError
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe, Veto
from tests.services.granule_items import EPSG, item

LATTICE = Lattice(EPSG, 390_000.0, 6_738_000.0, 3300.0, 3300.0)
PLACE = LATTICE.neighbourhood(TileIndex(1, 1), 1)
RECIPE = Recipe(LATTICE, TileIndex(1, 1), Interval.of_year(2017), maxcc=10, least_coverage=1)
WEST, SOUTH, EAST, NORTH = PLACE.bounds


def looks(*found: tuple[float, float]) -> tuple[Acquisition, ...]:
    """Acquisitions of these parts of the picture, 0 to 1, and of these cloud covers."""
    (one,) = join([item((WEST - 9e3, SOUTH - 9e3, EAST + 9e3, NORTH + 9e3))], PLACE)
    return tuple(replace(one, coverage=coverage, cloud_cover=clouds) for coverage, clouds in found)


@given(
    found=some.lists(some.tuples(some.floats(1e-9, 1), some.floats(0, 100))),
    least=some.integers(0, 100),
    limit=some.integers(0, 100),
)
def test_what_shows_enough_under_the_limit_is_kept(found: list[tuple[float, float]], least: int, limit: int) -> None:
    choices = choose(looks(*found), RECIPE.with_(least_coverage=least, maxcc=limit))
    assert [choice.kept for choice in choices] == [
        100 * part >= least - 1e-6 and clouds <= limit for part, clouds in found
    ]
    for choice, (_, clouds) in zip(choices, found, strict=True):
        assert choice.sliver == (not choice.kept and clouds <= limit), "the coverage alone is against it"
        if choice.sliver:
            said = float(choice.reason.split()[1])
            assert 0 < said < least and choice.reason.endswith(f"% < {least} %")


@given(some.lists(some.tuples(some.floats(1e-9, 1), some.floats(0, 100))), some.integers(0, 100))
def test_without_a_least_coverage_the_limit_alone_counts(found: list[tuple[float, float]], limit: int) -> None:
    every = looks(*found)
    recipe = RECIPE.with_(least_coverage=0, maxcc=limit)
    assert sorted(one.cloud_cover for one in kept(every, recipe)) == sorted(
        clouds for _, clouds in found if clouds <= limit
    )
    assert slivers_in_words(choose(every, recipe), recipe) == ""


@pytest.mark.parametrize(
    ("metres", "part"),
    [(1.0, False), (98.0, False), (100.0, True), (9900.0, True)],
)
def test_the_part_is_that_of_the_whole_picture(metres: float, part: bool) -> None:
    """A swath that ends so many metres within the picture, of 9,900 m."""
    (one,) = join([item((WEST - 9e3, SOUTH - 9e3, WEST + metres, NORTH + 9e3))], PLACE)
    assert bool(kept((one,), RECIPE)) is part
    assert kept((one,), RECIPE.with_(least_coverage=0)) == (one,)


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [(0.003, "0.3"), (0.00004, "0.004"), (0.0098, "0.98"), (0.00996, "0.996"), (3e-9, "0.0000003")],
)
def test_the_reason_is_never_nothing_and_never_the_least_itself(coverage: float, reason: str) -> None:
    assert choose(looks((coverage, 3.0)), RECIPE)[0].reason == f"covers {reason} % < 1 %"


def test_a_sentence_says_how_many_more_touch_a_corner() -> None:
    found = looks(*[(1.0, 3.0)] * 18, *[(0.0001, 3.0)] * 17, (1.0, 30.0), (0.0001, 30.0))
    words = slivers_in_words(choose(found, RECIPE), RECIPE)
    assert words == "18 dates; 17 more touch a corner: they cover less than 1 % of the picture."
    one = looks((1.0, 3.0), (0.0001, 3.0))
    assert slivers_in_words(choose(one, RECIPE), RECIPE) == (
        "1 date; 1 more touches a corner: it covers less than 1 % of the picture."
    )


def test_a_vetoed_sliver_is_vetoed_and_one_over_the_limit_is_over_it() -> None:
    (small,) = looks((0.0001, 3.0))
    vetoed = choose((small,), RECIPE.with_(vetoes=(Veto(small.key, "haze"),)))[0]
    assert (vetoed.reason, vetoed.vetoed, vetoed.sliver) == ("excluded: haze", True, False)
    over = choose(looks((0.0001, 30.0)), RECIPE)[0]
    assert (over.reason, over.sliver) == ("30 % > 10 %", False)


def refusal(found: Sequence[Acquisition], recipe: Recipe = RECIPE) -> NothingUnderLimitError:
    """What is said where nothing is kept."""
    with pytest.raises(NothingUnderLimitError) as caught:
        kept_or_raise(found, recipe)
    return caught.value


def test_slivers_alone_are_named_with_the_way_to_take_them() -> None:
    said = refusal(looks((0.003, 3.0), (0.002, 70.0)))
    assert said.cause == "2 of 2 dates only touch a corner of the picture, less than 1 % of it."
    assert said.remedy == "Set the least coverage to 0 to take them, or choose other days or another tile."
    assert (
        refusal(looks((0.003, 3.0))).cause == "1 of 1 date only touches a corner of the picture, less than 1 % of it."
    )


def test_where_a_whole_date_is_over_the_limit_the_limit_is_the_remedy() -> None:
    said = refusal(looks((0.003, 3.0), (1.0, 13.2)))
    assert said.cause == (
        "0 of 2 dates ≤ 10 % and 1 % of the picture or more, as 1 only touches a corner; the clearest other has 13.2 %."
    )
    assert said.remedy.startswith("Raise the max. cloud cover to 14 %")
    assert len(kept(looks((0.003, 3.0), (1.0, 13.2)), RECIPE.with_(maxcc=14))) == 1
