"""Publishes the simulated world as open data: `python -m services.demo.publish FOLDER --from DAY --to DAY`.

The area comes in on standard input, as WKT in degrees.
"""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import shapely

from services.demo.orbits import TooManyTiles
from services.demo.publish.folder import publish


def day(text: str) -> datetime:
    """Midnight, UTC, of `2024-06-01`."""
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def main() -> None:
    """Until everything lies there; the id of each granule is printed."""
    parser = argparse.ArgumentParser(prog="python -m services.demo.publish", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", dest="begin", type=day, required=True, help="first day")
    parser.add_argument("--to", dest="end", type=day, required=True, help="the day after the last one")
    parser.add_argument("--root", default="", help="the address at which the folder will be found; its path if empty")
    chosen = parser.parse_args()
    root = chosen.root.rstrip("/") or str(chosen.folder.absolute())
    last = chosen.end - timedelta(microseconds=1)
    area = shapely.from_wkt(sys.stdin.read())
    try:
        publish(chosen.folder, area, chosen.begin, last, root, report=lambda name: print(name, flush=True))  # noqa: T201 - whoever started it reads this
    except (TooManyTiles, OSError) as error:
        sys.exit(f"Nothing more is published: {error}")


if __name__ == "__main__":
    main()
