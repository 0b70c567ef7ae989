"""The spectral indices of the community's list (Awesome Spectral Indices), by the data files of the package spyndex.

Those alone that the bands of Level 2A give, with the list's constants in place of their letters. The package's code,
which evaluates texts, is neither run nor imported: its formulas are parsed here as everybody's are.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from services.composite.formula import BandFormula, parse_formula
from services.composite.indices import Index
from services.registry import Registry
from services.sentinel2 import BANDS, DN_PER_UNIT

LISTED, OWN = "si-", "index-"
"""What names in links begin with: of an index of the list, and of a formula."""
_PLATFORM = "sentinel2a"
_TYPICAL = {
    "B01": (0.03, 0.08, 0.03, 0.90, 0.12),
    "B02": (0.03, 0.10, 0.03, 0.90, 0.14),
    "B03": (0.03, 0.14, 0.07, 0.90, 0.16),
    "B04": (0.02, 0.19, 0.03, 0.88, 0.18),
    "B05": (0.02, 0.22, 0.10, 0.88, 0.20),
    "B06": (0.01, 0.25, 0.33, 0.86, 0.22),
    "B07": (0.01, 0.27, 0.43, 0.84, 0.23),
    "B08": (0.01, 0.28, 0.45, 0.82, 0.24),
    "B8A": (0.01, 0.30, 0.47, 0.80, 0.25),
    "B09": (0.01, 0.31, 0.48, 0.70, 0.25),
    "B11": (0.005, 0.38, 0.22, 0.10, 0.28),
    "B12": (0.005, 0.34, 0.10, 0.08, 0.26),
}
"""Reflectance of clear water, dry soil, a green canopy, snow and a town: rough, to find the range of an index."""


@dataclass(frozen=True)
class Listed:
    """One entry of the list."""

    name: str
    """Its short name: `EVI`."""
    title: str
    """Its long name."""
    formula: BandFormula
    reference: str
    """Address of the paper that proposed it, a DOI where it has one."""
    domain: str
    """`vegetation`, `water`, `burn`, `snow`, `soil`, `urban` …"""

    @property
    def index(self) -> Index:
        """To compute and to show it."""
        return index_by_formula(self.formula, f"{LISTED}{self.name}", f"{self.title} ({self.name})", self.reference)


def index_by_formula(formula: BandFormula, name: str = "", title: str = "Own index", source: str = "") -> Index:
    """An index that no file holds, in a range in which typical land lies."""
    return Index(
        name or f"{OWN}{formula.link}",
        title,
        formula.bands,
        source,
        ticks=even_ticks(*_range(formula)),
        palette="viridis",
        of=formula,
        words=formula.words,
        in_files=False,
    )


def even_ticks(low: float, high: float) -> tuple[float, ...]:
    """Five numbers of a legend."""
    inner = np.linspace(low, high, 5)[1:-1]
    return low, *(float(f"{tick:.3g}") for tick in inner), high


def _range(formula: BandFormula) -> tuple[float, float]:
    """Around what typical land has, in round numbers; −1 to 1 where that says nothing."""
    planes = [np.rint(DN_PER_UNIT * np.array(_TYPICAL[band])).astype(np.uint16) for band in formula.bands]
    found = formula(planes)
    found = found[~np.isnan(found)]
    span = float(np.ptp(found)) if found.size else 0.0
    if not 1e-4 < span < 1e5:
        return -1.0, 1.0
    step = 10.0 ** np.floor(np.log10(span)) / 2
    low, high = np.floor(found.min() / step) * step, np.ceil(found.max() / step) * step
    return float(f"{low:.4g}"), float(f"{high:.4g}")


@cache
def listed_indices() -> Registry[Listed]:
    """By their short names, as the list has them."""
    constants = _data("constants.json")
    letters = {letter: str(one["default"]) for letter, one in constants.items() if one["default"] is not None}
    letters |= {
        letter: band
        for letter, one in _data("bands.json").items()
        if (band := _band(one["platforms"].get(_PLATFORM))) in BANDS
    }
    entries = _data("spectral-indices-dict.json")["SpectralIndices"].values()
    return Registry("spectral index", (_listed(one, letters) for one in entries if set(one["bands"]) <= set(letters)))


def _listed(one: dict[str, Any], letters: dict[str, str]) -> Listed:
    text = re.sub(r"[A-Za-z]\w*", lambda found: letters[found[0]], one["formula"], flags=re.ASCII)
    return Listed(one["short_name"], one["long_name"], parse_formula(text), one["reference"], one["application_domain"])


def _band(there: dict[str, Any] | None) -> str:
    """`B08` of the list's `B8`; empty where the satellite has none."""
    name = str(there["band"]) if there else ""
    return f"B0{name[1:]}" if re.fullmatch("B[0-9]", name) else name


def _data(name: str) -> dict[str, Any]:
    """A file of the package, which is found without running it."""
    spec = find_spec("spyndex")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("spyndex is not installed", name="spyndex")
    plain: dict[str, Any] = json.loads((Path(spec.origin).parent / "data" / name).read_text(encoding="utf-8"))
    return plain
