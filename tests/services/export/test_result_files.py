"""The files of a result, against what numpy, zlib and plain eo-learn find in them."""

import json
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rasterio

from pages.components.results.downloads import Links
from services.catalogue import Acquisition, join
from services.composite import compose
from services.export import DOWNLOADS, Download, bundle, stem
from services.export.csv_tables import Shares
from services.grid import Lattice
from services.preview import PreviewCompositor
from services.preview.date_summary import date_summaries
from services.providers import Provider
from services.recipe import Recipe, Veto
from tests.eopatches import loaded
from tests.services.granule_items import START, item
from tests.services.overpasses import random_frames
from tests.services.published import DEMO, HUB, passes, published
from tests.services.scenes import recipe


def test_each_file_is_listed_once_with_its_size_and_checksum(tmp_path: Path) -> None:
    question = recipe(px=12)
    _, result = published(tmp_path, question, passes(question, (1, 2, 3)))
    on_disk = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {file.path for file in result.files} == on_disk
    assert len(result.files) == len(on_disk) == len({file.member for file in result.files})
    for file in result.files:
        content = (tmp_path / file.path).read_bytes()
        assert (file.size, file.crc) == (len(content), zlib.crc32(content)), file.path


@pytest.mark.parametrize("method", ["median", "least-cloudy"])
def test_the_names_say_area_tile_year_limit_and_method(tmp_path: Path, method: str) -> None:
    question = recipe(px=12, method=method)
    _, result = published(tmp_path, question, passes(question, (1, 2)))
    names = {file.path: file.download for file in result.files}
    assert names["median.tif"] == f"s2l2a_southern-finland_x35-y25_2017_cc10_3x3_{method}.tif"
    assert names["median.png"] == f"s2l2a_southern-finland_x35-y25_2017_cc10_3x3_{method}.png"
    assert names["tiles/x34_y26.tif"] == f"s2l2a_southern-finland_x34-y26_2017_cc10_{method}.tif"
    assert names["patches/x34_y26.zip"] == f"s2l2a_southern-finland_x34-y26_2017_cc10_{method}_eopatch.zip"
    assert names["item.json"].endswith(f"_3x3_{method}_item.json")
    assert stem(question.with_(radius=0)) == f"s2l2a_southern-finland_x35-y25_2017_cc10_{method}"
    assert next(file for file in result.files if file.path == "tiles/x34_y26.tif").member.startswith("tiles/s2l2a_")


SVALBARD = Lattice(32633, 515_000.0, 8_680_000.0, 120.0, 120.0)


def polar(question: Recipe) -> tuple[Acquisition, ...]:
    """Two overpasses of one day, 100 minutes and one orbit apart, on each of three days."""
    west, south, east, north = question.neighbourhood.bounds
    place, items = (west - 5000, south - 5000, east + 5000, north + 5000), []
    for day in range(3):
        for turn, orbit in enumerate((79, 80)):
            seconds = 86_400.0 * day + 6000 * turn
            datatake = f"{START + timedelta(seconds=seconds):%Y%m%dT%H%M%S}"
            items.append(item(place, clouds=3, seconds=seconds, orbit=orbit, datatake=datatake, epsg=32633))
    return join(items, question.neighbourhood)


@pytest.mark.parametrize("provider", [DEMO, HUB], ids=lambda provider: provider.name)
def test_two_overpasses_of_one_day_are_two_acquisitions_in_every_file(tmp_path: Path, provider: Provider) -> None:
    question = recipe(lattice=SVALBARD)
    found = polar(question)
    assert (len(found), len({one.date for one in found})) == (6, 3)
    published(tmp_path, question, found, provider)
    for path in ("median.tif", *(f"tiles/{tile.name}.tif" for tile in question.neighbourhood.tiles)):
        with rasterio.open(tmp_path / path) as dataset:
            tags = dataset.tags()
        assert tags["ACQUISITIONS"] == "6", path
        assert tags["ACQUISITION_DATES"].split() == [one.date for one in found]
        assert "of 6 acquisitions" in tags["TIFFTAG_IMAGEDESCRIPTION"]
    properties = json.loads((tmp_path / "item.json").read_text())["properties"]
    assert len(properties["ninepatch:acquisitions"]) == 6 and "of 6 acquisitions" in properties["title"]
    assert len((tmp_path / "dates.csv").read_text().splitlines()) == 7
    made = PreviewCompositor(random_frames(question, found), 10**8).image(question, found, question.bands)
    assert len(made.dates) == 6


