"""Files of granules: they come back out of a cache, and decide under which name a frame is kept."""

from services.cache import FrameKey
from services.catalogue import Acquisition, GranuleFile, acquisitions_from_json, acquisitions_to_json, join
from services.grid import Lattice, TileIndex
from tests.services.granule_items import EPSG, item

LATTICE = Lattice(EPSG, 390_000.0, 6_738_000.0, 3300.0, 3300.0)
PLACE = LATTICE.neighbourhood(TileIndex(1, 1), 1)
WEST, SOUTH, EAST, NORTH = PLACE.bounds
MIDDLE = (WEST + EAST) / 2
LEFT = (WEST - 9000, SOUTH - 9000, MIDDLE, NORTH + 9000)
RIGHT = (MIDDLE, SOUTH - 9000, EAST + 9000, NORTH + 9000)


def file(href: str, offset: int = 0) -> GranuleFile:
    """Of a 10 m band."""
    return GranuleFile("B04", href, EPSG, (10.0, 0.0, 300_000.0, 0.0, -10.0, 6_800_040.0), 10980, 10980, 1234, offset)


def overpass(left: str = "20170607T095340", offset: int = 0, *, files: bool = True) -> Acquisition:
    """Two granules side by side; the western one was made at that time."""
    items = [item(LEFT, tile="35VLG", made=left), item(RIGHT, tile="35VMG")]
    found = {str(one["id"]): (file(f"https://files.example.org/{one['id']}", offset),) for one in items}
    (acquisition,) = join(items, PLACE, found if files else {})
    return acquisition


def names(acquisition: Acquisition) -> list[str]:
    """Of the frames of the western, the middle and the eastern column, in the middle row."""
    tiles = (TileIndex(column, 1) for column in range(3))
    return [FrameKey.of("p", "c", LATTICE, tile, 10, acquisition).acquisition for tile in tiles]


def test_files_come_back_out_of_a_cache() -> None:
    before = overpass(offset=-1000)
    (after,) = acquisitions_from_json(acquisitions_to_json([before]))
    assert after == before
    assert [granule.files for granule in after.granules] == [granule.files for granule in before.granules]
    assert after.granules[0].files[0].offset == -1000


def test_without_files_an_acquisition_is_kept_as_ever() -> None:
    bare = overpass(files=False)
    assert names(bare) == [bare.key] * 3
    assert b"files" not in acquisitions_to_json([bare])


def test_a_product_that_is_made_again_changes_the_names_of_the_frames_that_show_it_alone() -> None:
    before, after = overpass(), overpass(left="20230101T000000")
    assert before.key == after.key
    same = [one == other for one, other in zip(names(before), names(after), strict=True)]
    assert same == [False, False, True]
    assert all(name.startswith(f"{before.key}@") for name in names(before))


def test_another_offset_changes_all_names() -> None:
    assert not set(names(overpass())) & set(names(overpass(offset=-1000)))


def test_a_frame_whose_name_has_a_version_tells_its_day_and_is_found_again() -> None:
    key = FrameKey.of("p", "c", LATTICE, TileIndex(0, 1), 10, overpass())
    assert (key.day.isoformat(), key.year) == ("2017-06-07", 2017)
    assert FrameKey.of_plane(key.plane_key("B04")) == (key, "B04")
