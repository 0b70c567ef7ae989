"""A folder of this machine as an object store."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

from services.errors import StorageError
from services.storage.atomic_file import write_beside
from services.storage.objects.base import PIECE, Range


class FolderObjects:
    """Objects as files of their names; see `ObjectStore`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """Without its path, which people need not know."""
        return "The folder of objects"

    def put(self, name: str, data: bytes | Path, *, replace: bool = False) -> None:
        """See ObjectStore."""
        path = self._path(name)
        if replace or not path.exists():
            with self._translated():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_beside(path, lambda to: copyfile(data, to) if isinstance(data, Path) else to.write_bytes(data))

    def get(self, name: str) -> bytes | None:
        """See ObjectStore."""
        with self._translated():
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                return None

    def chunks(self, name: str) -> Iterator[bytes] | None:
        """See ObjectStore."""
        return self._pieces(name) if self._path(name).is_file() else None

    def _pieces(self, name: str) -> Iterator[bytes]:
        with self._translated(), self._path(name).open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def get_ranges(self, name: str, ranges: Sequence[Range]) -> list[bytes] | None:
        """See ObjectStore."""
        with self._translated():
            try:
                with self._path(name).open("rb") as file:
                    return [file.read(length) for offset, length in ranges if file.seek(offset) == offset]
            except FileNotFoundError:
                return None

    def names(self, below: str) -> Iterator[str]:
        """See ObjectStore."""
        files = (path for path in self._path(below).rglob("*") if path.is_file())
        return (path.relative_to(self._folder.resolve()).as_posix() for path in files)

    def folders(self, below: str) -> list[str]:
        """See ObjectStore."""
        with self._translated():
            folder = self._path(below)
            inside = folder.iterdir() if folder.is_dir() else ()
            return [path.name for path in inside if any(self.names(f"{below}{path.name}/"))]

    def delete(self, names: Collection[str]) -> None:
        """See ObjectStore."""
        with self._translated():
            for name in names:
                self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise StorageError("An object's name leads out of its folder.", "Ask again with a name of the program's.")
        return path

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"The folder of objects cannot be used: {error.strerror or type(error).__name__}.",
                "Make space on its disk and see that it can be written.",
                self._folder,
            ) from error
