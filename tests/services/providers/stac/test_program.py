"""The exported program of open data, run where this project is not: it makes the pixels of the result, bit for bit."""

import ast
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.cache import frame_key
from services.catalogue import Acquisition, Granule
from services.composite import compose
from services.export import ResultWriter
from services.geo import to_utm, to_wgs84
from services.grid import Lattice, TileIndex
from services.providers.stac import OpenData, open_data
from services.providers.stac.blocks import FileBlocks
from services.providers.stac.reader import read_block
from services.recipe import Interval, Recipe
from services.sentinel2 import DATA_MASK
from services.settings import ProviderSettings, load_settings
from tests.http.farend import Seen
from tests.services.overpasses import MemoryFrames
from tests.services.providers.stac.made_files import (
    EPSG,
    ORIGIN,
    LocalRanges,
    acquisition,
    granule,
    request,
    texture,
)
from tests.stac_archive import StacArchive, stac_archive

LATTICE = Lattice(EPSG, ORIGIN[0] + 613.7, ORIGIN[1] - 2011.3, 251.3, 302.9)
SIDE = 240
"""Pixels of 10 m of a granule."""


def planes(seed: int, holes: float) -> dict[str, tuple[NDArray[Any], int]]:
    """Bands of 10 and 20 m and classes; a part of B04 and of the classes is without data."""
    random = np.random.default_rng(seed)
    fine = {band: texture(SIDE, SIDE, seed + number) for number, band in enumerate(("B03", "B04", "B08"))}
    fine["B04"][random.random((SIDE, SIDE)) < holes] = 0
    classes = random.choice(np.array([0, 4, 5, 8], np.uint8), (SIDE // 2, SIDE // 2), p=[holes, 0.5, 0.3, 0.2 - holes])
    coarse = {"B11": texture(SIDE // 2, SIDE // 2, seed + 9), "SCL": classes}
    return {name: (plane, 10) for name, plane in fine.items()} | {name: (plane, 20) for name, plane in coarse.items()}


def seen(folder: Path) -> list[Acquisition]:
    """Two dates: a granule that ends within the picture over one of the zone beside it; two with and without offset."""
    west, north = ORIGIN
    corner = 60 * round((west + 60) / 60), 60 * round(north / 60)
    longitude, latitude = to_wgs84(EPSG, west + 1200, north - 1200)
    x, y = (float(one) for one in to_utm(EPSG + 1, longitude, latitude))
    beside = 60 * round((x - 1200) / 60), 60 * round((y + 1200) / 60)
    first = granule(folder, planes(1, 0.1), tile="34TEQ", made="20220607T125000", corner=(west - 1500, north))
    across = granule(folder, planes(20, 0.05), tile="35TLK", made="20230101T000000", corner=beside, epsg=EPSG + 1)
    older = granule(folder, planes(40, 0.1), tile="34TDQ", made="20200101T000000", corner=corner, offset=0)
    newer = granule(folder, planes(60, 0.15), tile="34TDR", made="20210101T000000", corner=ORIGIN, offset=-1000)
    later = timedelta(days=5)
    second = [
        replace(one, time=one.time + later, id=one.id.replace("20220607T09", "20220612T09")) for one in (older, newer)
    ]
    return [acquisition(first, across), replace(acquisition(*second), time=second[0].time, end=second[0].time)]


def serve(archive: StacArchive, folder: Path, one: Acquisition) -> Acquisition:
    """The same with its files on the server."""
    archive.files |= {f"/files/{path.name}": path.read_bytes() for path in folder.iterdir()}

    def moved(each: Granule) -> Granule:
        names = ((file, file.href.rpartition("/")[2]) for file in each.files)
        return replace(each, files=tuple(replace(file, href=f"{archive.url}/files/{name}") for file, name in names))

    return replace(one, granules=tuple(map(moved, one.granules)))


def provider_of(archive: StacArchive, home: Path) -> OpenData:
    """A catalogue whose files these are."""
    facts: dict[str, Any] = {"kind": "stac", "profile": "earth-search", "hosts": ("127.0.0.1",)}
    sign_url = f"{archive.url}/token" if archive.signed else ""
    given = ProviderSettings(name="here", base_url=archive.url, sign_url=sign_url, **facts)
    return open_data(given, load_settings(home=home))


def result(archive: StacArchive, recipe: Recipe, folder: Path) -> Path:
    """The folder of a result that the reader has made."""
    (folder / "files").mkdir(parents=True)
    blocks, frames, side = FileBlocks(folder / "blocks", 10**8, 4), MemoryFrames({}), recipe.neighbourhood.side
    found = seen(folder / "files")
    for one in found:
        size: dict[str, Any] = {"columns": side, "rows": side, "resolution": recipe.resolution}
        valid: list[int] = []
        for shown in (one, *(replace(one, granules=(each,)) for each in one.granules)):
            made = read_block(request(recipe.lattice, shown, recipe.planes, **size), LocalRanges(), blocks).frames
            frames.planes |= {} if valid else {frame_key(recipe, index, one): dict(made[index]) for index in made}
            valid.append(sum(int(planes[DATA_MASK].sum()) for planes in made.values()))
        assert max(valid[1:]) < valid[0] < sum(valid[1:]), "they overlap, and each adds something"
    blocks.close()
    kept = [serve(archive, folder / "files", one) for one in found]
    writer = ResultWriter(recipe, provider_of(archive, folder / "home"), kept, folder / "result")
    writer.write(compose(recipe, kept, frames, workers=2, keep=writer.keep, meta=writer.provenance.meta_info()))
    return folder / "result"


def bytes_of(archive: StacArchive, asked: Seen) -> int:
    """That a question for a range brought."""
    if "Range" not in asked.headers:
        return 0
    first, _, last = asked.headers["Range"].removeprefix("bytes=").partition("-")
    return len(archive.files[asked.path.partition("?")[0]][int(first) : int(last) + 1])


def run(program: Path, place: Path) -> "subprocess.CompletedProcess[str]":
    """Where nothing of this project is, nor of the user."""
    for folder in (place, place / "home"):
        folder.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    environment = kept | {"HOME": str(place / "home"), "MPLCONFIGDIR": str(place / "home")}
    command = [sys.executable, str(program)]
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


RECIPE = Recipe(LATTICE, TileIndex(1, 1), Interval.of_year(2022), provider="here", maxcc=100)


@pytest.mark.parametrize(
    ("signed", "choices"),
    [
        (True, {"bands": ("B11", "B08", "B03")}),
        (False, {"bands": ("B04", "B03"), "mask": "none", "method": "least-cloudy", "resolution": 20}),
    ],
)
def test_the_program_makes_the_pixels_of_the_result(signed: bool, choices: dict[str, Any], tmp_path: Path) -> None:
    with stac_archive() as archive:
        archive.signed = signed
        folder = result(archive, RECIPE.with_(**choices), tmp_path / "made")
        done = run(folder / "reproduce.py", tmp_path / "elsewhere")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "the same pixels as the result" in done.stdout, done.stdout
    assert len(archive.tokens) == int(signed)
    sent = sum(map(partial(bytes_of, archive), archive.of("/files/")))
    assert sent <= sum(map(len, archive.files.values())), "nothing comes twice"
    told = re.search(r"for 18 pictures: about ([0-9.]+) kB", (folder / "reproduce.py").read_text())
    assert told is not None and 0.3 < float(told[1]) / (sent / 1e3) < 2
    pictures = [np.load(path) for path in (tmp_path / "elsewhere").rglob("*.npy")]
    assert len(pictures) == 9 and all(np.isfinite(picture).any() for picture in pictures)


def test_it_holds_addresses_and_no_signature(tmp_path: Path) -> None:
    archive = StacArchive(url="http://127.0.0.1:1", signed=True)
    kept = [serve(archive, tmp_path, one) for one in seen(tmp_path)]
    recipe = RECIPE.with_(bands=("B03", "B08"))
    program = provider_of(archive, tmp_path / "home").program(recipe, kept)
    assert program.fill["memory"] == "250", "the least, of so small a picture"
    assert "sig=" not in str(program) and "http://127.0.0.1:1/token" in program.fill["signing"]
    products = ast.literal_eval(f"{{{program.fill['products']}}}")
    assert list(products) == [one.key for one in kept]
    across, newest = products[kept[0].key], products[kept[1].key]
    assert [zone for _, zone, *_ in across] == [EPSG, EPSG + 1], "own zone first, though the other is newer"
    assert [files["B04"][1] for *_, files in newest] == [-1000, 0], "then the newest"
    for one in kept:
        told = {name: (folder, files) for name, _, folder, files in products[one.key]}
        for each in one.granules:
            folder, files = told[each.id]
            wanted = {file.plane: (file.href, file.offset) for file in each.files}
            assert {plane: (folder + name, offset) for plane, (name, offset) in files.items()} == {
                plane: wanted[plane] for plane in ("B03", "B04", "B08", "SCL")
            }
