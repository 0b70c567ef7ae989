"""The methods of compositing in the order of the page; the first one is that of a recipe that names none."""

from services.reducers.least_cloudy import LEAST_CLOUDY
from services.reducers.median import MEDIAN
from services.registry import Registry

METHODS = Registry("method", (MEDIAN, LEAST_CLOUDY))
