"""A timelapse of 40 dates at 990 px in each format: seconds from the press to the file, and the memory that it takes.

The frames lie in the cache on the disk; nothing of them is in memory at the first one, all that fits is at the others.
"""

import resource
import tempfile
import time
from pathlib import Path

from bench.worker import question
from services.animation import FORMATS, Request
from services.catalogue import Acquisition
from services.fetch import gather
from services.ninepatch import Ninepatch
from services.recipe import Recipe, Veto
from services.runtime import demo_archive
from services.settings import load_settings

DATES = 40
SIDE = 990
LONG = 600.0


def chosen(recipe: Recipe, found: tuple[Acquisition, ...]) -> Recipe:
    """The recipe without all but the dates that show most of the picture."""
    most = sorted(found, key=lambda one: -one.coverage)[DATES:]
    return recipe.with_(vetoes=tuple(Veto(one.key, "not in the bench") for one in most))


def main() -> None:
    """Print seconds of each format, in turns."""
    with tempfile.TemporaryDirectory() as scratch, demo_archive() as url:
        product = Ninepatch(load_settings(home=Path(scratch), demo_url=url, provider="demo"))
        asked = question(100).with_(bands=("B02", "B03", "B04"))
        recipe = chosen(asked, product.search(asked))
        _, lacking = product.estimate(recipe)
        gather(lacking, product.account(recipe), product.frames, product.settings.connections)
        for seconds in (0.5, 1.0):
            for form in FORMATS:
                begun, spent = time.perf_counter(), time.process_time()
                made = product.animations.timelapse(
                    Request(recipe, "true", form=form, side=SIDE, seconds=seconds), LONG
                )
                took, processors = time.perf_counter() - begun, time.process_time() - spent
                most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
                print(
                    f"{form}: {len(made.labels)} frames of {made.width} × {made.height} px in {took:.1f} s "
                    f"(processors {processors:.1f} s), {made.size / 1e6:.1f} MB; {most:.2f} GB at most so far"
                )


if __name__ == "__main__":
    main()
