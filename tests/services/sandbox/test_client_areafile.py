"""Files that people bring, in every format: good ones as GDAL wrote them, broken and hostile ones to sentences."""

import json
import os
import random
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from services.area import read_aoi
from services.errors import AreaError
from services.formats import FORMATS, SUFFIXES, FileLimits, Outline, format_of, suffix_of
from services.geo import geometry_of
from services.sandbox import outline_from_file
from services.settings import Settings
from tests.services.areafiles import ALL, BOTH, DONUT, ISLAND, WRITTEN, track, valid, written
from tests.services.mutations import mutated

LIMITS = FileLimits()
Reader = Callable[[bytes, str], bool]
BAD_INPUTS = Path(__file__).resolve().parents[4] / "shared" / "data" / "bad_inputs"
MANIFEST = json.loads((BAD_INPUTS / "manifest.json").read_text()) if BAD_INPUTS.is_dir() else [{"file": "absent"}]
AREAS = (
    [
        entry
        for entry in json.loads((BAD_INPUTS.parent / "areas" / "manifest.json").read_text())
        if (BAD_INPUTS.parent / "areas" / entry["file"]).is_file()
    ]
    if (BAD_INPUTS.parent / "areas").is_dir()
    else [{"file": "absent", "expected": ""}]
)
MUTATIONS = 200
"""Of each format, read in this process; `tests/http/test_fuzz.py` reads thousands in processes apart."""


