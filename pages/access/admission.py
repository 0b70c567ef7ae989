"""Authentication (admission): who one request or connection comes from, by what it brings with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote

from anyio import CapacityLimiter, to_thread
from starlette.requests import HTTPConnection

from pages.access.door import Door
from pages.access.hosts import open_without_login
from pages.access.proofs import LoginCookie, NotBelieved, ProxyProof
from pages.access.visitor import COOKIE, NOBODY, Visitor, one_line
from services.access import Actor, Entrance, Login, Role
from services.settings import Settings

T = TypeVar("T")
_THREADS = 4
"""That ask the door at once; others' work does not keep them."""


@dataclass(frozen=True)
class Admission:
    """Who came, and as what."""

    actor: Actor | None = None
    """None where nobody is let in."""
    visitor: Visitor | None = None
    """Whoever proved to be somebody, with a role here or without."""
    sentence: str = ""
    """Why nobody is believed; empty where nobody has said anything."""


class Admissions:
    """Of one entrance."""

    def __init__(self, settings: Settings, entrance: Entrance, door: Door) -> None:
        self._settings, self._entrance, self._door = settings, entrance, door
        self._cookie = LoginCookie(settings, entrance) if entrance.login is Login.OIDC else None
        self._proxy = ProxyProof(settings, entrance) if entrance.login is Login.PROXY else None
        self._limiter: CapacityLimiter | None = None

    async def of(self, connection: HTTPConnection) -> Admission:
        """Raises StorageError where the database fails."""
        if self._entrance.login is Login.NONE:
            return self._alone(connection)
        try:
            visitor = self._visitor(connection)
        except NotBelieved as error:
            return Admission(sentence=str(error))
        if visitor is None:
            return Admission()
        answer = self._door.kept(visitor)
        if answer is None:
            answer = await self._in_thread(lambda: self._door.answer(visitor))
        return Admission() if answer.logged_out else Admission(answer.actor, visitor)

    async def log_out(self, visitor: Visitor) -> None:
        """End the visitor's login. Raises StorageError."""
        await self._in_thread(lambda: self._door.log_out(visitor))

    def _alone(self, connection: HTTPConnection) -> Admission:
        if not open_without_login(self._entrance, connection.scope.get("server")):
            return Admission(sentence="Nobody logs in at this server, and so it is for its own machine alone.")
        typed = one_line(unquote(connection.cookies.get(COOKIE, "")))
        return Admission(Actor(typed or one_line(self._settings.member) or NOBODY, Role.ADMINISTRATOR))

    def _visitor(self, connection: HTTPConnection) -> Visitor | None:
        if self._cookie is not None:
            return self._cookie.visitor(connection.cookies)
        peer = connection.client.host if connection.client else ""
        return self._proxy.visitor(connection.headers, peer) if self._proxy is not None else None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._limiter is None:
            self._limiter = CapacityLimiter(_THREADS)
        return await to_thread.run_sync(work, limiter=self._limiter)
