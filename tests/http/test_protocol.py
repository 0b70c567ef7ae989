"""The protocol of the demo archive, request by request: what is answered, and what is refused in which words."""

import io
import json
import tarfile
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import requests
import tifffile

PROCESS = "/api/v1/process"
CATALOG = "/api/v1/catalog/1.0.0"
TOKEN = "/auth/realms/main/protocol/openid-connect/token"
ACCOUNT = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
UNAUTHORIZED = (
    "You are not authorized! Please provide a valid access token within the header "
    "[Authorization: Bearer <accessToken>] of your request."
)


def script(inputs: str, outputs: str, body: str) -> str:
    return (
        f"//VERSION=3\nfunction setup() {{ return {{input: [{inputs}], output: {outputs}}}; }}\n"
        f"function evaluatePixel(s) {{ return {body}; }}"
    )


ONE = script('{bands: ["B02", "dataMask"], units: "DN"}', '{bands: 2, sampleType: "UINT16"}', "[s.B02, s.dataMask]")
SCALAR = ONE.replace("[s.B02, s.dataMask]", "s.B02")
TWO = script(
    '{bands: ["B02", "SCL"], units: "DN"}',
    '[{id: "bands", bands: 1, sampleType: "UINT16"}, {id: "scl", bands: 1, sampleType: "UINT8"}]',
    "{bands: [s.B02], scl: [s.SCL]}",
).replace(
    "function evaluatePixel",
    "function updateOutputMetadata(a, i, o) { o.userData = {norm_factor: i.normalizationFactor}; }\n"
    "function evaluatePixel",
)
RGB = script('{bands: ["B04", "B03", "B02"]}', "{bands: 3}", "[s.B04, s.B03, s.B02]")
FLOAT = script('{bands: ["B02"]}', '{bands: 1, sampleType: "FLOAT32"}', "[s.B02]")
BODY: dict[str, Any] = {
    "input": {
        "bounds": {
            "bbox": [440000, 6750000, 440600, 6750600],
            "properties": {"crs": "http://www.opengis.net/def/crs/EPSG/0/32635"},
        },
        "data": [
            {
                "type": "sentinel-2-l2a",
                "dataFilter": {"timeRange": {"from": "2018-07-01T00:00:00Z", "to": "2018-07-05T00:00:00Z"}},
            }
        ],
    },
    "output": {
        "width": 60,
        "height": 60,
        "responses": [{"identifier": "default", "format": {"type": "image/tiff"}}],
    },
    "evalscript": ONE,
}
DATA, FILTER, BOUNDS = "input.data.0", "input.data.0.dataFilter", "input.bounds"
REMOVED = object()


def changed(**changes: Any) -> dict[str, Any]:
    """The body with other values at `place.of.key`; `REMOVED` takes the key away."""
    body = deepcopy(BODY)
    for path, value in changes.items():
        *way, last = path.split(".")
        place: Any = body
        for key in way:
            place = place[int(key)] if key.isdigit() else place.setdefault(key, {})
        if value is REMOVED:
            del place[last]
        else:
            place[int(last) if last.isdigit() else last] = value
    return body


@pytest.fixture(scope="module")
def client(archive: str) -> Iterator[requests.Session]:
    """A session with a token."""
    requests.post(f"{archive}/_test/reset", timeout=30)
    with requests.Session() as session:
        token = session.post(archive + TOKEN, data=ACCOUNT, timeout=30).json()
        session.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield session


def process(client: requests.Session, archive: str, body: Any, accept: str = "*/*") -> requests.Response:
    return client.post(archive + PROCESS, json=body, headers={"Accept": accept}, timeout=60)


def search(client: requests.Session, archive: str, **changes: Any) -> requests.Response:
    body = {
        "collections": ["sentinel-2-l2a"],
        "datetime": "2018-07-01T00:00:00Z/2018-07-15T00:00:00Z",
        "bbox": [25.9, 60.87, 25.91, 60.88],
    }
    return client.post(f"{archive}{CATALOG}/search", json=body | changes, timeout=60)


@pytest.mark.parametrize("path", [TOKEN, "/oauth/token"])
def test_a_token_is_answered_as_keycloak_does(archive: str, path: str) -> None:
    answer = requests.post(archive + path, data=ACCOUNT, timeout=30)
    assert answer.status_code == 200
    assert set(answer.json()) == {
        *("access_token", "expires_in", "refresh_expires_in", "token_type", "not-before-policy", "scope")
    }


def test_a_wrong_secret_is_refused_as_keycloak_does(archive: str) -> None:
    answer = requests.post(archive + TOKEN, data=ACCOUNT | {"client_secret": "no"}, timeout=30)
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "invalid_client",
        "error_description": "Invalid client or Invalid client credentials",
    }


