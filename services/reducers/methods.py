"""The methods of compositing in the order of the page; the first one is that of a recipe that names none."""

from services.reducers.best_pixel import BEST_PIXEL
from services.reducers.geometric_median import GEOMETRIC_MEDIAN
from services.reducers.least_cloudy import LEAST_CLOUDY
from services.reducers.mean import MEAN
from services.reducers.median import MEDIAN
from services.reducers.medoid import MEDOID
from services.reducers.percentile import FIRST_QUARTILE, PERCENTILE
from services.registry import Registry

METHODS = Registry(
    "method",
    (MEDIAN, FIRST_QUARTILE, PERCENTILE, MEAN, GEOMETRIC_MEDIAN, MEDOID, BEST_PIXEL, LEAST_CLOUDY),
)
