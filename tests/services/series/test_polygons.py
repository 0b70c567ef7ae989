"""Numbers of polygons against numpy over the planes, in polygons that shapely asks centre by centre."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow.parquet
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon, mapping

from services.area import Part, parse_features, read_features
from services.cache import frame_key
from services.errors import AreaError, RecipeError
from services.geo import to_wgs84
from services.recipe import MASKS
from services.sentinel2 import DATA_MASK, SCL
from services.series import Footprint, PolygonPoint, SeriesService
from services.settings import Settings
from tests.services.scenes import recipe
from tests.services.series.caching import EAST, FOUND, FRAMES, NORTH, QUESTION, SOUTH, WEST, service


def blob(seed: int, size: float = 110) -> Polygon:
    """Somewhere in or near the picture, with seven corners."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(WEST, EAST), random.uniform(SOUTH, NORTH)
    turns = (np.arange(7) + random.uniform(0, 0.8, 7)) / 7 * 2 * np.pi
    radii = random.uniform(0.4, 1, 7) * size
    whole = Polygon(np.column_stack((x + radii * np.cos(turns), y + radii * np.sin(turns))))
    return whole


def inside(polygon: Any, shape: tuple[int, int] = (27, 36)) -> NDArray[np.bool_]:
    """Which centres of the picture's pixels it contains."""
    x, y = np.meshgrid(WEST + 10 * np.arange(shape[1]) + 5, NORTH - 10 * np.arange(shape[0]) - 5)
    return np.asarray(shapely.contains_xy(polygon, x, y))


def picture(one: Any, plane: str) -> NDArray[Any]:
    """A plane of the whole picture by hand, 0 where the date is not."""
    whole = np.zeros((27, 36), np.int64)
    for number, tile in enumerate(QUESTION.neighbourhood.tiles):
        row, column = divmod(number, 3)
        if one.touches(tile):
            planes = FRAMES.planes[frame_key(QUESTION, tile.index, one)]
            whole[9 * row : 9 * row + 9, 12 * column : 12 * column + 12] = planes[plane]
    return whole


def expected(polygon: Any, one: Any, quantity: str) -> NDArray[np.float64]:
    """Values of the clear pixels."""
    clear = (picture(one, DATA_MASK) == 1) & ~np.isin(picture(one, SCL), MASKS["clear"].invalid)
    red, infrared = picture(one, "B04").astype(float), picture(one, "B08").astype(float)
    with np.errstate(invalid="ignore"):
        values = red / 10_000 if quantity == "B04" else (infrared - red) / (infrared + red)
    chosen: NDArray[np.float64] = values[clear & inside(polygon)]
    return chosen


def check(point: PolygonPoint, values: NDArray[np.float64]) -> None:
    """All numbers of a point."""
    assert point.count == len(values)
    numbers = (point.mean, point.std, point.p10, point.p25, point.median, point.p75, point.p90)
    if not len(values):
        assert set(numbers) == {None} and not point.clear
        return
    percentiles = np.percentile(values, [10, 25, 50, 75, 90])
    assert numbers == pytest.approx((values.mean(), values.std(), *percentiles), abs=2e-6)


def test_a_pixel_is_in_a_polygon_by_its_centre() -> None:
    ring: Any = Polygon(
        [(WEST - 50, SOUTH + 3), (EAST - 100, SOUTH + 40), (EAST - 91, NORTH + 77), (WEST + 31, NORTH - 8)]
    )
    shapes: list[Any] = [blob(seed) for seed in range(30)] + [
        ring - shapely.Point(WEST + 150, SOUTH + 150).buffer(61.7)
    ]
    for polygon in [*shapes, MultiPolygon([shapes[0], shapely.affinity.translate(shapes[0], 500)])]:
        found, wanted = Footprint.of(QUESTION, polygon), inside(polygon)
        assert list(zip(found.rows, found.columns, strict=True)) == list(zip(*np.nonzero(wanted), strict=True))
        share = shapely.intersection(polygon, shapely.box(WEST, SOUTH, EAST, NORTH)).area / polygon.area
        assert found.coverage.inside == pytest.approx(share)
        assert bool(found.coverage.words) == (share < 1 - 1e-9 or not wanted.any())


