"""Undo and start again: the area of before with its grid and tile, and no further than it goes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.state.context import settings
from pages.state.undo import STEPS
from tests.pages.seen import address, click, html_of, map_that_says, texts_of


@pytest.fixture
def area(frame: AppTest) -> Iterator[AppTest]:
    with map_that_says({}):
        frame.run()
        assert not frame.exception
        yield frame


def square(west: float) -> dict[str, Any]:
    ring = [[west, 45.0], [west + 0.2, 45.0], [west + 0.2, 45.2], [west, 45.2], [west, 45.0]]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def draw(page: AppTest, west: float, event: dict[str, Any]) -> None:
    event |= {"event": "drawing", "edited": False, "features": [square(west)]}
    click(page, "map")


def enabled(page: AppTest, key: str) -> bool:
    return not page.button(key=key).disabled


def undo(page: AppTest) -> None:
    page.button(key="area_undo").click().run()


def test_there_is_nothing_to_undo_at_the_start(area: AppTest) -> None:
    assert not enabled(area, "area_undo") and not enabled(area, "area_again")


def test_undo_brings_grid_and_centre_back_with_the_area(area: AppTest) -> None:
    click(area, "**Southern Finland**")
    area.number_input(key="tile_x").set_value(12).run()
    before = address(area)
    area.pills(key="area_example").set_value("Po delta").run()
    assert address(area)["area"] != before["area"]
    undo(area)
    after = address(area)
    assert {key: after[key] for key in ("area", "grid", "centre")} == {
        key: before[key] for key in ("area", "grid", "centre")
    }
    undo(area)
    assert "area" not in address(area) and not enabled(area, "area_undo")


def test_start_again_leaves_the_empty_state_and_can_be_undone(area: AppTest) -> None:
    click(area, "**Southern Finland**")
    before = address(area)
    area.button(key="area_again").click().run()
    assert "area" not in address(area) and "No area yet" in html_of(area)
    assert not enabled(area, "area_again")
    undo(area)
    assert address(area) == before


def test_an_area_that_is_gone_from_the_server_cannot_be_brought_back_and_that_is_said(area: AppTest) -> None:
    click(area, "**Southern Finland**")
    first = address(area)["area"]
    area.pills(key="area_example").set_value("Po delta").run()
    now = address(area)
    (settings().home / "areas" / f"{first}.json").unlink()
    undo(area)
    assert address(area) == now and not area.exception
    assert "The area of before is not on this server any more." in texts_of(area)


def test_another_name_tile_or_grid_is_no_step(area: AppTest) -> None:
    click(area, "**Southern Finland**")
    area.text_input(key="area_name").set_value("Uusimaa").run()
    area.number_input(key="tile_x").set_value(12).run()
    area.number_input(key="grid_columns").set_value(20).run()
    undo(area)
    assert "area" not in address(area)


def test_twenty_steps_are_kept(frame: AppTest) -> None:
    event: dict[str, Any] = {}
    with map_that_says(event):
        frame.run()
        seen = []
        for number in range(STEPS + 3):
            draw(frame, 3.0 + number / 4, event)
            seen.append(address(frame)["area"])
        for area in reversed(seen[-STEPS - 1 : -1]):
            undo(frame)
            assert address(frame)["area"] == area
        assert not enabled(frame, "area_undo")


def test_a_refused_drawing_is_no_step(frame: AppTest) -> None:
    event: dict[str, Any] = {}
    with map_that_says(event):
        frame.run()
        draw(frame, 3.0, event)
        before = address(frame)
        half = json.loads(json.dumps(square(3.0)).replace("45.", "85."))
        event |= {"features": [half]}
        click(frame, "map")
        assert address(frame) == before
        undo(frame)
        assert "area" not in address(frame)