@pytest.fixture
def in_here(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Reads and validates in this process; whether there was an area. Nothing but AreaError may come out."""

    def here(data: bytes, name: str, limits: FileLimits) -> Outline:
        return format_of(suffix_of(name), data).read(data, limits)

    monkeypatch.setattr("services.area.aoi.outline_from_file", here)

    def tried(data: bytes, suffix: str) -> bool:
        try:
            aoi = read_aoi(data, f"a.{suffix}")
        except AreaError as error:
            assert error.cause.endswith("."), error.cause
            assert error.remedy.endswith(".")
            return False
        assert aoi.geometry.is_valid
        return True

    return tried


# Good files


@pytest.mark.parametrize("suffix", WRITTEN)
def test_what_gdal_wrote_is_read_as_it_was(suffix: str) -> None:
    aoi = read_aoi(valid(suffix), f"a.{suffix}")
    assert aoi.geometry.symmetric_difference(BOTH).area < 1e-9
    assert any("2 features were joined" in note for note in aoi.notes)


@pytest.mark.parametrize("suffix", WRITTEN)
def test_one_feature_gives_the_area_its_name(suffix: str) -> None:
    aoi = read_aoi(written(suffix, [DONUT], names=["Pyhäjärvi"]), f"a.{suffix}")
    assert aoi.name == "Pyhäjärvi"
    assert aoi.notes == ()


@pytest.mark.parametrize("epsg", [3067, 32635, 3857, 2154, 27700])
@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "zip", "geojson", "parquet"])
def test_other_coordinate_systems_are_brought_to_degrees(suffix: str, epsg: int) -> None:
    there = Transformer.from_crs(4326, epsg, always_xy=True).transform
    moved = shapely.transform(ISLAND, lambda degrees: np.column_stack(there(*degrees.T)))
    aoi = read_aoi(written(suffix, [moved], epsg=epsg), f"a.{suffix}")
    assert aoi.geometry.hausdorff_distance(ISLAND) < 2e-8
    assert any("to longitude and latitude" in note for note in aoi.notes)


@pytest.mark.parametrize("suffix", [suffix for suffix in WRITTEN if suffix != "zip"])  # its writer makes plain ones
def test_heights_are_left_out_and_that_is_said(suffix: str) -> None:
    high = shapely.force_3d(ISLAND, 12.0)
    aoi = read_aoi(written(suffix, [high], kind="Polygon Z" if suffix == "fgb" else "Unknown"), f"a.{suffix}")
    assert aoi.geometry.symmetric_difference(ISLAND).area < 1e-9
    assert "Heights were left out." in aoi.notes


@pytest.mark.parametrize("suffix", ["kml", "gpkg", "fgb", "geojson", "parquet"])
def test_points_beside_polygons_are_left_out_and_that_is_said(suffix: str) -> None:
    aoi = read_aoi(written(suffix, [shapely.Point(25, 60), ISLAND]), f"a.{suffix}")
    assert aoi.geometry.symmetric_difference(ISLAND).area < 1e-9
    assert any("left out: a Point" in note for note in aoi.notes)


@pytest.mark.parametrize("suffix", ["kml", "gpkg", "fgb", "geojson", "parquet"])
def test_points_alone_are_refused_with_what_they_are(suffix: str) -> None:
    with pytest.raises(AreaError, match=r"it is a (Point and a LineString|LineString and a Point)"):
        read_aoi(written(suffix, [shapely.Point(25, 60), shapely.LineString([(25, 60), (26, 61)])]), f"a.{suffix}")


@pytest.mark.parametrize("suffix", ["kml", "gpkg", "fgb", "parquet"])
def test_collections_and_many_parts_are_read_whole(suffix: str) -> None:
    mixed = shapely.GeometryCollection([BOTH, shapely.LineString([(25, 60), (26, 61)])])
    aoi = read_aoi(written(suffix, [mixed]), f"a.{suffix}")
    assert aoi.geometry.symmetric_difference(BOTH).area < 1e-9


@pytest.mark.parametrize("suffix", WRITTEN)
def test_as_many_vertices_as_are_allowed_and_one_more(suffix: str) -> None:
    angles = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    ring = shapely.Polygon(np.column_stack([25 + np.cos(angles) / 4, 60 + np.sin(angles) / 8]))
    data = written(suffix, [ring])
    assert read_aoi(data, f"a.{suffix}", limits=Settings.model_construct(max_vertices=1001)).vertices == 1001
    with pytest.raises(AreaError, match="1,000"):
        read_aoi(data, f"a.{suffix}", limits=Settings.model_construct(max_vertices=1000))


@pytest.mark.parametrize("suffix", WRITTEN)
def test_more_features_than_are_allowed_are_refused(suffix: str) -> None:
    with pytest.raises(AreaError, match=r"features"):
        outline_from_file(written(suffix, [ISLAND] * 4), f"a.{suffix}", FileLimits(max_features=3))


def test_a_random_landscape_is_the_same_in_every_format() -> None:
    random.seed(5)
    parts = [
        shapely.Point(random.uniform(24, 26), random.uniform(60, 61)).buffer(0.2, quad_segs=5)
        - shapely.Point(random.uniform(24, 26), random.uniform(60, 61)).buffer(0.1, quad_segs=3)
        for _ in range(12)
    ]
    whole = shapely.union_all(parts)
    assert isinstance(whole, shapely.Polygon | shapely.MultiPolygon)
    pieces = list(getattr(whole, "geoms", [whole]))
    for suffix in WRITTEN:
        read_back = geometry_of(outline_from_file(written(suffix, pieces), f"a.{suffix}", LIMITS).polygons)
        assert read_back.symmetric_difference(whole).area < 1e-6, suffix


def test_a_track_that_comes_back_is_an_area() -> None:
    ring = [(25.0, 60.0), (25.2, 60.0), (25.2, 60.1)]
    closed = read_aoi(track([*ring, ring[0]]), "a.gpx")
    assert closed.name == "Somewhere"
    assert closed.geometry.equals(shapely.Polygon(ring))
    nearly = read_aoi(track([*ring, (25.0005, 60.0)]), "a.gpx")
    assert any(note.startswith("The ends of a track are 28 m apart; it was closed") for note in nearly.notes)
    two = read_aoi(track([*ring, (25.0005, 60.0)], [(x + 1, y) for x, y in [*ring, (25.001, 60.0)]]), "a.gpx")
    assert "The ends of 2 tracks are up to 56 m apart; they were closed." in two.notes
    with pytest.raises(AreaError, match="it is an open track"):
        read_aoi(track(ring), "a.gpx")


# Broken and hostile files


def test_every_ending_has_its_format_and_no_other_is_read() -> None:
    assert len(set(SUFFIXES)) == len(SUFFIXES) == 12
    for kind in FORMATS:
        for suffix in kind.suffixes:
            assert format_of(suffix, kind.signature + b" {}") == kind
    for suffix, data in (
        (".kmz", b"\x89PNG\r\n"),
        (".geojson", b"SQLite format 3\0"),
        (".gpkg", b"{}"),
    ):
        with pytest.raises(AreaError, match=f"ends in {suffix}"):
            format_of(suffix, data)
    with pytest.raises(AreaError, match="without an ending"):
        format_of("", b"{}")


@pytest.mark.timeout(30)  # a file that hangs fails with its stack
@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: str(entry["file"]))
def test_a_bad_file_ends_as_it_must_and_leaves_nothing(
    shared_data: Path, entry: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = children()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    data = (shared_data / "bad_inputs" / entry["file"]).read_bytes()
    try:
        aoi = read_aoi(data, entry["upload_as"])
    except AreaError as error:
        assert entry["expected"] in {"reject", "either"}, f"{entry['why']}: {error}"
        assert error.cause.endswith(".")
        assert error.remedy.endswith(".")
        assert "damaged: " not in error.cause
        assert len(str(error)) < 300
        assert not any(unicodedata.category(character) in {"Cc", "Cf"} for character in str(error))
    else:
        assert entry["expected"] in {"accept", "either"}, entry["why"]
        assert aoi.geometry.is_valid
        assert 0.4 < aoi.area_km2 < 125
    assert list(tmp_path.iterdir()) == []
    assert children() <= before, "but for those that other tests have started"


def children() -> set[int]:
    """Processes that this one started and that are there still."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return {int(number) for number in listed.read_text().split()} if listed.exists() else set()


@pytest.mark.parametrize("entry", AREAS, ids=lambda entry: str(entry["file"]))
def test_an_odd_file_of_somebodys_ends_as_it_must(shared_data: Path, entry: dict[str, Any]) -> None:
    try:
        aoi = read_aoi((shared_data / "areas" / entry["file"]).read_bytes(), entry["file"])
    except AreaError as error:
        said = str(error)
        assert not entry["expected"].startswith(("accept", "as k02")), said
        assert entry["expected"].startswith("reject") == ("crs" in said)
    else:
        assert not entry["expected"].startswith("reject")
        assert aoi.area_km2 == pytest.approx(entry.get("km2", aoi.area_km2), rel=entry.get("tolerance", 1e-4) + 1e-6)
        assert "unknown" not in entry["file"] or any("datum" in note and "unknown" in note for note in aoi.notes)


@pytest.mark.parametrize("suffix", ALL)
def test_a_file_cut_anywhere_ends_in_a_sentence(suffix: str, in_here: Reader) -> None:
    data = valid(suffix)
    step = max(1, len(data) // 400)
    accepted = sum(in_here(data[:end], suffix) for end in range(1, len(data), step))
    # a text that ends right is right wherever it was cut; the zeros at the end of a database are no loss
    assert accepted == 0 or (suffix in {"geojson", "kml", "gpx", "wkt"} and accepted < 10), accepted
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(AreaError):
            outline_from_file(data[: int(share * len(data))], f"a.{suffix}", LIMITS)


@pytest.mark.parametrize("suffix", ALL)
def test_whatever_becomes_of_a_file_there_is_an_area_or_a_sentence(suffix: str, in_here: Reader) -> None:
    for seed in range(MUTATIONS):
        try:
            in_here(mutated(suffix, seed), suffix)
        except Exception as error:
            error.add_note(f"{suffix}, seed {seed}")
            raise
