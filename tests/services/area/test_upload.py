"""Files of several features: which there are, and the area of those that are chosen."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from services.area import parse_features, read_aoi, read_features
from services.errors import AreaError
from services.formats.limits import MAX_POLYGONS
from services.settings import Settings
from tests.services.areafiles import DONUT, ISLAND, WRITTEN, track, written

MEADOW = shapely.box(24, 61, 24.1, 61.05)
THREE = [DONUT, ISLAND, MEADOW]
NAMES = ["Donut", "Saari", "Niitty"]


def km2(geometry: BaseGeometry) -> float:
    """On the ellipsoid: shells less their holes."""

    def inside(ring: BaseGeometry) -> float:
        return abs(Geod(ellps="WGS84").polygon_area_perimeter(*ring.xy)[0]) / 1e6

    parts = shapely.get_parts(geometry)
    return sum(inside(part.exterior) - sum(map(inside, part.interiors)) for part in parts)


def collection(*features: tuple[str, BaseGeometry], **members: Any) -> str:
    """As somebody writes it by hand."""
    written = [{"type": "Feature", "properties": {"name": name}, "geometry": mapping(one)} for name, one in features]
    return json.dumps({"type": "FeatureCollection", "features": written} | members)


@pytest.mark.parametrize("suffix", WRITTEN)
def test_every_format_tells_its_features_by_name_and_area(suffix: str) -> None:
    uploaded = read_features(written(suffix, THREE, names=NAMES), f"a.{suffix}")
    found = {feature.name: feature.area_km2 for feature in uploaded.features}
    assert set(found) == set(NAMES)  # FlatGeobuf orders them by place
    for name, geometry in zip(NAMES, THREE, strict=True):
        assert found[name] == pytest.approx(km2(geometry), rel=1e-6)


@pytest.mark.parametrize("suffix", WRITTEN)
def test_the_chosen_ones_are_the_area(suffix: str) -> None:
    uploaded = read_features(written(suffix, THREE, names=NAMES), f"a.{suffix}")
    place = [feature.name for feature in uploaded.features].index
    one = uploaded.aoi([place("Saari")])
    assert one.name == "Saari"
    assert one.geometry.symmetric_difference(ISLAND).area < 1e-9
    assert "1 of 3 features is used." in one.notes
    two = uploaded.aoi({place("Niitty"), place("Donut")})
    assert two.geometry.symmetric_difference(shapely.union(DONUT, MEADOW)).area < 1e-9
    assert "2 of 3 features are used." in two.notes
    assert "2 features were joined to one area." in two.notes
    assert uploaded.aoi() == uploaded.aoi(range(3)) == read_aoi(written(suffix, THREE, names=NAMES), f"a.{suffix}")
    with pytest.raises(IndexError):
        uploaded.aoi([3])


def test_a_feature_may_have_many_polygons_and_no_name() -> None:
    both = shapely.MultiPolygon([DONUT, ISLAND])
    uploaded = parse_features(collection((" ", both), ("Niitty", MEADOW), name="Kaikki"))
    assert [feature.name for feature in uploaded.features] == ["Feature 1", "Niitty"]
    assert uploaded.features[0].area_km2 == pytest.approx(km2(both), rel=1e-9)
    assert uploaded.aoi([0]).name == "Kaikki"
    assert len(uploaded.aoi([0]).polygons) == 2


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(mapping(shapely.MultiPolygon([DONUT, ISLAND]))),
        shapely.MultiPolygon([DONUT, ISLAND]).wkt,
        collection(("Yksi", shapely.GeometryCollection([DONUT, ISLAND]))),
        "24, 60, 25, 61",
        track([*ISLAND.exterior.coords]).decode(),
    ],
    ids=["MultiPolygon", "MULTIPOLYGON", "Feature", "box", "gpx"],
)
def test_one_feature_is_no_choice(text: str) -> None:
    uploaded = read_features(text.encode(), "a.gpx" if text.startswith("<") else "a.txt")
    assert uploaded.features == ()
    assert uploaded.aoi().area_km2 > 0


def test_collections_without_features_have_their_parts() -> None:
    parts = shapely.GeometryCollection([DONUT, shapely.Point(25, 60), shapely.MultiPolygon([ISLAND, MEADOW])])
    for text in (
        parts.wkt,
        json.dumps(mapping(parts)),
        json.dumps({"type": "FeatureCollection", "features": [mapping(part) for part in parts.geoms]}),
    ):
        uploaded = parse_features(text)
        assert [feature.name for feature in uploaded.features] == ["Feature 1", "Feature 2"]
        assert uploaded.aoi([1]).geometry.symmetric_difference(shapely.union(ISLAND, MEADOW)).area < 1e-9
        assert "Only polygons are used; left out: a Point." in uploaded.aoi([1]).notes


def test_tracks_are_features() -> None:
    first, second = track([*ISLAND.exterior.coords], name="A"), track([*MEADOW.exterior.coords], name="B")
    data = first.replace(b"</gpx>", b"") + second[second.index(b"<trk>") :]
    uploaded = read_features(data, "a.gpx")
    assert [feature.name for feature in uploaded.features] == ["A", "B"]
    assert "Heights were left out." in uploaded.aoi([0]).notes


def test_what_is_too_large_together_can_be_chosen_from() -> None:
    limits = Settings.model_construct(max_area_km2=500.0)
    uploaded = parse_features(collection(("Donut", DONUT), ("Niitty", MEADOW)), limits=limits)
    with pytest.raises(AreaError, match="at most 500 km²"):
        uploaded.aoi()
    assert uploaded.aoi([1]).name == "Niitty"


def test_a_broken_feature_does_not_take_the_others_with_it() -> None:
    far = shapely.Polygon([(24, 60), (24, 99), (25, 60)])
    line = shapely.Polygon([(24, 60), (25, 60), (26, 60)])
    uploaded = parse_features(collection(("Far", far), ("Line", line), ("Niitty", MEADOW)))
    assert [feature.area_km2 is None for feature in uploaded.features] == [True, True, False]
    with pytest.raises(AreaError):
        uploaded.aoi()
    with pytest.raises(AreaError, match="not on Earth"):
        uploaded.aoi([0, 2])
    assert uploaded.aoi([2]).geometry.symmetric_difference(MEADOW).area < 1e-12


def test_where_nothing_is_of_use_it_is_refused_at_once() -> None:
    line = shapely.Polygon([(24, 60), (25, 60), (26, 60)])
    with pytest.raises(AreaError, match="no area"):
        parse_features(collection(("A", line), ("B", line)))
    with pytest.raises(AreaError, match="at most 500 km²"):
        parse_features(collection(("Donut", DONUT)), limits=Settings.model_construct(max_area_km2=500.0))


def test_a_file_is_mended_and_a_text_is_not() -> None:
    bowtie = shapely.Polygon([(24, 60), (25, 61), (25, 60), (24, 61)])
    text = collection(("Rusetti", bowtie), ("Niitty", MEADOW))
    assert any("repaired" in note for note in read_features(text.encode(), "a.json").aoi([0]).notes)
    with pytest.raises(AreaError, match="crosses"):
        parse_features(text).aoi([0])


def test_another_coordinate_system_is_said_of_every_choice() -> None:
    metres = [shapely.box(500_000, y, 500_900, y + 900) for y in (6_700_000, 6_710_000)]
    data = written("gpkg", metres, epsg=3067, names=["A", "B"])
    uploaded = read_features(data, "a.gpkg")
    assert [feature.area_km2 for feature in uploaded.features] == pytest.approx([0.81, 0.81], rel=2e-3)
    for selection in ([], [0], [0, 1]):
        notes = uploaded.aoi(selection).notes
        assert "The coordinates were brought from EPSG:3067 to longitude and latitude." in notes


def test_as_many_features_as_are_read() -> None:
    parts = [shapely.box(x, 60, x + 0.001, 60.001) for x in np.arange(24, 24.999, 0.002)]
    assert len(parse_features(collection(*((f"N {n}", part) for n, part in enumerate(parts)))).features) == 500
    limits = Settings.model_construct(max_features=300)
    assert parse_features(shapely.GeometryCollection(parts).wkt, limits=limits).features == ()


def test_too_many_polygons_are_refused_before_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.area.upload.polygons_of", lambda *_, **__: pytest.fail("looked at"))
    half = ", ".join(["((24 60, 24.1 60, 24 60.1, 24 60))"] * (MAX_POLYGONS // 2 + 1))
    with pytest.raises(AreaError, match="polygons"):
        parse_features(f"GEOMETRYCOLLECTION (MULTIPOLYGON ({half}), MULTIPOLYGON ({half}))")


def test_features_that_take_too_long_are_not_chosen_among(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.area.upload.SECONDS", -1.0)
    uploaded = parse_features(collection(("Donut", DONUT), ("Niitty", MEADOW)))
    assert uploaded.features == () and uploaded.aoi().area_km2 > 0
