"""Parts of an order on the map and in the table: where they lie, and what each state looks like."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pyproj
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.components.orders.order_words import TITLES
from pages.components.orders.part_states import LOOKS, for_map, letters
from pages.components.shared.theme import ASSETS
from pages.routes.orders.parts import ORDERS, bounds_of, parts
from pages.state.context import product
from services.orders import ORDER_STATES, PART_STATES, box_of
from tests.pages.ordering import under_way

CLIENT = TestClient(Starlette(routes=[Route(f"{ORDERS}{{id}}/parts.json", parts)]))


def test_every_state_has_its_look_and_its_word() -> None:
    assert set(LOOKS) == set(PART_STATES) and set(TITLES) == set(ORDER_STATES)
    assert len(set(letters(list(LOOKS)))) == len(LOOKS), "a letter is one state's alone"
    sheet = (Path(ASSETS) / "orders.css").read_text()
    for look in LOOKS.values():
        assert f".np-part-{look.shape} {{" in sheet and f".np-parts-legend .np-part-{look.shape}" in sheet


def test_no_two_states_are_told_apart_by_hue_alone() -> None:
    """Each has a lightness or a line of its own: what a sheet for the light theme says of its fill."""
    sheet = (Path(ASSETS) / "orders.css").read_text().split(".np-dark")[0]
    lightness = {}
    for look in LOOKS.values():
        colour = sheet.split(f"--np-part-{look.shape}: ")[1].split(";")[0]
        if colour.startswith("#"):
            red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
            lightness[look.name] = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    lined = {"fetching", "composing", "no data", "failed"}  # dashes, dots, one diagonal, two
    plain = sorted(value for name, value in lightness.items() if name not in lined)
    assert all(after - before > 25 for before, after in pairwise(plain))


def test_a_part_lies_where_its_tiles_do() -> None:
    row = under_way(["done", "waiting"])
    rings = CLIENT.get(f"{ORDERS}{row.id}/parts.json").json()
    lattice = row.order.sheets[0].lattice
    low = row.order.sheets[0].rectangle.lower_left
    back = pyproj.Transformer.from_crs(lattice.epsg, 4326)
    corners = [(0, 0), (2, 0), (2, 2), (0, 2)]
    for ring, west in zip(rings, (low.x, low.x + 2), strict=True):
        for (latitude, longitude), (across, up) in zip(ring, corners, strict=True):
            x, y = lattice.x0 + (west + across) * lattice.dx, lattice.y0 + (low.y + up) * lattice.dy
            assert (latitude, longitude) == pytest.approx(back.transform(x, y), abs=1e-5)


def test_a_part_ends_where_the_area_does() -> None:
    """Parts of 2 × 2 from a corner of 6 × 4 on, and one that reaches beyond them."""
    row = under_way(["done"])
    (part,), (sheet,) = product().orders.parts(row.id), row.order.sheets
    low = sheet.rectangle.lower_left
    assert box_of(part, sheet) == (low.x, low.y, 2, 2)
    beyond = replace(part, x=low.x - 3, y=low.y + 2, columns=7, rows=7)
    assert box_of(beyond, sheet) == (low.x, low.y + 2, 4, 2)


def test_an_unknown_order_has_no_parts() -> None:
    answer = CLIENT.get(f"{ORDERS}{'0' * 16}/parts.json")
    assert answer.status_code == 404 and "no order" in answer.text


def test_all_tiles_are_within_the_bounds_that_the_map_shows() -> None:
    order = under_way(["done"]).order
    (south, west), (north, east) = bounds_of(order)
    assert south < 60.5 < 60.7 < north and west < 24.0 < 24.4 < east
    assert json.dumps(for_map())
