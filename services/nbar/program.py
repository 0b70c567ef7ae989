"""Its part of the exported program: the same arithmetic, pixel by pixel, in the order of `c_factor` and `sun`."""

import json

from services.geo import to_wgs84
from services.nbar.c_factor import COEFFICIENTS
from services.recipe import Recipe
from services.reducers import Chapter

CHAPTER = Chapter(
    "Seen from straight above",
    "Each observation is multiplied by a c-factor, which makes it that of a view from straight above (NBAR): the "
    "kernel model of Roy et al. (2016, 2017) at nadir over the model at the angles of the observation. The sun is that "
    "of a pass over the middle of the tile on that day (Li et al. 2019, Blanco-Muriel et al. 2001), as in HLS 2.0. "
    "Angles are rounded to hundredths of a degree.",
    """\
WEIGHTS = {  # isotropic, volumetric, geometric; bands without weights stay as they are
$weights
}
MIDDLES = {  # longitude and latitude of each tile's middle
$middles
}


def wanted_sun(tile, acquisition):
    \"\"\"The sun's zenith angle in degrees as a satellite passes on that day; None beyond the reach of its orbit.\"\"\"
    longitude, latitude = MIDDLES[tile]
    if abs(latitude) > 81.3:
        return None
    day = datetime.date.fromisoformat(acquisition.rpartition("_")[2][:8])
    inclination, hour = (98.2 + 98.62) / 2, (10 + 11 / 60 + 10.5) / 2
    late = math.degrees(math.asin(math.tan(math.radians(latitude)) / math.tan(math.radians(inclination)))) / 15
    hours = (hour - late - longitude / 15) % 24
    days = (day - datetime.date(2000, 1, 1)).days - 0.5 + hours / 24
    turned = 2.1429 - 0.0010394594 * days
    anomaly = 6.2400600 + 0.0172019699 * days
    ecliptic = 4.8950630 + 0.017202791698 * days + 0.03341607 * math.sin(anomaly) + 0.00034894 * math.sin(2 * anomaly)
    ecliptic += -0.0001134 - 0.0000203 * math.sin(turned)
    tilt = 0.4090928 - 6.2140e-9 * days + 0.0000396 * math.cos(turned)
    ascension = math.atan2(math.cos(tilt) * math.sin(ecliptic), math.cos(ecliptic))
    declination = math.asin(math.sin(tilt) * math.sin(ecliptic))
    sidereal = math.radians(15 * (6.6974243242 + 0.0657098283 * days + hours) + longitude)
    height = math.cos(math.radians(latitude)) * math.cos(sidereal - ascension) * math.cos(declination)
    zenith = math.acos(height + math.sin(declination) * math.sin(math.radians(latitude)))
    return math.degrees(zenith + 6371.01 / 149_597_890 * math.sin(zenith))


def kernels(sun, view, apart):
    \"\"\"Ross-thick and Li-sparse-reciprocal (h/b = 2, b/r = 1).\"\"\"
    sun, view, apart = np.radians(sun), np.radians(view), np.radians(apart)
    cos_sun, cos_view, tan_sun, tan_view = np.cos(sun), np.cos(view), np.tan(sun), np.tan(view)
    cos_phase = np.clip(cos_sun * cos_view + np.sin(sun) * np.sin(view) * np.cos(apart), -1, 1)
    phase = np.arccos(cos_phase)
    ross = ((np.pi / 2 - phase) * cos_phase + np.sin(phase)) / (cos_sun + cos_view) - np.pi / 4
    secants = 1 / cos_sun + 1 / cos_view
    distance = tan_sun**2 + tan_view**2 - 2 * tan_sun * tan_view * np.cos(apart)
    across = (tan_sun * tan_view * np.sin(apart)) ** 2
    cos_t = np.clip(2 * np.sqrt(np.maximum(distance + across, 0)) / secants, -1, 1)
    t = np.arccos(cos_t)
    overlap = (t - np.sin(t) * cos_t) * secants / np.pi
    return ross, overlap - secants + (1 + cos_phase) / (2 * cos_sun * cos_view)


def from_above(patch, tile, acquisition):
    \"\"\"DN of a patch, (1, height, width, band), where angles are known and the sun is 10 degrees high or more.\"\"\"
    angles = (np.rint(100 * patch.data[name][0, ..., 0].astype(np.float64)) / 100 for name in ANGLES)
    sun, sun_azimuth, view, view_azimuth = angles
    to_be = wanted_sun(tile, acquisition)
    to_be = sun if to_be is None else np.full(sun.shape, to_be)
    usable = ((sun != 0) | (sun_azimuth != 0)) & ((view != 0) | (view_azimuth != 0)) & (sun <= 80) & (to_be <= 80)
    seen = kernels(np.where(usable, sun, 0), np.where(usable, view, 0), view_azimuth - sun_azimuth)
    nadir = kernels(np.where(usable, to_be, 0), np.zeros(sun.shape), np.zeros(sun.shape))
    dn = patch.data["BANDS"].copy()
    rows, columns = ((2 * np.arange(fine) + 1) * few // (2 * fine) for fine, few in zip(dn.shape[1:3], sun.shape))
    for band, (isotropic, volumetric, geometric) in WEIGHTS.items():
        over, under = (isotropic + volumetric * ross + geometric * li for ross, li in (nadir, seen))
        factor = np.where(usable, over / under, 1.0)[np.ix_(rows, columns)]
        place = BANDS.index(band)
        dn[0, ..., place] = np.minimum(np.rint(dn[0, ..., place] * factor), 65535)
    return dn
""",
    imports=("datetime", "math"),
)
AS_SEEN = 'patch.data["BANDS"] for patch in patches'
NORMALISED = "from_above(patch, tile, one[0]) for patch, one in zip(patches, wanted, strict=True)"
"""What the program reduces: observations as they came, and normalised ones."""


def literals(recipe: Recipe) -> dict[str, str]:
    """By the names that it has beside the program's own."""
    weights = (f"    {json.dumps(band)}: {COEFFICIENTS[band]!r}," for band in recipe.bands if band in COEFFICIENTS)
    middles = []
    for tile in recipe.neighbourhood.tiles:
        west, south, east, north = tile.bounds
        longitude, latitude = to_wgs84(tile.epsg, (west + east) / 2, (south + north) / 2)
        middles.append(f"    {json.dumps(tile.name)}: ({float(longitude)!r}, {float(latitude)!r}),")
    return {"weights": "\n".join(weights), "middles": "\n".join(middles)}
