"""A patch as a zip of plain .npy and JSON, written as it streams: unzipped, it is a folder that eo-learn loads."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from services.composite import indices_of
from services.render import HARMONIZATION, Provenance, products_in_short
from services.storage import write_beside

if TYPE_CHECKING:
    from eolearn.core import EOPatch

README = "README.txt"
"""Beside the features: eo-learn passes over what is none."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same patch gives the same bytes."""
_CHUNK = 4 << 20
"""Bytes written at once, about."""


def write_patch_zip(path: Path, patch: "EOPatch", provenance: Provenance) -> None:
    """Raster features, META_INFO, bbox and timestamps of the patch, uncompressed: it takes little longer than a copy.

    `EOPatch.load` gives an equal patch, from the unzipped folder or, with `zip://` before its path, from the file.
    Raises StorageError where the disk refuses, ValueError for features that are not rasters or JSON.
    """
    write_beside(path, lambda beside: _write(beside, patch, provenance))


def _write(path: Path, patch: "EOPatch", provenance: Provenance) -> None:
    from eolearn.core import FeatureType

    if patch.bbox is None:
        raise ValueError("a patch without a bbox has no place")
    with ZipFile(path, "w", ZIP_STORED) as file:
        _add(file, README, iter([_readme(patch, provenance).encode()]))
        _add(file, "bbox.geojson", _json(patch.bbox.geojson))
        _add(file, "timestamps.json", _json([time.isoformat() for time in patch.get_timestamps()]))
        for kind, name in patch.get_features():
            value = patch[kind, name]
            if kind is FeatureType.META_INFO:
                _add(file, f"{kind.value}/{name}.json", _json(value))
            elif kind.is_array() and not value.dtype.hasobject:
                _add(file, f"{kind.value}/{name}.npy", npy(value))
            else:
                raise ValueError(f"{kind.name}/{name} is neither a raster nor JSON")


def _add(file: ZipFile, name: str, chunks: Iterator[bytes | memoryview]) -> None:
    member = ZipInfo(name, _EPOCH)
    member.create_system = 3  # Unix, on every system
    member.external_attr = 0o644 << 16
    with file.open(member, "w", force_zip64=True) as stream:
        for chunk in chunks:
            stream.write(chunk)


def npy(array: NDArray[Any]) -> Iterator[bytes | memoryview]:
    """The array in numpy's file format, row by row order whatever its order in memory, a few megabytes at a time."""
    header = BytesIO()
    plain = {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(header, plain)
    yield header.getvalue()
    if array.size:
        step = max(1, _CHUNK * len(array) // array.nbytes)
        for start in range(0, len(array), step):
            yield np.ascontiguousarray(array[start : start + step]).data.cast("B")


def _json(plain: Any) -> Iterator[bytes]:
    yield json.dumps(plain, indent=2).encode()


def _readme(patch: "EOPatch", provenance: Provenance) -> str:
    """What is in it and where it comes from, for people."""
    recipe = provenance.recipe
    features = [
        f"  {kind.value}/{name}: {patch[kind, name].dtype}, {' × '.join(map(str, patch[kind, name].shape))}"
        for kind, name in patch.get_features()
        if kind.is_array()
    ]
    lines = [
        f"{provenance.notice + ': ' if provenance.simulated else ''}{recipe.area}, {recipe.when}, "
        f"max. cloud cover {recipe.maxcc} %, {provenance.method.words}",
        "",
        provenance.attribution,
        "",
        "An EOPatch. In Python, with eo-learn:",
        "  from eolearn.core import EOPatch",
        '  patch = EOPatch.load("this folder")',
        "",
        *features,
        "",
        f"Bands: {', '.join(recipe.bands)}. BANDS are DN, reflectance × 10000; "
        f"{provenance.method.feature} is reflectance.",
        provenance.method.meaning,
        *([provenance.method.index] if indices_of(recipe.bands) else []),
        HARMONIZATION,
        *filter(None, [provenance.nbar]),
        f"{products_in_short(provenance.products) or 'The source products are not known'}.",
        f"Mask: {provenance.mask}.",
        *([f"Dates{provenance.least_coverage}."] if recipe.least_coverage else []),
        *(f"Excluded: {vetoed}." for vetoed in provenance.vetoes),
        *provenance.by_hand,
        f"Axes: time (UTC), height (from the north), width (from the west), band. {provenance.provider}.",
        f"Made {provenance.made:%Y-%m-%d %H:%M} UTC by {provenance.software}. Recipe {recipe.digest}.",
    ]
    return "\n".join(lines) + "\n"
