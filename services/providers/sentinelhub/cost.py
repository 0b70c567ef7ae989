"""What a Process request may ask for and what it costs, as the documentation of Sentinel Hub says. Pure."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from math import ceil

from services.catalogue import PASS
from services.grid import TileBlock
from services.plan import BlockRequest, Cost, Terms
from services.providers.base import Words
from services.providers.item_search import expected_pages
from services.recipe import Interval
from services.sentinel2 import DATA_MASK, SCL

MAX_PIXELS = 2500
"""Longest side of one Process request, in px (Sentinel Hub documentation)."""
BYTES = {SCL: 0.6, DATA_MASK: 0.2}
"""Bytes a pixel of the service's Deflate TIFF, as real Sentinel-2 scenes with clouds compress; see BAND_BYTES."""
BAND_BYTES = 1.6
"""The same of a 16-bit band: 0.8 of its two bytes."""
_MONTH = timedelta(days=31)


def processing_units(width: int, height: int, planes: Collection[str]) -> float:
    """Cost of one 16-bit response with one sample a pixel, in processing units.

    max(width · height / 512², 0.01) × bands / 3, at least 0.005; dataMask counts only where it is the only band
    (Sentinel Hub documentation, "Processing unit definition"). 8 and 16 bit have the format factor 1.
    """
    bands = len([plane for plane in planes if plane != DATA_MASK]) or 1
    return max(max(width * height / 512**2, 0.01) * bands / 3, 0.005)


def search_cost(neighbourhood: TileBlock, interval: Interval) -> Cost:
    """Of a search of the catalogue, about: each page (area / 10⁶ km², at least 0.01) × started months, at most 1.

    A month is taken to have 31 days, and a search to reach a pass beyond each end of the interval (Sentinel Hub
    documentation, "Processing unit definition"). What its quotas count are requests for data; tokens come from another
    host, with a limit of their own that is not published, and no page of the documentation takes them off the month.
    """
    west, south, east, north = neighbourhood.bounds
    months = ceil((interval.end_time - interval.start_time + 2 * PASS) / _MONTH)
    each = min(max((east - west) * (north - south) / 1e12, 0.01) * months, 1.0)
    pages = expected_pages(neighbourhood, interval)
    return Cost(each * pages, pages)


def cost(block: BlockRequest) -> Cost:
    """Of a block, which is one Process request."""
    came = round(block.pixels * sum(BYTES.get(plane, BAND_BYTES) for plane in block.planes))
    return Cost(processing_units(block.width, block.height, block.planes), 1, came)


TERMS = Terms(MAX_PIXELS, cost, angles=True)
OTHER_TERMS = replace(TERMS, angles=False)
"""Of a collection of somebody's own, of whose bands nothing is known but what every Level 2A has."""
WORDS = Words("units", "processing units")
DEMO_WORDS = Words("units", "processing units", ", free ones of the demo archive")
