"""What is found at the mark of a picture, against the planes themselves."""

import io
import json
import re
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from pages.components.inspect.marked_place import look_at, mark
from pages.components.shared.viewer import Marked
from pages.state import inspection
from pages.state.context import product
from pages.state.inspection import Inspection
from services.cache import frame_key
from services.geo import to_wgs84
from services.recipe import MASKS, Recipe
from tests.pages.made import choices, go, keep_answer, recipe_of
from tests.pages.seen import address, click, html_of, texts_of, viewed

CLOUDS = (2.0, 30.0, 5.0, 8.0, 61.0)
SMALL: dict[str, Any] = {"radius": 0, "resolution": 300, "maxcc": 10}
ROW, COLUMN = 4, 6
Planes = dict[str, NDArray[Any]]


def recipe() -> Recipe:
    return recipe_of(choices(**SMALL))


def fetched() -> list[Planes]:
    """All dates but the last one are in the cache; in the pixel the third is cloudy."""
    asked, found = recipe(), []
    width, height = asked.lattice.size_px(300)
    for number, observation in enumerate(keep_answer(asked, CLOUDS)[:-1]):
        random = np.random.default_rng(number)
        planes: Planes = {band: random.integers(1, 9000, (height, width)).astype(np.uint16) for band in asked.bands}
        planes |= {"SCL": np.full((height, width), 4, np.uint8), "dataMask": np.ones((height, width), np.uint8)}
        planes["SCL"][ROW, COLUMN] = 9 if number == 2 else 4
        product().frames.write(frame_key(asked, asked.centre, observation), planes)
        found.append(planes)
    return found


def at(row: float = ROW, column: float = COLUMN) -> str:
    """The link of the middle of a pixel."""
    west, _, _, north = recipe().neighbourhood.bounds
    place = west + 300 * (column + 0.5), north - 300 * (row + 0.5)
    return ",".join(f"{metres:.1f}".removesuffix(".0") for metres in place)


def clear(planes: Planes) -> bool:
    return int(planes["SCL"][ROW, COLUMN]) not in MASKS["clear"].invalid


def test_a_pixel_of_the_link_shows_its_values_and_its_place(frame: AppTest) -> None:
    planes = fetched()
    go(frame, "results", choices(**SMALL), at=at())
    html = html_of(frame)
    used = [planes[number] for number in (0, 3)]
    for band in recipe().bands:
        told = re.search(rf"<dt>{band}</dt><dd>([\d.]+) ", html)
        assert told is not None
        value = np.median([one[band][ROW, COLUMN] for one in used]) / 10_000
        assert float(told[1]) == pytest.approx(value, abs=5.1e-5)
    assert "<dd>2 clear of 3 dates</dd>" in html, "the cloudy one does not count"
    assert f"Tile {recipe().centre}; row {ROW}, column {COLUMN} of the picture" in html
    x, y = viewed(frame)["look"]["at"]
    width, height = viewed(frame)["look"]["pixels"]
    assert (x * width, y * height) == pytest.approx((COLUMN + 0.5, ROW + 0.5), abs=0.01)
    assert address(frame)["at"] == at()


def test_its_series_has_every_cached_date_with_what_it_is_to_the_picture(frame: AppTest) -> None:
    planes = fetched()
    go(frame, "results", choices(**SMALL), at=at(), series="B08")
    table = re.search(r'aria-label="Band B08 of the pixel"(.*?)</table>', html_of(frame), re.DOTALL)
    assert table is not None
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table[1].split("<tr>")[2:]]
    values = [f"{one['B08'][ROW, COLUMN] / 10_000:.4f}" for one in planes]
    states = ["clear, used", "clear, excluded", "not clear", "clear, used"]
    assert [row[1:3] for row in rows] == [list(pair) for pair in zip(values, states, strict=True)]
    middle = float(np.median([planes[number]["B08"][ROW, COLUMN] for number in (0, 3)])) / 10_000
    assert f"Band B08 {middle:.4f} in the picture. 3 of 4 cached dates clear here; 1 date is not in the cache." in (
        html_of(frame)
    )


