"""All figures, one after another: `python -m bench`, or some of them by name: `python -m bench grid archive`."""

from bench import (
    again,
    archive,
    cog,
    crowd,
    engines,
    fetch,
    first,
    grid,
    masks,
    matrix,
    members,
    memory,
    methods,
    moves,
    open_data,
    page,
    series,
    slider,
    start,
    tables,
    timelapse,
    upload,
    warm,
)
from bench import map as area_map

FIGURES = {
    "grid": grid.main,
    "upload": upload.main,
    "archive": archive.main,
    "again": again.main,
    "warm": warm.main,
    "slider": slider.main,
    "series": series.main,
    "timelapse": timelapse.main,
    "page": page.main,
    "map": area_map.main,
    "masks": masks.main,
    "matrix": matrix.main,
    "moves": moves.main,
    "methods": methods.main,
    "cog": cog.main,
    "first": first.main,
    "memory": memory.main,
    "start": start.main,
    "open_data": open_data.main,
    "fetch": fetch.main,
    "crowd": crowd.main,
    "members": members.main,
    "engines": engines.main,
    "tables": tables.main,
}


def main() -> None:
    """Run the figures that are named, or all."""
    names = members.asked().names or list(FIGURES)
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        raise SystemExit(f"There is no figure {unknown[0]}; there are {', '.join(FIGURES)}.")
    for name in names:
        print(f"== {name}", flush=True)
        FIGURES[name]()


if __name__ == "__main__":
    main()
