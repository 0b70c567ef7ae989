"""The zip of everything, read by zipfile and unzip, and each of its ranges against the whole."""

import io
import json
import os
import random
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.errors import StorageError
from services.export import Bundle, Result, bundle
from services.export import zip_stream as module
from services.export.zip_stream import Member, readme
from services.recipe import Veto
from tests.services.published import HUB, passes, published
from tests.services.scenes import recipe

STAMP = 1_500_000_000 * 10**9


class Virtual(io.RawIOBase):
    """A bundle as a file that can be sought in."""

    def __init__(self, whole: Bundle) -> None:
        self._whole, self._place = whole, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = offset + (0, self._place, self._whole.size)[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int = -1) -> bytes:
        stop = self._whole.size if size < 0 else self._place + size
        content = b"".join(self._whole.read(self._place, stop))
        self._place += len(content)
        return content


@pytest.fixture
def result(tmp_path: Path) -> Result:
    """One in the folder."""
    question = recipe(px=10, area="Åland", vetoes=(Veto("S2A_1", "haze"),))
    return published(tmp_path, question, passes(question, (1, 2, 99)))[1]


def plain(*contents: bytes) -> Bundle:
    """Of bytes in memory."""
    return Bundle(tuple(Member(f"m{n}.bin", len(one), zlib.crc32(one), STAMP, one) for n, one in enumerate(contents)))


def test_it_holds_every_file_under_its_name_and_a_readme(tmp_path: Path, result: Result) -> None:
    whole = bundle(tmp_path, result)
    content = b"".join(whole.read())
    assert len(content) == whole.size
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        assert file.namelist() == ["README.txt", *(one.member for one in result.files)]
        for one in result.files:
            assert file.read(one.member) == (tmp_path / one.path).read_bytes()
            entry = file.getinfo(one.member)
            assert (entry.compress_type, entry.CRC) == (zipfile.ZIP_STORED, one.crc)
            assert entry.external_attr >> 16 == 0o100644
            assert abs(zipfile_seconds(entry) - int((tmp_path / one.path).stat().st_mtime)) <= 2
        folders = {name.rpartition("/")[0] for name in file.namelist()}
        assert folders == {"", "tiles", "patches"}


def zipfile_seconds(entry: zipfile.ZipInfo) -> int:
    """Seconds since 1970 of a member's time, in UTC."""
    return int(datetime(*entry.date_time, tzinfo=UTC).timestamp())


def test_the_links_of_the_item_lead_to_the_files_beside_it(tmp_path: Path, result: Result) -> None:
    with zipfile.ZipFile(Virtual(bundle(tmp_path, result))) as file:
        (name,) = (name for name in file.namelist() if name.endswith("_item.json"))
        item = json.loads(file.read(name))
        assert {asset["href"].removeprefix("./") for asset in item["assets"].values()} < set(file.namelist())


def test_unzip_finds_it_whole(tmp_path: Path, result: Result) -> None:
    if not shutil.which("unzip"):
        pytest.skip("unzip is not installed")
    path = tmp_path / "whole.zip"
    path.write_bytes(b"".join(bundle(tmp_path, result).read()))
    done = subprocess.run(["unzip", "-t", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "No errors detected" in done.stdout


def test_every_range_is_that_part_of_the_whole(tmp_path: Path, result: Result) -> None:
    whole = bundle(tmp_path, result)
    content = b"".join(whole.read())
    chance = random.Random(1)
    places = [0, 1, len(content) - 1, len(content), len(content) + 9, *whole._starts]
    pairs = [(chance.randrange(len(content)), chance.randrange(len(content) + 1)) for _ in range(300)]
    pairs += [(start + a, start + a + length) for start in places for a in (-1, 0, 1) for length in (0, 1, 40)]
    for start, stop in pairs:
        start = max(0, start)
        assert b"".join(whole.read(start, stop)) == content[start : max(start, stop)], (start, stop)


def test_it_is_read_a_megabyte_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(3_500_000))
    stamp = (tmp_path / "large").stat().st_mtime_ns
    member = Member("large", 3_500_000, zlib.crc32(bytes(3_500_000)), stamp, tmp_path / "large")
    assert max(map(len, Bundle((member,)).read())) <= 1 << 20


def test_a_result_of_before_has_its_checksums_found(tmp_path: Path, result: Result) -> None:
    old = result.to_dict()
    for file in old["files"]:
        del file["crc"]
    before = Result.from_dict(old)
    assert {file.crc for file in before.files} == {-1}
    assert b"".join(bundle(tmp_path, before).read()) == b"".join(bundle(tmp_path, result).read())


def test_other_content_has_another_tag(tmp_path: Path, result: Result) -> None:
    tag = bundle(tmp_path, result).tag
    assert bundle(tmp_path, result).tag == tag
    path = tmp_path / "median.tif"
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 10**10))
    assert bundle(tmp_path, result).tag != tag
    assert len({plain(b"a").tag, plain(b"b").tag, plain(b"a", b"").tag}) == 3