def test_a_missing_grant_is_refused_as_keycloak_does(archive: str) -> None:
    answer = requests.post(archive + TOKEN, data={"client_id": "demo"}, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error_description"] == "Missing form parameter: grant_type"


def test_one_response_is_a_bare_tiff(client: requests.Session, archive: str) -> None:
    answer = process(client, archive, BODY)
    image = tifffile.imread(io.BytesIO(answer.content))
    assert answer.headers["Content-Type"] == "image/tiff"
    assert (image.shape, image.dtype.kind, image.dtype.itemsize) == ((60, 60, 2), "u", 2)
    assert (image[..., 1] == 1).all()
    assert image[..., 0].std() > 0


@pytest.mark.parametrize("accept", ["application/tar", "application/x-tar"])
def test_several_responses_are_a_tar_with_their_names(client: requests.Session, archive: str, accept: str) -> None:
    responses = [
        {"identifier": "scl", "format": {"type": "image/tiff"}},
        {"identifier": "bands", "format": {"type": "image/png"}},
        {"identifier": "userdata", "format": {"type": "application/json"}},
    ]
    answer = process(client, archive, changed(evalscript=TWO, **{"output.responses": responses}), accept)
    assert answer.headers["Content-Type"] == accept
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archived:
        assert archived.getnames() == ["scl.tif", "bands.png", "userdata.json"]
        members = [archived.extractfile(name) for name in archived.getnames()]
        contents = [member.read() for member in members if member is not None]
    assert tifffile.imread(io.BytesIO(contents[0])).dtype == np.uint8
    assert json.loads(contents[2]) == {"norm_factor": 1}


def test_a_tar_may_hold_one_member(client: requests.Session, archive: str) -> None:
    answer = process(client, archive, BODY, "application/tar")
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archived:
        assert archived.getnames() == ["default.tif"]


def test_the_accept_header_outranks_the_format(client: requests.Session, archive: str) -> None:
    answer = process(client, archive, changed(evalscript=RGB), "image/png")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_a_jpeg_has_the_quality_asked_for(client: requests.Session, archive: str) -> None:
    sizes = []
    for quality in (10, 95):
        responses = [{"identifier": "default", "format": {"type": "image/jpeg", "quality": quality}}]
        answer = process(client, archive, changed(evalscript=RGB, **{"output.responses": responses}))
        assert answer.content.startswith(b"\xff\xd8")
        sizes.append(len(answer.content))
    assert sizes[0] < sizes[1]


def test_user_data_alone_are_json(client: requests.Session, archive: str) -> None:
    responses = [{"identifier": "userdata", "format": {"type": "application/json"}}]
    answer = process(client, archive, changed(evalscript=TWO, **{"output.responses": responses}), "application/json")
    assert answer.json() == {"norm_factor": 1}


def test_without_responses_there_is_a_png_of_the_default(client: requests.Session, archive: str) -> None:
    answer = process(client, archive, changed(evalscript=RGB, **{"output.responses": REMOVED}))
    assert answer.headers["Content-Type"] == "image/png"


def test_a_multipart_request_is_the_same_request(client: requests.Session, archive: str) -> None:
    body = changed(evalscript=REMOVED)
    parts = [
        ("request", (None, json.dumps(body), "application/json")),
        ("evalscript", (None, ONE, "application/javascript")),
    ]
    answer = client.post(archive + PROCESS, files=parts, timeout=60)
    assert answer.content == process(client, archive, BODY).content


@pytest.mark.parametrize("alias", ["S2L2A", "sentinel-2-l2a"])
def test_the_collection_has_two_names(client: requests.Session, archive: str, alias: str) -> None:
    assert process(client, archive, changed(**{f"{DATA}.type": alias})).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/process", "/process/v1"])
def test_both_addresses_answer(client: requests.Session, archive: str, path: str) -> None:
    assert client.post(archive + path, json=BODY, timeout=60).status_code == 200


@pytest.mark.parametrize(
    ("evalscript", "width", "units"),
    [(ONE, 60, 0.01 / 3 + 0.0017), (RGB, 60, 60 * 60 / 512**2), (FLOAT, 512, 512 * 60 / 512**2 / 3 * 2)],
)
def test_the_header_says_what_the_formula_says(
    client: requests.Session, archive: str, evalscript: str, width: int, units: float
) -> None:
    answer = process(client, archive, changed(evalscript=evalscript, **{"output.width": width}), "image/tiff")
    assert float(answer.headers["x-processingunits-spent"]) == pytest.approx(max(units, 0.005), rel=0.05)


def test_reflectance_is_dn_by_ten_thousand(client: requests.Session, archive: str) -> None:
    dn = tifffile.imread(io.BytesIO(process(client, archive, BODY).content))[..., 0]
    reflectance = tifffile.imread(io.BytesIO(process(client, archive, changed(evalscript=FLOAT)).content))
    assert np.array_equal(reflectance, (dn * 0.0001).astype(np.float32))


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"evalscript": REMOVED}, "COMMON_EXCEPTION", "Missing or empty evalscript."),
        ({"evalscript": ""}, "COMMON_EXCEPTION", "Missing or empty evalscript."),
        (
            {"evalscript": ONE.replace("[s.B02, s.dataMask]", "s.B02")},
            "RENDERER_EXCEPTION",
            "Script must return an array.",
        ),
        ({"evalscript": ONE.replace("B02", "B10")}, "RENDERER_EXCEPTION", "Collection 'S2L2A' has no band 'B10'"),
        (
            {"output.resx": 10},
            "COMMON_BAD_PAYLOAD",
            "Only width and height or resx and resy can be set at the same time.",
        ),
        (
            {
                "output": {"resx": 10, "resy": 10, "responses": BODY["output"]["responses"]},
                f"{BOUNDS}.bbox": [440000, 6750000, 466240, 6751000],
            },
            "COMMON_BAD_PAYLOAD",
            "`width = 2624`, calculated from resx, is larger than allowed 2500.",
        ),
    ],
)
def test_the_refusal_has_the_words_of_the_service(
    client: requests.Session, archive: str, changes: dict[str, Any], code: str, message: str
) -> None:
    answer = process(client, archive, changed(**changes))
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["status"], error["reason"], error["code"]) == (400, "Bad Request", code)
    assert error["message"] == message
    assert "x-processingunits-spent" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input": REMOVED}, "at least one item"),
        ({"input": []}, "should be an object"),
        ({"input.data": []}, "at least one item"),
        ({"input.data": "sentinel-2-l2a"}, "an array"),
        ({f"{DATA}.type": REMOVED}, "name of a collection"),
        ({f"{DATA}.type": "sentinel-2-l1c"}, "no collection `sentinel-2-l1c`"),
        ({"input.data": [BODY["input"]["data"][0]] * 2}, "does not support data fusion"),
        ({f"{FILTER}.timeRange.from": "2018-07-01"}, "RFC 3339"),
        ({f"{FILTER}.timeRange.from": "2019-07-01T00:00:00Z"}, "before `to`"),
        ({f"{FILTER}.timeRange": "2018"}, "an object"),
        ({f"{FILTER}.maxCloudCoverage": 101}, "between 0 and 100"),
        ({f"{FILTER}.maxCloudCoverage": "10"}, "a number"),
        ({f"{FILTER}.mosaickingOrder": "newest"}, "one of mostRecent, leastRecent, leastCC"),
        ({f"{DATA}.processing": {"upsampling": "LANCZOS"}}, "one of NEAREST, BILINEAR, BICUBIC"),
        ({f"{DATA}.processing": {"harmonizeValues": "yes"}}, "true or false"),
        ({f"{BOUNDS}.bbox": REMOVED}, "`bbox` or a `geometry`"),
        ({f"{BOUNDS}.bbox": [1, 2, 3]}, "4 numbers"),
        ({f"{BOUNDS}.bbox": [440600, 6750600, 440000, 6750000]}, "with an area"),
        ({f"{BOUNDS}.properties.crs": "EPSG:32635"}, "is not supported"),
        ({f"{BOUNDS}.geometry": {"type": "Point", "coordinates": [0, 0]}}, "Polygon or a MultiPolygon"),
        ({f"{BOUNDS}.geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2]]]}}, "closed lists"),
        ({"output.width": 2501}, "larger than allowed 2500"),
        ({"output.width": 0}, "smaller than allowed 1"),
        ({"output.width": "60"}, "a whole number"),
        ({"output.responses.0.identifier": "other"}, "no output 'other'"),
        ({"output.responses.0.format": {"type": "image/gif"}}, "one of image/tiff"),
        ({"output.responses.0.format": {"type": "image/png"}}, "image/png cannot hold"),
        ({"output.responses.0.format": {"type": "application/json"}}, "`userdata` only"),
        ({"output.responses": BODY["output"]["responses"] * 2}, "Accept: application/tar"),
        ({"evalscript": 5}, "a string"),
        ({"evalscript": "function setup() {}"}, "//VERSION=3"),
        ({"evalscript": ONE.replace("s.B02,", "s.B02 * 2,")}, "does not compute"),
        ({"evalscript": ONE.replace("output:", 'mosaicking: "ORBIT", output:')}, "SIMPLE only"),
        ({f"{BOUNDS}.bbox": [440000, 6750000, 540000, 6850000]}, "exceeds the limit 1500.00 meters per pixel"),
    ],
)
def test_a_malformed_request_is_refused_with_its_cause(
    client: requests.Session, archive: str, changes: dict[str, Any], message: str
) -> None:
    answer = process(client, archive, changed(**changes))
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "kind", "status", "code", "message"),
    [
        (b"", "application/json", 400, "COMMON_BAD_PAYLOAD", "Request body should be non-empty."),
        (b"{", "application/json", 400, "COMMON_BAD_PAYLOAD", "not valid JSON"),
        (b"[]", "application/json", 400, "COMMON_BAD_PAYLOAD", "should be an object"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "COMMON_UNSUPPORTED_MEDIA_TYPE", "application/json"),
        (b"x", "multipart/form-data", 400, "COMMON_BAD_PAYLOAD", ""),
    ],
)
def test_a_body_that_is_no_request_is_refused(
    client: requests.Session, archive: str, content: bytes, kind: str, status: int, code: str, message: str
) -> None:
    answer = client.post(archive + PROCESS, data=content, headers={"Content-Type": kind}, timeout=30)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert message in error["message"]


