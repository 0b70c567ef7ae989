"""Unmodified sentinelhub-py and eo-learn against the demo archive, compared with plain requests."""

import io
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import tifffile
from sentinelhub.api.catalog import SentinelHubCatalog
from sentinelhub.api.process import SentinelHubRequest
from sentinelhub.config import SHConfig
from sentinelhub.constants import CRS, MimeType, MosaickingOrder
from sentinelhub.data_collections import DataCollection
from sentinelhub.download.sentinelhub_client import SentinelHubDownloadClient
from sentinelhub.exceptions import DownloadFailedException
from sentinelhub.geometry import BBox, Geometry

pytestmark = pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")  # the client's own

BANDS = ["B02", "B03", "B04", "B08", "B11", "B12"]
PATCH = BBox((440000, 6750000, 440600, 6750600), CRS("32635"))
INTERVAL = ("2018-07-01", "2018-07-20")
HOUR = timedelta(hours=1)


@pytest.fixture
def config(archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SHConfig]:
    """The account of the archive, in the client's own configuration."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    requests.post(f"{archive}/_test/reset", timeout=30)
    SentinelHubDownloadClient.clear_cache()
    yield SHConfig(
        sh_client_id="demo",
        sh_client_secret="demo",
        sh_base_url=archive,
        sh_token_url=f"{archive}/auth/realms/main/protocol/openid-connect/token",
        max_retries=2,
        max_download_attempts=2,
        download_sleep_time=0.1,
    )
    SentinelHubDownloadClient.clear_cache()


@pytest.fixture
def collection(archive: str) -> DataCollection:
    """Sentinel-2 L2A at the archive's address; the client refuses to define the same again under another name."""
    derived = DataCollection.SENTINEL2_L2A.value.derive(service_url=archive)
    for known in DataCollection:
        if known.value == derived:
            return known
    name = f"S2L2A_DEMO_{archive.rpartition(':')[2]}"
    return DataCollection.SENTINEL2_L2A.define_from(name, service_url=archive)


def direct(archive: str, bands: list[str], time: datetime, half: timedelta) -> np.ndarray[Any, Any]:
    """(height, width, band) in DN by a plain request."""
    account = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
    url = f"{archive}/auth/realms/main/protocol/openid-connect/token"
    token = requests.post(url, data=account, timeout=30).json()["access_token"]
    names = ", ".join(f'"{band}"' for band in bands)
    values = ", ".join(f"s.{band}" for band in bands)
    script = (
        f'//VERSION=3\nfunction setup() {{ return {{input: [{{bands: [{names}], units: "DN"}}], '
        f'output: {{bands: {len(bands)}, sampleType: "UINT16"}}}}; }}\n'
        f"function evaluatePixel(s) {{ return [{values}]; }}"
    )
    times = {"from": f"{time - half:%Y-%m-%dT%H:%M:%SZ}", "to": f"{time + half:%Y-%m-%dT%H:%M:%SZ}"}
    body = {
        "input": {
            "bounds": {
                "bbox": list(PATCH),
                "properties": {"crs": "http://www.opengis.net/def/crs/EPSG/0/32635"},
            },
            "data": [{"type": "sentinel-2-l2a", "dataFilter": {"timeRange": times}}],
        },
        "output": {"width": 60, "height": 60, "responses": [{"format": {"type": "image/tiff"}}]},
        "evalscript": script,
    }
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{archive}/api/v1/process", json=body, headers=headers, timeout=60)
    answer.raise_for_status()
    return np.asarray(tifffile.imread(io.BytesIO(answer.content)))


