"""Rings of numbers made to polygons on Earth."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, shape

from services.errors import AreaError
from services.formats import Rings
from services.geo import check_on_earth, geometry_of, place, to_polygons
from services.geo.polygons import MAX_REPAIR, degrees
from tests.services.shapes import Ring, outlines, round_ring


def box(west: float, south: float, east: float, north: float) -> tuple[tuple[float, float], ...]:
    """A closed ring."""
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def rings_of(polygons: list[list[Ring]]) -> tuple[Rings, ...]:
    """As the readers hand them on."""
    return tuple(tuple(map(tuple, rings)) for rings in polygons)


def whole(polygons: tuple[Rings, ...]) -> float:
    """Area in square degrees."""
    return float(geometry_of(polygons).area)


@given(outlines(), st.integers(-2, 2))
def test_any_turn_of_longitudes_comes_to_the_same_polygons(polygons: list[list[Ring]], turns: int) -> None:
    found, _ = to_polygons(rings_of(polygons), repair=False)
    turned = [[[(x + 360 * turns, y) for x, y in ring] for ring in rings] for rings in polygons]
    again, _ = to_polygons(rings_of(turned), repair=False)
    assert shapely.normalize(geometry_of(found)).equals_exact(shapely.normalize(geometry_of(again)), 1e-7)


@given(outlines())
def test_polygons_are_valid_within_180_degrees_without_overlap_and_nothing_is_lost(polygons: list[list[Ring]]) -> None:
    found, _ = to_polygons(rings_of(polygons), repair=False)
    geometry = geometry_of(found)
    assert geometry.is_valid
    assert geometry.bounds[0] >= -180
    assert geometry.bounds[2] <= 180
    oracle = shapely.union_all([Polygon(rings[0], rings[1:]) for rings in polygons])
    assert geometry.area == pytest.approx(oracle.area, rel=1e-6)
    for rings in found:
        assert Polygon(rings[0]).exterior.is_ccw
        assert not any(Polygon(hole).exterior.is_ccw for hole in rings[1:])
        assert all(ring[0] == ring[-1] for ring in rings)


@given(outlines())
def test_polygons_that_come_out_go_in_again_unchanged(polygons: list[list[Ring]]) -> None:
    found, _ = to_polygons(rings_of(polygons), repair=False)
    assert to_polygons(found, repair=False) == (found, ())


def test_a_polygon_across_the_180th_meridian_is_cut_in_two_with_its_holes() -> None:
    shell, hole = box(179, -18, 181, -16), box(179.5, -17.5, 180.5, -16.5)
    for rings in ((shell, hole), (box(179, -18, -179, -16), box(179.5, -17.5, -179.5, -16.5))):
        found, notes = to_polygons([rings], repair=False)
        assert [Polygon(part[0]).bounds for part in found] == [(-180, -18, -179, -16), (179, -18, 180, -16)]
        assert whole(found) == pytest.approx(4 - 1)
        assert "The area crosses the 180th meridian, and is cut in two there." in notes


def test_a_hole_may_be_written_in_another_turn_than_its_shell() -> None:
    found, _ = to_polygons([(box(24, 60, 26, 62), box(384.5, 60.5, 385.5, 61.5))], repair=False)
    assert whole(found) == pytest.approx(4 - 1)


def test_a_ring_that_ends_at_the_meridian_is_one_polygon() -> None:
    for ring in (box(178, 0, 180, 1), box(-180, 0, -178, 1), box(180, 0, 182, 1)):
        found, _ = to_polygons([(ring,)], repair=False)
        assert len(found) == 1
        assert whole(found) == pytest.approx(2)


def test_an_open_ring_is_closed_and_said() -> None:
    found, notes = to_polygons([(box(24, 60, 25, 61)[:-1],)], repair=False)
    assert found == ((box(24, 60, 25, 61),),)
    assert notes == ("A ring was open; it was closed.",)


def test_overlapping_polygons_count_once_and_touching_ones_become_one() -> None:
    found, notes = to_polygons([(box(24, 60, 25, 61),)] * 2, repair=False)
    assert len(found) == 1
    assert whole(found) == pytest.approx(1)
    assert notes == ("Polygons overlap; what they share counts once.",)
    found, notes = to_polygons([(box(24, 60, 25, 61),), (box(25, 60, 26, 61),)], repair=False)
    assert (len(found), notes) == (1, ())
    assert whole(found) == pytest.approx(2)


BOW_TIE = ((24.0, 60.0), (25.0, 61.0), (25.0, 60.0), (24.0, 61.0), (24.0, 60.0))


def test_a_crossing_is_refused_with_its_place_or_mended_where_that_is_asked() -> None:
    with pytest.raises(AreaError, match=r"crosses or touches itself at 60\.5° N, 24\.5° E"):
        to_polygons([(BOW_TIE,)], repair=False)
    found, notes = to_polygons([(BOW_TIE,)], repair=True)
    assert whole(found) == pytest.approx(0.5)
    assert "repaired" in notes[0]


def test_a_hole_outside_its_outline_is_left_out() -> None:
    for repair in (False, True):
        found, notes = to_polygons([(box(24, 60, 25, 61), box(30, 60, 31, 61))], repair=repair)
        assert whole(found) == pytest.approx(1)
        assert "A hole lies outside its outline" in notes[0]


def test_a_long_scribble_is_not_mended() -> None:
    rng = np.random.default_rng(1)
    scribble = tuple(map(tuple, rng.uniform([24, 60], [25, 61], (MAX_REPAIR + 1, 2)).tolist()))
    with pytest.raises(AreaError, match="302 corners, more than the 300"):
        to_polygons([(scribble,)], repair=True)


@pytest.mark.parametrize(
    ("rings", "words"),
    [
        (((),), "0 different corners"),
        ((((24.0, 60.0),) * 4,), "1 different corners"),
        ((((24.0, 60.0), (25.0, 61.0), (24.0, 60.0)),), "2 different corners"),
        ((((24.0, 60.0), (25.0, 61.0), (26.0, 62.0), (24.0, 60.0)),), "has no area"),
        ((box(24, 60, 25, 61), ()), "0 different corners"),
        ((((0.0, 80.0), (90.0, 80.0), (180.0, 80.0), (-90.0, 80.0), (0.0, 80.0)),), "around a pole"),
        ((((0.0, 0.0), (360.0, 0.0), (360.0, 1.0), (0.0, 1.0), (0.0, 0.0)),), "all around the Earth"),
        (((*((x, x / 10) for x in range(0, 401, 50)), (225.0, -9.0), (50.0, -9.0)),), "all around the Earth"),
    ],
)
def test_what_is_no_polygon_is_refused_with_the_cause(rings: Rings, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        to_polygons([rings], repair=True)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        ([(24.0, 91.0)], "latitude 91 is not on Earth; the coordinates look like latitude before"),
        ([(60.0, 24.0), (61.0, 125.0)], "latitude before longitude"),
        ([(124.0, 95.0)], "latitude 95 is not on Earth"),
        ([(386_000.0, 6_671_000.0)], "386000, 6671000 .* metres of a map projection"),
        ([(2000.0, 60.0)], "metres"),
    ],
)
def test_numbers_that_are_no_degrees_are_refused_with_what_they_look_like(
    positions: list[tuple[float, float]], words: str
) -> None:
    with pytest.raises(AreaError, match=words):
        check_on_earth(np.array(positions))


def test_numbers_on_earth_pass_in_any_turn() -> None:
    check_on_earth(np.array([(-283.0, 60.0), (1000.0, -90.0)]))
    check_on_earth(np.zeros((0, 2)))


def test_places_are_written_with_their_letters() -> None:
    assert place(24.50004, -60.6) == "60.6° S, 24.5° E"
    assert place(-190, 1) == "1° N, 170° E"
    assert degrees(-0.25, "EW") == "0.25° W"


@settings(max_examples=30)
@given(st.lists(st.floats(0.2, 1.0), min_size=3, max_size=40))
def test_geometry_is_what_shapely_makes_of_the_same_json(radii: list[float]) -> None:
    found, _ = to_polygons([(tuple(round_ring(24.0, 60.0, 0.5, radii)),)], repair=False)
    plain = {"type": "Polygon", "coordinates": json.loads(json.dumps(found[0]))}
    assert geometry_of(found).equals_exact(shape(plain), 0)


def test_what_is_next_to_zero_is_zero() -> None:
    shell = ((25.0, 60.0), (25.4, 60.0), (25.4, 60.3), (25.0, 60.3))
    east, low, lower = 4.6672614583987535e-62, 2.3534373682784667e-185, 5.1488004017295365e-247
    hole = (
        (25.1, 5.18455541446946e-247),
        (east, lower),
        (east, low),
        (2.3534373682784736e-185, low),
        (2.3534373682784736e-185, lower),
    )
    polygons, _ = to_polygons([(shell, hole)], repair=True)  # GEOS divides by zero, and warnings are errors
    assert geometry_of(polygons).equals(shapely.Polygon(shell))
