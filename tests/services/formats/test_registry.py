"""Which endings are read, which are refused by name, and with what to do."""

import pytest

from services.errors import AreaError
from services.formats import FORMATS, REFUSED, SUFFIXES, format_of


@pytest.mark.parametrize(
    ("suffix", "cause", "remedy"),
    [
        (".shp", "is one of them: .shp", "the .shp with its .shx, .dbf and .prj"),
        (".dbf", "is one of them: .dbf", "Zip it"),
        (".gml", "GML", "GeoPackage"),
        (".geojsonl", "sequence", "FeatureCollection"),
        (".ndjson", "sequence", "FeatureCollection"),
        (".topojson", "TopoJSON", "GeoJSON"),
        (".docx", "ends in .docx is not read", ".geojson"),
        ("", "without an ending", ".geojson"),
    ],
)
@pytest.mark.parametrize("data", [b"", b"\0\0\x27\x0a", b"{}"])
def test_what_is_not_read_is_refused_with_what_to_do(suffix: str, cause: str, remedy: str, data: bytes) -> None:
    with pytest.raises(AreaError) as raised:
        format_of(suffix, data)
    assert cause in raised.value.cause and raised.value.cause.endswith(".")
    assert remedy in raised.value.remedy and raised.value.remedy.endswith(".")


def test_no_ending_is_read_and_refused_or_two_formats() -> None:
    assert not set(SUFFIXES) & set(REFUSED)
    assert len(set(SUFFIXES)) == len(SUFFIXES)
    assert len({kind.name for kind in FORMATS}) == len(FORMATS)
