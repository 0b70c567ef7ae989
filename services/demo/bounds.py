"""Where and how large: `input.bounds` and the size of the output, checked as the service does."""

import math
import re
from dataclasses import dataclass

import numpy as np
from shapely import MultiPolygon, box
from shapely.geometry.base import BaseGeometry

from services.demo.degrees import degrees_of, in_degrees
from services.demo.errors import EXCEPTION, Refusal
from services.demo.geometry import polygons
from services.demo.payload import Part
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


def read_bounds(bounds: Part, output: Part) -> Bounds:
    """Raises Refusal."""
    epsg = _epsg(bounds.part("properties").text("crs", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"))
    bbox = bounds.numbers("bbox", 4)
    clip = polygons(bounds.raw("geometry"), bounds.place("geometry")) if "geometry" in bounds else None
    if bbox is None and clip is None:
        raise Refusal("`bounds` should have a `bbox` or a `geometry`.", parameter=bounds.place("bbox"))
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
    raise Refusal(f"The CRS `{url}` is not supported.", parameter="input->bounds->properties->crs")


def _size(output: Part, across: float, up: float) -> tuple[int, int]:
    """Width and height in px."""
    pixels = [output.whole("width"), output.whole("height")]
    steps = [output.number("resx"), output.number("resy")]
    if any(pixels) and any(steps):
        raise Refusal("Only width and height or resx and resy can be set at the same time.", parameter="output->resx")
    if any(step is not None for step in steps):
        resx, resy = steps[0] or steps[1] or 0.0, steps[1] or steps[0] or 0.0
        if min(resx, resy) <= 0:
            raise Refusal("`resx` and `resy` should be above 0.", parameter="output->resx")
        sizes = max(round(across / resx), 1), max(round(up / resy), 1)
        for name, size, step in zip(("width", "height"), sizes, ("resx", "resy"), strict=True):
            if size > MOST_PIXELS:
                text = f"`{name} = {size}`, calculated from {step}, is larger than allowed {MOST_PIXELS}."
                raise Refusal(text, parameter=output.place(step))
        return sizes
    for name, given in zip(("width", "height"), pixels, strict=True):
        if given is not None and not 1 <= given <= MOST_PIXELS:
            bound = f"larger than allowed {MOST_PIXELS}" if given > 0 else "smaller than allowed 1"
            raise Refusal(f"`{name} = {given}` is {bound}.", parameter=output.place(name))
    return pixels[0] or DEFAULT_PIXELS, pixels[1] or DEFAULT_PIXELS


def _check_resolution(window: Window) -> None:
    """Of the ground, in the middle of the window."""
    west, south, east, north = window.bounds
    x, y = (east - west) / window.width, (north - south) / window.height
    corners = degrees_of(window.epsg, [west, east, (west + east) / 2], [south, north, (south + north) / 2])
    longitudes, latitudes = corners
    if not np.all(np.isfinite(corners)) or np.abs(latitudes).max() > 90 or np.abs(longitudes).max() > 540:
        raise Refusal("The bounding box is not on Earth.", parameter="input->bounds->bbox")
    shrink = math.cos(math.radians(float(latitudes[2])))
    scale = {4326: (_DEGREE * shrink, _DEGREE), 3857: (shrink, shrink)}.get(window.epsg, (1.0, 1.0))
    metres = max(x * scale[0], y * scale[1])
    if metres > COARSEST:
        raise Refusal(
            f"Your request of {metres:.2f} meters per pixel exceeds the limit {COARSEST:.2f} meters per pixel of the "
            "collection S2L2A. Please revise the resolution (or corresponding width/height) to make sure it is in "
            "supported range.",
            code=EXCEPTION,
        )
