"""The house: which part may import which, how long a file may be, and what may be said in it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVICES = [
    *("errors", "heap", "settings", "files", "database", "bytesdisk", "diskstore", "archive"),
    *("folding", "outline", "utm", "lattice", "wkt", "geojson", "filelimits", "dms", "reading", "packing"),
    *("findings", "markup", "kml", "gpx", "wkb", "placing", "geopackage", "dbase", "shapefile"),
    *("flatbuffer", "flatgeobuf"),
    *("formats", "unpacking", "confinement", "areareader", "sandbox", "areafile"),
    *("positions", "extent", "reprojection", "joining", "rings", "aoi"),
    *("gazetteer", "brought", "examples", "areas", "thumbnail", "library"),
    *("touch", "gridlines", "grid", "interval", "masks", "method", "veto", "recipe"),
    *("providers", "answer", "allowance", "pace", "effort", "sockets", "connection", "bearer", "account"),
    *("granules", "acquisitions", "catalogue", "check"),
    *("framekey", "part", "rectangles", "pieces", "plan", "sheet", "entry", "sums", "ledger", "budget"),
    *("planes", "flight", "frames", "holdings", "source", "bill", "gather"),
    *("median", "spread", "leastcloudy", "composite", "steps", "patches", "provenance"),
    *("view", "stretch", "png", "render", "quantity", "difference", "lettering", "figure", "export", "zips"),
    *("variants", "comparable", "shelf", "raster", "negatives", "darkroom", "stats", "faces"),
    *("spectrum", "stac", "tables", "chapters", "script", "results", "bundle", "publish", "handover"),
    *("workers", "jobs", "underway"),
    *("arrivals", "preview", "making", "outcome", "filling", "sketchbook", "sketches", "studio"),
    *("ninepatch", "compare", "contrast", "looksmap", "xyz", "worker", "companions"),
]
"""The services in the order in which data travels: a later one may import an earlier one."""
PROGRAMS = [path for folder in ("pages", "services", "terminal") for path in sorted((ROOT / folder).rglob("*.py"))]
PROGRAMS += [ROOT / "app.py", ROOT / "cli.py"]


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at the top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def own(path: Path) -> tuple[str, ...]:
    """A file's place: ('services', 'demo', 'server')."""
    return path.relative_to(ROOT).with_suffix("").parts


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: "/".join(own(path)))
def test_imports_run_one_way(path: Path) -> None:
    place = own(path)
    for module in imports(path):
        target = tuple(module.split("."))
        if place[:2] == ("services", "demo"):
            assert target[0] not in {"pages", "app", "cli", "terminal", "streamlit"}, module
            assert target[0] != "services" or target[:2] == ("services", "demo"), module
        elif place[0] == "services":
            assert target[0] not in {
                "pages",
                "app",
                "cli",
                "terminal",
                "streamlit",
                "folium",
                "typer",
                "rich",
            }, module
            assert target[:2] != ("services", "demo"), "only its starter knows of the demo archive, by starting it"
            if target[0] == "services" and place[-1] != "__init__":
                assert SERVICES.index(target[1]) < SERVICES.index(place[1]), f"{place[1]} must not import {module}"
        elif place[0] == "terminal":
            assert target[0] not in {"pages", "app", "cli", "streamlit"}, module
        elif place[:2] == ("pages", "components"):
            assert target[0] not in {"app", "cli", "terminal"}, module
            assert target[0] != "pages" or target[:2] == ("pages", "components"), module
        elif place[0] == "pages":
            assert target[0] not in {"app", "cli", "terminal"}, module


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: "/".join(own(path)))
def test_a_file_holds_one_noun(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 250, f"{lines} lines: which noun wants out?"


def test_every_service_has_its_place_in_the_order() -> None:
    found = {path.stem for path in (ROOT / "services").glob("*.py")} - {"__init__"}
    assert found == set(SERVICES)


def test_pages_are_thin_scripts() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        tree = ast.parse(path.read_text())
        assert not any(isinstance(node, ast.Try) for node in ast.walk(tree)), f"{path.name}: messages show errors"
        assert len(path.read_text().splitlines()) <= 80, f"{path.name} is more than a script"


def test_nothing_is_unpickled() -> None:
    for path in PROGRAMS:
        assert not {"pickle", "dill", "cloudpickle", "joblib"} & set(imports(path)), path
        assert "allow_pickle=True" not in path.read_text(), path
