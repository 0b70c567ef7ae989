"""What the code of version 0.1 wrote: its links, recipes, settings and home; see README.md."""

import json
import tarfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "made_before"
MADE_BY_0_3 = FOLDER.with_name("made_by_0_3")
AREA = FOLDER / "area.geojson"
MONTH = "2026-11"
"""In which all of it was fetched."""


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


LINKS: list[dict[str, Any]] = _read("links.json")
"""Of each its name, page, query, and what it chose."""
RECIPES: dict[str, dict[str, str]] = _read("recipes.json")
"""Digest and slug, by the name of the file in `recipes`."""
SETTINGS: dict[str, dict[str, dict[str, Any]]] = _read("settings.json")
"""Of `settings` and `provider`: by name the default, and another value."""
EXPECTED: dict[str, Any] = _read("expected.json")
"""What the terminal said."""
RESULTS: dict[str, str] = EXPECTED["results"]
"""Digest of each result of the home, by the name of its recipe."""


def recipe_file(name: str) -> Path:
    """A recipe as somebody downloaded it."""
    return FOLDER / "recipes" / f"{name}.json"


def unpack(home: Path, made: Path = FOLDER) -> Path:
    """The home folder, as it was left; nothing of it has been opened since."""
    with tarfile.open(made / "home.tar.xz") as packed:
        packed.extractall(home, filter="data")
    return home


def described(home: Path, name: str) -> dict[str, Any]:
    """What the result of that recipe said of itself and of its files."""
    text = (home / "results" / RESULTS[name] / "result.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def link(name: str) -> dict[str, Any]:
    """The link of that name."""
    return next(one for one in LINKS if one["name"] == name)
