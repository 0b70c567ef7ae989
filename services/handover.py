"""The files of a result, laid out in a folder of the user's: pictures, COGs, and EOPatches unpacked."""

import os
import shutil
import zipfile
from pathlib import Path

from services.errors import StorageError
from services.files import write_beside
from services.results import Result


def hand_over(folder: Path, result: Result, out: Path) -> tuple[Path, ...]:
    """Copy the files of `result` from `folder` to `out` and unpack the EOPatches to `out/patches/<tile>`.

    Returns what was written. An EOPatch of an earlier run in the same place is replaced whole.
    Raises StorageError where `out` cannot be written.
    """
    written: list[Path] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file in result.files:
            source = folder / file.path
            if file.kind == "patch":
                written.append(_unpack(source, out / Path(file.path).with_suffix("")))
            else:
                written.append(write_beside(out / file.path, lambda path, source=source: shutil.copyfile(source, path)))  # type: ignore[misc] # mypy does not infer a lambda's default
    except (OSError, zipfile.BadZipFile) as error:
        raise StorageError(
            f"The files cannot be written to {out}: {error}.",
            "Choose another folder with --out, or make space.",
        ) from error
    return tuple(written)


def _unpack(archive: Path, target: Path) -> Path:
    """Unpack beside, then rename, so that a patch is there whole or not at all."""
    beside = target.with_name(f".{os.getpid()}-{target.name}")
    shutil.rmtree(beside, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(beside)
    shutil.rmtree(target, ignore_errors=True)
    beside.replace(target)
    return target
