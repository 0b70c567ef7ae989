"""Results: composites in, COGs, EOPatches, tables, STAC items, programs and zips out."""

from typing import TYPE_CHECKING

from services.export.downloads import DOWNLOADS, Download
from services.export.meaning import meaning_of
from services.export.result_files import ResultWriter, copy_result
from services.export.result_room import Removal
from services.export.result_store import COUNTS, MOSAIC, PICTURE, Observation, Result, ResultFile, ResultStore, stem
from services.export.zip_stream import Bundle, bundle
from services.lazy import late

if TYPE_CHECKING:
    from services.export.cog import write_cog
    from services.export.map_tiles import tile
else:
    __getattr__ = late(__name__, tile="map_tiles", write_cog="cog")

__all__ = [
    "COUNTS",
    "DOWNLOADS",
    "MOSAIC",
    "PICTURE",
    "Bundle",
    "Download",
    "Observation",
    "Removal",
    "Result",
    "ResultFile",
    "ResultStore",
    "ResultWriter",
    "bundle",
    "copy_result",
    "meaning_of",
    "stem",
    "tile",
    "write_cog",
]
