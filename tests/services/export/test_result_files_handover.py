"""A result laid out in a folder of the user's."""

import json
from pathlib import Path

import pytest

from services.export import copy_result
from tests.eopatches import loaded
from tests.services.published import passes, published
from tests.services.scenes import recipe


@pytest.mark.parametrize("method", ["median", "least-cloudy"])
def test_all_files_are_there_under_short_names_and_the_item_links_to_them(tmp_path: Path, method: str) -> None:
    question = recipe(px=8, radius=0, method=method)
    _, result = published(tmp_path / "result", question, passes(question, (1, 2)))
    out = tmp_path / "out"
    written = copy_result(tmp_path / "result", result, out)
    names = {path.relative_to(out).as_posix() for path in written}
    assert names == {
        *(f"{method}.tif", f"{method}.png", "picture.png", "looks.png", "recipe.json", "item.json", "dates.csv"),
        *("statistics.csv", "reproduce.py", "reproduce.ipynb", "tiles/x35_y25.tif", "patches/x35_y25"),
        *(("days.tif",) if method == "least-cloudy" else ()),
    }
    item = json.loads((out / "item.json").read_text())
    assert {asset["href"] for asset in item["assets"].values()} == {f"./{name}" for name in names - {"item.json"}}
    assert loaded(out / "patches" / "x35_y25").meta_info["METHOD"] == method
    assert (out / f"{method}.tif").read_bytes() == (tmp_path / "result" / "median.tif").read_bytes()
