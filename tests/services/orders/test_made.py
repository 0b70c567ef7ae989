"""What there is of an order in several zones: each file and each gap says of which zone it is."""

import csv
import io
import json
from pathlib import Path

from services.area import parse_aoi
from services.grid import zone_grids
from services.mosaic import failures_csv, failures_geojson
from services.orders import Failure, Order, OrderReport, OrderStore, gaps_of, made_area, whole_files
from services.storage import Database
from tests.actors import a_member
from tests.services.orders.test_order import RECIPE

AOI = parse_aoi("23.98, 60.0, 24.02, 60.02")
ORDER = Order.of_grid(RECIPE, *zone_grids(AOI, 600), outputs=("mosaic", "clipped"), crs=3067)


def test_no_two_files_have_one_label(tmp_path: Path) -> None:
    folder = made_area(ORDER, tmp_path).folder
    folder.mkdir(parents=True)
    for kind in ("mosaic", "clipped"):
        for name in (
            f"{kind}_32634.tif",
            f"{kind}_32635.tif",
            f"{kind}_all_3067.tif",
            f"mosaic_{ORDER.sheets[0].lattice.epsg}.vrt",
        ):
            (folder / name).touch()
    labels = whole_files(ORDER, tmp_path)
    assert len(set(labels.values())) == len(labels) == 7
    for name, label in labels.items():
        zone = next((zone for zone in ("34", "35") if f"_326{zone}." in name), None)
        assert label.endswith(f"UTM zone {zone} N" if zone else "all in EPSG:3067"), name


def test_a_gap_is_told_with_its_zone_and_no_larger_than_the_area(tmp_path: Path) -> None:
    store = OrderStore(Database(tmp_path))
    row = store.submit(ORDER, a_member("anna"), cap=0, share=1)
    assert store.claim("w") is not None
    corners = [sheet.rectangle.lower_left for sheet in ORDER.sheets]
    store.put_parts(
        row.id,
        [
            {"number": n, "epsg": sheet.lattice.epsg, "x": low.x - 2, "y": low.y - 3, "columns": 7, "rows": 7}
            | {"tiles": 2, "state": "failed"}
            for n, (sheet, low) in enumerate(zip(ORDER.sheets, corners, strict=True))
        ],
        "w",
    )
    failed = Failure(0, 32634, "", "It broke.", ""), Failure(1, 32635, str(corners[1]), "It broke.", "")
    report = OrderReport(store.found(row.id), {}, {}, 0.0, 0.0, None, failed)
    gaps = gaps_of(report, store.parts(row.id))
    whole = ORDER.sheets[0].rectangle
    assert gaps[0].lower_left == corners[0]
    assert (gaps[0].columns, gaps[0].rows) == (min(5, whole.columns), min(4, whole.rows))
    rows = list(csv.DictReader(io.StringIO(failures_csv(gaps).lstrip("\ufeff"))))
    found = json.loads(failures_geojson(gaps))["features"]
    assert [one["epsg"] for one in rows] == ["32634", "32635"]
    assert [one["properties"]["epsg"] for one in found] == [32634, 32635]
