"""Looking: what the cache has in, pictures, statistics and date summaries out; nothing is asked or paid."""

from services.preview.coarse import COARSE, coarse_recipe
from services.preview.compositor import PreviewCompositor
from services.preview.date_summary import DateSummary
from services.preview.drawing import DrawingRoom, StillDrawing
from services.preview.histogram import Channel, Histogram, histogram_of
from services.preview.plane_cache import CachedPlanes
from services.preview.preview_store import PreviewStore
from services.preview.previews import MOST_SIDE, Pixels, Preview, Previews
from services.preview.service import Drawable, Known, PreviewService, acquisitions_of
from services.preview.statistics import Curve, Knee, Numbers, Point, knee
from services.preview.subsampling import raster, step_for

__all__ = [
    "COARSE",
    "MOST_SIDE",
    "CachedPlanes",
    "Channel",
    "Curve",
    "DateSummary",
    "Drawable",
    "DrawingRoom",
    "Histogram",
    "Knee",
    "Known",
    "Numbers",
    "Pixels",
    "Point",
    "Preview",
    "PreviewCompositor",
    "PreviewService",
    "PreviewStore",
    "Previews",
    "StillDrawing",
    "acquisitions_of",
    "coarse_recipe",
    "histogram_of",
    "knee",
    "raster",
    "step_for",
]