def test_a_file_that_vanishes_or_changes_ends_it(tmp_path: Path, result: Result) -> None:
    whole = bundle(tmp_path, result)
    target = tmp_path / "patches" / "x36_y24.zip"
    reading = whole.read()
    next(reading)
    content = target.read_bytes()
    target.unlink()
    with pytest.raises(StorageError, match="x36-y24"):
        list(reading)
    target.write_bytes(content[:-1])
    with pytest.raises(StorageError, match="changed"):
        list(whole.read())
    with pytest.raises(StorageError, match="changed"):
        bundle(tmp_path, result)
    target.unlink()
    with pytest.raises(StorageError, match="gone"):
        bundle(tmp_path, result)


def test_a_file_that_shrinks_while_it_is_read_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(5_000_000))
    member = Member("large", 5_000_000, 0, path.stat().st_mtime_ns, path)
    reading = Bundle((member,)).read()
    next(reading)
    next(reading)
    os.truncate(path, 2_000_000)
    with pytest.raises(StorageError, match="cut short"):
        list(reading)


def test_the_readme_says_what_it_is_and_whose_data(tmp_path: Path, result: Result) -> None:
    text = readme(result)
    assert text.startswith(
        "Simulated data: Åland, 2017, tile 35,25, max. cloud cover 10 %\nMedian of 2 acquisitions out of 3."
    )
    assert "Simulated data, made by the demo archive" in text
    assert "haze" in text
    assert all(file.member in text for file in result.files)
    question = recipe(px=6, radius=0)
    real = published(tmp_path / "real", question, passes(question, (1,)), HUB)[1]
    assert "Simulated" not in readme(real)
    assert "Contains modified Copernicus Sentinel data [2017]" in readme(real)


@pytest.mark.parametrize("limit", [10, 60, 200])
def test_zip64_is_read_where_its_limits_are_passed(limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 32 bits made small, which no reader minds: the fields that ZIP64 replaces hold the limit of 32 bits."""
    contents = [bytes([n]) * size for n, size in enumerate((5, 100, 0, 70, 300))]
    small = plain(*contents).size
    monkeypatch.setattr(module, "_is_wide", lambda number: number >= limit)
    wide = plain(*contents)
    content = b"".join(wide.read())
    assert len(content) == wide.size > small
    assert b"PK\6\6" in content and b"PK\6\7" in content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        assert [file.read(name) for name in file.namelist()] == contents
    if shutil.which("unzip"):
        (tmp_path / "wide.zip").write_bytes(content)
        assert subprocess.run(["unzip", "-tq", str(tmp_path / "wide.zip")], capture_output=True).returncode == 0


@pytest.fixture
def sparse(tmp_path: Path) -> Iterator[Path]:
    """Five gigabytes that take no room."""
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(5 * 2**30)
    yield path
    path.unlink()


def test_a_file_of_five_gigabytes_and_what_follows_it_are_found(sparse: Path) -> None:
    size, stamp = sparse.stat().st_size, sparse.stat().st_mtime_ns
    words = b"after five gigabytes"
    last = Member("last.txt", len(words), zlib.crc32(words), STAMP, words)
    whole = Bundle((Member("large.bin", size, 0, stamp, sparse), last))
    assert whole.size > size
    with zipfile.ZipFile(Virtual(whole)) as file:
        assert file.getinfo("large.bin").file_size == size
        assert file.getinfo("last.txt").header_offset > 2**32
        assert file.read("last.txt") == words
        with file.open("large.bin") as opened:
            assert opened.read(1000) == bytes(1000)
    start = size - 10
    assert len(b"".join(whole.read(start, start + 200))) == 200


def test_more_members_than_16_bits_count_are_all_there() -> None:
    member = Member("a", 1, zlib.crc32(b"a"), STAMP, b"a")
    with zipfile.ZipFile(io.BytesIO(b"".join(Bundle((member,) * 65_600).read()))) as file:
        assert len(file.infolist()) == 65_600
