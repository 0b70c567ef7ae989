"""The whole way with open data: search, bill, fetch, ledger, cache, export; a file that is gone, and no secret kept."""

from pathlib import Path

import numpy as np
import pytest

from services.errors import NothingUnderLimitError
from services.grid import TileIndex
from services.ninepatch import Ninepatch
from services.providers.registry import KINDS, Kind
from services.providers.stac import open_data
from services.recipe import Interval, Recipe
from services.settings import load_settings
from tests.eopatches import loaded
from tests.http.farend import Seen
from tests.services.ledger_rows import of_pixels
from tests.services.providers.stac_items import PLACE
from tests.stac_archive import StacArchive
from tests.stac_archive.granules import ASSETS, NORTH, RED, WEST, add_granule

RECIPE = Recipe(
    PLACE.lattice, TileIndex(0, 0), Interval.of_year(2025), "here", radius=0, maxcc=50, bands=("B04",), mask="clear"
)


@pytest.fixture
def product(stac: StacArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ninepatch:
    """An empty home, and an archive of three dates, whose files want signatures."""
    monkeypatch.setitem(KINDS, "stac", Kind(open_data))
    stac.signed = True
    for number in (7, 12, 17):
        add_granule(stac, number, np.roll(RED, number, axis=0))
    given = {
        "name": "here",
        "kind": "stac",
        "profile": "earth-search",
        "base_url": stac.url,
        "hosts": ["127.0.0.1"],
        "assets": ASSETS,
        "sign_url": f"{stac.url}/token",
    }
    return Ninepatch(load_settings(home=tmp_path / "home", provider="here", providers=[given], tries=2))


def shown(number: int) -> np.ndarray:
    """Reflectance of the tile on that day."""
    left, top = int(389_400 - WEST) // 10, int(NORTH - 6_718_800) // 10
    raw = np.roll(RED, number, axis=0)[top : top + 330, left : left + 330].astype(int)
    return np.where(raw <= 1000, 0, raw - 1000) / 10_000


def median_of(product: Ninepatch) -> np.ndarray:
    """The picture that was made."""
    (file,) = (product.results.folder(RECIPE.digest) / "patches").iterdir()
    found: np.ndarray = loaded(f"zip://{file}").data_timeless["MEDIAN"][..., 0]
    return found


def test_a_picture_is_the_median_of_the_files_and_costs_nothing_again(product: Ninepatch, stac: StacArchive) -> None:
    _, planned = product.estimate(RECIPE)
    assert (planned.units, planned.requests > 0, stac.of("/files/")) == (0.0, True, [])
    result, spent = product.fetch(RECIPE, member="anna")
    assert [one.date for one in result.observations] == ["2025-06-07", "2025-06-12", "2025-06-17"]
    np.testing.assert_allclose(median_of(product), np.median([shown(7), shown(12), shown(17)], axis=0), atol=1e-6)
    rows = of_pixels(product.ledger)
    assert {(row.provider, row.member, row.units, row.error) for row in rows} == {("here", "anna", 0.0, "")}
    assert sum(row.bytes for row in rows) == sum(_length(one, stac) for one in stac.of("/files/"))
    asked = len(stac.of("/files/"))
    assert spent.requests == asked == sum(row.tries for row in rows)
    product.fetch(RECIPE.with_(maxcc=40))
    assert len(stac.of("/files/")) == asked


def _length(asked: Seen, stac: StacArchive) -> int:
    """Bytes that were asked for, as far as the file has them."""
    first, _, last = asked.headers["Range"].removeprefix("bytes=").partition("-")
    return min(int(last) + 1, len(stac.files[asked.path.partition("?")[0]])) - int(first)


def test_a_date_whose_file_is_gone_is_left_out(product: Ninepatch, stac: StacArchive) -> None:
    del stac.files["/files/S2A_T35VLG_20250612T095031_L2A/red.tif"]
    result, _ = product.fetch(RECIPE)
    assert [one.date for one in result.observations] == ["2025-06-07", "2025-06-17"]
    np.testing.assert_allclose(median_of(product), np.median([shown(7), shown(17)], axis=0), atol=1e-6)
    reason = "The file S2A_T35VLG_20250612T095031_L2A/red.tif is not there any more, though here names it."
    assert product.notes(RECIPE) == (f"2025-06-12 is excluded. {reason}",)
    assert reason in (product.results.folder(RECIPE.digest) / "dates.csv").read_text()
    assert len(product.estimate(RECIPE)[0]) == 2


def test_where_all_files_are_gone_the_sentence_says_so(product: Ninepatch, stac: StacArchive) -> None:
    stac.files.clear()
    with pytest.raises(NothingUnderLimitError, match=r"^The files of 3 dates are not there, and no other is used"):
        product.fetch(RECIPE)


def test_no_signature_is_kept_anywhere(product: Ninepatch, stac: StacArchive) -> None:
    product.fetch(RECIPE)
    assert stac.tokens
    for file in product.settings.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(token.encode() in content for token in stac.tokens), file
            assert b"hush" not in content, file
