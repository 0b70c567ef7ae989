"""The question, its limits and its digest."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import RecipeError
from services.interval import Interval
from services.lattice import Lattice, TileIndex
from services.recipe import BANDS, MASKS, Recipe

LATTICE = Lattice(32635, 291_000.5, 6_670_000.25, 3302.1, 3301.2)


def recipe(**changes: object) -> Recipe:
    """A recipe with defaults that work."""
    made = Recipe(lattice=LATTICE, centre=TileIndex(35, 25), interval=Interval.of_year(2017), area="Åland & Öar")
    return made.with_(**changes)


def test_a_year_ends_before_the_next_one_begins() -> None:
    year = Interval.of_year(2017)
    assert year.start_time == datetime(2017, 1, 1, tzinfo=UTC)
    assert year.end_time == datetime(2018, 1, 1, tzinfo=UTC)
    assert (year.label, year.years) == ("2017", (2017,))


def test_an_interval_over_the_new_year_touches_two_years() -> None:
    winter = Interval(date(2017, 12, 1), date(2018, 1, 2))
    assert (winter.label, winter.years) == ("2017-12-01/2018-01-02", (2017, 2018))


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2017, 5, 1), date(2017, 5, 1), "empty"),
        (date(2017, 5, 2), date(2017, 5, 1), "2017-05-02"),
        (date(2010, 1, 1), date(2011, 1, 1), "before 2015-07-01"),
    ],
)
def test_an_impossible_interval_is_refused_with_its_days(start: date, end: date, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        Interval(start, end)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"radius": 3}, "got 3"),
        ({"maxcc": 101}, "got 101"),
        ({"maxcc": -1}, "got -1"),
        ({"maxcc": 10.0}, "whole percent"),
        ({"maxcc": True}, "got True"),
        ({"bands": ("B02", "B10")}, "no B10"),
        ({"bands": ()}, "got none"),
        ({"bands": ("B02", "B02")}, "B02, B02"),
        ({"mask": "sunny"}, "sunny"),
        ({"resolution": 5}, "got 5"),
        ({"resolution": 1600}, "got 1600"),
        ({"lattice": Lattice(32635, 0.0, 0.0, 30_000.0, 30_000.0)}, "3000 × 3000 px"),
        ({"lattice": Lattice(32635, 0.0, 0.0, 3.0, 3.0)}, "larger tiles"),
    ],
)
def test_an_impossible_choice_is_refused_with_its_value(changes: dict[str, object], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        recipe(**changes)


@given(
    maxcc=st.integers(0, 100),
    radius=st.integers(0, 2),
    mask=st.sampled_from(sorted(MASKS)),
    bands=st.lists(st.sampled_from(sorted(BANDS)), min_size=1, unique=True).map(tuple),
    x0=st.floats(0, 1e6),
    area=st.text(max_size=20),
)
def test_json_brings_the_same_recipe_back(
    maxcc: int, radius: int, mask: str, bands: tuple[str, ...], x0: float, area: str
) -> None:
    lattice = Lattice(32635, x0, 6_670_000.25, 3302.1, 3301.2)
    made = recipe(maxcc=maxcc, radius=radius, mask=mask, bands=bands, lattice=lattice, area=area)
    again = Recipe.from_json(made.to_json())
    assert again == made
    assert again.digest == made.digest
    assert hash(again) == hash(made)


@pytest.mark.parametrize("field", ["maxcc", "radius", "mask", "interval", "centre", "provider"])
def test_every_choice_changes_the_digest(field: str) -> None:
    other = {
        "maxcc": 11,
        "radius": 2,
        "mask": "none",
        "interval": Interval.of_year(2018),
        "centre": TileIndex(34, 25),
        "provider": "copernicus",
    }
    assert recipe(**{field: other[field]}).digest != recipe().digest


def test_scl_is_wanted_only_where_the_mask_needs_it() -> None:
    assert recipe(mask="clear").planes == ("B02", "B03", "B04", "B08", "B11", "B12", "SCL", "dataMask")
    assert recipe(mask="none").planes == ("B02", "B03", "B04", "B08", "B11", "B12", "dataMask")


def test_the_slug_is_safe_for_any_disk() -> None:
    assert recipe().slug == "s2l2a_aland-oar_x35-y25_2017_cc10"
    assert recipe(area="../../etc").slug == "s2l2a_etc_x35-y25_2017_cc10"
    assert recipe(area="日本").slug == "s2l2a_area_x35-y25_2017_cc10"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}', "[" * 100_000, json.dumps({"version": 1})])
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(RecipeError):
        Recipe.from_json(text)


def test_a_recipe_with_a_wrong_value_is_refused() -> None:
    plain = recipe().to_dict()
    for key, value in (
        ("maxcc", "x"),
        ("lattice", {}),
        ("centre", [1]),
        ("from", "soon"),
        ("bands", ["B99"]),
    ):
        with pytest.raises(RecipeError):
            Recipe.from_dict(plain | {key: value})
