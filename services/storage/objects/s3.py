"""A bucket of an S3-compatible service as an object store, by obstore: a third of boto3's CPU, and typed.

Objects are written with `If-None-Match`, so that of two who store one the first wins, and both are content.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from services.errors import SettingsError, StorageError, StoreUnreachable
from services.settings import Settings
from services.storage.objects.base import PIECE, ObjectStore, Range

if TYPE_CHECKING:  # a tenth of a second, and a pool of threads, for those who have a store
    from obstore import GetResult
    from obstore.store import S3Store

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*?))?/?")
_RETRIED, _RETRY_SECONDS = 4, 30
"""How often a request that failed is made again, and for how long in all; with growing waits between."""
_COALESCE = 256 * 1024
"""Bytes between two ranges that are read too, rather than asking twice."""


class S3Objects:
    """Objects under a prefix of a bucket; see `ObjectStore`."""

    def __init__(self, store: "S3Store", name: str) -> None:
        self._store, self._name = store, name

    @property
    def name(self) -> str:
        """`s3://bucket/prefix`."""
        return self._name

    def put(self, name: str, data: bytes | Path, *, replace: bool = False) -> None:
        """See ObjectStore."""
        import obstore

        with self._translated():
            try:
                if replace:
                    obstore.put(self._store, name, data, mode="overwrite")
                else:  # only one whole request can be conditional
                    whole = data.read_bytes() if isinstance(data, Path) else data
                    obstore.put(self._store, name, whole, mode="create", use_multipart=False)
            except obstore.exceptions.AlreadyExistsError:
                return

    def get(self, name: str) -> bytes | None:
        """See ObjectStore."""
        import obstore

        with self._translated():
            try:
                return obstore.get(self._store, name).bytes().to_bytes()
            except FileNotFoundError:
                return None

    def chunks(self, name: str) -> Iterator[bytes] | None:
        """See ObjectStore."""
        import obstore

        with self._translated():
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                return None
        return self._pieces(found)

    def _pieces(self, found: "GetResult") -> Iterator[bytes]:
        with self._translated():
            for piece in found.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    def get_ranges(self, name: str, ranges: Sequence[Range]) -> list[bytes] | None:
        """See ObjectStore."""
        import obstore

        starts, lengths = [offset for offset, _ in ranges], [length for _, length in ranges]
        with self._translated():
            try:
                found = obstore.get_ranges(self._store, name, starts=starts, lengths=lengths, coalesce=_COALESCE)
            except FileNotFoundError:
                return None
            return [one.to_bytes() for one in found]

    def names(self, below: str) -> Iterator[str]:
        """See ObjectStore."""
        import obstore

        with self._translated():
            for some in obstore.list(self._store, below, chunk_size=1000):
                yield from (one["path"] for one in some)

    def folders(self, below: str) -> list[str]:
        """See ObjectStore."""
        import obstore

        with self._translated():
            found = obstore.list_with_delimiter(self._store, below)["common_prefixes"]
            return [name.rstrip("/").rpartition("/")[2] for name in found]

    def delete(self, names: Collection[str]) -> None:
        """See ObjectStore."""
        import obstore

        with self._translated():
            for name in names:
                try:
                    obstore.delete(self._store, name)
                except FileNotFoundError:
                    continue

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise StorageError(
                f"The store {self._name} refuses: the keys are not accepted, or may not do this.",
                "Check the settings store_access_key and store_secret_key, and what they may do in that bucket.",
            ) from error
        except ValueError as error:
            raise StorageError(
                f"The store {self._name} has no objects of such a name.", "Ask again with a name of the program's."
            ) from error
        except (BaseError, OSError) as error:
            raise StoreUnreachable(
                f"The store {self._name} does not answer as it should: {_reason(error)}.",
                "It is asked again; see that it runs, and check the settings store and store_endpoint.",
            ) from error


def _reason(error: Exception) -> str:
    """In a few words: what libraries say over many lines names addresses and requests."""
    text = str(error)
    if status := re.search(r"\b([45]\d\d) [A-Z][A-Za-z ]+", text):
        return f"status {status[1]}"
    return "the connection failed" if re.search(r"connect|sending request|timed? ?out", text, re.I) else "it failed"


def object_store(settings: Settings, *, patient: bool = True) -> ObjectStore | None:
    """The one that the settings name, for this process; None where none is. Raises SettingsError.

    One that is not `patient` says within some seconds that nobody answers: for those who only look.
    """
    return _opened(settings, patient) if settings.store else None


@lru_cache(maxsize=8)
def _opened(settings: Settings, patient: bool) -> S3Objects:
    from obstore.store import S3Store

    found = _ADDRESS.fullmatch(settings.store)
    if found is None:
        raise SettingsError("The setting store is no address of a bucket.", "Write s3://bucket/prefix.")
    endpoint = settings.store_endpoint.rstrip("/")
    own = {"endpoint": endpoint} if endpoint else {}
    store = S3Store(
        found[1],
        prefix=found[2] or None,
        region=settings.store_region,
        access_key_id=settings.store_access_key.get_secret_value(),
        secret_access_key=settings.store_secret_key.get_secret_value(),
        virtual_hosted_style_request=not endpoint,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": "60s" if patient else "3s",
            "connect_timeout": "5s" if patient else "2s",
        },
        retry_config={
            "max_retries": _RETRIED if patient else 0,
            "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
        },
        **own,  # type: ignore[arg-type] # one of its named settings
    )
    return S3Objects(store, settings.store)
