"""A pixel's values against the picture's, and its series against the planes themselves."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasterio.transform import from_bounds, rowcol

from services.cache import MissingFrame, frame_key
from services.composite import indices_of
from services.errors import RecipeError
from services.recipe import MASKS, METHODS, Veto
from services.sentinel2 import DATA_MASK, SCL, SCL_CLASSES
from services.series import pixel_at
from tests.services.series.caching import EAST, FOUND, FRAMES, NORTH, QUESTION, SOUTH, WEST, service

TRANSFORM = from_bounds(WEST, SOUTH, EAST, NORTH, 36, 27)


def test_a_point_belongs_to_the_pixel_of_rasterio() -> None:
    random = np.random.default_rng(1)
    for x, y in zip(random.uniform(WEST, EAST, 200), random.uniform(SOUTH, NORTH, 200), strict=True):
        pixel = pixel_at(QUESTION, x, y)
        assert (pixel.row, pixel.column) == tuple(map(int, rowcol(TRANSFORM, x, y)))
        assert QUESTION.lattice.index_of(x, y) == pixel.tile
        assert abs(pixel.easting - x) <= 5 and abs(pixel.northing - y) <= 5


def test_edges_belong_to_the_east_and_the_south_and_beyond_is_refused() -> None:
    assert (pixel_at(QUESTION, WEST, NORTH).row, pixel_at(QUESTION, WEST + 10, NORTH - 10).column) == (0, 1)
    for x, y in ((EAST, NORTH), (WEST, SOUTH), (WEST - 0.1, NORTH), (float("nan"), NORTH)):
        with pytest.raises(RecipeError, match="lies outside the picture"):
            pixel_at(QUESTION, x, y)


@pytest.mark.parametrize(
    "changes", [{"grow": 1}, {"mask": "none"}, *({"method": name} for name in METHODS)], ids=lambda one: str(one)
)
def test_the_values_of_a_pixel_are_those_of_the_picture(tmp_path: Path, changes: dict[str, Any]) -> None:
    question = QUESTION.with_(**changes)
    made, compositor = service(tmp_path)
    chosen = [one for one in FOUND if one.cloud_cover <= 25]

    picture = compositor.image(question, chosen, question.bands, indices=indices_of(question.bands))
    for row, column in ((0, 0), (8, 11), (9, 12), (13, 30), (26, 35), (20, 7)):
        values = made.pixel_values(question, WEST + 10 * column + 5, NORTH - 10 * row - 5)
        assert (values.pixel.row, values.pixel.column, values.count) == (row, column, picture.count[row, column])
        for place, band in enumerate(values.bands):
            drawn = picture.reflectance[row, column, place]
            assert (band.reflectance is None and np.isnan(drawn)) or band.reflectance == drawn
            assert (band.dn or 65535) == picture.dn(band.name)[row, column]
        for index in values.indices:
            drawn = picture.indices[index.name][row, column]
            assert (index.value is None and np.isnan(drawn)) or index.value == drawn
        if picture.days is not None:
            assert values.day.replace("-", "") == str(picture.days[row, column] or "")
        assert values.dates == (3 if row < 18 else 2), "the second date does not show the southern tiles"


def test_a_pixel_without_its_dates_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingFrame, match=r"1 date of 4 that the picture uses here"):
        service(tmp_path)[0].pixel_values(QUESTION.with_(maxcc=95, vetoes=(Veto(FOUND[0].key, "haze"),)), WEST, NORTH)


@pytest.mark.parametrize("quantity", ["B04", "ndvi"])
def test_a_series_has_each_cached_date_as_its_planes_say(tmp_path: Path, quantity: str) -> None:
    series = service(tmp_path)[0].pixel_series(QUESTION, WEST + 155, NORTH - 115, quantity)
    assert (series.missing, series.attribution, series.simulated) == ((FOUND[4].date,), "Data of [2017]", False)
    assert [(point.acquisition, point.used) for point in series.points] == [
        (one.key, one.cloud_cover <= 25) for one in FOUND[:4]
    ]
    assert [point.reason for point in series.points] == ["", "", "", "60 % > 25 %"]
    tile, place = QUESTION.neighbourhood.tiles[4], (2, 3)
    for point, one in zip(series.points, FOUND[:4], strict=True):
        planes = {
            name: int(plane[place]) for name, plane in FRAMES.planes[frame_key(QUESTION, tile.index, one)].items()
        }
        there = planes[DATA_MASK] == 1
        red, infrared = planes["B04"], planes["B08"]
        expected = red / 10_000 if quantity == "B04" else (infrared - red) / (infrared + red)
        assert point.value == (pytest.approx(expected, abs=1e-6) if there else None)
        assert point.clear == (there and planes[SCL] not in MASKS["clear"].invalid)
        assert (point.scl, point.scl_word) == (planes[SCL], SCL_CLASSES[planes[SCL]])


def test_a_date_without_its_classification_counts_where_the_mask_does_not_need_it(tmp_path: Path) -> None:
    made = service(tmp_path, lost=[SCL])[0]
    assert made.pixel_series(QUESTION, WEST, NORTH, "ndvi").points == ()
    series = made.pixel_series(QUESTION.with_(mask="none"), WEST, NORTH, "ndvi")
    assert [(point.scl, point.scl_word) for point in series.points] == [(None, "")] * 4


def test_a_date_counts_by_the_tile_of_the_pixel_alone(tmp_path: Path) -> None:
    gone = frame_key(QUESTION, QUESTION.neighbourhood.tiles[0].index, FOUND[0])
    made = service(tmp_path, less=[gone])[0]
    assert [len(made.pixel_series(QUESTION, x, NORTH, "B02").points) for x in (WEST, WEST + 120)] == [3, 4]
    assert len(made.pixel_series(QUESTION, WEST, SOUTH + 1, "B02").points) == 3, "not in the second date's swath"


def test_the_index_of_a_view_is_that_of_its_formula_in_whatever_colours(tmp_path: Path) -> None:
    made, place = service(tmp_path)[0], (WEST + 155, NORTH - 115)
    by_name = made.pixel_series(QUESTION, *place, "ndvi").points
    for text in ("ndvi~0..1~magma", "index-(B08-B04):(B08--B04)", "si-NDVI"):
        found = made.pixel_series(QUESTION, *place, text).points
        assert [point.value for point in found] == pytest.approx([point.value for point in by_name], abs=1e-6), text
    assert made.pixel_series(QUESTION, *place, "grey-B03").quantity.name == "B03"


def test_what_is_no_quantity_is_said(tmp_path: Path) -> None:
    made = service(tmp_path)[0]
    with pytest.raises(RecipeError, match=r"needs B12.*Choose one of B02, B03, B04, B08, ndvi"):
        made.pixel_series(QUESTION, WEST, NORTH, "nbr")
    with pytest.raises(RecipeError, match="shows colours"):
        made.pixel_series(QUESTION, WEST, NORTH, "true")
    with pytest.raises(MissingFrame, match=r"2017 is not here\. Look at the acquisitions"):
        service(tmp_path, None)[0].pixel_series(QUESTION, WEST, NORTH, "B02")


def test_the_sheet_has_units_place_and_source(tmp_path: Path) -> None:

    series = service(tmp_path)[0].pixel_series(QUESTION, WEST + 155, NORTH - 115, "B04")
    rows = list(csv.DictReader(series.to_csv().splitlines()))
    assert len(rows) == 4
    for row, point in zip(rows, series.points, strict=True):
        assert row["value"] == ("" if point.value is None else f"{point.value:.6f}")
        assert (row["date"], row["unit"], row["crs"], row["attribution"]) == (
            *(point.date, "reflectance", "EPSG:32635", "Data of [2017]"),
        )
        assert float(row["easting"]) == pytest.approx(WEST + 155)
