"""Makes the picture of the first page anew, by the product itself from the demo world: `python -m tools.welcome`.

Its pixels are simulated, and the page says so. Nothing outside this machine is asked.
"""

import tempfile
from datetime import date
from pathlib import Path

from PIL import Image

from services.export import PICTURE
from services.grid import Grid
from services.ninepatch import Ninepatch
from services.providers import find_provider
from services.recipe import EXAMPLES, Interval, Recipe, build_recipe
from services.runtime import archive_where_needed
from services.settings import Settings, load_settings

FILE = Path(__file__).resolve().parents[1] / "pages" / "assets" / "welcome.webp"
EXAMPLE = EXAMPLES[1]
INTERVAL = Interval(date(2023, 6, 1), date(2023, 9, 1))
SIDE = 540
"""Pixels of the file: twice what it has on the page."""
QUALITY = 78
"""Of WebP: some 60 kB."""


def question(settings: Settings) -> Recipe:
    """Nine tiles of the example in a summer, in the three bands that one sees."""
    provider = find_provider(settings, "demo")
    grid = Grid.team(EXAMPLE.aoi, int(EXAMPLE.spec), settings)
    return build_recipe(
        provider,
        grid,
        EXAMPLE.centre,
        INTERVAL,
        area=EXAMPLE.name,
        radius=1,
        maxcc=EXAMPLE.maxcc,
        least_coverage=1,
        bands=("B02", "B03", "B04"),
        resolution=10,
        mask="clear",
        method="median",
        grow=2,
    )


def main() -> None:
    """Fetch, compose, and write the file."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home), provider="demo")
        with archive_where_needed(settings, "demo") as ready:
            recipe, product = question(ready), Ninepatch(ready)
            product.fetch(recipe)
            with Image.open(product.results.folder(recipe.digest) / PICTURE) as picture:
                small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    small.save(FILE, quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
