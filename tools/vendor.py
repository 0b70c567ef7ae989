"""Fills the folder `pages/assets/vendor` again from the packages' own archives: `python -m tools.vendor`.

MANIFEST.json says which packages with which versions and checksums, and which of their files are kept: a new version is
written there first. Needs npm, for `npm pack` alone: nothing of a package is executed.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parents[1] / "pages" / "assets" / "vendor"


def archive_of(name: str, version: str, integrity: str, folder: Path) -> Path:
    """A package's archive, whose checksum is the one that the registry publishes (sha512)."""
    command = ["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", str(folder)]
    archive = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    digest = base64.b64encode(hashlib.sha512((folder / archive).read_bytes()).digest()).decode()
    if f"sha512-{digest}" != integrity:
        raise SystemExit(f"{name} {version} has another checksum than expected: sha512-{digest}")
    return folder / archive


def unpacked(archive: Path, kept: dict[str, bytes]) -> dict[str, bytes]:
    """The same files as they are in an archive, or below its `dist`; a licence that it does not bring stays."""
    with tarfile.open(archive) as tar:
        inside = {member.name.removeprefix("package/").removeprefix("dist/"): member for member in tar}
        found = {name: tar.extractfile(inside[name]) for name in kept if name in inside}
        return kept | {name: file.read() for name, file in found.items() if file is not None}


def main() -> None:
    """Empty the folder and fill it again."""
    packages: list[dict[str, Any]] = json.loads((VENDOR / "MANIFEST.json").read_text())
    contents: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for package in packages:
            archive = archive_of(package["name"], package["version"], package["integrity"], Path(scratch))
            kept = {path.partition("/")[2]: (VENDOR / path).read_bytes() for path in package["files"]}
            home = f"{package['name']}-{package['version']}"
            files = {f"{home}/{name}": content for name, content in unpacked(archive, kept).items()}
            package["files"] = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
            contents |= files
    shutil.rmtree(VENDOR)
    for path, content in contents.items():
        (VENDOR / path).parent.mkdir(parents=True, exist_ok=True)
        (VENDOR / path).write_bytes(content)
    (VENDOR / "MANIFEST.json").write_text(json.dumps(packages, indent=2) + "\n")


if __name__ == "__main__":
    main()
