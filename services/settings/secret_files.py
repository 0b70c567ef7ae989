"""Secrets of containers: a file for each, which a variable names that ends in `_FILE`."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.errors import SettingsError


def from_files(fields: Mapping[str, FieldInfo], environment: Mapping[str, str]) -> dict[str, str]:
    """What the files hold, by the name of the setting: of every secret, and of the ids that belong to one.

    Raises SettingsError where a setting is given both ways, or its file cannot be read.
    """
    found = {}
    for name, field in fields.items():
        variable = f"NINEPATCH_{name.upper()}"
        path = environment.get(f"{variable}_FILE")
        if path and (field.annotation is SecretStr or name.endswith("client_id")):
            if environment.get(variable):
                raise SettingsError(f"{variable} and {variable}_FILE are both set.", "Unset one of them.")
            found[name] = _content(Path(path), f"{variable}_FILE")
    return found


def _content(path: Path, variable: str) -> str:
    """The text of the file without the end of its last line."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
    except ValueError:
        reason = "it is no text"
    raise SettingsError(f"The file that {variable} names cannot be read: {reason}.", "Correct the path or its rights.")
