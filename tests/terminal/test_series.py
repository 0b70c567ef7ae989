"""The command that writes series: the tables of the service, and sentences for what is typed wrongly."""

import json
from pathlib import Path

import geopandas
import pytest
from shapely.geometry import mapping
from typer.testing import CliRunner, Result

import cli
from services.errors import NinepatchError
from services.geo import to_wgs84
from services.ninepatch import Ninepatch
from services.settings import load_settings
from tests.services.series.caching import FOUND, NORTH, QUESTION, WEST, service
from tests.services.series.test_polygons import SHAPES, degrees

LONGITUDE, LATITUDE = (float(part) for part in to_wgs84(QUESTION.lattice.epsg, WEST + 155, NORTH - 115))
POINT = f"{LONGITUDE:.8f},{LATITUDE:.8f}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four dates are in the cache, and the catalogue's answer is kept."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("NINEPATCH_PROVIDER", "demo")
    monkeypatch.setattr(Ninepatch, "known", lambda self, recipe: FOUND)
    service(tmp_path)
    (tmp_path / "recipe.json").write_text(QUESTION.to_json())
    return tmp_path


def run(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli.app, ["series", "--recipe", str(home / "recipe.json"), *words])


def test_the_table_of_a_pixel_is_that_of_the_service(home: Path) -> None:
    done = run(home, "--point", POINT, "--quantity", "B04", "--out", str(home / "x.csv"))
    assert done.exit_code == 0 and "4 dates, 1 more are not in the cache. Simulated data" in done.stdout
    expected = Ninepatch(load_settings()).series_service.pixel_series(QUESTION, WEST + 155, NORTH - 115, "B04")
    assert (home / "x.csv").read_bytes().decode() == expected.to_csv()


def test_the_polygons_of_a_file_are_geoparquet(home: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": mapping(degrees(SHAPES[name]))}
        for name in ("overlapping", "half", "far")
    ]
    (home / "fields.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    done = run(home, "--polygons", str(home / "fields.geojson"), "--out", str(home / "x.parquet"))
    assert done.exit_code == 0 and "3 polygons, 9 rows" in done.stdout
    read = geopandas.read_parquet(home / "x.parquet")
    assert read.polygon.value_counts().to_dict() == {"overlapping": 4, "half": 4, "far": 1}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "Give --point or --polygons"),
        (("--point", "1,2", "--polygons", "a.csv"), "Give --point or --polygons"),
        (("--point", "north"), "--point must be like"),
        (("--point", "24,60"), "outside the picture"),
        (("--point", POINT, "--out", "x.parquet"), "cannot be written as 'x.parquet'"),
        (("--point", POINT, "--out", "/nowhere/x.csv"), "cannot be written: No such file"),
        (("--point", POINT, "--quantity", "evil"), "'evil'. Choose one of B02"),
        (("--polygons", "missing.kml"), "missing.kml cannot be read"),
    ],
)
def test_a_wrong_word_is_named(home: Path, words: tuple[str, ...], named: str) -> None:
    done = run(home, *words)
    assert isinstance(done.exception, NinepatchError) and named in done.exception.sentences
