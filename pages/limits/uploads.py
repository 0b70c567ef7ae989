"""A budget of uploads: Streamlit keeps the files of a session in memory until it ends, and bounds each file alone."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.access.visitor import handed_on
from pages.limits.who import come_back, member_of
from services.settings import Settings

MB = 2**20
"""Bytes, as Streamlit counts them."""
FRAMING = MB
"""Bytes that a request may have besides its file."""
LATER = 60
"""Seconds after which others may have left."""
AGAIN = "Take a file off the list, or load the page again."
WAIT = "Take a file off a list; what closed pages keep is given back after five minutes."
_FILE = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/(?P<file>[^/]+)/?")
_MOST_REFUSALS = 1000
_refusals: OrderedDict[str, str] = OrderedDict()
"""By session, why its last upload was refused; of the last thousand sessions."""


@dataclass(frozen=True)
class Allowance:
    """How much is kept at most, and what is said beyond it."""

    bytes: int
    sessions: tuple[str, ...]
    """Whose files count."""
    refusal: PlainTextResponse


class UploadBudget:
    """Counts what is kept and what is on its way; a file beyond the budget is refused before it is read."""

    def __init__(self, app: ASGIApp, *, prefix: str, limits: Settings) -> None:
        self._app, self._prefix, self._limits = app, prefix, limits
        self._coming: dict[str, list[int]] = {}
        """By session, the bytes of each file that is on its way."""
        self._owners: dict[str, str] = {}
        """Whose the sessions with files are."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; those that bring no file to a living session pass, unless it is somebody else's."""
        asked = _FILE.fullmatch(scope["path"].removeprefix(self._prefix)) if scope["type"] == "http" else None
        if asked is not None and _of_another(asked["session"], Headers(scope=scope)):
            await PlainTextResponse("This page is somebody else's.", 403)(scope, receive, send)
            return
        if asked is None or scope["method"] != "PUT" or not Runtime.instance().is_active_session(asked["session"]):
            await self._app(scope, receive, send)
            return
        session, size = asked["session"], self._size(Headers(scope=scope))
        self._owners = {one: owner for one, owner in self._owners.items() if self._files(one) or one in self._coming}
        self._owners[session] = member_of(scope)
        refused = self._refusal(session, size)
        if refused is not None:
            _tell(session, bytes(refused.body).decode())
            await refused(scope, receive, send)
            return
        _refusals.pop(session, None)
        with self._reserved(session, size):
            await self._app(scope, receive, send)

    def _size(self, headers: Headers) -> int:
        """Of the request; the most that Streamlit reads where it does not say, or says what cannot be."""
        most = self._limits.max_upload_mb * MB + FRAMING
        length = headers.get("content-length", "")
        return min(int(length), most) if length.isdecimal() and length.isascii() else most

    def _refusal(self, session: str, size: int) -> PlainTextResponse | None:
        """Why the session cannot have so many bytes more; None where it can."""
        most = self._limits.uploads_session_files
        if len(self._files(session)) + len(self._coming.get(session, ())) >= most:
            return _full(f"This page keeps {most:,} files already.", AGAIN)
        for allowance in self._allowances(session):
            if size + sum(map(self._held, allowance.sessions)) > allowance.bytes + FRAMING:
                return allowance.refusal
        return None

    def _allowances(self, session: str) -> Iterator[Allowance]:
        limits, owner = self._limits, self._owners[session]
        yield Allowance(
            limits.uploads_session_mb * MB,
            (session,),
            _full(f"With this file, this page would keep more than {limits.uploads_session_mb:,} MB of files.", AGAIN),
        )
        yield Allowance(
            limits.uploads_member_mb * MB,
            tuple(one for one in self._owners if self._owners[one] == owner),
            _full(
                f"With this file, your open pages would keep more than {limits.uploads_member_mb:,} MB of files.", WAIT
            ),
        )
        sentence = f"All members' pages keep {limits.uploads_mb:,} MB of files already. Try again in a minute."
        yield Allowance(limits.uploads_mb * MB, tuple(self._owners), come_back(sentence, 429, LATER))

    def _held(self, session: str) -> int:
        """Bytes that are kept for a session, or on their way."""
        return sum(self._files(session)) + sum(self._coming.get(session, ()))

    def _files(self, session: str) -> list[int]:
        manager = Runtime.instance().uploaded_file_mgr
        assert isinstance(manager, MemoryUploadedFileManager)
        return [len(file.data) for file in list(manager.file_storage.get(session, {}).values())]

    @contextmanager
    def _reserved(self, session: str, size: int) -> Iterator[None]:
        self._coming.setdefault(session, []).append(size)
        try:
            yield
        finally:
            self._coming[session].remove(size)
            if not self._coming[session]:
                del self._coming[session]


def _of_another(session: str, headers: Headers) -> bool:
    """Whether somebody else has the page open; by their names, for the same person may have logged in again."""
    info = Runtime.instance()._session_mgr.get_active_session_info(session)  # there is no public way
    context = info.client.client_context if info is not None and info.client is not None else None
    if context is None:
        return False
    owner = handed_on({name.lower(): value for name, value in context.headers})
    asks = handed_on(headers)
    return (owner.name if owner else "") != (asks.name if asks else "")


def refusal() -> str:
    """Why the last upload of the session whose page runs was refused; empty where it was not."""
    context = get_script_run_ctx()
    return _refusals.get(context.session_id, "") if context else ""


def give_back(file: str) -> None:
    """The file with that id is not needed any more; the page that runs brought it."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file)


def _full(cause: str, remedy: str) -> PlainTextResponse:
    return PlainTextResponse(f"{cause} {remedy}", status_code=413, headers={"Cache-Control": "no-store"})


def _tell(session: str, sentence: str) -> None:
    """The page runs again and shows it: a browser says no more of a refused file than its status."""
    _refusals.pop(session, None)
    _refusals[session] = sentence
    if len(_refusals) > _MOST_REFUSALS:
        _refusals.popitem(last=False)
    info = Runtime.instance()._session_mgr.get_active_session_info(session)  # there is no public way
    if info is not None:
        info.session.request_rerun(info.session._client_state)  # as Streamlit does for a changed file
