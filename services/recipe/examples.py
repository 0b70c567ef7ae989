"""Areas to start from: the one of the original script, and some over the world that show what a grid must cope with."""

from dataclasses import dataclass
from functools import cached_property

from services.area import AOI, parse_aoi
from services.grid import TileIndex


@dataclass(frozen=True)
class Example:
    """A place with choices that make a good first picture."""

    name: str
    outline: str
    """WKT in degrees."""
    spec: str
    """The grid, as `Grid.from_spec` takes it."""
    centre: TileIndex
    """Centre tile in that grid."""
    year: int
    maxcc: int
    """Cloud limit in percent."""
    words: str
    """What there is to see, one sentence."""

    @cached_property
    def aoi(self) -> AOI:
        """The area under the example's name."""
        return parse_aoi(self.outline, name=self.name)


EXAMPLES = (
    Example(
        name="Southern Finland",
        outline="POLYGON ((23.77579542 60.14563319, 25.79776461 60.17941872, 26.53349261 60.41750313, "
        "26.52686164 60.87304207, 25.95923739 61.33673311, 23.60201436 61.29820239, 23.20850144 61.1529485, "
        "23.27207161 60.6132832, 23.77579542 60.14563319))",
        spec="54x39",
        centre=TileIndex(35, 25),
        year=2017,
        maxcc=10,
        words="Lakes, forests and fields north of Helsinki, cut in 54 × 39.",
    ),
    Example(
        name="Po delta",
        outline="POLYGON ((12.2 44.78, 12.49 44.73, 12.6 44.96, 12.42 45.13, 12.2 45.1, 12.2 44.78))",
        spec="3300",
        centre=TileIndex(90, 1509),
        year=2023,
        maxcc=20,
        words="Italy: lagoons, rice fields and the arms of a river at the sea.",
    ),
    Example(
        name="Okavango delta",
        outline="POLYGON ((22.5 -19.6, 23.3 -19.95, 23.75 -19.5, 23.2 -18.9, 22.6 -18.75, 22.3 -19.05, 22.5 -19.6))",
        spec="3300",
        centre=TileIndex(210, 2383),
        year=2022,
        maxcc=5,
        words="Botswana: water that ends in the desert, south of the equator.",
    ),
    Example(
        name="Skeiðarársandur",
        outline="POLYGON ((-17.75 63.78, -16.75 63.8, -16.6 64.05, -17.2 64.12, -17.75 64.0, -17.75 63.78))",
        spec="3300",
        centre=TileIndex(118, 2149),
        year=2021,
        maxcc=30,
        words="Iceland: black sand between a glacier and the sea, few days without clouds.",
    ),
    Example(
        name="Taveuni",
        outline="POLYGON ((179.75 -17.05, 180.1 -17.05, 180.25 -16.65, 179.9 -16.6, 179.75 -17.05))",
        spec="3300",
        centre=TileIndex(248, 2465),
        year=2022,
        maxcc=30,
        words="Fiji: a volcanic island across the 180th meridian, in one grid.",
    ),
)
"""The first is the one that a page opens with."""