def test_the_shares_of_a_date_are_of_all_pixels_as_on_the_page(tmp_path: Path) -> None:
    """A date that covers a sliver is nowhere 100 % clear."""
    question = recipe(px=12, grow=1)
    found = passes(question, (1, 2, 99), reach=(0.4,))
    writer, _ = published(tmp_path, question, found)
    clear = {one.key: 0 for one in found[:2]}
    data = dict(clear)
    for tile in question.neighbourhood.tiles:
        patch = loaded(f"zip://{tmp_path / 'patches' / tile.name}.zip")
        for time, observation in enumerate(patch.meta_info["ACQUISITIONS"]):
            clear[observation["key"]] += int(patch.mask["CLEAR"][time].sum())
            data[observation["key"]] += int(patch.mask["dataMask"][time].sum())
    pixels = 9 * 12 * 12
    assert writer.shares() == {key: Shares(data[key] / pixels, clear[key] / pixels) for key in clear}
    frames = random_frames(question, found[:2])
    present = {key: frozenset(planes) for key, planes in frames.planes.items()}
    page = date_summaries(question, found[:2], (), present, PreviewCompositor(frames, 10**8))
    assert {face.acquisition.key: Shares(face.data or 0, face.clear or 0) for face in page} == writer.shares()
    assert page[0].data is not None and page[0].data < 0.7


def test_a_patch_that_is_made_again_counts_once(tmp_path: Path) -> None:
    question = recipe(px=12, radius=0)
    found = passes(question, (1, 2))
    writer, result = published(tmp_path, question, found)
    once = writer.shares()
    meta = writer.provenance.meta_info()
    compose(question, found, random_frames(question, found), workers=1, keep=writer.keep, meta=meta)
    assert writer.shares() == once
    assert writer.files() == result.files


def test_a_picture_without_any_clear_look_has_all_files(tmp_path: Path) -> None:
    question = recipe(px=6, radius=0)
    writer, result = published(tmp_path, question, passes(question, (1, 2)), empty=True)
    assert result.no_data == 1
    assert {shares.clear for shares in writer.shares().values()} == {0}
    described = json.loads((tmp_path / "item.json").read_text())
    numbers = [band["statistics"] for band in described["assets"]["mosaic"]["bands"]]
    assert numbers[:3] == [{"count": 36, "valid_percent": 0.0}] * 3
    assert numbers[3]["maximum"] == 0


def test_every_text_says_whose_data_it_is(tmp_path: Path) -> None:
    question = recipe(px=8, radius=0, vetoes=(Veto("S2A_R079_20170622T095340", "haze"),))
    for provider, words in ((HUB, "Contains modified Copernicus Sentinel data [2017]"), (None, "Simulated data")):
        folder = tmp_path / words[:4]
        found = passes(question, (1, 2, 3, 4))
        _, result = published(folder, question, found, *([provider] if provider else []))
        assert result.simulated is (provider is None)
        for name in ("item.json", "reproduce.py", "reproduce.ipynb"):
            text = (folder / name).read_text()
            assert words in text, name
            assert "haze" in text, name
            assert ("Simulated" in text) is (provider is None), name


def test_a_download_is_one_entry_and_its_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the whole and of each tile: in the result, on the page, in the zip of everything and in the STAC item."""
    common: dict[str, Any] = {"title": "Count of counts", "media_type": "text/plain", "roles": ("metadata",)}
    of_whole = Download(
        name="total",
        path="total.txt",
        ending="_total.txt",
        write=lambda made, path: path.write_text(f"{made.whole.count.sum()}"),
        note="Totals: of all observations.",
        **common,
    )
    of_tile = Download(
        name="tile_total",
        path="tiles/{tile}.txt",
        ending="_total.txt",
        label="Total",
        write_tile=lambda made, composite, path: path.write_text(f"{composite.count.sum()}"),
        **common,
    )
    for added in (of_whole, of_tile):
        monkeypatch.setitem(DOWNLOADS, added.name, added)
    question = recipe(px=6)
    _, result = published(tmp_path, question, passes(question, (1, 2)))
    (total,), tiles = result.of_kind("total"), result.of_kind("tile_total")
    assert total.download.endswith("_3x3_median_total.txt") and len(tiles) == 9
    assert int((tmp_path / "total.txt").read_text()) == sum(int((tmp_path / one.path).read_text()) for one in tiles) > 0
    links = Links(result, question.digest)
    assert "Count of counts" in "".join(links.rows()) and links.grid().count(">Total</a>") == 9
    assets = json.loads((tmp_path / "item.json").read_text())["assets"]
    assert assets["total"]["roles"] == ["metadata"] and "tile_total_x35_y25" in assets
    readme = bundle(tmp_path, result).members[0].content
    assert isinstance(readme, bytes) and b"Totals: of all observations." in readme


def test_what_is_not_for_the_page_is_not_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = recipe(px=6, radius=0)
    _, result = published(tmp_path, question, passes(question, (1, 2)))
    before = "".join(Links(result, question.digest).rows())
    monkeypatch.setitem(DOWNLOADS, "script", replace(DOWNLOADS["script"], on_page=False))
    after = "".join(Links(result, question.digest).rows())
    assert "reproduce.py" in before and "reproduce.py" not in after
