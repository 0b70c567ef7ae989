"""The small picture of an outline, against what shapely says of the same area."""

import json
import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from shapely.geometry import Polygon

from services.area import AOI, parse_aoi, svg
from services.area.thumbnail import HEIGHT, INK, LONGEST, MARGIN, WIDTH, outline_path
from services.recipe import EXAMPLES
from services.settings import Settings
from tests.services.shapes import Ring, geojson, outlines, round_ring

ROOMY = Settings.model_construct(max_area_km2=1e8)


def area(polygons: list[list[Ring]], **more: Any) -> AOI:
    return parse_aoi(json.dumps(geojson(polygons) | more), name="a", limits=ROOMY)


def lines(path: str) -> list[list[tuple[float, float]]]:
    """The corners of each closed line."""
    assert re.fullmatch(r"(M[-\d. ]+(L[-\d. ]+)*(Z|h0))*", path), path
    closed = re.findall(r"M([^Zh]+)Z", path)
    return [[(float(x), float(y)) for x, y in (corner.split() for corner in line.split("L"))] for line in closed]


def dots(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M(\S+) (\S+)h0", path)]


@settings(max_examples=60, deadline=None)
@given(outlines())
def test_any_outline_fits_and_fills_the_picture_one_way(polygons: list[list[Ring]]) -> None:
    path = outline_path(area(polygons))
    assert 0 < len(path) <= LONGEST
    places = np.array([corner for line in lines(path) for corner in line] + dots(path))
    low, high = places.min(axis=0), places.max(axis=0)
    assert (low >= MARGIN - 1).all() and (high <= np.array([WIDTH, HEIGHT]) - MARGIN + 1).all()
    free = np.array([WIDTH, HEIGHT]) - 2 * MARGIN - (high - low)
    assert free.min() < 1.5, "it reaches from side to side one way"
    assert np.abs((low + high) / 2 - [WIDTH / 2, HEIGHT / 2]).max() < 1


def test_a_square_of_metres_is_a_square_and_north_is_up() -> None:
    half = 0.1
    wide = half / math.cos(math.radians(60))
    corners = [(25 - wide, 60 - half), (25 + wide, 60 - half), (25, 60 + half)]
    (line,) = lines(outline_path(area([[[*corners, corners[0]]]])))
    (left, low), (right, _), (middle, top) = sorted(line, key=lambda corner: (-corner[1], corner[0]))
    assert right - left == pytest.approx(low - top, rel=0.01)
    assert middle == pytest.approx(WIDTH / 2, abs=0.1) and top < low


def test_a_hole_stays_a_hole() -> None:
    shell, hole = round_ring(25, 60, 1.0, [1.0] * 40), round_ring(25, 60, 0.5, [1.0] * 40)
    outer, inner = (Polygon(line) for line in lines(outline_path(area([[shell, hole]]))))
    assert outer.contains(inner)
    assert inner.area / outer.area == pytest.approx(0.25, abs=0.02)


def test_what_was_cut_at_the_180th_meridian_is_whole_again() -> None:
    across, here = (area([[[(x - 1, -17), (x + 1, -17), (x + 1, -16), (x - 1, -16), (x - 1, -17)]]]) for x in (180, 25))
    assert across.crosses_antimeridian and len(across.polygons) == 2
    (line,), (same,) = lines(outline_path(across)), lines(outline_path(here))
    assert Polygon(line).symmetric_difference(Polygon(same)).area < 1
    islands = area([[round_ring(179, -17, 0.3, [1.0] * 9)], [round_ring(-179, -17, 0.3, [1.0] * 9)]])
    west, east = sorted(Polygon(line).bounds for line in lines(outline_path(islands)))
    assert west[2] < WIDTH / 2 < east[0]
    taveuni = EXAMPLES[-1].aoi
    assert taveuni.crosses_antimeridian and len(lines(outline_path(taveuni))) == 1


def test_two_hundred_thousand_corners_are_a_few_kilobytes() -> None:
    turns = np.linspace(0, 2 * np.pi, 199_000, endpoint=False)
    radii = 1 + 0.2 * np.sin(40 * turns) + 0.001 * np.sin(30_000 * turns)
    ring = [(25 + 2 * r * math.cos(t), 60 + r * math.sin(t)) for r, t in zip(radii, turns, strict=True)]
    path = outline_path(area([[[*ring, ring[0]]]]))
    (line,) = lines(path)
    assert len(path) <= LONGEST
    drawn, true = Polygon(line), Polygon(ring)
    (left, _, right, _), (west, _, east, _) = drawn.bounds, true.bounds
    scale = (right - left) / (east - west)
    assert drawn.area == pytest.approx(true.area * scale**2 / math.cos(math.radians(60)), rel=0.03)


def test_islands_too_small_for_a_line_are_dots_and_still_few() -> None:
    islands = [
        [round_ring(20 + 0.05 * column, 60 + 0.02 * row, 0.0005, [1.0] * 4)]
        for column in range(60)
        for row in range(60)
    ]
    path = outline_path(area(islands))
    assert not lines(path) and len(path) <= LONGEST
    found = np.array(dots(path))
    assert len(found) > 100
    assert np.ptp(found, axis=0).max() > 0.9 * min(WIDTH, HEIGHT) - 2 * MARGIN


def test_a_small_island_beside_a_large_one_is_not_lost() -> None:
    path = outline_path(area([[round_ring(25, 60, 1.0, [1.0] * 9)], [round_ring(31, 60, 0.002, [1.0] * 4)]]))
    assert len(lines(path)) == 1 and len(dots(path)) == 1
    assert dots(path)[0][0] == pytest.approx(WIDTH - MARGIN, abs=1)


def luminance(colour: str) -> float:
    """Relative, of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_the_line_is_seen_in_both_themes() -> None:
    sheet = (Path(__file__).parents[3] / "pages" / "assets" / "ninepatch.css").read_text()
    (papers,) = re.findall(r"--np-frame: light-dark\((#\w{6}), (#\w{6})\)", sheet)
    for paper in papers:
        dark, light = sorted((luminance(INK), luminance(paper)))
        assert (light + 0.05) / (dark + 0.05) >= 3, f"{INK} on {paper} (WCAG 2.2, 1.4.11)"


def test_the_picture_is_a_document_of_its_own() -> None:
    root = ElementTree.fromstring(svg('M1 2L3 4L5 6Z"><script/>'))
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.attrib["viewBox"] == f"0 0 {WIDTH} {HEIGHT}"
    assert [child.tag for child in root] == ["{http://www.w3.org/2000/svg}path"]
    assert root[0].attrib["fill-rule"] == "evenodd" and root[0].attrib["stroke"] == INK
