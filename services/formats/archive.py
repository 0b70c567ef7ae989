"""A zip that somebody brought, looked through before anything is unpacked; nothing of it is ever written to a disk."""

import stat
import struct
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from services.errors import AreaError
from services.formats.limits import FileLimits
from services.text import quoted

ARCHIVES = {".zip", ".kmz", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz", ".zst", ".jar"}
"""Endings of what is packed once more."""
_DAMAGE = (
    *(BadZipFile, LargeZipFile, zlib.error, struct.error),
    *(ValueError, OverflowError, NotImplementedError, RuntimeError, EOFError, OSError),
)
"""What zipfile raises for bytes that are no good zip."""
SMALL = 1_000_000
"""Bytes unpacked up to which no ratio is too large."""


class ZipArchive:
    """The members of a zip. Made only where all of them pass; raises AreaError."""

    def __init__(self, data: bytes, limits: FileLimits) -> None:
        self._limits = limits
        try:
            self._zip = ZipFile(BytesIO(data))
            members = self._zip.infolist()
        except _DAMAGE:
            raise _damaged() from None
        _check_count(members, limits)
        for member in members:
            _check_member(member)
        _check_sizes(members, limits)
        _check_places(members, len(data), self._zip.start_dir)
        self.members = [member for member in members if not member.is_dir() and not _hidden(member.filename)]
        """Files in the order of the directory, without those that systems leave behind."""

    def ending_in(self, suffix: str) -> list[ZipInfo]:
        """The files with an ending, of whatever case."""
        return [member for member in self.members if member.filename.lower().endswith(suffix)]

    def beside(self, member: ZipInfo, suffix: str) -> ZipInfo | None:
        """The file of the same name with another ending."""
        stem = member.filename.rpartition(".")[0].lower()
        return next((one for one in self.members if one.filename.lower() == stem + suffix), None)

    def read(self, member: ZipInfo) -> bytes:
        """All bytes, checked against their sum. Raises AreaError where they are damaged or more than was said."""
        try:
            with self._zip.open(member) as file:
                data = file.read(member.file_size + 1)
        except _DAMAGE:
            raise _damaged() from None
        if len(data) != member.file_size:
            raise _damaged()
        return data


def _damaged() -> AreaError:
    return AreaError("The zip is damaged: what it holds is not what its directory says.", "Pack it again.")


def _hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith((".", "Thumbs.db"))


def _check_count(members: list[ZipInfo], limits: FileLimits) -> None:
    if len(members) > limits.max_members:
        raise AreaError(
            f"The zip has {len(members):,} files; at most {limits.max_members:,} are looked at.",
            "Pack the area by itself.",
        )
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise AreaError("The zip holds two files of one name.", "Pack it again.")


def _check_member(member: ZipInfo) -> None:
    if not member.filename:
        raise AreaError("A file in the zip has no name.", "Pack it again.")
    named = quoted(member.filename)
    if member.flag_bits & 0x1:
        raise AreaError(f"{named} in the zip is encrypted.", "Pack it again without a password.")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise AreaError(f"{named} in the zip is a link, and links are never followed.", "Pack the file itself.")
    if PurePosixPath(member.filename.lower()).suffix in ARCHIVES:
        raise AreaError(f"The zip holds another archive, {named}.", "Bring what is in it.")
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise AreaError(f"{named} in the zip is packed in a way that is not read.", "Pack it again as a plain zip.")


def _check_sizes(members: list[ZipInfo], limits: FileLimits) -> None:
    whole = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if whole > limits.max_unpacked_mb * 1_000_000:
        raise AreaError(
            f"The zip would unpack to {whole / 1e6:,.0f} MB; at most {limits.max_unpacked_mb:,} MB are unpacked.",
            "Pack the area by itself.",
        )
    if whole > max(SMALL, limits.max_ratio * packed):
        raise AreaError(
            f"The zip would unpack to {whole / max(1, packed):,.0f} times its size; "
            f"at most {limits.max_ratio:,} times are unpacked.",
            "Pack the area by itself.",
        )


def _check_places(members: list[ZipInfo], size: int, directory: int) -> None:
    """No two members may share bytes, nor reach into the directory."""
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < end or member.header_offset + 30 + member.compress_size > min(size, directory):
            raise AreaError("Files in the zip overlap one another.", "Pack it again.")
        end = member.header_offset + 30 + member.compress_size
