"""The bands of a result's GeoTIFFs as STAC 1.1 describes them: names, wavelengths, scale, no data, statistics."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.composite import NO_DATA, Mosaic
from services.export import LOOKS
from services.median import DN_PER_UNIT

SPECTRUM: dict[str, tuple[str, float, float]] = {
    "B01": ("coastal", 0.443, 0.027),
    "B02": ("blue", 0.49, 0.098),
    "B03": ("green", 0.56, 0.045),
    "B04": ("red", 0.665, 0.038),
    "B05": ("rededge071", 0.704, 0.019),
    "B06": ("rededge075", 0.74, 0.018),
    "B07": ("rededge078", 0.783, 0.028),
    "B08": ("nir", 0.842, 0.145),
    "B8A": ("nir08", 0.865, 0.033),
    "B09": ("nir09", 0.945, 0.026),
    "B11": ("swir16", 1.61, 0.143),
    "B12": ("swir22", 2.19, 0.242),
}
"""Common name, centre and width at half of the maximum in µm; of Sentinel-2A, the others differ by some nanometres."""


def bands_of(mosaic: Mosaic, *, statistics: bool) -> list[dict[str, Any]]:
    """As they follow each other in a GeoTIFF; statistics are of the stored numbers, DN and counts."""
    resolution = round(sum(mosaic.pixel_size) / 2, 6)
    common = {"data_type": "uint16", "raster:sampling": "area", "raster:spatial_resolution": resolution}
    bands = []
    for band in mosaic.bands:
        name, centre, width = SPECTRUM[band]
        described = {
            "name": band,
            "eo:common_name": name,
            "eo:center_wavelength": centre,
            "eo:full_width_half_max": width,
            **common,
            "nodata": NO_DATA,
            "unit": "reflectance",
            "raster:scale": 1 / DN_PER_UNIT,
            "raster:offset": 0.0,
        }
        numbers = {"statistics": _statistics(mosaic.dn(band), mosaic.count > 0)} if statistics else {}
        bands.append(described | numbers)
    looks = {"name": LOOKS, "description": "How many clear looks each pixel has", **common, "unit": "looks"}
    numbers = {"statistics": _statistics(mosaic.count, np.ones_like(mosaic.count, np.bool_))} if statistics else {}
    return [*bands, looks | numbers]


def _statistics(plane: NDArray[np.uint16], valid: NDArray[np.bool_]) -> dict[str, Any]:
    values = plane[valid]
    counted = {"count": int(plane.size), "valid_percent": round(100 * values.size / plane.size, 6)}
    if not values.size:
        return counted
    return counted | {
        "minimum": int(values.min()),
        "maximum": int(values.max()),
        "mean": float(values.mean(dtype=np.float64)),
        "stddev": float(values.std(dtype=np.float64)),
    }
