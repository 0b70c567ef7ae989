"""A Process request validated as untrusted input: bounds, size, times, outputs and the Accept header."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from shapely import MultiPolygon, box
from shapely.geometry.base import BaseGeometry

from services.demo.orbits import degrees_of, in_degrees
from services.demo.protocol.account import process_units
from services.demo.protocol.evalscript import Script, read_script
from services.demo.protocol.payload import EXCEPTION, ApiError, JsonObject, polygons
from services.demo.protocol.search import FIRST
from services.demo.world import Window

MOST_PIXELS = 2500
"""A side."""
DEFAULT_PIXELS = 256
COARSEST = 1500.0
"""Metres a pixel that the collection has at most."""
_DEGREE = 111_319.49
"""Metres of a degree at the equator."""
_CRS = re.compile(r"https?://www\.opengis\.net/def/crs/(?:OGC/1\.3/CRS84|EPSG/0/(\d+))")


@dataclass(frozen=True)
class Bounds:
    """The pixels that are asked for."""

    window: Window
    clip: BaseGeometry | None
    """In the window's CRS: pixels whose middle is outside have no data; None where nothing is clipped."""

    @property
    def area(self) -> MultiPolygon:
        """The window in degrees, cut at the 180th meridian."""
        west, south, east, north = self.window.bounds
        return in_degrees(self.window.epsg, box(*self.window.bounds), max(east - west, north - south) / 16)


