"""The lie of the land: sea and continents, hills, mountains, lakes, rivers.

Rivers are where a noise is 0, in the valleys of hills that are low there; lakes fill the hollows of the same hills.
"""

from dataclasses import dataclass

import numpy as np

from services.demo.world.climate import LAPSE, mean_warmth, wetness
from services.demo.world.grid import Block, BlockMesh
from services.demo.world.noise import Mesh, MeshNoise, NoiseField
from services.demo.world.raster import Plane, resample

CONTINENT = NoiseField.fractal(18592, 2_600_000, 16, 0.62)
HILLS = NoiseField.fractal(12, 8_000, 7, 0.53)
RIDGES = NoiseField.fractal(13, 9_000, 8, 0.5)
RIVER = NoiseField.fractal(14, 60_000, 9, 0.46)
STREAM = NoiseField.fractal(15, 13_000, 6, 0.42)
WOOD = NoiseField.fractal(16, 2_400, 6, 0.72)
FARM = NoiseField.fractal(17, 9_000, 5, 0.6)
BEND_EAST = NoiseField.fractal(18, 1_900, 5, 0.45)
BEND_NORTH = NoiseField.fractal(19, 1_900, 5, 0.45)
FINE = (CONTINENT, HILLS, RIVER, STREAM, WOOD, FARM, BEND_EAST, BEND_NORTH)

MOUNTAIN = NoiseField.fractal(6673, 900_000, 6, 0.6)
ROLLING = NoiseField.fractal(259, 260_000, 4, 0.6)
LAKES = NoiseField.fractal(251, 380_000, 5, 0.6)
WARM = NoiseField.fractal(284, 1_500_000, 4, 0.5)
WET = NoiseField.fractal(264, 1_700_000, 8, 0.55)
PEOPLE = NoiseField.fractal(320, 400_000, 6, 0.65)
BROAD = (MOUNTAIN, ROLLING, LAKES, WARM, WET, PEOPLE)

_NEAR = 260.0
"""Metres within which a water is drawn, with its banks."""
_SEA = -1.05
"""Where the continents' noise is below this is sea: a seventh of the world."""


@dataclass(frozen=True)
class Relief:
    """A block's land; arrays are (192, 192)."""

    east: Plane
    """Slope to the east, metres per metre."""
    north: Plane
    hollow: Plane
    """How high above the level of the lakes, in standard deviations of the hills."""
    wood: Plane
    """Noise with standard deviation 1 that says how thick the woods are."""
    farm: Plane
    """The same for fields."""
    bend_east: Plane
    """Metres by which lines drawn by people are bent; roads more."""
    bend_north: Plane
    warmth: Plane
    """Yearly mean in °C at this height."""
    wetness: Plane
    """0 desert to 1 rain forest."""
    people: Plane
    """Noise: how many live here."""
    sea: Plane | None = None
    """Metres from the shore, positive in the water; trust it near the shore only. None where none is near the block."""
    depth: Plane | None = None
    """How deep below the sea's level, in standard deviations of the continents; negative on land."""
    lake: Plane | None = None
    """As `sea`."""
    river: Plane | None = None
    """Metres from the middle of the nearest river; None where none is near the block."""
    breadth: Plane | None = None
    """Metres from bank to bank of a river."""
    stream: Plane | None = None
    """Metres from the middle of the nearest stream; None where none is near the block."""


