"""The question, its limits and its digest."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.area import parse_aoi
from services.errors import RecipeError
from services.grid import Grid, Lattice, TileIndex
from services.plan import Cost, Terms, plan
from services.recipe import MASKS, MAX_GROW, METHODS, Interval, Recipe, Veto, build_recipe
from services.sentinel2 import ANGLES, BANDS
from services.settings import load_settings

HAZY, SNOWY = "S2A_R079_20170607T095031", "S2A_R036_20170117T095031"
FIRST = {
    *("version", "provider", "collection", "area", "lattice", "centre", "radius", "from", "to"),
    *("maxcc", "bands", "resolution", "mask"),
}
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
        ({"method": "middle"}, "middle"),
        ({"grow": 21}, "got 21"),
        ({"grow": -1}, "got -1"),
        ({"grow": 2.0}, "whole pixels"),
        ({"grow": True}, "got True"),
        ({"resolution": 5}, "got 5"),
        ({"resolution": 1600}, "got 1600"),
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
    method=st.sampled_from(sorted(METHODS)),
    grow=st.integers(0, MAX_GROW),
    least_coverage=st.integers(0, 100),
    months=st.sets(st.integers(1, 12), max_size=11).map(lambda found: tuple(sorted(found))),
    included=st.sampled_from([(), (SNOWY,), (SNOWY, HAZY)]),
    reasons=st.dictionaries(st.sampled_from([HAZY, SNOWY]), st.sampled_from(["haze", "été: 90 %", '"\\', "日本"])),
)
def test_json_brings_the_same_recipe_back(x0: float, reasons: dict[str, str], **chosen: object) -> None:
    lattice = Lattice(32635, x0, 6_670_000.25, 3302.1, 3301.2)
    made = recipe(lattice=lattice, vetoes=[Veto(*pair) for pair in reasons.items()], **chosen)
    again = Recipe.from_json(made.to_json())
    assert again == made
    assert again.digest == made.digest
    assert hash(again) == hash(made)


@pytest.mark.parametrize(
    "field",
    [
        "maxcc",
        "radius",
        "mask",
        "interval",
        "centre",
        "provider",
        "method",
        "grow",
        "vetoes",
        "least_coverage",
        "months",
        "included",
        "percentile",
        "nbar",
    ],
)
def test_every_choice_changes_the_digest(field: str) -> None:
    other = {
        "maxcc": 11,
        "radius": 2,
        "mask": "none",
        "interval": Interval.of_year(2018),
        "centre": TileIndex(34, 25),
        "provider": "copernicus",
        "method": "least-cloudy",
        "grow": 1,
        "vetoes": (Veto(HAZY, "haze"),),
        "least_coverage": 1,
        "months": (6, 7),
        "included": (HAZY,),
        "percentile": 12,
        "nbar": True,
    }
    assert recipe(**{field: other[field]}).digest != recipe().digest


def test_the_digest_of_a_recipe_of_the_first_version_is_what_it_always_was() -> None:
    """Results, jobs and links of before are found again."""
    assert recipe().digest == "399e49c3ce5bb5ac"
    days = Interval(date(2018, 6, 1), date(2018, 8, 1))
    lattice = Lattice(32635, 390_000.0, 6_738_000.0, 3300.0, 3300.0)
    other = {"radius": 2, "maxcc": 40, "bands": ("B04",), "resolution": 20, "mask": "strict", "provider": "copernicus"}
    assert Recipe(lattice, TileIndex(1, 1), days, area="Wald \u2603", **other).digest == "3fea0c6dfb91f1e4"  # type: ignore[arg-type]


def test_the_second_version_is_written_only_where_the_first_cannot_say_it() -> None:
    assert set(recipe().to_dict()) == FIRST and recipe().to_dict()["version"] == 1
    for more in ({"method": "least-cloudy"}, {"grow": 1}, {"vetoes": [Veto(HAZY, "haze")]}):
        plain = recipe(**more).to_dict()
        assert set(plain) == FIRST | {"method", "grow", "vetoes"} and plain["version"] == 2
        assert Recipe.from_dict(plain) == recipe(**more)
    default = recipe().to_dict() | {"version": 2, "method": "median", "grow": 0, "vetoes": []}
    assert Recipe.from_dict(default) == recipe()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"method": "medoid"}, {}),
        ({"method": "percentile"}, {}),
        ({"nbar": True}, {"nbar": True}),
        ({"method": "percentile", "percentile": 12, "least_coverage": 3}, {"percentile": 12, "least_coverage": 3}),
    ],
)
def test_the_fourth_version_says_what_differs(more: dict[str, object], said: dict[str, object]) -> None:
    plain = recipe(**more).to_dict()
    assert plain["version"] == 4 and set(plain) == FIRST | {"method", "grow", "vetoes", *said}
    assert said.items() <= plain.items()
    assert Recipe.from_dict(plain) == recipe(**more)


@pytest.mark.parametrize("percentile", [0, 100, -1, 2.5, True])
def test_a_percentile_is_a_whole_number_from_1_to_99(percentile: object) -> None:
    with pytest.raises(RecipeError, match=f"from 1 to 99, got {percentile}"):
        recipe(percentile=percentile)


def test_a_method_is_the_one_at_the_recipes_percentile_and_may_need_all_bands() -> None:
    assert recipe(method="percentile", percentile=7).compositing.words == "7th percentile"
    assert recipe(percentile=7).compositing is METHODS["median"]
    assert recipe().showing(("B04",)).bands == ("B04",)
    assert recipe(method="medoid").showing(("B04",)).bands == recipe().bands


def test_the_order_in_which_vetoes_were_given_does_not_matter() -> None:
    haze, snow = Veto(HAZY, "haze"), Veto(SNOWY, "snow")
    one, other = recipe(vetoes=[haze, snow]), recipe(vetoes=(snow, Veto(HAZY, "cloud"), haze))
    assert one == other and one.digest == other.digest
    assert one.vetoes == (snow, haze)
    plain = one.to_dict() | {"vetoes": [[HAZY, "haze"], [SNOWY, "snow"]]}
    assert Recipe.from_dict(plain) == one


def test_vetoes_that_are_out_of_order_or_double_are_refused() -> None:
    haze, snow = Veto(HAZY, "haze"), Veto(SNOWY, "snow")
    for vetoes in ((haze, snow), (haze, haze)):
        with pytest.raises(RecipeError, match="sorted by acquisition"):
            replace(recipe(), vetoes=vetoes)


def test_scl_is_wanted_only_where_the_mask_needs_it() -> None:
    assert recipe(mask="clear").planes == ("B02", "B03", "B04", "B08", "B11", "B12", "SCL", "dataMask")
    assert recipe(mask="none").planes == ("B02", "B03", "B04", "B08", "B11", "B12", "dataMask")


def test_angles_are_wanted_only_where_they_are_evened_out() -> None:
    assert recipe(nbar=True).planes == (*recipe().planes[:-1], *ANGLES, "dataMask") == recipe(nbar=True).fetched
    assert recipe(nbar=True).meaning != recipe().meaning, "what is cached of one is not taken for the other"
    assert Recipe.from_dict(recipe(method="medoid").to_dict() | {"nbar": False}) == recipe(method="medoid")
    with pytest.raises(RecipeError, match="got 1"):
        Recipe.from_dict(recipe(nbar=True).to_dict() | {"nbar": 1})


@dataclass(frozen=True)
class Supplier:
    """An archive with angles, or without."""

    terms: Terms
    name: str = "files"
    collection: str = "sentinel-2-l2a"


def test_an_archive_without_angles_cannot_even_them_out() -> None:
    """Neither for who builds the recipe of choices, nor for one that comes from elsewhere."""
    grid = Grid.split(parse_aoi("24.0, 60.5, 24.4, 60.7"), 4, 4, load_settings())
    chosen: dict[str, Any] = {"area": "A", "radius": 1, "maxcc": 10, "least_coverage": 1, "resolution": 10, "grow": 0}
    chosen |= {"bands": ("B04",), "mask": "clear", "method": "median", "nbar": True}
    free, priced = (Terms(2500, lambda block: Cost(), angles=angles) for angles in (False, True))
    question = grid, TileIndex(1, 1), Interval.of_year(2017)
    built = build_recipe(Supplier(priced), *question, **chosen)
    assert built.nbar and plan(built, (), {}, priced).is_whole
    with pytest.raises(RecipeError, match="files has no sun and view angles"):
        build_recipe(Supplier(free), *question, **chosen)
    with pytest.raises(RecipeError, match="files has no sun and view angles"):
        plan(built, (), {}, free)


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


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 3),
        ("method", "middle"),
        ("grow", "x"),
        ("vetoes", [["S2A"]]),
        ("vetoes", [["../..", "haze"]]),
        ("vetoes", [[HAZY, ""]]),
        ("vetoes", 5),
    ],
)
def test_a_recipe_of_the_second_version_with_a_wrong_value_is_refused(key: str, value: object) -> None:
    with pytest.raises(RecipeError):
        Recipe.from_dict(recipe(grow=1).to_dict() | {key: value})


@pytest.mark.parametrize("changes", [{}, {"grow": 2}, {"method": "least-cloudy"}])
def test_a_recipe_without_a_least_coverage_says_nothing_of_it_and_keeps_its_version(changes: dict[str, object]) -> None:
    plain = recipe(**changes).to_dict()
    assert plain["version"] == (2 if changes else 1) and "least_coverage" not in plain
    assert Recipe.from_dict(plain).least_coverage == 0
    later = recipe(**changes, least_coverage=1).to_dict()
    assert later["version"] == 3
    assert {key: value for key, value in later.items() if key in plain and key != "version"} == {
        key: value for key, value in plain.items() if key != "version"
    }


@pytest.mark.parametrize("value", [-1, 101, 0.5, True, "x", None])
def test_a_least_coverage_is_a_whole_percent(value: object) -> None:
    with pytest.raises(RecipeError, match="least coverage"):
        recipe(least_coverage=value)


@pytest.mark.parametrize("key", ["method", "grow", "vetoes", "least_coverage"])
def test_a_recipe_of_the_third_version_has_all_of_it(key: str) -> None:
    plain = recipe(least_coverage=3).to_dict()
    with pytest.raises(RecipeError, match=key):
        Recipe.from_dict({name: value for name, value in plain.items() if name != key})


@pytest.mark.parametrize("key", ["method", "grow", "vetoes"])
def test_a_recipe_of_the_second_version_has_all_of_it(key: str) -> None:
    with pytest.raises(RecipeError, match=key):
        Recipe.from_dict({name: value for name, value in recipe(grow=1).to_dict().items() if name != key})


def test_months_and_dates_by_hand_make_the_fourth_version_and_nothing_else_does() -> None:
    for more in ({"months": (1, 12)}, {"included": (HAZY,)}):
        plain = recipe(**more).to_dict()
        assert plain["version"] == 4 and {*plain} == FIRST | {"method", "grow", "vetoes", *more}
        assert Recipe.from_dict(plain) == recipe(**more)
    assert "months" not in recipe(included=(HAZY,)).to_dict()


@pytest.mark.parametrize(
    "changes",
    [
        {"months": (8, 6)},
        {"months": (0,)},
        {"months": (13,)},
        {"months": tuple(range(1, 13))},
        {"included": (SNOWY, SNOWY)},
        {"included": ("../..",)},
    ],
)
def test_months_and_dates_by_hand_that_are_none_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        recipe(**changes)


def test_a_season_of_several_years_is_said_as_people_say_it() -> None:
    years = Interval(date(2021, 1, 1), date(2025, 1, 1))
    made = recipe(interval=years, months=(6, 7, 8))
    assert made.when == "June to August of 2021 to 2024"
    assert made.slug == "s2l2a_aland-oar_x35-y25_2021-01-01-to-2025-01-01_m6-8_cc10"
    assert recipe(months=(1, 2, 12)).when == "December to February of 2017"


def test_the_processing_is_named_and_left_out_of_json() -> None:
    made = recipe()
    assert made.processing == "nearest" and "processing" not in made.to_dict()
    plain = made.to_dict()
    assert Recipe.from_dict(plain | {"processing": "nearest"}).digest == made.digest
    with pytest.raises(RecipeError, match=r"no processing 'overviews'"):
        Recipe.from_dict(plain | {"processing": "overviews"})
