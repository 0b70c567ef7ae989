"""What the map is given, and where its scripts come from."""

import hashlib
import json
import os
from dataclasses import replace

import folium
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from pages.components.area import area_preview
from pages.components.area.area_map import Click, Drawing, Step, event_of, inner_edges, shown
from pages.components.area.outlines import SHOWN_VERTICES, area_outline, outline_key
from pages.components.shared.leaflet import base_map
from pages.components.shared.theme import ASSETS, SCRIPTS, TOGETHER
from pages.state.choices import Choices
from services.area import AOI, parse_aoi
from services.grid import TileIndex
from services.recipe import EXAMPLES

FINLAND, FIJI = EXAMPLES[0].aoi, EXAMPLES[-1].aoi
CENTRE = TileIndex(35, 25)


def chosen(aoi: AOI = FINLAND, spec: str = "54x39") -> Choices:
    return replace(Choices().with_area(aoi, spec), centre=CENTRE)


def test_every_file_of_others_is_the_one_that_the_manifest_names() -> None:
    manifest = json.loads((ASSETS / "vendor" / "MANIFEST.json").read_text())
    named = {path: digest for package in manifest for path, digest in package["files"].items()}
    there = {
        path.relative_to(ASSETS / "vendor").as_posix() for path in (ASSETS / "vendor").rglob("*") if path.is_file()
    }
    assert there == {*named, "MANIFEST.json"}
    for path, digest in named.items():
        assert hashlib.sha256((ASSETS / "vendor" / path).read_bytes()).hexdigest() == digest, path
    assert all(f"{package['name']}-{package['version']}/LICENSE" in named for package in manifest)


@pytest.mark.parametrize("online", [False, True])
def test_no_script_of_the_map_comes_from_elsewhere(online: bool) -> None:
    base = base_map(online=online)
    links = [link for element in [base, *base._children.values()] for link in _links(element)]
    assert links
    assert all(link.startswith("../../assets/") for link in links), links
    for link in links:
        path = link.removeprefix("../../assets/").partition("?")[0]
        folder, name = os.path.split(path)
        assert (name.removesuffix(".js") in SCRIPTS) if folder == TOGETHER else (ASSETS / path).is_file()


def _links(element: folium.Element) -> list[str]:
    return [link for kind in ("default_js", "default_css") for _, link in getattr(element, kind, [])]


def test_the_neighbourhood_on_the_map_is_the_one_in_metres() -> None:
    data = shown(chosen())
    there = Transformer.from_crs(4326, 32635, always_xy=True)
    eastings, northings = there.transform(*np.array(data["tiles"])[:, ::-1].T)
    west, south, east, north = chosen().grid.lattice.rectangle(TileIndex(34, 24), 3, 3)  # type: ignore[union-attr]
    found = eastings.min(), northings.min(), eastings.max(), northings.max()
    assert np.allclose(found, (west, south, east, north), atol=0.2)
    assert data["bounds"] == [[60.145633, 23.208501], [61.336733, 26.533493]]


@pytest.mark.parametrize(("radius", "edges"), [(0, 0), (1, 4), (2, 8)])
def test_edges_between_the_tiles_are_as_many_as_there_are(radius: int, edges: int) -> None:
    grid = chosen().grid
    assert grid is not None
    assert len(inner_edges(grid.lattice, CENTRE, radius)) == edges


def test_an_area_across_the_180th_meridian_is_one_piece_on_the_map() -> None:
    polygons, editable = area_outline(FIJI)
    longitudes = [longitude for _, longitude in polygons[0][0]]
    assert len(polygons) == 1 and editable
    assert max(longitudes) - min(longitudes) < 1
    assert max(longitudes) > 180


def test_an_area_of_many_corners_is_shown_with_fewer_and_cannot_be_edited() -> None:
    circle = shapely.Point(25, 61).buffer(1, quad_segs=3000)
    aoi = parse_aoi(circle.wkt)
    polygons, editable = area_outline(aoi)
    assert not editable
    assert sum(len(ring) for rings in polygons for ring in rings) < SHOWN_VERTICES
    drawn = shapely.Polygon([(longitude, latitude) for latitude, longitude in polygons[0][0]])
    assert drawn.symmetric_difference(circle).area / circle.area < 0.005


def test_a_hole_stays_a_hole() -> None:
    aoi = parse_aoi("POLYGON ((24 60, 26 60, 26 61, 24 61, 24 60), (24.5 60.2, 25 60.2, 25 60.5, 24.5 60.2))")
    polygons, _ = area_outline(aoi)
    assert [len(ring) for ring in polygons[0]] == [4, 3]


def test_a_new_name_is_no_new_outline() -> None:
    assert outline_key(FINLAND) == outline_key(replace(FINLAND, name="Another name"))
    assert outline_key(FINLAND) != outline_key(FIJI)
    west, further = (parse_aoi(f"{x}, 50, 0, 51") for x in (-1, -2))
    assert outline_key(west) != outline_key(further), "to Python's hash -1 and -2 are the same"
    assert outline_key(None) == "" and shown(Choices()) == {"key": ""}


@pytest.mark.parametrize("spec", ["54x39", "378x292"])
def test_what_comes_with_every_click_is_small_however_many_tiles_there_are(spec: str) -> None:
    assert len(json.dumps(shown(chosen(spec=spec)), separators=(",", ":"))) < 4_000


def test_an_area_that_is_offered_is_drawn_and_in_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(area_preview, "offered", lambda: FIJI)
    data = shown(chosen())
    assert data["offered"] == area_outline(FIJI)[0]
    assert (data["key"], data["offeredKey"]) == (outline_key(FINLAND), outline_key(FIJI))
    (south, west), (north, east) = data["bounds"]
    assert -17.5 < south < north < -16 and 179 < west < east < 181
    assert shown(Choices())["key"] == "" and shown(Choices())["bounds"] == data["bounds"]


def test_what_somebody_does_on_the_map_is_understood() -> None:
    assert event_of("click", {"longitude": 1.0, "latitude": 2.0}) == Click(1.0, 2.0)
    assert event_of("step", {"dx": 2, "dy": -2}) == Step(2, -2)
    assert event_of("drawing", {"features": [], "edited": True}) == Drawing((), True)


def test_nobodys_words_reach_the_map() -> None:
    named = replace(FINLAND, name="</script><script>alert(1)</script>${1}")
    assert "script" not in json.dumps(shown(chosen(named)))
