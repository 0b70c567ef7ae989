"""Reads the settings of this process, and says in a sentence what is wrong with them."""

from pydantic import ValidationError

from services.errors import SettingsError
from services.settings.settings import Settings
from services.text import quoted


def load_settings(**changes: object) -> Settings:
    """The settings of this process, with `changes` on top.

    Raises SettingsError with the name of the field, the value where it is no secret, and what is wanted.
    """
    try:
        return Settings(**changes)  # type: ignore[arg-type] # pydantic validates them
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        value = "" if "secret" in field else f", got {quoted(str(first['input']))}"
        raise SettingsError(
            f"The setting {field} is not usable: {first['msg']}{value}.",
            "Change it in settings.toml."
            if "." in field
            else f"Set NINEPATCH_{field.upper()} or change it in settings.toml.",
        ) from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"The settings file cannot be read: {error}.", "Correct the file or remove it.") from error