def test_a_polygon_of_the_link_shows_the_numbers_of_its_pixels(frame: AppTest) -> None:
    planes = fetched()
    west, _, _, north = recipe().neighbourhood.bounds
    corners = [(west + 300 * x, north - 300 * y) for x, y in ((2, 3), (9, 3), (9, 7), (2, 7))]
    polygon = ";".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    go(frame, "results", choices(**SMALL), polygon=polygon, series="B08")
    table = re.search(r'aria-label="Band B08 in the polygon"(.*?)</table>', html_of(frame), re.DOTALL)
    assert table is not None
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table[1].split("<tr>")[2:]]
    for row, one in zip(rows, planes, strict=True):
        inside = one["SCL"][3:7, 2:9] == 4
        values = one["B08"][3:7, 2:9][inside] / 10_000
        spread = np.percentile(values, (10, 25, 75, 90))
        expected = [np.median(values), values.mean(), *spread, values.std()]
        assert [float(cell) for cell in row[1:8]] == pytest.approx(expected, abs=6e-5)
        assert row[8] == str(inside.sum())
    assert "28, those whose centres lie in it" in html_of(frame)


def test_a_polygon_whose_edges_cross_is_told_and_the_picture_stays(frame: AppTest) -> None:
    fetched()
    west, _, _, north = recipe().neighbourhood.bounds
    corners = [(west + 300 * x, north - 300 * y) for x, y in ((2, 3), (9, 7), (9, 3), (2, 7))]
    go(frame, "results", choices(**SMALL), polygon=";".join(f"{x:.1f},{y:.1f}" for x, y in corners))
    assert any("its edges cross" in text for text in texts_of(frame))
    assert len(viewed(frame)["look"]["ring"]) == 4


def test_a_mark_is_a_place_in_metres_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(inspection, "change", kept.update)
    mark(recipe(), Marked("pixel", ((0.25, 0.75),)))
    west, south, east, north = recipe().neighbourhood.bounds
    assert kept["at"] == pytest.approx((west + (east - west) / 4, north - 3 * (north - south) / 4))
    monkeypatch.setattr(inspection, "read", lambda: Inspection(at=kept["at"]))
    assert look_at(recipe()).at == pytest.approx((0.25, 0.75))
    mark(recipe(), Marked("clear", ()))
    assert kept == {"at": None, "ring": ()}


def test_a_file_of_polygons_becomes_tables(frame: AppTest) -> None:
    planes = fetched()
    west, _, _, north = recipe().neighbourhood.bounds
    features = []
    for name, left in (("one", 1), ("two", 5)):
        ring = [(west + 300 * x, north - 300 * y) for x, y in ((left, 2), (left, 6), (left + 3, 6), (left + 3, 2))]
        degrees = [[float(part) for part in to_wgs84(recipe().lattice.epsg, *point)] for point in [*ring, ring[0]]]
        geometry = {"type": "Polygon", "coordinates": [degrees]}
        features.append({"type": "Feature", "properties": {"name": name}, "geometry": geometry})
    file = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    go(frame, "results", choices(**SMALL))
    frame.file_uploader[0].set_value(("fields.geojson", file, "application/geo+json")).run()
    frame.selectbox(key="polygons_quantity").set_value("B08").run()
    click(frame, "Compute for 2 polygons")
    assert "2 polygons, 8 rows: Band B08." in html_of(frame)
    made = frame.session_state["polygons_made"]
    table = pyarrow.parquet.read_table(io.BytesIO(made[3])).to_pandas()
    assert table["polygon"].tolist() == ["one"] * 4 + ["two"] * 4 and made[2].count("\n") == 9
    inside = np.s_[2:6, 5:8]
    values = planes[0]["B08"][inside][planes[0]["SCL"][inside] == 4] / 10_000
    assert table[table["polygon"] == "two"]["median"].iloc[0] == pytest.approx(np.median(values), abs=1e-6)


def test_a_file_that_cannot_be_read_says_why(frame: AppTest) -> None:
    fetched()
    go(frame, "results", choices(**SMALL))
    frame.file_uploader[0].set_value(("fields.geojson", b"no geojson", "application/geo+json")).run()
    assert not frame.exception
    assert any("fields.geojson" in text or "JSON" in text for text in texts_of(frame))
