"""Pictures: images in, views, legends, PNG files and figures out, with the words of their provenance."""

from typing import TYPE_CHECKING

from services.lazy import late
from services.render.drawing import Legend, apply_colormap, draw, draw_dn, draw_index, legend
from services.render.hatching import hatched
from services.render.palettes import PALETTES, hexadecimal
from services.render.picture import (
    MARGIN,
    counts_legend,
    counts_picture,
    counts_range,
    counts_rgba,
    enlargement,
    framed,
    ramp,
    render_picture,
    save_png,
    stamp,
    wrapped,
)
from services.render.png import encode_png
from services.render.provenance import HARMONIZATION, REMOVED_OFFSET, Provenance, offset_words, products_in_short
from services.render.quantity import Quantity, quantities
from services.render.scale import metres_words, scale_metres
from services.render.view_text import (
    COLOURS,
    GREY,
    LEAST_GAMMA,
    MOST_GAMMA,
    Limits,
    parse_view,
    restyle,
    unstyled,
    view_named,
)
from services.render.views import (
    BRIGHTEST,
    EACH_OBSERVATION,
    FIRST_BANDS,
    GAMMA,
    VIEWS,
    View,
    default_view,
    views_of,
)

if TYPE_CHECKING:
    from services.render.figure import draw_figure
else:
    __getattr__ = late(__name__, draw_figure="figure")

__all__ = [
    "BRIGHTEST",
    "COLOURS",
    "EACH_OBSERVATION",
    "FIRST_BANDS",
    "GAMMA",
    "GREY",
    "HARMONIZATION",
    "LEAST_GAMMA",
    "MARGIN",
    "MOST_GAMMA",
    "PALETTES",
    "REMOVED_OFFSET",
    "VIEWS",
    "Legend",
    "Limits",
    "Provenance",
    "Quantity",
    "View",
    "apply_colormap",
    "counts_legend",
    "counts_picture",
    "counts_range",
    "counts_rgba",
    "default_view",
    "draw",
    "draw_dn",
    "draw_figure",
    "draw_index",
    "encode_png",
    "enlargement",
    "framed",
    "hatched",
    "hexadecimal",
    "legend",
    "metres_words",
    "offset_words",
    "parse_view",
    "products_in_short",
    "quantities",
    "ramp",
    "render_picture",
    "restyle",
    "save_png",
    "scale_metres",
    "stamp",
    "unstyled",
    "view_named",
    "views_of",
    "wrapped",
]
