"""What signs the cookies of logins: given, or made once and kept where only the user of the server reads it."""

import os
import secrets
from pathlib import Path

from services.errors import StorageError
from services.settings import Settings

FILE = "cookie_secret"


def cookie_secret(settings: Settings) -> str:
    """The setting's, else the one that is kept under `home`; made where there is none yet.

    Raises StorageError where it can be neither read nor kept.
    """
    given = settings.cookie_secret.get_secret_value()
    path = settings.home / FILE
    try:
        return given or _kept(path)
    except OSError as error:
        raise StorageError(
            f"The secret of logins cannot be used: {error.strerror}.",
            "Let the server's user write there, or set NINEPATCH_COOKIE_SECRET.",
            path,
        ) from error


def _kept(path: Path) -> str:
    """What is in the file; of several processes that start at once, the first one's."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:  # another process was faster
            pass
        finally:
            beside.unlink()
    return path.read_text()
