"""Water drawn over the land: sea, lakes, rivers, streams, with beaches, bars and shallows."""

import numpy as np

from services.demo.world.grid import Block
from services.demo.world.materials import NUMBER
from services.demo.world.raster import Bytes, Layer, Plane, select
from services.demo.world.terrain.relief import Relief, band, smooth

_STREAM = 9.0
"""Metres from bank to bank."""
_BANKS = 40.0
"""Metres of a pixel above which banks are not drawn."""


def draw_water(block: Block, land: Relief, blotch: Plane, layer: Layer) -> Plane | None:
    """Draws it, and returns the part of each pixel that is wet; None where the block is dry."""
    _draw_banks(block, land, blotch, layer)
    salt, fresh = (
        None if shore is None else np.clip(0.5 + shore * np.float32(1 / block.pixel), 0, 1)
        for shore in (land.sea, land.lake)
    )
    still, flowing = _larger(salt, fresh), _flowing(block, land, blotch)
    wet = _larger(still, flowing)
    if wet is None:
        return None
    kind = np.full(layer.base.shape, NUMBER["river" if still is None else "lake"], np.uint8)
    if still is not None and flowing is not None:
        kind = select(still >= flowing, NUMBER["lake"], NUMBER["river"])
    if salt is not None:
        kind = select((salt > 0) & (salt >= wet), NUMBER["sea"], kind)
    layer.put(wet > 0, layer.main(), kind, wet)
    _draw_depths(land, blotch, layer, wet, kind)
    return wet


def _larger(one: Plane | None, other: Plane | None) -> Plane | None:
    """Of two parts of each pixel the larger; None is nothing."""
    return np.maximum(one, other) if one is not None and other is not None else other if one is None else one


def _flowing(block: Block, land: Relief, blotch: Plane) -> Plane | None:
    """Part of the pixels that is river or stream."""
    river = stream = None
    if land.river is not None and land.breadth is not None:
        bars = 16 * smooth(0.7, 1.6, blotch + 0.5 * land.wood)
        river = band(land.river + bars, land.breadth, block.pixel)
    if land.stream is not None:
        stream = band(land.stream, _STREAM, block.pixel) * smooth(0.22, 0.36, land.wetness)
    return _larger(river, stream)


def _draw_banks(block: Block, land: Relief, blotch: Plane, layer: Layer) -> None:
    """Beaches along the sea and lakes, gravel along rivers, salt in the hollows of deserts."""
    if block.pixel > _BANKS:
        return
    rough = land.wood + 0.5 * blotch
    if land.sea is not None:
        layer.line(np.clip(1 + (land.sea + 12 + 10 * rough) / block.pixel, 0, 1), NUMBER["beach"])
    if land.lake is not None:
        layer.line(np.clip(1 + (land.lake - 16 + 14 * rough) / block.pixel, 0, 0.7), NUMBER["beach"])
    if land.river is not None and land.breadth is not None:
        layer.line(band(land.river, land.breadth + 6 + 26 * rough, block.pixel) * 0.8, NUMBER["gravel"])
    if float(land.wetness.min()) < 0.26:
        pan = smooth(0.75, 0.5, land.hollow - 1.6 + 0.12 * blotch)
        layer.line(smooth(0.26, 0.2, land.wetness) * smooth(5, 9, land.warmth) * pan, NUMBER["salt"])


def _draw_depths(land: Relief, blotch: Plane, layer: Layer, wet: Plane, kind: Bytes) -> None:
    """Where a pixel is all water: shallows under the shore, deeper colours away from it."""
    whole = wet >= 1
    if not whole.any():
        return
    flows = kind == NUMBER["river"]
    base = select(flows, NUMBER["flat"], NUMBER["tarn"])
    depth = smooth(-0.4, 0.5, land.people * 0.3 - land.hollow)
    depth += flows * (smooth(-1.6, 0.2, blotch + land.wood) - depth)
    if land.depth is not None:
        sea = kind == NUMBER["sea"]
        base = select(sea, NUMBER["shallows"], base)
        depth += sea * (smooth(-0.03, 0.16, land.depth + 0.02 * blotch) - depth)
    layer.put(whole, base, kind, depth)
