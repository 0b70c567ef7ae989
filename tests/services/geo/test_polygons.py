"""Polygons made one area, and what is refused for the time it would take."""

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from services.errors import AreaError
from services.geo.polygons import join, parts


def comb(teeth: int, *, standing: bool) -> Polygon:
    """One valid polygon of many slim rectangles on a rod."""
    corners = [(0.0, 0.0)]
    for tooth in range(teeth):
        west, east = (tooth + 0.25) / teeth, (tooth + 0.75) / teeth
        corners += [(west, 0.001), (west, 1.0), (east, 1.0), (east, 0.001)]
    corners += [(1.0, 0.001), (1.0, 0.0)]
    return Polygon([(24 + x, 60 + y) if standing else (24 + y, 60 + x) for x, y in corners])


def test_the_union_is_shapelys() -> None:
    rng = np.random.default_rng(3)
    pieces = [shapely.box(x, y, x + 1, y + 1) for x, y in rng.uniform(0, 9, (60, 2)).tolist()]
    found, overlap = join(pieces)
    assert overlap
    assert shapely.union_all(pieces).symmetric_difference(MultiPolygon(found)).area < 1e-12


def test_pieces_apart_stay_as_they_are() -> None:
    pieces = [shapely.box(x, 0, x + 0.5, 1) for x in range(5)]
    found, overlap = join(pieces)
    assert not overlap
    assert {shapely.normalize(piece) for piece in found} == {shapely.normalize(piece) for piece in pieces}
    assert join(pieces[:1]) == (pieces[:1], False)
    assert join([]) == ([], False)


def test_the_same_polygon_a_thousand_times_is_one() -> None:
    found, overlap = join([shapely.box(0, 0, 1, 1)] * 1000)
    assert (len(found), found[0].area, overlap) == (1, 1.0, True)


def test_two_combs_across_each_other_are_refused_before_they_are_joined() -> None:
    combs = [comb(2000, standing=True), comb(2000, standing=False)]
    assert all(polygon.is_valid for polygon in combs)
    with pytest.raises(AreaError, match="2 polygons overlap too often to be joined: they have 16,006 edges"):
        join(combs)


def test_many_corners_that_meet_only_their_neighbours_are_joined() -> None:
    turns = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    radius = 1 + 0.05 * np.sin(211 * turns)
    west, east = (Polygon(np.column_stack([x + radius * np.cos(turns), radius * np.sin(turns)])) for x in (0, 1))
    found, overlap = join([west, east])
    assert overlap
    assert sum(piece.area for piece in found) == pytest.approx(west.union(east).area)


def test_parts_are_the_polygons_of_anything() -> None:
    square = shapely.box(0, 0, 1, 1)
    mixed = shapely.GeometryCollection([Point(0, 0), MultiPolygon([square]), LineString([(0, 0), (1, 1)]), Polygon()])
    assert parts(mixed) == [square]
    assert parts(Point(0, 0)) == []