def read_bounds(bounds: JsonObject, output: JsonObject) -> Bounds:
    """Raises ApiError."""
    epsg = _epsg(bounds.part("properties").text("crs", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"))
    bbox = bounds.numbers("bbox", 4)
    clip = polygons(bounds.raw("geometry"), bounds.place("geometry")) if "geometry" in bounds else None
    if bbox is None and clip is None:
        raise ApiError("`bounds` should have a `bbox` or a `geometry`.", parameter=bounds.place("bbox"))
    extent = bbox or clip.bounds  # type: ignore[union-attr] # one of them is there
    west, south, east, north = extent
    if not (west < east and south < north):
        raise bounds.wrong("bbox", "[minX, minY, maxX, maxY] with an area")
    width, height = _size(output, east - west, north - south)
    window = Window(epsg, (west, south, east, north), width, height)
    _check_resolution(window)
    return Bounds(window, clip)


def _epsg(url: str) -> int:
    match = _CRS.fullmatch(url)
    code = int(match[1] or 4326) if match else 0
    if code in {4326, 3857} or 32601 <= code <= 32660 or 32701 <= code <= 32760:
        return code
    raise ApiError(f"The CRS `{url}` is not supported.", parameter="input->bounds->properties->crs")


def _size(output: JsonObject, across: float, up: float) -> tuple[int, int]:
    """Width and height in px."""
    pixels = [output.whole("width"), output.whole("height")]
    steps = [output.number("resx"), output.number("resy")]
    if any(pixels) and any(steps):
        raise ApiError("Only width and height or resx and resy can be set at the same time.", parameter="output->resx")
    if any(step is not None for step in steps):
        resx, resy = steps[0] or steps[1] or 0.0, steps[1] or steps[0] or 0.0
        if min(resx, resy) <= 0:
            raise ApiError("`resx` and `resy` should be above 0.", parameter="output->resx")
        sizes = max(round(across / resx), 1), max(round(up / resy), 1)
        for name, size, step in zip(("width", "height"), sizes, ("resx", "resy"), strict=True):
            if size > MOST_PIXELS:
                text = f"`{name} = {size}`, calculated from {step}, is larger than allowed {MOST_PIXELS}."
                raise ApiError(text, parameter=output.place(step))
        return sizes
    for name, given in zip(("width", "height"), pixels, strict=True):
        if given is not None and not 1 <= given <= MOST_PIXELS:
            bound = f"larger than allowed {MOST_PIXELS}" if given > 0 else "smaller than allowed 1"
            raise ApiError(f"`{name} = {given}` is {bound}.", parameter=output.place(name))
    return pixels[0] or DEFAULT_PIXELS, pixels[1] or DEFAULT_PIXELS


def _check_resolution(window: Window) -> None:
    """Of the ground, in the middle of the window."""
    west, south, east, north = window.bounds
    x, y = (east - west) / window.width, (north - south) / window.height
    corners = degrees_of(window.epsg, [west, east, (west + east) / 2], [south, north, (south + north) / 2])
    longitudes, latitudes = corners
    if not np.all(np.isfinite(corners)) or np.abs(latitudes).max() > 90 or np.abs(longitudes).max() > 540:
        raise ApiError("The bounding box is not on Earth.", parameter="input->bounds->bbox")
    shrink = math.cos(math.radians(float(latitudes[2])))
    scale = {4326: (_DEGREE * shrink, _DEGREE), 3857: (shrink, shrink)}.get(window.epsg, (1.0, 1.0))
    metres = max(x * scale[0], y * scale[1])
    if metres > COARSEST:
        raise ApiError(
            f"Your request of {metres:.2f} meters per pixel exceeds the limit {COARSEST:.2f} meters per pixel of the "
            "collection S2L2A. Please revise the resolution (or corresponding width/height) to make sure it is in "
            "supported range.",
            code=EXCEPTION,
        )


TIFF, PNG, JPEG, JSON = "image/tiff", "image/png", "image/jpeg", "application/json"
TAR = ("application/x-tar", "application/tar")
USERDATA = "userdata"
ORDERS = ("mostRecent", "leastRecent", "leastCC")
RESAMPLINGS = ("NEAREST", "BILINEAR", "BICUBIC")
_ALIASES = {"sentinel-2-l2a", "S2L2A"}


@dataclass(frozen=True)
class Member:
    """One file of the answer."""

    identifier: str
    format: str
    """image/tiff, image/png, image/jpeg or application/json."""
    quality: int
    """Of a JPEG, 0 to 100."""


@dataclass(frozen=True)
class ProcessRequest:
    """What is asked for."""

    bounds: Bounds
    begin: datetime
    end: datetime
    """Both inclusive, UTC."""
    max_cloud_cover: float
    """Percent of the tile, at most."""
    order: str
    """mostRecent, leastRecent or leastCC."""
    harmonize: bool
    """Take the offset of newer baselines away."""
    script: Script
    members: tuple[Member, ...]
    tar: str
    """Media type of the archive that holds the members; empty where one goes alone."""

    @property
    def units(self) -> float:
        """What it costs."""
        tiffs = [one.identifier for one in self.members if one.format == TIFF]
        float32 = any(self.script.outputs[one].sample_type == "FLOAT32" for one in tiffs)
        window = self.bounds.window
        return process_units(window.width, window.height, self.script.inputs, float32=float32)


def read_request(body: Any, accept: str) -> ProcessRequest:
    """Raises ApiError."""
    whole = JsonObject(body)
    source, output = whole.part("input"), whole.part("output")
    data = _only_data(source)
    bounds = read_bounds(source.part("bounds"), output)
    chosen, processing = data.part("dataFilter"), data.part("processing")
    begin, end = _times(chosen.part("timeRange"))
    for name in ("upsampling", "downsampling"):
        processing.choice(name, RESAMPLINGS, "NEAREST")
    cloud_cover = chosen.number("maxCloudCoverage", 0, 100)
    script = read_script(whole.text("evalscript"))
    members, tar = _members(output, accept, script)
    return ProcessRequest(
        bounds=bounds,
        begin=begin,
        end=end,
        max_cloud_cover=100.0 if cloud_cover is None else cloud_cover,
        order=chosen.choice("mosaickingOrder", ORDERS, "mostRecent"),
        harmonize=processing.flag("harmonizeValues", True),
        script=script,
        members=members,
        tar=tar,
    )


def _times(times: JsonObject) -> tuple[datetime, datetime]:
    """From when to when, both inclusive; without them, all that there is."""
    begin, end = times.instant("from", FIRST), times.instant("to", datetime.now(UTC))
    if begin > end and "to" in times:
        raise ApiError("`from` should be before `to`.", parameter=times.place("from"))
    return begin, end


def _only_data(source: JsonObject) -> JsonObject:
    """The one data source."""
    data = source.parts("data")
    if not data:
        raise ApiError("`data` should have at least one item.", parameter=source.place("data"))
    for one in data:
        kind = one.text("type")
        if not kind:
            raise one.wrong("type", "the name of a collection")
        if kind not in _ALIASES:
            raise ApiError(
                f"The demo archive has no collection `{kind}`, but sentinel-2-l2a.", parameter=one.place("type")
            )
    if len(data) > 1:
        raise ApiError("The demo archive does not support data fusion.", parameter=source.place("data"))
    return data[0]


def _members(output: JsonObject, accept: str, script: Script) -> tuple[tuple[Member, ...], str]:
    """What is sent, and the media type of the archive around it. The header outranks the body."""
    wanted = accept.split(",")[0].split(";")[0].strip().lower()
    parts = output.parts("responses") or [JsonObject({}, "output->responses[0]")]
    tar = wanted if wanted in TAR else ""
    if len(parts) > 1 and not tar:
        raise ApiError("Several responses need the header Accept: application/tar.", parameter="output->responses")
    if not (tar or wanted in {"", "*/*", TIFF, PNG, JPEG, JSON}):
        raise ApiError(f"The media type `{wanted}` of the header Accept is not supported.")
    members = [_member(part, wanted if wanted in {TIFF, PNG, JPEG, JSON} else "", script) for part in parts]
    if len({one.identifier for one in members}) < len(members):
        raise ApiError("Each response should have its own identifier.", parameter="output->responses")
    return tuple(members), tar


def _member(part: JsonObject, wanted: str, script: Script) -> Member:
    identifier = part.text("identifier", "default")
    form = part.part("format")
    kind = wanted or form.choice("type", (TIFF, PNG, JPEG, JSON), PNG)
    quality = form.number("quality", 0, 100)
    if identifier == USERDATA or kind == JSON:
        if not (identifier == USERDATA and kind == JSON):
            raise ApiError("application/json is for the response `userdata` only.", parameter=part.place("identifier"))
        return Member(identifier, JSON, 0)
    if identifier not in script.outputs:
        message = f"The script has no output '{identifier}'; it has {', '.join(script.outputs)}."
        raise ApiError(message, parameter=part.place("identifier"))
    _check_samples(kind, identifier, script)
    return Member(identifier, kind, 90 if quality is None else round(quality))


SAMPLES: Mapping[str, tuple[set[str], set[int]]] = {
    PNG: ({"UINT8", "UINT16", "AUTO"}, {1, 3, 4}),
    JPEG: ({"UINT8", "AUTO"}, {1, 3}),
}
"""Sample types and counts of channels that a picture can have."""


def _check_samples(kind: str, identifier: str, script: Script) -> None:
    output = script.outputs[identifier]
    if kind in SAMPLES:
        types, counts = SAMPLES[kind]
        if output.sample_type not in types or len(output.sources) not in counts:
            raise ApiError(
                f"{kind} cannot hold output '{identifier}' with {len(output.sources)} bands of {output.sample_type}."
            )