def test_polygons_side_by_side_share_no_pixel_and_leave_none() -> None:
    cells = [
        shapely.box(WEST + 41.3 * i, SOUTH + 41.3 * j, WEST + 41.3 * (i + 1), SOUTH + 41.3 * (j + 1))
        for i in range(9)
        for j in range(7)
    ]
    pixels = [pair for cell in cells for pair in zip(*_place(cell), strict=True)]
    assert len(pixels) == len(set(pixels)) == 27 * 36


def _place(polygon: Polygon) -> tuple[list[int], list[int]]:
    found = Footprint.of(QUESTION, polygon)
    return found.rows.tolist(), found.columns.tolist()


@pytest.mark.parametrize("quantity", ["B04", "ndvi"])
def test_a_series_has_the_numbers_of_its_clear_pixels(tmp_path: Path, quantity: str) -> None:
    made = service(tmp_path)[0]
    for polygon in (
        shapely.box(WEST + 60, SOUTH + 40, EAST - 33, NORTH - 71),
        blob(4),
        shapely.box(WEST, SOUTH, WEST + 8, SOUTH + 9),
    ):
        series = made.polygon_series(QUESTION, polygon, quantity)
        for point in series.points:
            one = next(one for one in FOUND if one.key == point.acquisition)
            check(point, expected(polygon, one, quantity))
            assert (point.pixels, point.used) == (inside(polygon).sum(), one.cloud_cover <= 25)
            assert point.clear_share == point.count / point.pixels
        assert series.missing == (FOUND[4].date,)
    assert [point.acquisition for point in series.points] == [FOUND[number].key for number in (0, 2, 3)], (
        "one swath ends"
    )


def test_a_date_that_lacks_a_tile_of_the_polygon_is_missing(tmp_path: Path) -> None:
    gone = frame_key(QUESTION, QUESTION.neighbourhood.tiles[0].index, FOUND[0])
    made = service(tmp_path, less=[gone])[0]
    across = shapely.box(WEST + 60, NORTH - 60, EAST, NORTH)
    assert made.polygon_series(QUESTION, across, "B04").missing == (FOUND[0].date, FOUND[4].date)
    beside = shapely.box(WEST + 130, NORTH - 60, EAST, NORTH)
    assert made.polygon_series(QUESTION, beside, "B04").missing == (FOUND[4].date,)


def test_a_polygon_without_a_pixel_is_refused(tmp_path: Path) -> None:
    made = service(tmp_path)[0]
    for polygon, words in (
        (shapely.box(EAST + 1, SOUTH, EAST + 100, NORTH), "outside the picture"),
        (shapely.box(WEST + 1, SOUTH + 1, WEST + 3, SOUTH + 3), "No pixel"),
        (Polygon([(WEST, SOUTH), (EAST, NORTH), (EAST, SOUTH), (WEST, NORTH)]), "edges cross"),
        (Polygon(), "encloses nothing"),
    ):
        with pytest.raises(RecipeError, match=words):
            made.polygon_series(QUESTION, polygon, "B04")


def degrees(polygon: Polygon) -> Polygon:
    """In longitude and latitude."""
    turned = shapely.transform(polygon, lambda xy: np.column_stack(to_wgs84(QUESTION.lattice.epsg, *xy.T)))
    return Polygon(turned)


def file_of(shapes: dict[str, Polygon]) -> tuple[Part, ...]:
    """As somebody brings them."""
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": mapping(degrees(shape))}
        for name, shape in shapes.items()
    ]
    return parse_features(json.dumps({"type": "FeatureCollection", "features": features})).parts()


SHAPES = {
    "=Field 1": shapely.box(WEST + 31, SOUTH + 22, WEST + 155, SOUTH + 133),
    "overlapping": shapely.box(WEST + 100, SOUTH + 100, WEST + 255, SOUTH + 233),
    "half": shapely.box(WEST - 100, NORTH - 57, WEST + 100, NORTH - 13),
    "far": shapely.box(WEST - 5000, NORTH, WEST - 4000, NORTH + 300),
    "small": shapely.box(WEST + 20, SOUTH + 16, WEST + 34, SOUTH + 24.9),
}


def table(made: SeriesService, quantity: str = "ndvi") -> Any:
    return made.many(QUESTION, file_of(SHAPES), quantity)


