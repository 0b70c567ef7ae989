"""The whole way without a user interface, against the demo archive: what is asked, what is kept, what comes out."""

import zipfile
from datetime import UTC, date, timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio
import requests
from eolearn.core import FeatureType
from eolearn.io import SentinelHubInputTask
from sentinelhub import SHConfig

from services.catalogue import kept
from services.errors import Cancelled, EmptyIntervalError, NothingUnderLimitError, QuotaSpent
from services.grid import Lattice, TileIndex
from services.jobs import Progress
from services.ninepatch import Ninepatch
from services.recipe import Interval, Recipe
from tests.eopatches import loaded
from tests.http.archive_log import asked
from tests.services.deployments import deployment

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
SUMMER = Interval(date(2018, 6, 1), date(2018, 8, 1))
RECIPE = Recipe(LATTICE, TileIndex(1, 1), SUMMER, maxcc=40, area="Meadow")


def dates(product: Ninepatch, recipe: Recipe) -> list[str]:
    """The days that the limit keeps."""
    return [one.date for one in kept(product.search(recipe), recipe)]


def test_one_request_an_acquisition_and_the_estimate_is_what_is_charged(product: Ninepatch, archive: str) -> None:
    kept, planned = product.estimate(RECIPE)
    result, spent = product.fetch(RECIPE)
    log = asked(archive)
    assert len(log) == len(kept) == planned.requests == spent.requests == result.requests
    assert sum(entry["units"] for entry in log) == pytest.approx(planned.units, rel=0.02)
    assert spent.units == pytest.approx(sum(entry["units"] for entry in log))
    assert spent.planes_fetched == planned.wanted == 9 * 8 * len(kept)


def test_the_same_again_and_a_lower_limit_ask_nothing(product: Ninepatch, archive: str) -> None:
    first, _ = product.fetch(RECIPE)
    asked(archive)
    again, spent = product.fetch(RECIPE)
    assert (again, spent.requests, spent.planes_fetched) == (first, 0, 0)
    lower = RECIPE.with_(maxcc=20)
    assert 0 < len(dates(product, lower)) < len(dates(product, RECIPE))
    _, spent = product.fetch(lower)
    assert (spent.requests, spent.units, spent.planes_fetched) == (0, 0, 0)
    assert asked(archive) == []


def test_a_higher_limit_and_a_longer_interval_ask_for_the_dates_between(product: Ninepatch, archive: str) -> None:
    product.fetch(RECIPE.with_(maxcc=20))
    asked(archive)
    product.fetch(RECIPE)
    assert len(asked(archive)) == len(dates(product, RECIPE)) - len(dates(product, RECIPE.with_(maxcc=20)))
    longer = RECIPE.with_(interval=Interval(date(2018, 6, 1), date(2018, 8, 20)))
    product.fetch(longer)
    assert len(asked(archive)) == len(dates(product, longer)) - len(dates(product, RECIPE)) > 0


def test_a_nudged_neighbourhood_asks_for_one_column(product: Ninepatch, archive: str) -> None:
    product.fetch(RECIPE)
    full = sum(entry["units"] for entry in asked(archive))
    _, spent = product.fetch(RECIPE.with_(centre=TileIndex(2, 1)))
    assert spent.planes_fetched == 3 * 8 * len(dates(product, RECIPE))
    assert sum(entry["units"] for entry in asked(archive)) < 0.5 * full


def test_damaged_planes_are_fetched_again_and_not_shown(product: Ninepatch, archive: str) -> None:
    lattice = Lattice(32635, 390_000.0, 6_738_000.0, 3300.0, 3300.0)
    recipe = RECIPE.with_(lattice=lattice, radius=0, interval=Interval(date(2018, 7, 1), date(2018, 8, 1)))
    product.fetch(recipe)
    with rasterio.open(product.results.folder(recipe.digest) / "median.tif") as opened:
        before = opened.read()
    product.results.discard(recipe.digest)
    files = sorted(product.settings.home.joinpath("frames").rglob("*.val"))
    assert files, "bands of this size lie in files of their own"
    for file in files[:3]:
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0xFF
        file.write_bytes(data)
    asked(archive)
    _, spent = product.fetch(recipe)
    assert spent.planes_fetched == 3
    assert 1 <= len(asked(archive)) <= 3
    with rasterio.open(product.results.folder(recipe.digest) / "median.tif") as opened:
        assert np.array_equal(opened.read(), before)


@pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")  # sentinelhub calls it
def test_without_a_mask_it_is_the_median_of_plain_eolearn(
    product: Ninepatch, archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the archive is on this machine, without TLS
    recipe = RECIPE.with_(mask="none", radius=0)
    product.fetch(recipe)
    folder = tmp_path / "patch"
    with zipfile.ZipFile(product.results.folder(recipe.digest) / "patches" / "x1_y1.zip") as opened:
        opened.extractall(folder)
    ours = loaded(folder)
    config = SHConfig(
        sh_client_id="demo",
        sh_client_secret="demo",
        sh_base_url=archive,
        sh_token_url=f"{archive}/auth/realms/main/protocol/openid-connect/token",
    )
    task = SentinelHubInputTask(
        data_collection=deployment(product.settings).data_collection,
        bands_feature=(FeatureType.DATA, "BANDS"),
        bands=list(recipe.bands),
        additional_data=[(FeatureType.MASK, "dataMask")],
        resolution=10,
        time_difference=timedelta(minutes=10),
        config=config,
    )
    start, end = recipe.interval.start_time, recipe.interval.end_time
    theirs = task.execute(bbox=LATTICE.tile(TileIndex(1, 1)).bbox, time_interval=(start, end))
    wanted = {stamp.replace(tzinfo=UTC).date().isoformat() for stamp in ours.get_timestamps()}
    rows = [i for i, stamp in enumerate(theirs.get_timestamps()) if stamp.date().isoformat() in wanted]
    assert len(rows) == len(ours.get_timestamps()) > 3
    valid = theirs.mask["dataMask"][rows][..., 0].astype(bool)
    assert valid.all(), "one patch well inside the swath"
    expected = np.median(theirs.data["BANDS"][rows], axis=0)
    assert np.array_equal(ours.data_timeless["MEDIAN"], expected)


def test_the_files_of_the_contract_are_there(product: Ninepatch) -> None:
    result, _ = product.fetch(RECIPE)
    folder = product.results.folder(RECIPE.digest)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tiles = {f"x{x}_y{y}" for x in range(3) for y in range(3)}
    assert {"median.png", "median.tif", "recipe.json", "picture.png", "looks.png"} <= names
    assert {f"tiles/{tile}.tif" for tile in tiles} | {f"patches/{tile}.zip" for tile in tiles} <= names
    assert {file.path for file in result.files} == names - {"result.json"}
    assert all((folder / file.path).stat().st_size == file.size for file in result.files)
    assert result.simulated
    assert "Simulated" in result.attribution


def test_nothing_to_show_has_two_sentences(product: Ninepatch) -> None:
    days = [Interval(date(2016, 7, day), date(2016, 7, day + 1)) for day in range(1, 6)]
    empty = next(day for day in days if not product.search(RECIPE.with_(interval=day)))
    with pytest.raises(EmptyIntervalError, match=str(empty.start)):
        product.fetch(RECIPE.with_(interval=empty))
    cloudiest = max(product.search(RECIPE), key=lambda observation: observation.cloud_cover).time.date()
    cloudy = RECIPE.with_(interval=Interval(cloudiest, cloudiest + timedelta(days=1)), maxcc=0)
    with pytest.raises(NothingUnderLimitError, match=r"0 of 1 date ≤ 0 %; the clearest has \d+ %"):
        product.fetch(cloudy)


def test_a_cancel_keeps_what_was_paid_for(product: Ninepatch, archive: str) -> None:
    seen: list[Progress] = []
    with pytest.raises(Cancelled):
        product.fetch(RECIPE, report=seen.append, cancelled=lambda: bool(seen) and seen[-1].done >= 2)
    paid = [entry for entry in asked(archive) if entry["status"] == 200]
    total = len(dates(product, RECIPE))
    assert 2 <= len(paid) < total
    product.fetch(RECIPE)
    assert len(asked(archive)) == total - len(paid)


def test_a_spent_quota_has_its_sentence_and_the_cache_goes_on(product: Ninepatch, archive: str) -> None:
    product.fetch(RECIPE.with_(maxcc=20))
    message = "Insufficient processing units or requests available in your account."
    body = {"error": {"status": 403, "reason": "Forbidden", "message": message}}
    body["error"]["code"] = "ACCESS_INSUFFICIENT_PROCESSING_UNITS"
    faults = [{"endpoint": "process", "status": 403, "body": body}] * 20
    requests.post(f"{archive}/_test/faults", json=faults, timeout=30).raise_for_status()
    with pytest.raises(QuotaSpent):
        product.fetch(RECIPE)
    product.fetch(RECIPE.with_(maxcc=20, mask="none"))
