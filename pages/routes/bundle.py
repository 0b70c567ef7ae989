"""The address of everything of a result as one zip file, whole or in part, made of the files as it is sent."""

import re
from collections.abc import Sequence
from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from pages.state.context import product
from services.errors import StorageError
from services.export import Bundle, bundle, stem
from services.recipe import Recipe

EVERYTHING = "everything.zip"
"""Its name in a result's folder of addresses; no file of a result is called so."""
_RANGE = re.compile(r"bytes=(?:(\d{1,19})-(\d{0,19})|-(\d{1,19}))")


def everything(request: Request) -> Response:
    """The zip, or the part of it that is asked for; only where it is not the one that the browser has.

    Where a file vanishes while it is sent, the connection ends: what has come is not taken for the whole.
    """
    digest = request.path_params["digest"]
    try:
        result = product().results.find(digest)
        if result is None:
            return PlainTextResponse("There is no such result; open it again.", status_code=404)
        whole = bundle(product().results.folder(digest), result)
    except StorageError as error:
        return PlainTextResponse(error.sentences, status_code=404)
    return zip_answer(request, whole, f"{stem(Recipe.from_dict(result.recipe))}.zip")


def zip_answer(request: Request, whole: Bundle, name: str) -> Response:
    """A zip under its name, or the part of it that is asked for; only where it is not the one that the browser has."""
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": f'"{whole.tag}"',
        "Last-Modified": formatdate(whole.stamp, usegmt=True),
        "X-Content-Type-Options": "nosniff",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={name: headers[name] for name in ("ETag", "Cache-Control")})
    try:
        part = _part(request, whole, (headers["ETag"], headers["Last-Modified"]))
    except ValueError:
        return PlainTextResponse(
            "The zip file is shorter.", status_code=416, headers={"Content-Range": f"bytes */{whole.size}"}
        )
    start, stop = part or (0, whole.size)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{whole.size}"
    headers["Content-Length"] = str(stop - start)
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type="application/zip")
    return StreamingResponse(whole.read(start, stop), status, headers, "application/zip")


def _part(request: Request, whole: Bundle, validators: Sequence[str]) -> tuple[int, int] | None:
    """From where until before where; None for the whole (RFC 9110, § 14). Raises ValueError for a part beyond its end.

    Several ranges at once, and what is no range, are answered with the whole, as they may be.
    """
    asked = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if asked is None or request.headers.get("if-range", validators[0]) not in validators:
        return None
    first, last, tail = asked.groups()
    if tail is not None:
        start, stop = max(0, whole.size - int(tail)), whole.size
    else:
        start, stop = int(first), min(whole.size, int(last) + 1 if last else whole.size)
        if last and int(last) < int(first):
            return None
    if start >= stop:
        raise ValueError(f"bytes {start} to {stop} of {whole.size}")
    return start, stop
