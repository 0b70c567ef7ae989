"""An area that was brought and not yet taken: seen first, chosen from, used or left."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.area import area_preview
from services.area import Feature
from services.recipe import EXAMPLES
from tests.pages.seen import address, click, html_of, labels, map_that_says, markup_of, texts_of
from tests.pages.test_area import EVIL, bring, opened, way, write

POINT = b'{"type": "Point", "coordinates": [1, 2]}'


def square(longitude: float, latitude: float, size: float = 0.1) -> dict[str, Any]:
    """A Polygon from its south-western corner."""
    east, north = longitude + size, latitude + size
    ring = [[longitude, latitude], [east, latitude], [east, north], [longitude, north], [longitude, latitude]]
    return {"type": "Polygon", "coordinates": [ring]}


def collection(*features: tuple[str, dict[str, Any]]) -> bytes:
    """A file of features with names."""
    written = [{"type": "Feature", "properties": {"name": name}, "geometry": geometry} for name, geometry in features]
    return json.dumps({"type": "FeatureCollection", "features": written}).encode()


THREE = collection(("West", square(24, 60)), (EVIL, square(24.5, 60)), ("", square(25, 60, 0.2)))


@pytest.fixture
def area(frame: AppTest) -> Any:
    with map_that_says({}):
        yield opened(frame)


def offered_facts(page: AppTest) -> str:
    """The figures that are shown of it."""
    return next(str(element.body) for element in page.html if "np-facts" in element.body and "Centroid" in element.body)


def shift(page: AppTest, tiles: int) -> None:
    """The centre so many tiles further to the east."""
    field = page.number_input(key="tile_x")
    field.set_value(int(field.value or 0) + tiles).run()


def features(page: AppTest) -> Any:
    (choice,) = page.multiselect
    return choice


def test_what_is_brought_changes_nothing_until_it_is_used(area: AppTest) -> None:
    bring(area, "West.geojson", json.dumps(square(24, 60)).encode())
    assert "area" not in address(area)
    seen = offered_facts(area)
    for words in (
        "62.07 km²",
        "24.0000° E – 24.1000° E",
        "60.0000° N – 60.1000° N",
        "1 polygon, 5 vertices",
        "EPSG:32635",
    ):
        assert words in seen, words
    assert {"Use this area", "Leave it"} <= set(labels(area))
    click(area, "Use this area")
    assert address(area)["grid"] == "3300"
    assert "Use this area" not in labels(area)
    assert area.text_input(key="area_name").value == "West"


def test_the_name_can_be_changed_before(area: AppTest) -> None:
    write(area, "24, 60, 24.1, 60.1")
    area.text_input(key="offer_name").set_value(EVIL).run()
    assert "onerror" not in markup_of(area)
    click(area, "Use this area")
    assert area.text_input(key="area_name").value == EVIL


def test_what_is_left_leaves_the_area_that_was_there(area: AppTest) -> None:
    click(area, f"**{EXAMPLES[1].name}**")
    before = address(area)
    bring(area, "a.json", json.dumps(square(24, 60)).encode())
    assert "Tile size" not in html_of(area), "the panel speaks of what is offered alone"
    click(area, "Leave it")
    assert address(area) == before and "Use this area" not in labels(area)
    assert area.text_input(key="area_name").value == EXAMPLES[1].name


def test_of_several_features_all_are_joined_or_some_are_chosen(area: AppTest) -> None:
    bring(area, "three.geojson", THREE)
    choice = features(area)
    assert choice.value == [] and choice.placeholder == "All of them, joined"
    assert choice.options[0].startswith("1. West · 62.07 km²")
    assert choice.options[1].startswith(f"2. {EVIL} · ") and choice.options[2].startswith("Feature 3 · ")
    assert "3 polygons, 15 vertices" in offered_facts(area)
    assert "3 features were joined to one area." in texts_of(area)
    choice.set_value([0, 2]).run()
    assert "24.0000° E – 25.2000° E" in offered_facts(area) and "2 polygons, 10 vertices" in offered_facts(area)
    assert "2 of 3 features are used." in texts_of(area)
    features(area).set_value([0]).run()
    assert area.text_input(key="offer_name").value == "West"
    click(area, "Use this area")
    assert area.text_input(key="area_name").value == "West"
    assert "24.0000° E – 24.1000° E" in html_of(area) and "onerror" not in markup_of(area)


def test_what_cannot_be_used_together_is_told_and_one_can_be_chosen(area: AppTest) -> None:
    bring(area, "far.geojson", collection(("Here", square(24, 60)), ("There", square(-120, 84.5))))
    assert "This area cannot be used" in html_of(area) and any("84° N" in text for text in texts_of(area))
    (use,) = [button for button in area.button if button.label == "Use this area"]
    assert use.disabled
    features(area).set_value([0]).run()
    assert "This area cannot be used" not in html_of(area)
    click(area, "Use this area")
    assert area.text_input(key="area_name").value == "Here"


def test_what_lies_far_apart_is_taken_with_the_grid_of_one_zone(area: AppTest) -> None:
    bring(area, "far.geojson", collection(("Here", square(24, 60)), ("There", square(-120, 30))))
    assert any("too wide for a grid of one UTM zone" in text for text in texts_of(area))
    click(area, "Use this area")
    assert any("part in UTM zone" in one.value for one in area.caption)


def test_a_refused_file_takes_nothing_with_it(area: AppTest) -> None:
    click(area, f"**{EXAMPLES[1].name}**")
    before = address(area)
    bring(area, "a.json", POINT)
    assert any("it is a Point" in text for text in texts_of(area))
    assert address(area) == before and "Use this area" not in labels(area)
    bring(area, "b.json", json.dumps(square(24, 60)).encode())
    assert "This area cannot be used" not in html_of(area) and "Use this area" in labels(area)


def test_another_area_overtakes_what_is_offered(area: AppTest) -> None:
    bring(area, "a.json", json.dumps(square(24, 60)).encode())
    way(area, "Example")
    click(area, f"**{EXAMPLES[1].name}**")
    assert "Use this area" not in labels(area)
    assert area.text_input(key="area_name").value == EXAMPLES[1].name


def test_an_offer_outlives_another_way_and_another_page(area: AppTest) -> None:
    bring(area, "three.geojson", THREE)
    features(area).set_value([0]).run()
    way(area, "Text")
    assert "Use this area" in labels(area) and features(area).value == [0]
    area.switch_page("acquisitions.py").run()
    area.switch_page("area.py").run()
    assert features(area).value == [0] and "1 polygon, 5 vertices" in offered_facts(area)


def test_a_grid_that_cannot_be_made_is_told_and_the_offer_stays(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_MAX_TILES", "10")
    with map_that_says({}):
        write(opened(frame), "24, 60, 25, 61")
        click(frame, "Use this area")
        assert "This grid cannot be made" in html_of(frame) and "Use this area" in labels(frame)
        assert "area" not in address(frame)


def test_many_notes_are_a_press_away(area: AppTest) -> None:
    ring = [[179.5, -17], [180.5, -17], [180.5, -16, 7], [179.5, -16]]
    hole = [[179.6, -16.9], [179.7, -16.9], [179.7, -16.8]]
    parts = [{"type": "Polygon", "coordinates": [ring, hole]}, {"type": "Point", "coordinates": [1, 2]}]
    parts += [square(179.4, -17.5, 1.2), square(539.2, -16.2, 0.4)]
    bring(area, "many.json", json.dumps({"type": "GeometryCollection", "geometries": parts}).encode())
    notes = [text for text in texts_of(area) if text.endswith(".")]
    for words in (
        "left out: a Point", "Heights were left out", "A ring was open", "cut in two there", "counts once",
        "were brought back within", "3 features were joined", "UTM zones 60 to 1",
    ):  # fmt: skip
        assert any(words in note for note in notes), words
    assert [expander.label for expander in area.expander if "more note" in expander.label]


def test_fewer_corners_on_the_map_are_said(area: AppTest) -> None:
    corners = [[24 + n / 8000, 60 + 0.001 * (n % 2)] for n in range(4000)]
    shape = {"type": "Polygon", "coordinates": [[*corners, [24.5, 60.4], [24, 60.4], corners[0]]]}
    bring(area, "fine.json", json.dumps(shape).encode())
    assert any("fewer corners on the map; the area itself is exact" in text for text in texts_of(area))
    assert "4,003 vertices" in offered_facts(area)


def test_the_labels_of_a_thousand_features_differ() -> None:
    named = [Feature("Feature 2", 1.0), Feature("Feature 2", 1.0), Feature("1. A", 1.0), Feature("A", 1.0)]
    made = [area_preview._label(number, feature) for number, feature in enumerate(named, 1)]
    assert len(set(made)) == len(made)


def test_nobody_chooses_tiles_of_an_area_that_is_not_shown(frame: AppTest) -> None:
    event: dict[str, Any] = {}
    with map_that_says(event):
        page = opened(frame)
        click(page, "**Southern Finland**")
        before = address(page)
        bring(page, "East.geojson", json.dumps(square(26, 60)).encode())
        event |= {"event": "click", "longitude": 26.05, "latitude": 60.05}
        click(page, "map")
        assert address(page) == before and "Choose dates" not in labels(page)
        event.clear()
        click(page, "Leave it")
        assert address(page) == before and "Choose dates" in labels(page)


def test_the_same_outline_again_keeps_grid_and_tile(area: AppTest) -> None:
    data = json.dumps(square(24, 60)).encode()
    bring(area, "West.geojson", data)
    click(area, "Use this area")
    area.number_input(key="grid_size").set_value(660).run()
    shift(area, 1)
    before = address(area)
    bring(area, "East.geojson", data)
    click(area, "Use this area")
    after = address(area)
    assert (after["grid"], after["centre"]) == (before["grid"], before["centre"])
    assert area.text_input(key="area_name").value == "East"


def test_another_name_moves_no_tile_that_lies_outside(area: AppTest) -> None:
    bring(area, "West.geojson", json.dumps(square(24, 60)).encode())
    click(area, "Use this area")
    shift(area, 40)
    before = address(area)["centre"]
    area.text_input(key="area_name").set_value("Meadow").run()
    assert address(area)["centre"] == before


def test_a_refused_text_is_forgotten_with_its_way(area: AppTest) -> None:
    write(area, "nowhere at all")
    assert "is no area" in html_of(area) + "".join(texts_of(area))
    way(area, "Drawing")
    assert "is no area" not in html_of(area) + "".join(texts_of(area))
