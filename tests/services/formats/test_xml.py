"""KML and GPX as programs write them, and as attackers do."""

import pytest

from services.errors import AreaError
from services.formats import FileLimits, Outline
from services.formats.xml import read_gpx, read_kml
from tests.services.areafiles import track

LIMITS = FileLimits(max_vertices=100, max_features=3)
RING = "24,60,0 25,60,0 25,61,0 24,60,0"
CORNERS = ((24.0, 60.0), (25.0, 60.0), (25.0, 61.0), (24.0, 60.0))


WRITTEN = ("24, 60 25, 60 25, 61 24, 60", "\n24,60\t25,60\n 25,61,7  24,60 ", "24.0,6e1 25,60 25,61 +24,60")


def polygon(ring: str = RING, *holes: str) -> str:
    """A Polygon of KML."""
    inner = "".join(
        f"<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs>"
        for hole in holes
    )
    return (
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>"
        f"{inner}</Polygon>"
    )


def placemark(*geometries: str, name: str = "Here") -> str:
    """A Placemark."""
    return f"<Placemark><name>{name}</name><MultiGeometry>{''.join(geometries)}</MultiGeometry></Placemark>"


def kml(*placemarks: str, head: str = "", around: str = "Document") -> Outline:
    """What is read of a KML."""
    text = f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><{around}><name>Doc</name>{"".join(placemarks)}</{around}></kml>'
    return read_kml(text.encode(), LIMITS)


def test_placemarks_in_folders_with_holes_and_parts() -> None:
    found = kml(f"<Folder>{placemark(polygon(RING, RING), polygon())}</Folder>")
    assert found.polygons == ((CORNERS, CORNERS), (CORNERS,))
    assert (found.name, found.features, found.notes) == ("Here", 1, ())


def test_the_document_gives_the_name_where_there_are_several() -> None:
    assert kml(placemark(polygon()), placemark(polygon())).name == "Doc"


@pytest.mark.parametrize(
    "ring", ["24, 60 25, 60 25, 61 24, 60", "\n24,60\t25,60\n 25,61,7  24,60 ", "24.0,6e1 25,60 25,61 +24,60"]
)
def test_coordinates_are_read_as_people_write_them(ring: str) -> None:
    assert kml(placemark(polygon(ring))).polygons == ((CORNERS,),)


@pytest.mark.parametrize("prefix", ["kml:", "ns0:", ""])
def test_prefixes_do_not_matter_even_undeclared(prefix: str) -> None:
    text = f"<kml><Document>{placemark(polygon())}</Document></kml>"
    text = text.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")
    assert read_kml(text.encode(), LIMITS).polygons == ((CORNERS,),)


def test_what_is_no_polygon_is_left_out_and_links_are_not_followed() -> None:
    point = "<Point><coordinates>24,60</coordinates></Point>"
    link = "<NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href></Link></NetworkLink>"
    assert kml(placemark(polygon(), point), link).notes == (
        "Only polygons are used; left out: a Point and a NetworkLink.",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (placemark(polygon("24,60 25,60 25,x 24,60")), "'25,x' are not numbers"),
        (placemark(polygon("24,60 25 25,61 24,60")), "'25' is not a position"),
        (placemark(polygon("24,60 nan,60 25,61 24,60")), "not a finite number"),
        (placemark(polygon("24,60 " * 101)), "more than 100 vertices"),
        (placemark(polygon()) * 4, "more than 3 features"),
        (placemark(polygon("")), "empty"),
        ("", "empty"),
        ("<a>" * 200, "nested deeper"),
        ("<a>", "cannot be read: mismatched tag"),
        (placemark(polygon()).replace("outerBoundaryIs", "innerBoundaryIs"), "no outer boundary"),
    ],
)
def test_other_kml_is_refused_with_the_cause(text: str, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        kml(text)
    assert raised.value.remedy


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE kml>",
        '<!DOCTYPE kml SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE kml [<!ENTITY a "b">]>',
        '<!DOCTYPE kml [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>',
    ],
)
def test_document_types_are_refused(head: str) -> None:
    with pytest.raises(AreaError, match="DOCTYPE"):
        kml(placemark(polygon()), head=head)


def test_encodings_are_as_declared() -> None:
    text = f"<kml><Document>{placemark(polygon(), name='Äijälä')}</Document></kml>"
    for encoding in ("utf-8", "iso-8859-1", "windows-1252", "utf-16"):
        data = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
        assert read_kml(data, LIMITS).name == "Äijälä", encoding
    for encoding in ("klingon", "shift_jis"):
        with pytest.raises(AreaError, match="encoding"):
            read_kml(f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(), LIMITS)


