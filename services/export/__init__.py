"""Results: composites in, COGs, EOPatches, tables, STAC items, programs and zips out."""

from typing import TYPE_CHECKING

from services.export.downloads import DOWNLOADS, TIFF, Download
from services.export.meaning import meaning_of
from services.export.result_files import ResultWriter, copy_result
from services.export.result_store import (
    CLEAR_OBSERVATIONS,
    COUNTS,
    MOSAIC,
    PICTURE,
    Observation,
    Result,
    ResultFile,
    ResultStore,
    crc_of,
    stem,
)
from services.export.stac import (
    COPERNICUS_TERMS,
    EXTENSIONS,
    described_bands,
    lineage,
    raster_place,
    stac_providers,
    zone_code,
)
from services.export.zip_stream import Bundle, Member, bundle
from services.lazy import late

if TYPE_CHECKING:
    from services.export.cog import (
        BLOCK,
        CREATION,
        Values,
        colour_of,
        index_values,
        write_cog,
        write_values_cog,
        write_view_cog,
    )
    from services.export.eopatch_zip import write_patch_zip
    from services.export.item_table import PARQUET, write_item_table
    from services.export.map_tiles import tile
else:
    __getattr__ = late(
        __name__,
        tile="map_tiles",
        BLOCK="cog",
        CREATION="cog",
        Values="cog",
        colour_of="cog",
        index_values="cog",
        write_cog="cog",
        write_patch_zip="eopatch_zip",
        PARQUET="item_table",
        write_item_table="item_table",
        write_values_cog="cog",
        write_view_cog="cog",
    )

__all__ = [
    "BLOCK",
    "CLEAR_OBSERVATIONS",
    "COPERNICUS_TERMS",
    "COUNTS",
    "CREATION",
    "DOWNLOADS",
    "EXTENSIONS",
    "MOSAIC",
    "PARQUET",
    "PICTURE",
    "TIFF",
    "Bundle",
    "Download",
    "Member",
    "Observation",
    "Result",
    "ResultFile",
    "ResultStore",
    "ResultWriter",
    "Values",
    "bundle",
    "colour_of",
    "copy_result",
    "crc_of",
    "described_bands",
    "index_values",
    "lineage",
    "meaning_of",
    "raster_place",
    "stac_providers",
    "stem",
    "tile",
    "write_cog",
    "write_item_table",
    "write_patch_zip",
    "write_values_cog",
    "write_view_cog",
    "zone_code",
]
