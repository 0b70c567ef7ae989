"""Reads the settings of this process, and says in a sentence what is wrong with them.

A wrong file or variable may hold a secret anywhere: beside the name that was meant, in place of a number, in a table of
another kind. So a value is repeated only where its field holds a number or a known word and the value is too short for
a secret; what is unknown is not named but by its place. No error keeps the one that it comes from, which has it all.
"""

import difflib
import re
import tomllib
from collections.abc import Sequence
from typing import Literal, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from services.errors import SettingsError
from services.settings.provider_settings import ProviderSettings
from services.settings.settings import Settings, settings_file
from services.text import quoted

_NESTED: dict[str, type[BaseModel]] = {"providers": ProviderSettings}
_HARMLESS = (int, float, bool)
"""Kinds of fields whose values are no secrets, beside those of known words."""
_SHORT = 8
"""Characters at most of a value that is repeated."""
_NEAR, _ALIKE = 0.6, 0.85
"""From which on a name is told which it may be meant for, and is itself repeated (difflib, 0 to 1)."""
_WHERE = re.compile(r"\((at (?:line \d+, column \d+|end of document))\)$")
_FIELD = re.compile(r'field "(\w+)"')


def load_settings(**changes: object) -> Settings:
    """The settings of this process, with `changes` on top.

    Raises SettingsError with the name of the field, the value where it is no secret, and what is wanted.
    """
    try:
        return Settings(**changes)  # type: ignore[arg-type] # pydantic validates them
    except ValidationError as error:
        wrong = _wrong(error.errors(include_url=False, include_context=False)[0])
    except (OSError, ValueError, RecursionError) as error:
        wrong = _unreadable(error)
    raise wrong  # here, where no other error hangs on it


def _wrong(error: ErrorDetails) -> SettingsError:
    """What is wrong with one field."""
    known, fields, field = _known(error["loc"])
    last = error["loc"][-1] if error["loc"] else ""
    if error["type"] == "extra_forbidden" and isinstance(last, str):
        return _unknown(last, fields)
    value = f", got {quoted(str(error['input']))}" if _may_be_said(field, error["input"]) else ""
    name = ".".join(known)
    remedy = f"Set NINEPATCH_{name.upper()} or change it in settings.toml."
    return SettingsError(
        f"The setting {name} is not usable: {error['msg'].replace('tuple', 'list')}{value}.",
        remedy if len(known) == 1 else "Change it in settings.toml.",
    )


def _known(place: Sequence[int | str]) -> tuple[list[str], Sequence[str], FieldInfo | None]:
    """The parts of a place that are names of ours, the names that there could be, and the field itself if it is one."""
    model: type[BaseModel] | None = Settings
    names: list[str] = []
    fields, field = list(Settings.model_fields), None
    for part in place:
        if isinstance(part, int):
            names.append(str(part))
        elif model is not None and part in model.model_fields:
            names.append(part)
            field, model = model.model_fields[part], _NESTED.get(part)
            fields = list(model.model_fields) if model else fields
        else:
            field = None
    return names, fields, field


def _may_be_said(field: FieldInfo | None, value: object) -> bool:
    if field is None or not isinstance(value, str | int | float):
        return False
    harmless = field.annotation in _HARMLESS or get_origin(field.annotation) is Literal
    return harmless and len(str(value)) <= _SHORT


def _unknown(name: str, fields: Sequence[str]) -> SettingsError:
    """A name that is none: it is said itself only where it is a misspelt one."""
    near = difflib.get_close_matches(name.lower(), fields, 1, _NEAR)
    meant = f"It may be meant for {near[0]}." if near else "README and docs/hosting.md list the names."
    misspelt = bool(near) and _alike(name, near[0])
    which = name if misspelt else f"in line {line}" if (line := _line(name)) else "that was given"
    return SettingsError(f"The setting {which} is not known.", meant)


def _alike(name: str, meant: str) -> bool:
    """Whether one is the other misspelt, and no text that came into its place."""
    return abs(len(name) - len(meant)) <= 2 and difflib.SequenceMatcher(None, name, meant).ratio() >= _ALIKE


def _line(name: str) -> int:
    """Where the name begins a line of the file; 0 where it does not."""
    try:
        lines = settings_file().read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return 0
    begin = re.compile(rf"\s*[\"']?{re.escape(name)}\b")
    return next((number for number, line in enumerate(lines, 1) if begin.match(line)), 0)


def _unreadable(error: Exception) -> SettingsError:
    """Why the whole is not read, without a word of it."""
    if isinstance(error, tomllib.TOMLDecodeError):
        where = _WHERE.search(str(error))
        reason = f"it is no TOML {where[1]}" if where else "it is no TOML"
    elif field := _FIELD.search(str(error)):
        name = f"NINEPATCH_{field[1].upper()}"
        return SettingsError(f"The variable {name} is no JSON.", f"Correct it, or set {field[1]} in settings.toml.")
    else:
        reason = (error.strerror if isinstance(error, OSError) else "") or "it is no text in UTF-8, or nested too deep"
    return SettingsError(f"The settings file cannot be read: {reason}.", "Correct the file or remove it.")
