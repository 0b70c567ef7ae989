"""The catalogue's addresses: landing page, conformance, collection, queryables, items and search."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.demo.orbits import granule_with_id
from services.demo.protocol.account import search_units
from services.demo.protocol.payload import ApiError, not_found, parse_json
from services.demo.protocol.search import FIRST, LAST, read_search
from services.demo.protocol.stac_items import COLLECTION, item
from services.demo.world import SIMULATED

PREFIXES = ("/api/v1/catalog/1.0.0", "/catalog/v1")
_CONFORMANCE = [
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/item-search",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
]


def root_of(request: Request) -> str:
    """The address of the catalogue as this request sees it."""
    prefix = next(prefix for prefix in PREFIXES if request.url.path.startswith(prefix))
    return f"{request.url.scheme}://{request.url.netloc}{prefix}"


async def landing(request: Request) -> Response:
    """What this is; no token."""
    root = root_of(request)
    return JSONResponse(
        {
            "stac_version": "1.0.0",
            "type": "Catalog",
            "id": "demo-archive",
            "title": SIMULATED,
            "description": SIMULATED,
            "conformsTo": _CONFORMANCE,
            "links": [
                {"href": root, "rel": "self", "type": "application/json"},
                {"href": f"{root}/conformance", "rel": "conformance", "type": "application/json"},
                {"href": f"{root}/collections", "rel": "data", "type": "application/json"},
                {"href": f"{root}/search", "rel": "search", "type": "application/geo+json", "method": "POST"},
            ],
        }
    )


async def conformance(_: Request) -> Response:
    """Which specifications it follows; no token."""
    return JSONResponse({"conformsTo": _CONFORMANCE})


def _collection(root: str) -> dict[str, Any]:
    return {
        "stac_version": "1.0.0",
        "type": "Collection",
        "id": COLLECTION,
        "title": "Sentinel 2 L2A, simulated",
        "description": SIMULATED,
        "license": "other",
        "extent": {
            "spatial": {"bbox": [[-180, -80, 180, 84]]},
            "temporal": {"interval": [["2015-07-01T00:00:00Z", None]]},
        },
        "summaries": {"platform": ["sentinel-2a", "sentinel-2b", "sentinel-2c"], "gsd": [10]},
        "links": [{"href": f"{root}/collections/{COLLECTION}", "rel": "self", "type": "application/json"}],
    }


async def collections(request: Request) -> Response:
    """The one collection."""
    return JSONResponse({"collections": [_collection(root_of(request))], "links": []})


def _known(request: Request) -> None:
    name = request.path_params["collection"]
    if name != COLLECTION:
        raise ApiError(f"Collection `{name}` was not found.", 404)


async def collection(request: Request) -> Response:
    """About it."""
    _known(request)
    return JSONResponse(_collection(root_of(request)))


async def feature(request: Request) -> Response:
    """One item."""
    _known(request)
    granule = await run_in_threadpool(granule_with_id, request.path_params["item"])
    if granule is None:
        raise not_found(request.url.path)
    return JSONResponse(await run_in_threadpool(item, granule, root_of(request)))


async def search(request: Request) -> Response:
    """A page of items."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise ApiError("The request body should be application/json.", 415)
    asked = read_search(parse_json(await request.body()))
    span = asked.end - asked.begin if asked.begin > FIRST and asked.end < LAST else LAST - FIRST
    request.state.units = search_units(asked.area, span)
    answer = await run_in_threadpool(asked.answer, root_of(request))
    return JSONResponse(answer, media_type="application/geo+json")
