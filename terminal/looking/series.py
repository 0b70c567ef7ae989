"""Looking into a picture: the series of a pixel, or of the polygons of a file, from the cache alone."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.errors import AreaError, RecipeError, StorageError
from services.text import quoted
from terminal.options import area_options, asks, date_options, picture_options
from terminal.output import people
from terminal.question import Question
from terminal.vetoes import by_hand

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from collections.abc import Sequence

    from services.catalogue import Acquisition
    from services.ninepatch import Ninepatch
    from services.recipe import Recipe

_POINT = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,2}(?:\.\d+)?)\s*")
_TABLES = (".csv", ".parquet")


@asks(area_options, date_options, picture_options)
def series(
    question: Question,
    point: Annotated[str, typer.Option(help="Longitude, latitude of a pixel, e.g. 24.1,60.5.")] = "",
    polygons: Annotated[
        Path | None, typer.Option(help="A file of polygons in any format that an area may have.")
    ] = None,
    quantity: Annotated[str, typer.Option(help="A band or an index, e.g. B04, ndvi.")] = "ndvi",
    out: Annotated[Path, typer.Option(help="The table: .csv, or .parquet (GeoParquet, of polygons).")] = Path(
        "series.csv"
    ),
) -> None:
    """Write what a pixel or polygons had on every cached date, as a table; nothing is fetched."""
    from services.ninepatch import Ninepatch

    if bool(point) == (polygons is not None):
        raise RecipeError("One place is needed, a point or a file of polygons.", "Give --point or --polygons.")
    if out.suffix not in _TABLES or (point and out.suffix != ".csv"):
        raise RecipeError(
            f"A table cannot be written as {quoted(out.name)}.", "Give --out x.csv, or x.parquet of polygons."
        )
    product = Ninepatch(question.settings)
    recipe = by_hand(question.recipe, question.veto, question.include, lambda recipe: known(product, recipe))
    if polygons is None:
        content, dates = _of_point(product, recipe, point, quantity)
    else:
        content, dates = _of_polygons(product, recipe, polygons, quantity, parquet=out.suffix == ".parquet")
    try:
        out.write_bytes(content)
    except OSError as error:
        raise StorageError(f"The file {out} cannot be written: {error.strerror}.", "Choose another one.") from error
    print(f"{out}: {dates}")


def known(product: "Ninepatch", recipe: "Recipe") -> "Sequence[Acquisition]":
    """Raises MissingFrame where nobody has asked the catalogue."""
    from services.cache import MissingFrame

    found = product.known(recipe)
    if found is None:
        raise MissingFrame(
            f"The catalogue's answer for {recipe.interval.words} is not here.", "Ask for `acquisitions` first."
        )
    return found


def _of_point(product: "Ninepatch", recipe: "Recipe", point: str, quantity: str) -> tuple[bytes, str]:
    from services.geo import to_utm

    match = _POINT.fullmatch(point)
    if match is None:
        raise RecipeError(f"--point must be like 24.1,60.5, got {quoted(point)}.", "Give longitude, then latitude.")
    easting, northing = to_utm(recipe.lattice.epsg, float(match[1]), float(match[2]))
    found = product.series_service.pixel_series(recipe, float(easting), float(northing), quantity)
    said = f"{len(found.points)} dates, {len(found.missing)} more are not in the cache. {found.attribution}"
    return found.to_csv().encode(), said


def _of_polygons(
    product: "Ninepatch", recipe: "Recipe", file: Path, quantity: str, *, parquet: bool
) -> tuple[bytes, str]:
    from services.area import read_features

    try:
        data = file.read_bytes()
    except OSError as error:
        raise AreaError(f"The file {file} cannot be read: {error.strerror}.", "Correct the path.") from error
    parts = read_features(data, file.name, limits=product.settings).parts()
    found = product.series_service.many(recipe, parts, quantity)
    for one in found.series:
        if one.coverage.words:
            people.print(f"{one.name}: {one.coverage.words}", markup=False, highlight=False, soft_wrap=True)
    content = found.to_geoparquet() if parquet else found.to_csv().encode()
    return content, f"{len(parts)} polygons, {found.rows:,} rows. {found.series[0].attribution}"