def smooth(low: float, high: float, values: Plane) -> Plane:
    """0 below `low`, 1 above `high`, without a kink between; `low` may be the larger."""
    part: Plane = np.clip((values - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return part * part * (3 - 2 * part)


def band(away: Plane, width: Plane | float, pixel: float) -> Plane:
    """Part of each pixel that a strip covers whose middle is `away` metres; also where it is narrower than a pixel."""
    width = np.maximum(np.asarray(width, np.float32), 0)
    cover = np.clip(0.5 + (width * np.float32(0.5) - away) * np.float32(1 / pixel), 0, 1)
    return cover * np.where(width < pixel, 4 * pixel * width / (pixel + width) ** 2, np.float32(1))


def relief(block: Block) -> Relief:
    """Of a block."""
    coarse, fine = block.mesh(12), block.mesh(3)
    finest = 4.5 * block.pixel
    continent, hills, river, stream, wood, farm, bend_east, bend_north = MeshNoise.over(fine.mesh, FINE, finest).sums()
    slow = broad(coarse.mesh, MeshNoise.over(coarse.mesh, BROAD, 12 * block.pixel).sums())
    mountain, rolling, lakes, warm, wet, people = _on(fine, coarse, slow)
    land = above_sea(continent, hills)
    coast = smooth(0.0, 0.35, land)
    valley = smooth(0.0, 0.3, np.abs(river))
    hills = hills - 0.85 * (1 - valley)
    height = 6 + 130 * coast + (10 + 80 * rolling) * coast * (hills + 1.8)
    if float(mountain.max()) > 0:
        height += mountain * coast * (0.12 + 0.88 * valley) * _mountains(fine, finest)
    east, north = fine.slopes(height)
    hollow = hills - lakes + 3 * smooth(0.14, 0.02, land)
    fields = {"east": east, "north": north, "hollow": hollow, "wood": wood, "farm": farm}
    fields |= {"bend_east": 40 * bend_east, "bend_north": 40 * bend_north, "people": people}
    fields["warmth"] = warm - np.float32(LAPSE) * height
    fields["wetness"] = wet + 0.03 * wood + 0.1 * smooth(0.8, 0, hollow)
    fields |= _waters(fine, {"sea": land, "lake": hollow, "river": river, "stream": stream})
    return Relief(**_measured(dict(zip(fields, fine.pixels(*fields.values()), strict=True))))


def _waters(fine: BlockMesh, noises: dict[str, Plane]) -> dict[str, Plane]:
    """The noises whose zeros are shores or rivers, and their steepness, where a zero may be near the block."""
    found = {}
    for name, noise in noises.items():
        slopes = fine.slopes(noise)
        steep = np.sqrt(slopes[0] * slopes[0] + slopes[1] * slopes[1])
        least = noise.min() if name in {"sea", "lake"} else np.abs(noise).min()
        if least < _NEAR * steep.max():
            found[name] = noise
            found[f"steep_{name}"] = np.maximum(steep, 2e-4 if name == "lake" else 1e-7)
    return found


def _measured(fields: dict[str, Plane]) -> dict[str, Plane]:
    """With the waters in metres."""
    for name in ("sea", "lake", "river", "stream"):
        if name in fields:
            noise, steep = fields.pop(name), fields.pop(f"steep_{name}")
            if name == "sea":
                fields["depth"] = -noise
            fields[name] = -noise / steep if name in {"sea", "lake"} else np.abs(noise) / steep
    if "river" in fields:
        breadth = 40 + 60 * fields["wetness"] + 22 * fields["wood"] + 25 * fields["people"]
        fields["breadth"] = np.clip(breadth, 14, 170)
    return fields


def above_sea(continent: Plane, hills: Plane) -> Plane:
    """How far the continents' noise stands above the sea, hills included: 0 is the shore."""
    return continent - np.float32(_SEA) + 0.04 * hills


def broad(mesh: Mesh, fields: list[Plane]) -> list[Plane]:
    """From the sums of `BROAD` over a mesh: mountains 0 to 1, rolling 0 to 1, lakes' level, °C, wetness, people."""
    mountain, rolling, lakes, warm, wet, people = fields
    latitudes = mesh.latitudes[:, None]
    moist = (wetness(latitudes) + 0.13 * wet).astype(np.float32)
    north = smooth(40, 58, np.abs(np.degrees(latitudes)).astype(np.float32))
    return [
        smooth(0.45, 1.5, mountain),
        smooth(-1, 1.5, rolling),
        -2.6 + 1.25 * north + 0.35 * lakes - 2.0 * smooth(0.45, 1.2, mountain) - 2.0 * smooth(0.36, 0.2, moist),
        (mean_warmth(latitudes) + 1.3 * warm).astype(np.float32),
        moist,
        people,
    ]


def _on(fine: BlockMesh, coarse: BlockMesh, fields: list[Plane]) -> list[Plane]:
    """Fields over the coarse mesh, over the fine one."""
    rows = np.interp(fine.mesh.latitudes, coarse.mesh.latitudes, np.arange(len(coarse.mesh.latitudes)))
    columns = np.interp(fine.mesh.turns, coarse.mesh.turns, np.arange(len(coarse.mesh.turns)))
    x, y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    return resample(fields, x, y)


def _mountains(fine: BlockMesh, finest: float) -> Plane:
    """Metres: sharp ridges where octaves are 0, finer ones where it is high already (after F. K. Musgrave, 1994)."""
    octaves = MeshNoise.over(fine.mesh, [RIDGES], finest).octaves()
    total = np.zeros_like(octaves[0])
    for octave, weight in zip(octaves, RIDGES.weights, strict=False):
        ridge = 1 - np.minimum(np.abs(octave) * np.float32(0.62 / weight), 1)
        ridge *= ridge * np.float32(weight / RIDGES.weights[0])
        total += ridge * np.clip(total * 1.1 + 0.1, 0, 1) if octave is not octaves[0] else ridge
    return 200 + 2000 * total
