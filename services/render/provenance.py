"""Where a result comes from: the words and tags that go into every file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from services import __version__
from services.catalogue import UNKNOWN_BASELINE, SourceProduct
from services.nbar import MEANING, angles_words
from services.recipe import MASKS, PROCESSINGS, Method, Processing, Recipe, months_words
from services.text import plural

_VERSIONS = {name: version(name) for name in ("eo-learn", "sentinelhub", "numpy", "rasterio")}
"""Read once: they are found through sys.path, which Streamlit changes while other requests are answered."""


REMOVED_OFFSET = -1000
"""What a reader adds to the DN of products since baseline 04.00 (ESA, Sentinel-2 Products Specification)."""
HARMONIZATION = (
    "DN = 10000 x reflectance for all processing baselines: the offset of -1000 that products have since baseline "
    "04.00 (25 January 2022) is applied already, so that DN in a SAFE product since then are 1000 higher; below 0 "
    "they are 0."
)
"""What who compares with the products' own files must know; ASCII, as a tag of TIFF is."""


TOLD = 50
"""Products that a tag names; the STAC item and the table of dates have all."""
_FEW = 3
"""Baselines that a line names; of more the first and the last."""


def offset_words(products: Sequence[SourceProduct]) -> str:
    """Which offset their DN were given, and by whom, in ASCII; empty where no product is known."""
    shifted = sum(bool(one.offset) for one in products)
    if not products:
        return ""
    if all(one.offset is None for one in products):
        return "DN harmonised by the service"
    if not shifted:
        return "no DN offset to apply"
    which = "all products" if shifted == len(products) else f"{shifted} of {len(products)} products"
    return f"DN offset {REMOVED_OFFSET} applied by Ninepatch to {which}"


def baselines_of(products: Sequence[SourceProduct]) -> tuple[str, ...]:
    """`05.09`, the oldest first; `unknown` at the end where a name does not tell it."""
    return tuple(sorted({one.baseline for one in products}))