def test_several_responses_need_a_tar(client: requests.Session, archive: str) -> None:
    responses = [{"identifier": name, "format": {"type": "image/tiff"}} for name in ("bands", "scl")]
    body = changed(evalscript=TWO, **{"output.responses": responses})
    assert process(client, archive, body, "image/tiff").status_code == 400
    assert process(client, archive, body, "application/tar").status_code == 200


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer abc"}, {"Authorization": "Basic ZGVtbzpkZW1v"}])
def test_without_a_token_nothing_is_answered(archive: str, header: dict[str, str]) -> None:
    answer = requests.post(archive + PROCESS, json=BODY, headers=header, timeout=30)
    assert answer.status_code == 401
    assert answer.json()["error"] == {
        "status": 401,
        "reason": "Unauthorized",
        "message": UNAUTHORIZED,
        "code": "COMMON_UNAUTHORIZED",
    }
    answer = requests.post(f"{archive}{CATALOG}/search", json={}, headers=header, timeout=30)
    assert (answer.status_code, answer.json()) == (401, {"code": 401, "description": UNAUTHORIZED})


def test_another_method_or_address_is_refused(client: requests.Session, archive: str) -> None:
    answer = client.get(archive + PROCESS, timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "COMMON_METHOD_NOT_ALLOWED")
    answer = client.get(f"{archive}/api/v1/batch", timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "COMMON_NOT_FOUND")


