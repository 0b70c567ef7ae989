"""The finest texture, smaller than what octaves draw: from a small sheet that repeats every 5 km.

The sheet is laid along circles of latitude in belts of 40 km, a whole number of times around each, each lap shifted.
Where two laps or belts meet the texture breaks off, which nobody sees in what is finer than 100 m.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from services.demo.chance import fractions
from services.demo.chart import Block
from services.demo.octaves import RADIUS
from services.demo.raster import Plane

_SHEET = 512
"""Pixels a side of the sheet."""
_BELT = 40_000.0
"""Metres."""
_SLIP = 0.381966
"""Part of the sheet by which each lap lies further north than the one before, so that no pattern repeats."""
_WIDTH = _SHEET * 10.0
"""Metres of the sheet."""


def _blurred(seed: int, sigma: float) -> Plane:
    """White noise, blurred and periodic, mean 0 and standard deviation 1."""
    noise: Plane = fractions(_SHEET * _SHEET, seed).reshape(_SHEET, _SHEET)
    if sigma:
        pad = 64
        noise = np.asarray(cv2.GaussianBlur(np.pad(noise, pad, mode="wrap"), (0, 0), sigma), np.float32)[
            pad:-pad, pad:-pad
        ]
    noise = noise - noise.mean()
    return np.asarray(noise / noise.std(), np.float32)


def _sheets() -> list[Plane]:
    """(512, 512, 4) at 10 m, and halved again and again: clumps, blotches, specks, nothing."""
    clump = 0.8 * _blurred(51, 1.1) + 0.6 * _blurred(52, 2.2)
    sheets = [np.dstack([clump, _blurred(53, 7.0), _blurred(54, 0.0), np.zeros_like(clump)])]
    for _ in range(4):
        sheets.append(cv2.resize(sheets[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return sheets


_SHEETS = _sheets()


def grain(block: Block) -> tuple[Plane, Plane, Plane]:
    """Clumps of 20 m, blotches of 100 m, specks of a pixel: mean 0, standard deviation 1 at 10 m and less above."""
    sheet = _SHEETS[min(max(block.chart.level, 0), len(_SHEETS) - 1)]
    turns, latitudes = block.places
    belts = np.floor(latitudes * (RADIUS / _BELT))
    first, last = int(belts.min()), int(belts.max())
    if first == last:
        x = turns * _laps(first)
    else:
        x = turns * np.array([_laps(belt) for belt in range(first, last + 1)])[(belts - first).astype(np.intp)]
    lap = np.floor(x)
    x -= lap
    y = latitudes * (RADIUS / _WIDTH) + lap * _SLIP
    y -= np.floor(y)
    drawn = cv2.remap(sheet, _scaled(x, sheet), _scaled(y, sheet), cv2.INTER_NEAREST, borderMode=cv2.BORDER_WRAP)
    clump, blotch, speck, _ = (np.asarray(part, np.float32) for part in cv2.split(drawn))
    return clump, blotch, speck


def _laps(belt: int) -> int:
    """How many times the sheet is laid around a belt."""
    return round(2 * math.pi * RADIUS * math.cos((belt + 0.5) * (_BELT / RADIUS)) / _WIDTH)


def _scaled(part: NDArray[np.float64], sheet: Plane) -> Plane:
    """From parts of the sheet to its pixels."""
    return (part * len(sheet)).astype(np.float32)
