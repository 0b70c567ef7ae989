"""The files of a result, laid out in a folder of the user's: pictures, COGs, and EOPatches unpacked."""

import json
import os
import shutil
import zipfile
from pathlib import Path

from services.errors import StorageError
from services.files import write_beside
from services.results import FIGURE, MOSAIC, Result, ResultFile
from services.stac import relocated


def hand_over(folder: Path, result: Result, out: Path) -> tuple[Path, ...]:
    """Copy the files of `result` from `folder` to `out` and unpack the EOPatches to `out/patches/<tile>`.

    The figure and the mosaic are called after the method, `median.tif`; the STAC item links to what lies beside it.
    Returns what was written. An EOPatch of an earlier run in the same place is replaced whole.
    Raises StorageError where `out` cannot be written.
    """
    written: list[Path] = []
    places = {file.member: _place(file, result) for file in result.files}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file in result.files:
            source, target = folder / file.path, out / places[file.member]
            if file.kind == "patch":
                written.append(_unpack(source, target))
            elif file.kind == "item":
                described = relocated(json.loads(source.read_bytes()), places)
                text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
                written.append(write_beside(target, lambda path, text=text: path.write_bytes(text.encode())))  # type: ignore[misc] # mypy does not infer a lambda's default
            else:
                written.append(write_beside(target, lambda path, source=source: shutil.copyfile(source, path)))  # type: ignore[misc] # the same
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise StorageError(
            f"The files cannot be written to {out}: {error}.",
            "Choose another folder with --out, or make space.",
        ) from error
    return tuple(written)


def _place(file: ResultFile, result: Result) -> str:
    """Where a file lies in the user's folder."""
    if file.kind == "patch":
        return file.path.removesuffix(".zip")
    if file.path in (FIGURE, MOSAIC):
        return f"{result.recipe.get('method', 'median')}{Path(file.path).suffix}"
    return file.path


def _unpack(archive: Path, target: Path) -> Path:
    """Unpack beside, then rename, so that a patch is there whole or not at all."""
    beside = target.with_name(f".{os.getpid()}-{target.name}")
    shutil.rmtree(beside, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(beside)
    shutil.rmtree(target, ignore_errors=True)
    beside.replace(target)
    return target
