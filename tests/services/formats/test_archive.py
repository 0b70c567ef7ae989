"""Zips as people's systems make them, and as nobody's do."""

import io
import stat
import struct
import zipfile

import pytest

from services.errors import AreaError
from services.formats import FileLimits
from services.formats.archive import ZipArchive
from tests.services.areafiles import zipped

SMALL = FileLimits(max_members=3, max_unpacked_mb=2, max_ratio=50)


def test_members_are_found_whatever_their_case_and_folder() -> None:
    package = ZipArchive(zipped({"x/A.SHP": b"1", "x/a.prj": b"2", "__MACOSX/x/._A.SHP": b"3"}), SMALL)
    (found,) = package.ending_in(".shp")
    beside = package.beside(found, ".prj")
    assert package.read(found) == b"1"
    assert beside is not None
    assert package.read(beside) == b"2"
    assert package.beside(found, ".dbf") is None


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({str(number): b"" for number in range(4)}, "4 files; at most 3"),
        ({"a": b"\0" * 2_100_000}, "unpack to 2 MB; at most 2 MB"),
        ({"a": b"\0" * 1_900_000}, "times its size; at most 50 times"),
        ({"x/b.tar.gz": b"1"}, "another archive, 'x/b.tar.gz'"),
    ],
)
def test_too_much_is_refused_before_it_is_unpacked(parts: dict[str, bytes], words: str) -> None:
    with pytest.raises(AreaError, match=words):
        ZipArchive(zipped(parts), SMALL)


def test_a_file_without_a_name_is_refused() -> None:
    with pytest.raises(AreaError, match="has no name"):
        ZipArchive(zipped({"doc.kml": b"1"}).replace(b"doc.kml", b"\0oc.kml"), SMALL)


def test_what_is_small_may_be_packed_well() -> None:
    package = ZipArchive(zipped({"a": b"\0" * 900_000}), SMALL)
    assert len(package.read(package.members[0])) == 900_000


def test_a_link_is_not_followed() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("a.shp")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(AreaError, match="is a link"):
        ZipArchive(buffer.getvalue(), SMALL)


def test_two_names_for_the_same_bytes_are_refused() -> None:
    data = bytearray(zipped({"a": b"12345678" * 9, "b": b"12345678" * 9}))
    second = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)  # where the second member begins
    with pytest.raises(AreaError, match="overlap"):
        ZipArchive(bytes(data), SMALL)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.shp", "1")
        archive.writestr("a.shp", "2")
    with pytest.raises(AreaError, match="two files of one name"):
        ZipArchive(buffer.getvalue(), SMALL)


def test_a_directory_that_lies_about_sizes_is_found_out() -> None:
    data = bytearray(zipped({"a": b"12345678" * 90}))
    struct.pack_into("<I", data, data.rfind(b"PK\x01\x02") + 24, 100)  # the unpacked size
    package = ZipArchive(bytes(data), SMALL)
    with pytest.raises(AreaError, match="not what its directory says"):
        package.read(package.members[0])


def test_no_zip_at_all_is_said_to_be_damaged() -> None:
    with pytest.raises(AreaError, match="damaged"):
        ZipArchive(b"PK\x03\x04" + b"x" * 100, SMALL)
