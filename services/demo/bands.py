"""The bands of Level 2A as the service offers them, with the units in which each can be had."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.integer | np.floating]
"""One band over a window: (height, width)."""
DN, REFLECTANCE, PERCENT, DEGREES, OPTICAL_DEPTH = "DN", "REFLECTANCE", "PERCENT", "DEGREES", "OPTICAL_DEPTH"
OPTICAL = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
DATA_MASK = "dataMask"
UNITS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(OPTICAL, (REFLECTANCE, DN)),
    "SCL": (DN,),
    "SNW": (PERCENT,),
    "CLD": (PERCENT,),
    "CLP": (DN,),
    "CLM": (DN,),
    "sunAzimuthAngles": (DEGREES,),
    "sunZenithAngles": (DEGREES,),
    "viewAzimuthMean": (DEGREES,),
    "viewZenithMean": (DEGREES,),
    DATA_MASK: (DN,),
}
"""Band → its units, the default first."""
SAMPLE_TYPES = ("INT8", "UINT8", "INT16", "UINT16", "FLOAT32", "AUTO")
