"""Blocks from the demo archive: the pixels that plain sentinelhub gets, and nothing that is not whole."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from sentinelhub.api.process import SentinelHubRequest
from sentinelhub.config import SHConfig
from sentinelhub.constants import MimeType
from sentinelhub.download.sentinelhub_client import SentinelHubDownloadClient

from services.catalogue import Acquisition
from services.errors import Cancelled, ProviderError, RequestRefused
from services.grid import Lattice, TileIndex
from services.plan import BlockRequest, plan
from services.providers.sentinelhub import TERMS, Account, Catalogue, fetch_block
from services.recipe import Interval, Recipe
from services.settings import Settings, load_settings
from tests.services.deployments import deployment

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 300.0)
RECIPE = Recipe(LATTICE, TileIndex(1, 1), Interval(date(2018, 6, 1), date(2018, 6, 20)))


@pytest.fixture
def settings(archive: str, tmp_path: Path) -> Settings:
    """Of a product with empty caches; little patience, so that what fails fails soon."""
    requests.post(f"{archive}/_test/reset", timeout=30)
    return load_settings(home=tmp_path, provider="demo", demo_url=archive, tries=2, deadline_seconds=60)


@pytest.fixture
def account(settings: Settings) -> Account:
    return Account(deployment(settings), settings)


@pytest.fixture
def acquisition(account: Account, settings: Settings) -> Acquisition:
    """The clearest one that shows the whole neighbourhood."""
    found = Catalogue(account, settings).search(RECIPE.neighbourhood, RECIPE.interval)
    return min((one for one in found if one.coverage == 1), key=lambda one: one.cloud_cover)


@pytest.fixture
def block(acquisition: Acquisition) -> BlockRequest:
    (block,) = plan(RECIPE, [acquisition], {}, TERMS).blocks
    return block


def inject(archive: str, *faults: dict[str, Any]) -> None:
    """What goes wrong with the next Process requests."""
    told = [{"endpoint": "process"} | fault for fault in faults]
    requests.post(f"{archive}/_test/faults", json=told, timeout=30).raise_for_status()


def processed(archive: str) -> list[int]:
    """Status of each Process request."""
    log = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
    return [entry["status"] for entry in log if entry["endpoint"] == "process"]


def never() -> bool:
    return False


def test_a_tile_of_a_block_has_the_pixels_that_plain_sentinelhub_gets(
    account: Account, block: BlockRequest, archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    found = fetch_block(account, block, never)
    config = SHConfig(use_defaults=True, sh_client_id="demo", sh_client_secret="demo", sh_base_url=archive)
    config.sh_token_url = f"{archive}/auth/realms/main/protocol/openid-connect/token"
    SentinelHubDownloadClient.clear_cache()
    bands = [plane for plane in block.planes if plane != "dataMask"]
    script = f"""//VERSION=3
    function setup() {{
      return {{input: [{{bands: {[*bands, "dataMask"]}, units: "DN"}}],
               output: [{{id: "pixels", bands: {len(bands)}, sampleType: "UINT16"}},
                        {{id: "mask", bands: 1, sampleType: "UINT8"}}]}};
    }}
    function evaluatePixel(s) {{
      return {{pixels: [{", ".join(f"s.{band}" for band in bands)}], mask: [s.dataMask]}};
    }}"""
    for index in (block.tiles[0], block.tiles[4], block.tiles[8]):
        request = SentinelHubRequest(
            evalscript=script,
            input_data=[
                SentinelHubRequest.input_data(
                    account.provider.data_collection,
                    time_interval=(block.acquisition.date, block.acquisition.date),
                )
            ],
            responses=[SentinelHubRequest.output_response(name, MimeType.TIFF) for name in ("pixels", "mask")],
            bbox=LATTICE.tile(index).bbox,
            size=(60, 30),
            config=config,
        )
        answer = request.get_data()[0]
        frame = found.frames[index]
        np.testing.assert_array_equal(np.dstack([frame[band] for band in bands]), answer["pixels.tif"])
        np.testing.assert_array_equal(frame["dataMask"], answer["mask.tif"])
    SentinelHubDownloadClient.clear_cache()


def test_neighbouring_tiles_differ_and_no_pixel_is_lost(account: Account, block: BlockRequest) -> None:
    found = fetch_block(account, block, never)
    assert tuple(found.frames) == RECIPE.neighbourhood.indices
    assert len({frame["B08"].tobytes() for frame in found.frames.values()}) == 9
    assert all(frame["dataMask"].all() for frame in found.frames.values())


def test_the_service_charges_what_the_plan_says(account: Account, block: BlockRequest) -> None:
    assert fetch_block(account, block, never).units == pytest.approx(block.units, rel=1e-6)


def test_a_mask_alone_is_charged_as_a_band(account: Account, block: BlockRequest) -> None:
    (alone,) = plan(
        RECIPE, [block.acquisition], {block.key(i): frozenset(RECIPE.planes[:-1]) for i in block.tiles}, TERMS
    ).blocks
    assert alone.planes == ("dataMask",)
    found = fetch_block(account, alone, never)
    assert found.units == pytest.approx(alone.units, rel=1e-6)
    assert found.units == pytest.approx(block.units / 7, rel=1e-6)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>We are back soon.</html>"},
        {"status": 200, "headers": {"content-type": "image/tiff"}, "body": "<html>We are back soon.</html>"},
        {"status": 200, "headers": {"content-type": "image/tiff"}, "body": ""},
        {"cut": 0.5, "whole": True},
        {"cut": 0.99, "whole": True},
        {"cut": 0.5},
        {"reset": True},
    ],
    ids=str,
)
def test_an_answer_that_is_not_whole_is_asked_again(
    account: Account, block: BlockRequest, archive: str, fault: dict[str, Any]
) -> None:
    whole = fetch_block(account, block, never)
    inject(archive, fault)
    again = fetch_block(account, block, never)
    assert len(processed(archive)) == 3
    for index, frame in whole.frames.items():
        for plane, pixels in frame.items():
            np.testing.assert_array_equal(again.frames[index][plane], pixels)


def test_an_answer_that_never_gets_whole_is_a_providers_error(
    account: Account, block: BlockRequest, archive: str
) -> None:
    inject(archive, {"cut": 0.5, "whole": True, "times": 9})
    with pytest.raises(ProviderError):
        fetch_block(account, block, never)
    assert len(processed(archive)) == 2
    requests.post(f"{archive}/_test/reset", timeout=30)


def test_what_the_service_refuses_is_told_in_its_words(account: Account, block: BlockRequest, archive: str) -> None:
    message = {"error": {"status": 400, "reason": "Bad Request", "message": "No such sea.", "code": "COMMON_BAD"}}
    inject(archive, {"status": 400, "body": message})
    with pytest.raises(RequestRefused, match="No such sea"):
        fetch_block(account, block, never)


def test_a_stop_before_the_request_is_sent_sends_nothing(account: Account, block: BlockRequest, archive: str) -> None:
    with pytest.raises(Cancelled):
        fetch_block(account, block, lambda: True)
    assert processed(archive) == []
