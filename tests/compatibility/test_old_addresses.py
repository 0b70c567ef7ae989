"""Addresses beside the pages that maps, scripts and bookmarks have, asked of the whole application on the old home."""

import csv
import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.compatibility.before import EXPECTED, MONTH, RESULTS, described, link, unpack

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def files(request: pytest.FixtureRequest, tmp_path: Path) -> list[dict[str, Any]]:
    """What the result of that name had to download, by its own description."""
    found: list[dict[str, Any]] = described(unpack(tmp_path), request.param)["files"]
    return found


@pytest.mark.parametrize("files", ["first"], indirect=True)
def test_the_files_of_an_old_result_are_sent_as_they_were(served: httpx.Client, files: list[dict[str, Any]]) -> None:
    for file in files:
        answer = served.get(f"/files/{RESULTS['first']}/{file['path']}")
        assert (answer.status_code, len(answer.content)) == (200, file["size"]), file["path"]
        assert zlib.crc32(answer.content) == file["crc"], file["path"]
        assert f'filename="{file["download"]}"' in answer.headers["content-disposition"]
        assert answer.headers["content-type"].startswith(file["media_type"].partition(";")[0])


@pytest.mark.parametrize("files", ["later"], indirect=True)
def test_a_result_that_is_made_now_has_the_same_file_names(served: httpx.Client, files: list[dict[str, Any]]) -> None:
    for file in files:
        answer = served.get(f"/files/{RESULTS['later']}/{file['path']}")
        assert answer.status_code == 200 and answer.content, file["path"]
        assert f'filename="{file["download"]}"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(("name", "files"), [(name, name) for name in RESULTS], indirect=["files"])
def test_everything_is_one_zip_with_the_same_names(
    name: str, served: httpx.Client, files: list[dict[str, Any]]
) -> None:
    answer = served.get(f"/files/{RESULTS[name]}/everything.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        assert zipped.testzip() is None
        held = zipped.namelist()
    folders = {file["path"]: file["path"].rpartition("/")[0] for file in files}
    assert {f"{folders[file['path']]}/{file['download']}".lstrip("/") for file in files} <= set(held)


@pytest.mark.parametrize("view", ["true", "false"])
def test_a_map_gets_the_tiles_of_an_old_picture(view: str, served: httpx.Client) -> None:
    there = served.get(f"/tiles/{RESULTS['first']}/{view}/13/4648/2349.png")
    assert there.status_code == 200 and there.content.startswith(PNG)
    assert len(there.content) > len(served.get(f"/tiles/{RESULTS['first']}/{view}/13/0/0.png").content)


def test_an_index_of_medians_is_not_shown_as_the_median_of_an_index(served: httpx.Client) -> None:
    answer = served.get(f"/tiles/{RESULTS['first']}/ndvi/13/4648/2349.png")
    assert answer.status_code == 404, "version 0.1 wrote no file of indices, and computed them of reduced bands"


def test_the_grid_of_an_old_area_has_its_lines(served: httpx.Client) -> None:
    for area, spec in ((link("a picture")["query"][5:17], "900"), ("1ed42cd91117", "54x39")):
        assert len(served.get(f"/grids/{area}/{spec}.json").json()) > 10


def test_a_date_of_the_old_cache_has_its_small_picture(served: httpx.Client) -> None:
    query = link("a picture")["query"]
    face = served.get(f"/faces/S2B_R122_20170705T095548.png?{query}&view=true")
    assert face.status_code == 200 and face.content.startswith(PNG)
    assert served.get(f"/faces/S2A_R122_20170720T095548.png?{query}&view=true").status_code == 404, "never fetched"


def test_the_ledger_is_a_sheet_with_the_old_requests(served: httpx.Client) -> None:
    rows = list(csv.DictReader(io.StringIO(served.get(f"/ledger/requests.csv?month={MONTH}").text)))
    before = {one["key"]: one["requests"] for one in EXPECTED["ledger"]["sums"]}
    of_pixels = [row["member"] for row in rows if row["kind"] == "pixels"]  # the catalogue's were not counted then
    assert {member: of_pixels.count(member) for member in before} == before
    sums = {
        row["member"]: row for row in csv.DictReader(io.StringIO(served.get(f"/ledger/member.csv?month={MONTH}").text))
    }
    counted = {member: int(sums[member]["requests"]) - int(sums[member]["catalogue"]) for member in before}
    assert counted == before


@pytest.mark.parametrize("page", ["", "acquisitions", "results", "compare", "activity"])
def test_a_page_is_at_its_address(page: str, served: httpx.Client) -> None:
    answer = served.get(f"/{page}?{link('a picture')['query']}")
    assert answer.status_code == 200 and re.search("<html", answer.text)
