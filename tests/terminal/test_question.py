"""The words of a command line, understood or refused with the word that is wrong."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from services.errors import InputError, RecipeError
from services.export.result_store import recipe_text
from services.grid import TileIndex
from services.recipe import Interval, Recipe, Veto
from services.settings import Settings
from terminal.question import Question
from tests.services.providers.tiny_provider import register

BOX = "24.0, 60.5, 24.4, 60.7"


def question(**words: object) -> Question:
    """A question that can be answered, with other words where they are given."""
    plain = Question(settings=Settings.model_construct(provider="demo"), aoi=BOX, split="12x9", centre="5,4", year=2017)
    return replace(plain, **words)  # type: ignore[arg-type] # the tests give wrong words on purpose


def test_a_centre_outside_the_area_is_named_with_one_inside(capsys: pytest.CaptureFixture[str]) -> None:
    assert question(centre="900,900").recipe.centre == TileIndex(900, 900), "as a link takes it"
    assert re.search(r"--centre 900,900 is outside the area.*; \d+,\d+ is in its middle", capsys.readouterr().err)
    assert question(centre="12,4").recipe.centre == TileIndex(12, 4), "a tile beside the area shows some of it"


def test_the_words_make_a_recipe() -> None:
    recipe = question(maxcc=20, bands=" B04, B08 ,", radius=0, mask="clouds", method="least-cloudy", grow=3).recipe
    assert (recipe.centre, recipe.interval) == (TileIndex(5, 4), Interval.of_year(2017))
    assert (recipe.maxcc, recipe.bands, recipe.radius, recipe.mask) == (20, ("B04", "B08"), 0, "clouds")
    assert (recipe.method, recipe.grow, recipe.vetoes) == ("least-cloudy", 3, ())


def test_a_percentile_counts_for_its_method_alone() -> None:
    assert question(method="percentile", percentile=12).recipe.percentile == 12
    assert question(percentile=12).recipe == question().recipe


def test_a_rule_of_dates_counts_where_there_are_several_tiles(tmp_path: Path) -> None:
    assert question(date_rule="tile").recipe.date_rule == "tile"
    assert question(date_rule="tile", radius=0).recipe == question(radius=0).recipe
    file = tmp_path / "recipe.json"
    file.write_text(recipe_text(question(date_rule="tile").recipe))
    again = Question(settings=Settings.model_construct(), recipe_file=file)
    assert again.recipe.date_rule == "tile"
    assert replace(again, radius=0).recipe.date_rule == "picture"
    with pytest.raises(RecipeError, match="rule of dates"):
        _ = question(date_rule="moon").recipe


def test_from_and_to_are_days_and_both_are_part() -> None:
    recipe = question(year=None, from_="2017-05-01", to="2017-08-31").recipe
    assert recipe.interval.label == "2017-05-01/2017-09-01"


def test_a_single_day_is_an_interval_and_days_the_wrong_way_round_are_none() -> None:
    assert question(year=None, from_="2017-05-01", to="2017-05-01").interval.words == "2017-05-01"
    with pytest.raises(RecipeError, match="from 2017-05-02 to 2017-05-01"):
        _ = question(year=None, from_="2017-05-02", to="2017-05-01").interval


def test_months_are_typed_by_number_or_name() -> None:
    assert question(months="jun-aug").recipe.months == question(months="6-8").recipe.months == (6, 7, 8)


def test_without_a_split_it_is_the_team_grid() -> None:
    lattice = question(split="", centre="").recipe.lattice
    assert (lattice.x0 % 3300, lattice.y0 % 3300, lattice.dx, lattice.dy) == (0, 0, 3300, 3300)


def test_an_area_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "meadow.txt"
    file.write_text(BOX)
    assert question(aoi=str(file)).area.name == "meadow"


@pytest.mark.parametrize(
    ("version", "more"),
    [
        (1, {}),
        (2, {"method": "least-cloudy", "grow": 2, "vetoes": [Veto("S2A_R079_1", "haze")]}),
        (3, {"least_coverage": 40}),
        (4, {"method": "percentile", "percentile": 12}),
        (4, {"mask": "cautious", "grow": 3}),
    ],
)
def test_a_recipe_file_is_the_whole_question(tmp_path: Path, version: int, more: dict[str, object]) -> None:
    """Of each version."""
    recipe = question(least_coverage=0, mask="clear").recipe.with_(**more)
    assert recipe.to_dict()["version"] == version
    file = tmp_path / "recipe.json"
    file.write_text(recipe_text(recipe))
    asked = Question(settings=Settings.model_construct(provider="demo"), recipe_file=file).recipe
    assert asked == recipe
    assert Recipe.from_json(file.read_text()).digest == asked.digest


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"aoi": ""}, "No area"),
        ({"aoi": "missing.geojson"}, r"missing\.geojson"),
        ({"aoi": "POINT (1 2)"}, "Point"),
        ({"split": "54by39"}, "54by39"),
        ({"split": "0x9"}, "0"),
        ({"tile_size": 3300}, "--split and --tile-size"),
        ({"split": "", "tile_size": 0}, "0"),
        ({"centre": "five"}, "five"),
        ({"centre": "9999999,4"}, "9999999,4"),
        ({"radius": 3}, "got 3"),
        ({"from_": "2017-05-01"}, "--year and --from"),
        ({"year": None}, "No dates"),
        ({"year": None, "from_": "soon", "to": "2017-01-01"}, "soon"),
        ({"year": 1999}, "2015"),
        ({"maxcc": 101}, "101"),
        ({"least_coverage": 101}, "least coverage .* 101"),
        ({"bands": "B10"}, "B10"),
        ({"mask": "sunny"}, "sunny"),
        ({"method": "middle"}, "middle"),
        ({"provider": "nowhere"}, "nowhere"),
        ({"grow": 21}, "got 21"),
        ({"recipe_file": Path("missing.json")}, r"missing\.json"),
    ],
)
def test_a_wrong_word_is_named(words: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        _ = question(**words).recipe


def test_options_beside_a_recipe_file_count_in_its_place_and_say_so(tmp_path: Path) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(recipe_text(question().recipe))
    words: dict[str, object] = {"maxcc": 5, "bands": "B04", "year": 2018, "centre": "6,4", "radius": 0}
    asked = replace(Question(settings=Settings.model_construct(provider="demo"), recipe_file=file), **words)  # type: ignore[arg-type] # as above
    assert asked.recipe == question(**words).recipe
    assert len(asked.replaced) == 5
    assert "--maxcc counts: 5 in the place of the recipe's 10." in asked.replaced
    assert "--year or --from/--to counts: 2018 in the place of the recipe's 2017." in asked.replaced
    assert Question(settings=Settings.model_construct(provider="demo"), recipe_file=file).replaced == ()


def test_an_option_counts_too_where_it_is_typed_with_the_value_that_it_has_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(recipe_text(question(maxcc=20).recipe))
    asked = Question(
        settings=Settings.model_construct(provider="demo"), recipe_file=file, given=frozenset({"maxcc", "recipe_file"})
    )
    assert asked.recipe.maxcc == 10
    assert asked.replaced == ("--maxcc counts: 10 in the place of the recipe's 20.",)


def test_the_least_coverage_is_the_setting_s_unless_it_is_typed(tmp_path: Path) -> None:
    ours = Settings.model_construct(provider="demo", least_coverage=7)
    assert question().recipe.least_coverage == 1
    assert question(settings=ours).recipe.least_coverage == 7
    assert question(settings=ours, least_coverage=0).recipe.least_coverage == 0
    file = tmp_path / "recipe.json"
    file.write_text(recipe_text(question(least_coverage=0).recipe))
    assert Question(settings=ours, recipe_file=file).recipe.least_coverage == 0, "the file's question is its own"
    asked = Question(settings=ours, recipe_file=file, least_coverage=2)
    assert asked.recipe.least_coverage == 2
    assert asked.replaced == ("--least-coverage counts: 2 in the place of the recipe's 0.",)


@pytest.mark.parametrize("words", [{"aoi": BOX}, {"split": "12x9"}, {"tile_size": 3300}])
def test_an_area_beside_a_recipe_file_is_refused(words: dict[str, object], tmp_path: Path) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(recipe_text(question().recipe))
    with pytest.raises(InputError, match=f"--recipe and --{next(iter(words)).replace('_', '-')}"):
        _ = replace(Question(settings=Settings.model_construct(provider="demo"), recipe_file=file), **words).recipe  # type: ignore[arg-type] # as above


def test_a_provider_that_is_typed_is_asked_and_counts_beside_a_recipe_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch)
    assert question().recipe.provider == "demo"
    recipe = question(provider="tiny").recipe
    assert (recipe.provider, recipe.collection) == ("tiny", "sentinel-2-l2a")
    file = tmp_path / "recipe.json"
    file.write_text(recipe_text(question().recipe))
    ours = Settings.model_construct(provider="copernicus")
    assert Question(settings=ours, recipe_file=file).recipe.provider == "demo", "a recipe names its own"
    asked = Question(settings=ours, recipe_file=file, provider="tiny")
    assert asked.recipe == recipe
    assert asked.replaced == ("--provider counts: tiny in the place of the recipe's demo.",)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("52.37, 4.89", "52.3700° N, 4.8900° E", "Read as latitude first"),
        ("geo:52.37,4.89", "52.3700° N, 4.8900° E", "geo URI"),
        ("https://www.openstreetmap.org/#map=12/52.37/4.89", "52.3700° N, 4.8900° E", "from the link"),
        ("35VLG8400071000", "60.1594° N, 24.9100° E", "MGRS square of 1 m"),
        ("lake saimaa", "Lake Saimaa, Finland", "is a lake"),
        ("Uusimaa", "Uusimaa, Finland", "is a region"),
    ],
)
def test_an_area_may_be_a_point_or_the_name_of_a_place(
    text: str, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = question(aoi=text, split="", centre="")
    assert asked.area.name == name and said in capsys.readouterr().err


def test_a_point_is_a_tile_of_the_size_that_is_asked_for() -> None:
    asked = question(aoi="52.37, 4.89", split="", centre="", tile_size=1200)
    assert len(asked.grid) == 1 and asked.grid.lattice.dx == 1200
    assert asked.centre_index == asked.grid.tile_at(4.89, 52.37)


def test_a_misspelled_place_is_refused_with_what_is_like_it() -> None:
    with pytest.raises(InputError, match=r"called 'helsnki'\. Helsinki — City"):
        _ = question(aoi="helsnki").area