def test_gpx_of_segments_routes_and_waypoints() -> None:
    head = '<metadata><name>Trip</name></metadata><wpt lat="60" lon="24"/>'
    found = read_gpx(track(CORNERS, CORNERS, name="", head=head), LIMITS)
    assert found.polygons == ((CORNERS,), (CORNERS,))
    assert (found.name, found.features) == ("Trip", 1)
    assert found.notes == ("Only polygons are used; left out: a waypoint.", "Heights were left out.")
    route = b"<gpx><rte>" + b"".join(b'<rtept lat="%d" lon="%d"/>' % (y, x) for x, y in CORNERS) + b"</rte></gpx>"
    assert read_gpx(route, LIMITS).polygons == ((CORNERS,),)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<gpx/>", "empty"),
        (b"<kml/>", "no GPX"),
        (b'<gpx><trk><trkseg><trkpt lat="x" lon="1"/></trkseg></trk></gpx>', "lat is 'x'"),
        (b'<gpx><trk><trkseg><trkpt lat="1"/></trkseg></trk></gpx>', "lon is ''"),
        (track([(x / 1000, 60) for x in range(101)]), "more than 100 vertices"),
        (track([(24, 60), (25, 60), (24, 60)]), "an open track"),
    ],
)
def test_other_gpx_is_refused_with_the_cause(data: bytes, words: str) -> None:
    with pytest.raises(AreaError, match=words):
        read_gpx(data, LIMITS)


def test_a_track_across_the_date_line_is_closed_there() -> None:
    ring = [(179.9, 0.0), (-179.9, 0.0), (-179.9, 0.2), (179.9, 0.2), (179.9001, 0.0)]
    assert read_gpx(track(ring), LIMITS).polygons[0][0][-1] == ring[0]


# Text around XML


@pytest.mark.parametrize(
    "before", [b"\n", b" \r\n\t", b"\xef\xbb\xbf", b"\n\xef\xbb\xbf\n", b"\xef\xbb\xbf\xef\xbb\xbf  "]
)
@pytest.mark.parametrize("after", [b"", b"\n\n ", b"\0\0", b"\x1a"])
def test_blanks_and_marks_around_xml_do_not_matter(before: bytes, after: bytes) -> None:
    text = f'<?xml version="1.0" encoding="UTF-8"?><kml><Document>{placemark(polygon())}</Document></kml>'
    assert read_kml(before + text.encode() + after, LIMITS).polygons == ((CORNERS,),)
    assert read_gpx(before + track(CORNERS) + after, LIMITS).polygons == ((CORNERS,),)


# Lines that are areas


def drawn(ring: str = RING, element: str = "LineString") -> str:
    """A line of KML."""
    return f"<{element}><coordinates>{ring}</coordinates></{element}>"


@pytest.mark.parametrize("element", ["LineString", "LinearRing"])
def test_a_closed_line_is_an_area_where_there_is_no_polygon_and_that_is_said(element: str) -> None:
    found = kml(placemark(drawn(element=element), name="Walk"))
    assert (found.polygons, found.name) == (((CORNERS,),), "Walk")
    assert found.notes == ("Closed lines were read as the outlines of areas.",)


def test_a_ring_alone_in_a_placemark_is_an_area() -> None:
    assert kml(f"<Placemark>{drawn(element='LinearRing')}</Placemark>").polygons == ((CORNERS,),)


def test_a_line_whose_ends_nearly_meet_is_closed_and_it_is_said_how_far_they_were() -> None:
    found = kml(placemark(drawn("24,60 25,60 25,61 24,60.001")))
    assert found.polygons == (((*CORNERS[:3], (24.0, 60.001), CORNERS[0]),),)
    assert found.notes[1] == "The ends of a line are 111 m apart; it was closed."


def test_closed_lines_beside_polygons_are_left_out_and_that_is_said() -> None:
    found = kml(placemark(polygon(), drawn()))
    assert found.polygons == ((CORNERS,),)
    assert found.notes == ("Only polygons are used; left out: a LineString.",)


def test_open_lines_are_no_areas() -> None:
    with pytest.raises(AreaError, match="it is a LineString"):
        kml(placemark(drawn("24,60 25,60 25,61")))


def test_a_track_with_a_pause_is_one_line_and_that_is_said() -> None:
    found = read_gpx(track(CORNERS[:2], [(25.0, 60.0001), *CORNERS[2:]]), LIMITS)
    assert found.polygons == (((*CORNERS[:2], (25.0, 60.0001), *CORNERS[2:]),),)
    assert (found.features, found.notes) == (
        1,
        ("Heights were left out.", "2 parts of a track were joined to one line."),
    )


def test_parts_that_do_not_join_or_do_not_come_back_are_no_area() -> None:
    for parts in ((CORNERS[:2], [(25.0, 60.5), *CORNERS[2:]]), (CORNERS[:2], [(25.0, 60.0001), (25.0, 61.0)])):
        with pytest.raises(AreaError, match="it is 2 open tracks"):
            read_gpx(track(*parts), LIMITS)


def test_a_closed_part_beside_an_open_one_is_an_area_by_itself() -> None:
    found = read_gpx(track(CORNERS, CORNERS[:2]), LIMITS)
    assert found.polygons == ((CORNERS,),)
    assert found.notes[0] == "Only polygons are used; left out: an open track."


def test_a_polygon_without_corners_is_left_out_and_that_is_said() -> None:
    found = kml(placemark(polygon(""), polygon()))
    assert found.polygons == ((CORNERS,),)
    assert found.notes == ("Only polygons are used; left out: an empty polygon.",)
