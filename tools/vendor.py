"""Makes the folder `pages/assets/vendor` again from the packages' own archives: `python tools/vendor.py`.

Needs npm, for `npm pack` alone: nothing of a package is executed. Each archive must have the checksum that stands
here; only the files that are listed are kept, with their licence, and MANIFEST.json says what each of them is.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "pages" / "assets" / "vendor"


@dataclass(frozen=True)
class ZipArchive:
    """What is taken from one archive."""

    name: str
    version: str
    licence: str
    integrity: str
    """sha512 of the archive, as the registry publishes it."""
    files: tuple[str, ...]
    """Inside the archive; kept below the first folder that is `dist`, or as they are."""
    licence_file: str = "LICENSE"
    licence_text: str = ""
    """Where the archive brings none."""


MIT = """{holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

PACKAGES = (
    ZipArchive(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        "sha512-nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR3XnWyZAxwQixURb+FA74PA==",
        (
            "dist/leaflet.js",
            "dist/leaflet.css",
            *(f"dist/images/{name}.png" for name in ("layers", "layers-2x", "marker-icon", "marker-icon-2x")),
            "dist/images/marker-shadow.png",
        ),
    ),
    ZipArchive(
        "leaflet-draw",
        "1.0.4",
        "MIT",
        "sha512-rsQ6saQO5ST5Aj6XRFylr5zvarWgzWnrg46zQ1MEOEIHsppdC/8hnN8qMoFvACsPvTioAuysya/TVtog15tyAQ==",
        (
            "dist/leaflet.draw.js",
            "dist/leaflet.draw.css",
            *(f"dist/images/{name}" for name in ("spritesheet.svg", "spritesheet.png", "spritesheet-2x.png")),
        ),
        licence_text=MIT.format(holder="Copyright 2012-2017 Jacob Toye, Jon West, Smartrak, Leaflet"),
    ),
    ZipArchive(
        "world-atlas",
        "2.0.2",
        "ISC (the data: Natural Earth 4.1.0, public domain)",
        "sha512-IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ==",
        ("countries-50m.json",),
    ),
)


def archive_of(package: ZipArchive, folder: Path) -> Path:
    """The package's archive, checked."""
    command = ["npm", "pack", f"{package.name}@{package.version}", "--silent", "--pack-destination", str(folder)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    digest = base64.b64encode(hashlib.sha512((folder / name).read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        raise SystemExit(f"{package.name} {package.version} has another checksum than expected: sha512-{digest}")
    return folder / name


def unpack(package: ZipArchive, archive: Path) -> dict[str, str]:
    """Write the listed files; returns sha256 by path below `vendor`."""
    home = VENDOR / f"{package.name}-{package.version}"
    wanted = {name: home / name.removeprefix("dist/") for name in package.files}
    if package.licence_text:
        home.mkdir(parents=True)
        (home / "LICENSE").write_text(package.licence_text)
    else:
        wanted[package.licence_file] = home / "LICENSE"
    with tarfile.open(archive) as tar:
        for name, target in wanted.items():
            member = tar.extractfile(f"package/{name}")
            if member is None:
                raise SystemExit(f"{package.name} has no file {name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(member.read())
    paths = sorted(path for path in home.rglob("*") if path.is_file())
    return {path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def main() -> None:
    """Empty the folder and fill it again."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    manifest = []
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            files = unpack(package, archive_of(package, Path(scratch)))
            said = {"name": package.name, "version": package.version, "licence": package.licence}
            manifest.append({**said, "integrity": package.integrity, "files": files})
    (VENDOR / "MANIFEST.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
