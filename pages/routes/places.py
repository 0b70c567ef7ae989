"""What a search for a place suggests while somebody types, as JSON: of the bundled files, and nothing from outside."""

import json

from starlette.requests import Request
from starlette.responses import Response

from pages.state import base_path
from services.errors import AreaError
from services.places import read_point, suggest

PLACES = "/places"
MOST = 8
"""Places that are suggested."""
_HEADERS = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
"""The address has the whole question in it."""


def places_address() -> str:
    """Where a browser asks."""
    return f"{base_path.prefix()}{PLACES}"


def places(request: Request) -> Response:
    """Places whose names begin as `q` does, or are spelled like it; or how `q` reads as coordinates."""
    text = request.query_params.get("q", "")
    return Response(json.dumps(_suggested(text)), media_type="application/json", headers=_HEADERS)


def _suggested(text: str) -> dict[str, object]:
    try:
        point = read_point(text)
    except AreaError as error:
        return {"places": [], "point": "", "said": error.sentences}
    if point is not None:
        return {"places": [], "point": point.title, "said": point.note}
    found = suggest(text, MOST)
    near = found.like and found.places
    said = f"No name begins with “{text.strip()[:60]}”; these are spelled like it." if near else ""
    return {
        "places": [{"number": one.number, "name": one.name, "what": one.described} for one in found.places],
        "point": "",
        "said": said,
    }
