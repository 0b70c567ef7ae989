"""Sentinel-2 Level 2A: bands, wavelengths, classes, digital numbers and no data, in one place."""

from datetime import date

SCL = "SCL"
"""The scene classification that comes with Level 2A."""
DATA_MASK = "dataMask"
"""1 where the service has data; free of charge beside a band."""
ANGLES = ("sunZenithAngles", "sunAzimuthAngles", "viewZenithMean", "viewAzimuthMean")
"""Planes of the angles under which a pixel was lit and seen, as Sentinel Hub names them: zenith, and azimuth clockwise
from north; their pixels are of 5000 m, and the view is the mean over the bands."""
PER_DEGREE = 100
"""Whole numbers a degree of an angle's plane. Where an angle is not known, zenith and azimuth are 0 together."""
SCL_CLASSES = (
    *("no data", "saturated or defective", "dark area or cast shadow", "cloud shadow", "vegetation"),
    *("not vegetated", "water", "unclassified", "cloud, medium probability", "cloud, high probability"),
    *("thin cirrus", "snow or ice"),
)
"""Words of the classes 0 to 11 of SCL (ESA, Sentinel-2 Level-2A Algorithm Theoretical Basis Document)."""

BANDS: dict[str, int] = {
    "B01": 60,
    "B02": 10,
    "B03": 10,
    "B04": 10,
    "B05": 20,
    "B06": 20,
    "B07": 20,
    "B08": 10,
    "B8A": 20,
    "B09": 60,
    "B11": 20,
    "B12": 20,
}
"""Bands of Level 2A and their native pixel size in metres (ESA, Sentinel-2 MSI User Guide); there is no B10."""
SCRIPT_BANDS = ("B02", "B03", "B04", "B08", "B11", "B12")
"""The bands that are fetched unless others are chosen."""
COLLECTION = "sentinel-2-l2a"

FIRST_DATE = date(2015, 7, 1)
"""Sentinel-2A's first pictures are of the summer of 2015 (launch 23 June 2015, ESA)."""

DN_PER_UNIT = 10_000
"""DN of reflectance 1 (ESA, Sentinel-2 Products Specification; Sentinel Hub's harmonised values)."""

NO_DATA = 65_535
"""DN of a pixel without a clear observation; no valid pixel has it."""

SPECTRUM: dict[str, tuple[str, float, float]] = {
    "B01": ("coastal", 0.443, 0.020),
    "B02": ("blue", 0.49, 0.065),
    "B03": ("green", 0.56, 0.035),
    "B04": ("red", 0.665, 0.030),
    "B05": ("rededge071", 0.704, 0.015),
    "B06": ("rededge075", 0.74, 0.015),
    "B07": ("rededge078", 0.783, 0.020),
    "B08": ("nir", 0.842, 0.115),
    "B8A": ("nir08", 0.865, 0.020),
    "B09": ("nir09", 0.945, 0.020),
    "B11": ("swir16", 1.61, 0.090),
    "B12": ("swir22", 2.19, 0.180),
}
"""Common name, centre and nominal full width at half of the maximum in µm, as GDAL's driver SENTINEL2 documents them;
of Sentinel-2A, the others differ by some nanometres."""
