"""The Process API: a request becomes pixels, the pixels become a file or a tar of files."""

import io
import json
import os
import tarfile
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from services.demo.protocol.encoding import jpeg, png, tiff
from services.demo.protocol.mosaic import mosaic, scaled, to_sample_type
from services.demo.protocol.payload import ApiError, parse_json
from services.demo.protocol.request import JPEG, JSON, PNG, TIFF, Member, ProcessRequest, read_request
from services.demo.world import Samples


@lru_cache(maxsize=1)
def _renderers() -> CapacityLimiter:
    """As many at a time as there are cores: more would only need more memory."""
    return CapacityLimiter(max(2, os.cpu_count() or 2))


_EXTENSIONS = {TIFF: "tif", PNG: "png", JPEG: "jpg", JSON: "json"}


async def process(request: Request) -> Response:
    """One request: read, admitted by the account's limits, rendered in a thread."""
    body = await _body(request)
    asked = await run_in_threadpool(read_request, body, request.headers.get("accept", ""))
    request.state.units = asked.units
    request.app.state.admit(asked.units)
    content, media_type = await to_thread.run_sync(answer, asked, limiter=_renderers())
    return Response(content, media_type=media_type, headers={"x-processingunits-spent": str(asked.units)})


async def _body(request: Request) -> Any:
    """JSON, or a form of the parts `request` and `evalscript`."""
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("application/json"):
        return parse_json(await request.body())
    if not kind.startswith("multipart/form-data"):
        raise ApiError(
            "The request body should be application/json or multipart/form-data.", 415, "COMMON_UNSUPPORTED_MEDIA_TYPE"
        )
    form = await request.form()
    texts = {}
    for name in ("request", "evalscript"):
        part = form.get(name)
        texts[name] = part if isinstance(part, str) or part is None else (await part.read()).decode("utf-8", "replace")
    body = parse_json((texts["request"] or "").encode())
    if isinstance(body, dict) and texts["evalscript"] is not None:
        body["evalscript"] = texts["evalscript"]
    return body


def answer(request: ProcessRequest) -> tuple[bytes, str]:
    """Content and media type."""
    images = [one for one in request.members if one.format != JSON]
    planes = mosaic(request) if images else {}
    files = [(f"{one.identifier}.{_EXTENSIONS[one.format]}", _file(one, planes, request)) for one in request.members]
    if not request.tar:
        return files[0][1], request.members[0].format
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in files:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return target.getvalue(), request.tar


def _file(member: Member, planes: Mapping[str, Samples], request: ProcessRequest) -> bytes:
    """One member of the answer."""
    if member.format == JSON:
        return json.dumps(request.script.userdata or {}).encode()
    output = request.script.outputs[member.identifier]
    channels = [
        to_sample_type(scaled(planes[band], scale), output.sample_type)
        for band, scale in zip(output.sources, output.scales, strict=True)
    ]
    if member.format == PNG:
        return png(channels)
    if member.format == JPEG:
        return jpeg(channels, member.quality)
    return tiff(channels, request.bounds.window, output.nodata)
