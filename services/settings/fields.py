"""Kinds of fields: words that were copied from a page, lists in one variable, tables as pairs."""

import logging
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo
from pydantic_settings import NoDecode

_AROUND = " \t\r\n\v\f\u00a0\u200b\u2060\ufeff\"'`“”„‘’«»"
"""What comes along where an id or a secret is copied: blanks, line ends, signs that do not show, quotes."""
log = logging.getLogger(__name__)


def _bare(value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
    """Without what was copied along with it, which is said; a secret stays one."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    bare = text.strip(_AROUND)
    if bare == text:
        return value
    log.warning("Blanks, line ends or quotes around the setting %s are left out.", info.field_name)
    return SecretStr(bare) if isinstance(value, SecretStr) else bare


Copied = Annotated[str, AfterValidator(_bare)]
CopiedSecret = Annotated[SecretStr, AfterValidator(_bare)]


def pairs(value: object) -> object:
    """A table as its pairs, which can be compared and kept as they are."""
    return tuple(value.items()) if isinstance(value, dict) else value


def _listed(value: object) -> object:
    """One text as the words in it, between commas; a list stays one."""
    if not isinstance(value, str):
        return value
    return tuple(word for word in (part.strip(_AROUND) for part in value.split(",")) if word)


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
"""A list in the TOML file, or one text with commas."""