def eopatch(collection: DataCollection, config: SHConfig, **options: Any) -> Any:
    """What eo-learn's own task makes of the archive."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eo-learn's own deprecations
        from eolearn.core.constants import FeatureType
        from eolearn.io.sentinelhub_process import SentinelHubInputTask

        masks = [(FeatureType.MASK, "SCL"), (FeatureType.MASK, "dataMask")]
        task = SentinelHubInputTask(
            data_collection=collection,
            resolution=10,
            bands_feature=(FeatureType.DATA, "BANDS"),
            bands=BANDS,
            additional_data=masks,
            time_difference=HOUR,
            config=config,
            max_threads=4,
            **options,
        )
        return task.execute(bbox=PATCH, time_interval=INTERVAL)


def test_the_catalogue_client_reads_all_pages(config: SHConfig, collection: DataCollection) -> None:
    catalog = SentinelHubCatalog(config)
    few = list(catalog.search(collection, bbox=PATCH, time=("2018-01-01", "2018-12-31"), limit=20))
    many = list(catalog.search(collection, bbox=PATCH, time=("2018-01-01", "2018-12-31"), limit=100))
    assert few == many
    assert len(many) > 100
    shapes = [Geometry.from_geojson(item["geometry"]) for item in many[:3]]
    assert all(shape.crs is CRS.WGS84 and shape.geometry.is_valid for shape in shapes)


def test_the_catalogue_client_filters_and_looks_around(config: SHConfig, collection: DataCollection) -> None:
    catalog = SentinelHubCatalog(config)
    area = Geometry(PATCH.geometry, PATCH.crs)
    clear = list(catalog.search(collection, geometry=area, time=INTERVAL, filter="eo:cloud_cover < 50"))
    whole = list(catalog.search(collection, geometry=area, time=INTERVAL))
    assert clear == [item for item in whole if item["properties"]["eo:cloud_cover"] < 50]
    assert catalog.get_feature(collection, whole[0]["id"]) == whole[0]
    assert catalog.get_info()["stac_version"] == "1.0.0"
    assert catalog.get_conformance()["conformsTo"]
    assert catalog.get_collection(collection)["id"] == "sentinel-2-l2a"
    assert [one["id"] for one in catalog.get_collections()] == ["sentinel-2-l2a"]


@pytest.mark.parametrize("dtype", [None, np.uint16])
def test_eo_learn_gets_the_pixels_of_plain_requests(
    archive: str, config: SHConfig, collection: DataCollection, dtype: Any
) -> None:
    patch = eopatch(collection, config, bands_dtype=dtype)
    data, scl, mask = patch.data["BANDS"], patch.mask["SCL"], patch.mask["dataMask"]
    assert data.shape[1:] == (60, 60, 6)
    assert len(patch.timestamps) == data.shape[0] >= 4
    assert data.dtype == (np.float32 if dtype is None else np.uint16)
    assert (scl.dtype, mask.dtype) == (np.dtype(np.uint8), np.dtype(bool))
    for number, time in enumerate(patch.timestamps):
        wanted = direct(archive, [*BANDS, "SCL", "dataMask"], time.replace(tzinfo=UTC), HOUR)
        if dtype is None:
            assert np.array_equal(data[number], (wanted[..., :6] * 0.0001).astype(np.float32))
        else:
            assert np.array_equal(data[number], wanted[..., :6])
        assert np.array_equal(scl[number], wanted[..., 6:7])
        assert np.array_equal(mask[number], wanted[..., 7:8] == 1)


def test_float_costs_twice_what_integers_cost(archive: str, config: SHConfig, collection: DataCollection) -> None:
    spent = []
    for dtype in (np.uint16, None):
        requests.post(f"{archive}/_test/reset", timeout=30)
        eopatch(collection, config, bands_dtype=dtype)
        log = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
        spent.append(sum(entry["units"] for entry in log if entry["endpoint"] == "process"))
    assert spent[1] == pytest.approx(2 * spent[0])


def test_eo_learn_keeps_what_is_below_its_cloud_limit(config: SHConfig, collection: DataCollection) -> None:
    catalog = SentinelHubCatalog(config)
    covers = sorted(
        {item["properties"]["eo:cloud_cover"] for item in catalog.search(collection, bbox=PATCH, time=INTERVAL)}
    )
    limit = covers[len(covers) // 2] / 100 + 0.01
    patch = eopatch(collection, config, bands_dtype=np.uint16, maxcc=min(limit, 1.0))
    whole = eopatch(collection, config, bands_dtype=np.uint16)
    assert 0 < len(patch.timestamps) <= len(whole.timestamps)
    assert set(patch.timestamps) <= set(whole.timestamps)


def test_the_request_of_the_client_decodes_a_tar(config: SHConfig, collection: DataCollection) -> None:
    script = (
        '//VERSION=3\nfunction setup() { return {input: ["B04", "SCL"], output: [{id: "red", bands: 1, '
        'sampleType: "FLOAT32"}, {id: "scl", bands: 1, sampleType: "UINT8"}]}; }\n'
        "function updateOutputMetadata(a, i, o) { o.userData = {norm_factor: i.normalizationFactor}; }\n"
        "function evaluatePixel(s) { return {red: [s.B04], scl: [s.SCL]}; }"
    )
    request = SentinelHubRequest(
        evalscript=script,
        input_data=[
            SentinelHubRequest.input_data(collection, time_interval=INTERVAL, mosaicking_order=MosaickingOrder.LEAST_CC)
        ],
        responses=[
            SentinelHubRequest.output_response("red", MimeType.TIFF),
            SentinelHubRequest.output_response("scl", MimeType.TIFF),
            SentinelHubRequest.output_response("userdata", MimeType.JSON),
        ],
        bbox=PATCH,
        size=(60, 60),
        config=config,
    )
    (found,) = request.get_data()
    assert found["red.tif"].shape == (60, 60)
    assert found["red.tif"].dtype.kind == "f"
    assert set(np.unique(found["scl.tif"])) <= set(range(1, 12))
    assert found["userdata.json"] == {"norm_factor": 0.0001}


def test_the_client_hears_the_archives_refusals(config: SHConfig, collection: DataCollection) -> None:
    request = SentinelHubRequest(
        evalscript="//VERSION=3\nfunction setup() { return {input: ['B10'], output: {bands: 1}}; } "
        "function evaluatePixel(s) { return [s.B10]; }",
        input_data=[SentinelHubRequest.input_data(collection, time_interval=INTERVAL)],
        responses=[SentinelHubRequest.output_response("default", MimeType.TIFF)],
        bbox=PATCH,
        size=(10, 10),
        config=config,
    )
    with pytest.raises(DownloadFailedException, match="Collection 'S2L2A' has no band 'B10'"):
        request.get_data()


def test_the_client_waits_where_the_archive_says_so(archive: str, config: SHConfig, collection: DataCollection) -> None:
    fault = {"endpoint": "catalog", "status": 429, "headers": {"Retry-After": "300"}, "body": {}}
    requests.post(f"{archive}/_test/faults", json=[fault], timeout=30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client warns that it waits
        found = list(SentinelHubCatalog(config).search(collection, bbox=PATCH, time=INTERVAL))
    assert found