def test_many_polygons_have_the_series_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they overlap, and where they are too many for one pass."""
    made = service(tmp_path)[0]
    for at_once in (2_000_000, 50):
        monkeypatch.setattr("services.series.polygons.AT_ONCE", at_once)
        found = table(made)
        for series, (name, shape) in zip(found.series, SHAPES.items(), strict=True):
            assert series.name == name
            if series.coverage.pixels:
                alone = made.polygon_series(QUESTION, shape, "ndvi", name)
                assert series.coverage.pixels == alone.coverage.pixels
                for point, same in zip(series.points, alone.points, strict=True):
                    close = replace(point, mean=pytest.approx(same.mean), std=pytest.approx(same.std))
                    assert close == same, "sums are of another order of pixels"
                assert series.coverage.inside == pytest.approx(alone.coverage.inside, abs=1e-3)
        assert found.rows == 3 * 4 + 2


def test_the_sheet_says_what_is_not_counted_and_holds_no_formula(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(table(service(tmp_path)[0]).to_csv())))
    named = {row["polygon"]: row for row in rows}
    assert set(named) == {"'=Field 1", "overlapping", "half", "far", "small"}
    assert named["half"]["note"] == "50 % of the polygon lies in the picture; the rest is not counted."
    assert named["far"]["note"] == "The polygon lies outside the picture." and not named["far"]["date"]
    assert named["small"]["note"] == "No pixel of the picture has its centre in the polygon."
    assert named["overlapping"]["note"] == ""
    assert {(row["quantity"], row["unit"], row["crs"], row["simulated"]) for row in rows} == {
        ("ndvi", "index", "EPSG:32635", "no")
    }
    assert {row["attribution"] for row in rows} == {"Data of [2017]"}


def test_geopandas_reads_the_table_with_its_outlines_in_wgs_84(tmp_path: Path) -> None:
    found = table(service(tmp_path / "home")[0])
    path = tmp_path / "many.parquet"
    path.write_bytes(found.to_geoparquet())
    read = geopandas.read_parquet(path)
    assert read.crs.to_authority() == ("OGC", "CRS84") and len(read) == found.rows
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert list(read.columns) == [*rows[0], "geometry"]
    for row, values in zip(rows, read.itertuples(), strict=True):
        assert values.polygon == row["polygon"].removeprefix("'")
        assert values.geometry.normalize().equals_exact(degrees(SHAPES[values.polygon]).normalize(), 1e-9)
        assert (f"{values.median:.6f}" if row["median"] else "") == row["median"]
        assert values.date == (date.fromisoformat(row["date"]) if row["date"] else None)
    described = json.loads(pyarrow.parquet.read_metadata(path).metadata[b"geo"])
    assert described["columns"]["geometry"]["geometry_types"] == ["Polygon"]
    assert read.total_bounds == pytest.approx(described["columns"]["geometry"]["bbox"])


def test_a_feature_that_is_no_area_stands_there_with_the_reason(tmp_path: Path) -> None:
    tiny = shapely.box(WEST + 1, SOUTH + 1, WEST + 3, SOUTH + 3)
    parts = file_of({"tiny": tiny, "meadow": SHAPES["overlapping"]})
    assert (parts[0].aoi, parts[1].reason) == (None, "")
    found = service(tmp_path)[0].many(QUESTION, parts, "B04")
    assert "one pixel has 100 m²" in found.series[0].coverage.words
    path = tmp_path / "many.parquet"
    path.write_bytes(found.to_geoparquet())
    assert geopandas.read_parquet(path).geometry.isna().sum() == 1


def test_a_file_of_one_feature_is_that_one_and_too_many_are_refused() -> None:
    shape = mapping(degrees(SHAPES["overlapping"]))
    (part,) = read_features(
        json.dumps({"type": "Feature", "properties": {}, "geometry": shape}).encode(), "a.geojson"
    ).parts()
    assert part.aoi is not None and part.name == part.aoi.name
    two = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": shape}] * 2}
    uploaded = parse_features(json.dumps(two))
    assert [part.name for part in uploaded.parts()] == ["Feature 1", "Feature 2"]
    limited = uploaded.__class__(uploaded.outline, "", Settings.model_construct(max_features=1), repair=False)
    with pytest.raises(AreaError, match="2 features; at most 1"):
        limited.parts()


def test_a_picture_of_large_pixels_is_asked_in_its_own(tmp_path: Path) -> None:
    coarse = recipe(px=12, height_px=9, resolution=30)
    found = Footprint.of(coarse, shapely.box(WEST, SOUTH, EAST, NORTH))
    assert len(found.rows) == 9 * 12
