"""The area page: the ways to an area, the grid, the tile."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.area import area_picker
from services.recipe import EXAMPLES
from tests.pages.seen import address, click, html_of, labels, map_that_says, markup_of, texts_of

EVIL = "![x](http://x.example/a.png) <img src=x onerror=alert(1)> :red[r]"
RING = [[24.5, 60.3], [25.5, 60.3], [25.5, 60.9], [24.5, 60.9], [24.5, 60.3]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def opened(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def area(frame: AppTest) -> Any:
    with map_that_says({}):
        yield opened(frame)


@pytest.fixture
def finland(area: AppTest) -> AppTest:
    click(area, "**Southern Finland**")
    return area


def way(page: AppTest, name: str) -> None:
    page.segmented_control(key="area_way").set_value(name).run()


def write(page: AppTest, text: str) -> None:
    way(page, "Text")
    page.text_area(key="area_text").set_value(text).run()
    click(page, "Show on the map")


def bring(page: AppTest, name: str, data: bytes) -> None:
    """Choose a file; it is offered, or refused."""
    way(page, "File")
    (uploader,) = page.file_uploader
    uploader.set_value((name, data, "application/octet-stream")).run()
    assert not page.exception


@pytest.mark.parametrize(
    ("text", "words"), [("24.0, 60.5, 24.4, 60.7", "Use this area"), ("nonsense", "cannot be used")]
)
def test_a_file_that_came_while_the_connection_was_lost_is_offered_or_refused_all_the_same(
    area: AppTest, text: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(area_picker, "_offer_file", lambda: None)  # the browser's word of it was lost
    bring(area, "meadow.txt", text.encode())
    assert words in markup_of(area) + " ".join(labels(area))
    area.run()
    assert words in markup_of(area) + " ".join(labels(area)), "and it stays so"


def test_one_click_on_an_example_makes_every_choice(finland: AppTest) -> None:
    assert {key: address(finland)[key] for key in ("grid", "centre", "year", "maxcc")} == {
        "grid": "54x39",
        "centre": "35,25",
        "year": "2017",
        "maxcc": "10",
    }
    seen = html_of(finland)
    assert "20,817 km²" in seen and "EPSG:32635" in seen
    assert ">1,947<" in seen and "54 × 39, 159 outside" in seen
    assert "3,302 × 3,301 m" in seen and "330 × 330 px at 10 m" in seen
    assert "35,25 (no. 1,330), 3 × 3" in seen
    assert "The area lies in UTM zones 34 to 35" in " ".join(texts_of(finland))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_opens(area: AppTest, example: Any) -> None:
    click(area, f"**{example.name}**")
    assert not area.exception
    assert address(area)["centre"] == str(example.centre)
    (choice,) = [element.body for element in area.html if "np-choice" in element.body and "<style>" not in element.body]
    assert str(example.centre) in choice and "outside the area" not in choice


@pytest.mark.parametrize(
    "text",
    ["24.5, 60.3, 25.5, 60.9", json.dumps(SQUARE), "POLYGON((24.5 60.3,25.5 60.3,25.5 60.9,24.5 60.9,24.5 60.3))"],
)
def test_a_text_is_an_area_in_each_of_its_forms(area: AppTest, text: str) -> None:
    write(area, text)
    assert "24.5000° E – 25.5000° E" in html_of(area) and "60.3000° N – 60.9000° N" in html_of(area)


def test_a_bad_text_is_told_and_the_choices_stay(finland: AppTest) -> None:
    before = address(finland)
    write(finland, "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))")
    assert "This area cannot be used" in html_of(finland)
    assert any("crosses" in text for text in texts_of(finland))
    assert address(finland) == before
    write(finland, "24.5, 60.3, 25.5, 60.9")
    assert "This area cannot be used" not in html_of(finland)
    assert address(finland) == before, "it is only offered"
    click(finland, "Use this area")
    assert address(finland)["area"] != before["area"]


def test_a_file_is_an_area_under_its_own_name(area: AppTest) -> None:
    feature = {"type": "Feature", "properties": {"name": EVIL}, "geometry": SQUARE}
    bring(area, "../../x.geojson", json.dumps(feature).encode())
    assert area.text_input(key="offer_name").value == EVIL[:80].strip()
    click(area, "Use this area")
    assert EVIL in texts_of(area)
    assert "onerror" not in markup_of(area) and ":red[" not in markup_of(area)


def test_the_finnish_file_is_read_as_everywhere(area: AppTest, shared_data: Path) -> None:
    file = shared_data / "finland_aoi.geojson"
    bring(area, file.name, file.read_bytes())
    assert "20,817 km²" in html_of(area)


def test_a_file_of_a_point_is_refused_beside_the_field(area: AppTest) -> None:
    bring(area, "p.json", b'{"type":"Point","coordinates":[1,2]}')
    assert any("it is a Point" in text for text in texts_of(area))
    assert "area" not in address(area)


def test_the_shp_of_a_shapefile_is_told_what_to_bring_with_it(area: AppTest) -> None:
    bring(area, "fields.shp", b"\0\0\x27\x0a")
    assert any("Zip it: the .shp with its .shx, .dbf and .prj" in text for text in texts_of(area))
    assert "area" not in address(area)


def test_a_drawing_is_an_area_and_deleting_it_leaves_none(frame: AppTest) -> None:
    turned = [[[longitude - 360, latitude] for longitude, latitude in RING]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": turned}}
    drawn = {"event": "drawing", "edited": False, "features": [feature]}
    with map_that_says(drawn):
        click(opened(frame), "map")
        assert "24.5000° E – 25.5000° E" in html_of(frame)
        assert address(frame)["grid"] == "3300"
        drawn |= {"edited": True, "features": []}
        click(frame, "map")
        assert "No area yet" in html_of(frame) and "area" not in address(frame)


def test_a_drawing_of_half_the_world_is_refused_and_the_area_stays(frame: AppTest) -> None:
    half = [[[-60, -60], [100, -60], [100, 60], [-60, 60], [-60, -60]]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": half}}
    with map_that_says({"event": "drawing", "edited": False, "features": [feature]}):
        click(opened(frame), "**Po delta**")
        before = address(frame)
        click(frame, "map")
        assert "This area cannot be used" in html_of(frame) and address(frame) == before


def test_a_stray_click_far_from_the_area_moves_nothing_and_says_how_far(frame: AppTest) -> None:
    with map_that_says({"event": "click", "latitude": 61.0, "longitude": 29.5}):
        opened(frame)
        click(frame, "**Southern Finland**")
        before = address(frame)["centre"]
        click(frame, "map")
    assert address(frame)["centre"] == before
    assert any("km from the area, and the centre tile stays" in text for text in texts_of(frame))


def test_a_click_on_the_map_is_the_tile_there(frame: AppTest) -> None:
    with map_that_says({"event": "click", "latitude": 60.8, "longitude": 24.6}):
        click(opened(frame), "**Southern Finland**")
        click(frame, "map")
        assert address(frame)["centre"] == "22,21"
        assert frame.number_input(key="tile_x").value == 22


def test_a_click_far_away_is_told_and_the_tile_stays(frame: AppTest) -> None:
    with map_that_says({"event": "click", "latitude": -60.0, "longitude": -140.0}):
        click(opened(frame), "**Southern Finland**")
        click(frame, "map")
        assert not frame.exception
        assert address(frame)["centre"] == "35,25" and "This grid cannot be made" in html_of(frame)


def test_fields_and_arrows_do_what_a_click_does(finland: AppTest) -> None:
    finland.number_input(key="tile_x").set_value(10).run()
    finland.number_input(key="tile_y").set_value(12).run()
    assert address(finland)["centre"] == "10,12"
    for arrow, centre in (("East", "11,12"), ("North", "11,13"), ("West", "10,13"), ("South", "10,12")):
        click(finland, arrow)
        assert address(finland)["centre"] == centre


def test_the_radius_and_the_tiles_outside_are_told(finland: AppTest) -> None:
    finland.segmented_control(key="tile_radius").set_value(2).run()
    finland.number_input(key="tile_x").set_value(53).run()
    assert address(finland)["radius"] == "2"
    assert any("tiles lie outside the area" in caption.value for caption in finland.caption)


def test_the_table_lists_the_tiles_north_row_first(finland: AppTest) -> None:
    numbers = list(finland.table[0].value["Number"])
    assert numbers == ["1,292", "1,331", "1,370", "1,291", "1,330", "1,369", "1,290", "1,329", "1,368"]


def test_the_grid_can_be_changed_and_nonsense_is_told(finland: AppTest) -> None:
    finland.segmented_control(key="grid_kind").set_value("Team grid").run()
    assert address(finland)["grid"] == "3300"
    finland.number_input(key="grid_size").set_value(3000).run()
    assert address(finland)["grid"] == "3000"
    finland.number_input(key="grid_size").set_value(1000).run()
    assert address(finland)["grid"] == "1020", "the nearest multiple of 60"
    assert any(said.value.startswith("1,000 m became 1,020 m") for said in finland.caption)
    finland.number_input(key="grid_size").set_value(3000).run()
    assert address(finland)["grid"] == "3000" and not any("became" in said.value for said in finland.caption)
    finland.segmented_control(key="grid_kind").set_value("Columns × rows").run()
    finland.number_input(key="grid_columns").set_value(54).run()
    finland.number_input(key="grid_rows").set_value(39).run()
    assert address(finland)["grid"] == "54x39" and ">1,947<" in html_of(finland)


def test_a_new_name_stays_plain_text(finland: AppTest) -> None:
    finland.text_input(key="area_name").set_value(EVIL).run()
    assert EVIL in texts_of(finland) and "onerror" not in markup_of(finland)
    assert address(finland)["centre"] == "35,25"
