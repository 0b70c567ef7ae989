"""Log lines: text for people or JSON for machines, each with the request, job and member that it is about; rotated.

Whatever handles a request or carries out a job says so once, by `about`; the lines of everything that it calls, in the
same thread or task, name them.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from logging.handlers import RotatingFileHandler

from pythonjsonlogger.json import JsonFormatter

from services.errors import StorageError
from services.privacy import keep_private
from services.settings import Settings, settings_file

KEPT = 5
"""Files of each log beside the one that is written."""
FACTS = ("request", "job", "member")
"""What a line may be about."""
_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039 - never changed, only replaced
_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_ISO = "%Y-%m-%dT%H:%M:%S%z"
_JSON = ["asctime", "levelname", "name", "message", *FACTS]
_KEYS = {"asctime": "time", "levelname": "level", "name": "logger"}


@contextmanager
def about(**facts: str) -> Iterator[None]:
    """The lines of what happens meanwhile name these FACTS; an empty one is left out."""
    token = _ABOUT.set({**_ABOUT.get(), **{name: fact for name, fact in facts.items() if fact}})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def log_to(settings: Settings, name: str, *, console: bool = True) -> None:
    """Write the lines of this process to `logs/NAME.log` under the home, and to standard error where it has a reader.

    Before, what this process makes becomes private. Raises StorageError where the file cannot be written.
    """
    opened = keep_private(settings.home, settings_file())
    path = settings.home / "logs" / f"{name}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(path, maxBytes=int(settings.log_mb * 1e6), backupCount=KEPT, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The log cannot be written: {error.strerror}.", "Set NINEPATCH_HOME to a folder that can be.", path
        ) from error
    handlers: list[logging.Handler] = [file, *([logging.StreamHandler()] if console else [])]
    for handler in handlers:
        handler.setFormatter(_FORMATTERS[settings.log_format]())
        handler.addFilter(_add_facts)
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    for sentence in opened:
        logging.getLogger(__name__).warning(sentence)


def take_over(*names: str) -> None:
    """Let the lines of libraries that print their own go the same way, and not twice."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in names:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = name != "uvicorn.access"  # our own line says more


def _add_facts(record: logging.LogRecord) -> bool:
    for name in FACTS:
        setattr(record, name, _ABOUT.get().get(name))
    return True


class _TextFormatter(logging.Formatter):
    """A record is one line, whatever is in its words: nobody can write a line of their own into the log."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        """The line, with what it is about at its end."""
        facts = " ".join(f"{name}={fact}" for name in FACTS if (fact := getattr(record, name, None)))
        line = super().formatMessage(record) + (f" [{facts}]" if facts else "")
        return "".join(one if one.isprintable() else repr(one)[1:-1] for one in line)


_FORMATTERS: Mapping[str, Callable[[], logging.Formatter]] = {
    "text": lambda: _TextFormatter(_TEXT),
    "json": lambda: JsonFormatter(_JSON, datefmt=_ISO, rename_fields=_KEYS, json_ensure_ascii=False),
}
"""By the setting log_format."""
