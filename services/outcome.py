"""What a fetch came to, as the description of its result."""

from collections.abc import Sequence

from services.acquisitions import Acquisition
from services.composite import Mosaic
from services.making import Spent
from services.publish import Publication
from services.render import looks_range
from services.results import Look, Result


def looks_of(kept: Sequence[Acquisition]) -> tuple[Look, ...]:
    """The acquisitions as a result names them."""
    return tuple(
        Look(look.date, look.satellite, look.orbit, round(look.cloud_cover, 4), round(look.coverage, 4))
        for look in kept
    )


def described(
    publication: Publication, kept: Sequence[Acquisition], acquisitions: int, mosaic: Mosaic, spent: Spent
) -> Result:
    """With the files of the publication, which are all written; `acquisitions` is how many the interval has."""
    least, most = looks_range(mosaic)
    return Result(
        recipe=publication.recipe.to_dict(),
        looks=looks_of(kept),
        acquisitions=acquisitions,
        requests=spent.requests,
        units=spent.units,
        planes_fetched=spent.planes_fetched,
        planes_cached=spent.planes_cached,
        seconds=spent.seconds,
        no_data=mosaic.no_data,
        median_looks=mosaic.median_looks,
        width=mosaic.width,
        height=mosaic.height,
        simulated=publication.provenance.simulated,
        attribution=publication.provenance.attribution,
        files=publication.files(),
        least_looks=least,
        most_looks=most,
    )