def products_in_short(products: Sequence[SourceProduct]) -> str:
    """`12 source products, baselines 02.05 to 05.10, DN harmonised by the service`; empty where none is known."""
    if not products:
        return ""
    known = [one for one in baselines_of(products) if one != UNKNOWN_BASELINE]
    said = f"{known[0]} to {known[-1]}" if len(known) > _FEW else ", ".join(known)
    unknown = sum(one.baseline == UNKNOWN_BASELINE for one in products)
    parts = [
        plural(len(products), "source product"),
        *([f"baselines {said}"] if known else []),
        *([f"baseline of {unknown} unknown"] if unknown else []),
        offset_words(products),
    ]
    return ", ".join(parts)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Provenance:
    """What is told of a result besides its pixels."""

    recipe: Recipe
    provider: str
    """Title of the provider, as people read it."""
    attribution: str
    """The sentence that the data's licence asks for."""
    simulated: bool
    """True where no satellite made the pixels."""
    made: datetime = field(default_factory=_now)
    """UTC; the same moment gives the same bytes in every file."""
    products: tuple[SourceProduct, ...] = ()
    """That went in, the oldest acquisition first; empty where a result of before does not tell them."""

    @property
    def baselines(self) -> tuple[str, ...]:
        """Processing baselines of the products."""
        return baselines_of(self.products)

    @property
    def sources(self) -> dict[str, str]:
        """Products, baselines and offset for the texts of a file, by name; empty where no product is known."""
        if not self.products:
            return {}
        more = len(self.products) - TOLD
        names = " ".join(one.id for one in self.products[:TOLD]) + (f" and {more} more" if more > 0 else "")
        return {
            "SOURCE_PRODUCTS": names,
            "PROCESSING_BASELINES": " ".join(self.baselines),
            "OFFSET_APPLIED": offset_words(self.products),
        }

    def texts(self, description: str) -> dict[str, str]:
        """For a PNG: the names that its specification has for it, and our own."""
        return {
            "Title": self.recipe.area,
            "Description": description,
            "Copyright": self.attribution,
            "Software": self.software,
            "Source": self.provider,
            "Recipe": self.recipe.digest,
            **({"NBAR": self.nbar} if self.recipe.nbar else {}),
            **{name.capitalize().replace("_", " "): words for name, words in self.sources.items()},
        }

    @property
    def packages(self) -> dict[str, str]:
        """Versions of what the numbers depend on, by name."""
        import rasterio

        return _VERSIONS | {"GDAL": rasterio.__gdal_version__}

    @property
    def software(self) -> str:
        """Names and versions."""
        return f"Ninepatch {__version__} ({', '.join(f'{name} {number}' for name, number in self.packages.items())})"

    @property
    def mask(self) -> str:
        """The mask in words, with the SCL classes that do not count."""
        preset, grow = MASKS[self.recipe.mask], self.recipe.grow
        classes = f" ({preset.classes})" if preset.invalid else ""
        shape = ", round" if preset.round else ""
        return preset.title + classes + (f", buffer {grow} px{shape}" if grow and preset.growing else "")

    @property
    def method(self) -> Method:
        """How the observations of a pixel became one."""
        return self.recipe.compositing

    @property
    def processing(self) -> Processing:
        """How pixels of a band became those of the picture."""
        return PROCESSINGS[self.recipe.processing]

    @property
    def nbar(self) -> str:
        """How view angles were evened out, a sentence in ASCII; empty where they were not."""
        return MEANING if self.recipe.nbar else ""

    @property
    def angles(self) -> str:
        """The same in a few words: `view angles evened out (NBAR)`."""
        return angles_words(self.recipe)

    @property
    def notice(self) -> str:
        """`Simulated data` where that must be seen, else empty."""
        return "Simulated data" if self.simulated else ""

    @property
    def vetoes(self) -> tuple[str, ...]:
        """`S2A_R079_20170607T095031: haze`, by acquisition."""
        return tuple(f"{veto.acquisition}: {veto.reason}" for veto in self.recipe.vetoes)

    @property
    def by_hand(self) -> tuple[str, ...]:
        """Dates that are in it whatever the limits say, a sentence each."""
        return tuple(f"Used although over the limit: {key}." for key in self.recipe.included)

    @property
    def season(self) -> str:
        """`, June to August`, after the days of the interval; empty where all months count."""
        return f", {months_words(self.recipe.months)}" if self.recipe.months else ""

    @property
    def least_coverage(self) -> str:
        """` that show 1 % of the picture or more`, after acquisitions or dates; empty where each one counts."""
        least = self.recipe.least_coverage
        return f" that show {least} % of the picture or more" if least else ""

    def tags(self, dates: Sequence[str]) -> dict[str, str]:
        """For GeoTIFFs: the names that TIFF has for it, and our own; `dates` are ISO days in UTC, one each."""
        recipe, preset = self.recipe, MASKS[self.recipe.mask]
        return {
            "TIFFTAG_SOFTWARE": self.software,
            "TIFFTAG_DATETIME": self.made.strftime("%Y:%m:%d %H:%M:%S"),
            "TIFFTAG_COPYRIGHT": self.attribution,
            "TIFFTAG_IMAGEDESCRIPTION": f"{self.notice + ': ' if self.simulated else ''}{self.method.of(len(dates))}, "
            f"{recipe.when}, scene cloud cover at most {recipe.maxcc} %",
            "AREA": recipe.area,
            "INTERVAL": f"{recipe.interval.start}/{recipe.interval.last}",
            **({"MONTHS": " ".join(map(str, recipe.months))} if recipe.months else {}),
            "ACQUISITION_DATES": " ".join(dates),
            "ACQUISITIONS": str(len(dates)),
            "MAX_CLOUD_COVER": str(recipe.maxcc),
            **({"MIN_COVERAGE": str(recipe.least_coverage)} if recipe.least_coverage else {}),
            "METHOD": recipe.method,
            **({"PERCENTILE": str(recipe.percentile)} if self.method.at else {}),
            "MASK": recipe.mask,
            f"MASKED_{preset.plane}_CLASSES": " ".join(map(str, preset.invalid)),
            "MASK_GROW_PX": str(recipe.grow),
            **({"MASK_GROW_SHAPE": "round"} if preset.round else {}),
            **({"VETOED": "; ".join(self.vetoes)} if recipe.vetoes else {}),
            **({"INCLUDED": " ".join(recipe.included)} if recipe.included else {}),
            "RECIPE": recipe.digest,
            "PROVIDER": self.provider,
            "COLLECTION": recipe.collection,
            "SIMULATED": "yes" if self.simulated else "no",
            "PROCESSING": f"{self.processing.title} ({recipe.resolution} m). {self.processing.meaning}",
            **({"NBAR": self.nbar} if recipe.nbar else {}),
            "HARMONIZED": "yes",
            "HARMONIZATION": HARMONIZATION,
            **self.sources,
        }

    def meta_info(self) -> dict[str, Any]:
        """For the META_INFO of an EOPatch, plain values under upper-case names."""
        preset = MASKS[self.recipe.mask]
        return {
            "ATTRIBUTION": self.attribution,
            "PROVIDER": self.provider,
            "SIMULATED": self.simulated,
            "SOFTWARE": self.software,
            "METHOD": self.recipe.method,
            **({"PERCENTILE": self.recipe.percentile} if self.method.at else {}),
            f"MASKED_{preset.plane}_CLASSES": list(preset.invalid),
            "MASK_GROW_PX": self.recipe.grow,
            **({"MASK_GROW_SHAPE": "round"} if preset.round else {}),
            **({"MIN_COVERAGE": self.recipe.least_coverage} if self.recipe.least_coverage else {}),
            "VETOED": list(self.vetoes),
            **({"MONTHS": list(self.recipe.months)} if self.recipe.months else {}),
            **({"INCLUDED": list(self.recipe.included)} if self.recipe.included else {}),
            "PROCESSING": self.processing.name,
            **({"NBAR": self.nbar} if self.recipe.nbar else {}),
            "HARMONIZED": True,
            "HARMONIZATION": HARMONIZATION,
            "REMOVED_OFFSET": REMOVED_OFFSET,
            "PROCESSING_BASELINES": list(self.baselines),
            "SOURCE_PRODUCTS": [one.id for one in self.products],
            "OFFSET_APPLIED": offset_words(self.products),
            "RECIPE_DIGEST": self.recipe.digest,
        }