def test_the_landing_page_and_conformance_need_no_token(archive: str) -> None:
    for path in ("", "/", "/conformance"):
        assert requests.get(f"{archive}{CATALOG}{path}", timeout=30).status_code == 200


def test_the_collection_can_be_looked_at(client: requests.Session, archive: str) -> None:
    listed = client.get(f"{archive}{CATALOG}/collections", timeout=30).json()["collections"]
    assert [one["id"] for one in listed] == ["sentinel-2-l2a"]
    one = client.get(f"{archive}{CATALOG}/collections/sentinel-2-l2a", timeout=30).json()
    assert "Simulated data" in one["description"]
    assert client.get(f"{archive}{CATALOG}/collections/landsat", timeout=30).status_code == 404


def test_an_item_of_a_search_can_be_fetched_alone(client: requests.Session, archive: str) -> None:
    found = search(client, archive, limit=1).json()["features"][0]
    address = f"{archive}{CATALOG}/collections/sentinel-2-l2a/items"
    assert client.get(f"{address}/{found['id']}", timeout=30).json() == found
    assert found["links"][0]["href"] == f"{address}/{found['id']}"
    missing = client.get(f"{address}/S2A_nothing", timeout=30)
    assert (missing.status_code, set(missing.json())) == (404, {"code", "description"})


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"collections": []}, 400),
        ({"collections": ["landsat-ot-l1"]}, 404),
        ({"datetime": "2018"}, 400),
        ({"bbox": [0, 0, 1]}, 400),
        ({"filter": "eo:cloud_cover << 10"}, 400),
        ({"limit": -1}, 400),
    ],
)
def test_a_malformed_search_is_refused_plainly(
    client: requests.Session, archive: str, changes: dict[str, Any], status: int
) -> None:
    answer = search(client, archive, **changes)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "description"}
    assert answer.json()["code"] == status


def test_what_the_catalogue_lists_the_process_api_has(client: requests.Session, archive: str) -> None:
    for item in search(client, archive).json()["features"][:4]:
        time = item["properties"]["datetime"]
        body = changed(**{f"{FILTER}.timeRange": {"from": time, "to": time}})
        image = tifffile.imread(io.BytesIO(process(client, archive, body).content))
        assert (image[..., 1] == 1).all()
