"""The archive as one ASGI application: token, catalogue and process, each refusing in its own words."""

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.demo.orbits import TooManyTiles
from services.demo.protocol import catalog
from services.demo.protocol.account import TokenIssuer
from services.demo.protocol.payload import EXCEPTION, ApiError, not_found, unauthorized
from services.demo.protocol.process import process
from services.demo.world import SIMULATED

TOKEN_PATHS = ("/auth/realms/main/protocol/openid-connect/token", "/oauth/token")
PROCESS_PATHS = ("/api/v1/process", "/process/v1")
_HEADERS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, accept"),
    (b"access-control-expose-headers", b"x-processingunits-spent, retry-after"),
    (b"x-simulated-data", SIMULATED.encode()),
]


async def token(request: Request) -> Response:
    """A token for the account."""
    form = await request.form()
    texts = {key: value for key, value in form.items() if isinstance(value, str)}
    status, body = request.app.state.issuer.answer(texts)
    return JSONResponse(body, status, {"cache-control": "no-store"})


async def refused(request: Request, error: Exception) -> Response:
    """An ApiError, or what the router says, in the endpoint's own form."""
    if isinstance(error, HTTPException):
        error = _routed(error, request.url.path)
    elif isinstance(error, ClientDisconnect):
        return Response(status_code=499)  # nobody hears it
    elif isinstance(error, TooManyTiles):
        error = ApiError(str(error))
    elif not isinstance(error, ApiError):
        error = ApiError("The demo archive met a fault of its own.", 500, EXCEPTION)
    body = error.catalog_body() if "/catalog" in request.url.path else error.process_body()
    return JSONResponse(body, error.status, error.headers)


def _routed(error: HTTPException, path: str) -> ApiError:
    """What the router or the form reader says, in the service's words."""
    if error.status_code == 405:
        return ApiError("Method Not Allowed", 405, "COMMON_METHOD_NOT_ALLOWED")
    return not_found(path) if error.status_code == 404 else ApiError(error.detail, error.status_code)


class BearerAuth:
    """Lets only requests with a token through to the catalogue and the Process API, and signs every answer."""

    def __init__(self, app: ASGIApp, issuer: TokenIssuer) -> None:
        self._app = app
        self._issuer = issuer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})

        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":  # of unknown length, as the service's answers
                headers = (pair for pair in message["headers"] if pair[0] != b"content-length")
                message = {**message, "headers": [*headers, *_HEADERS]}
            await send(message)

        if scope["method"] == "OPTIONS":
            await Response(status_code=200)(scope, receive, signed)
        elif self._closed(scope):
            response = await refused(Request(scope), unauthorized())
            await response(scope, receive, signed)
        else:
            await self._app(scope, receive, signed)

    def _closed(self, scope: Scope) -> bool:
        path = scope["path"].rstrip("/")
        if not path.startswith((*PROCESS_PATHS, *catalog.PREFIXES)):
            return False
        if path in catalog.PREFIXES or path.endswith("/conformance"):
            return False
        return not self._issuer.accepts(dict(scope["headers"]).get(b"authorization", b"").decode("latin-1"))


def unlimited(units: float) -> None:
    """Admits a request of so many units, as every other."""


def application(
    issuer: TokenIssuer, admit: Callable[[float], None] = unlimited, middleware: Sequence[Middleware] = ()
) -> ASGIApp:
    """All of it; `admit` raises ApiError for units that there are not, `middleware` goes inside the authorization."""
    routes = [Route(path, token, methods=["POST"]) for path in TOKEN_PATHS]
    routes += [Route(path, process, methods=["POST"]) for path in PROCESS_PATHS]
    for prefix in catalog.PREFIXES:
        one = f"{prefix}/collections/{{collection}}"
        routes += [
            Route(prefix, catalog.landing),
            Route(f"{prefix}/", catalog.landing),
            Route(f"{prefix}/conformance", catalog.conformance),
            Route(f"{prefix}/collections", catalog.collections),
            Route(one, catalog.collection),
            Route(f"{one}/items/{{item}}", catalog.feature),
            Route(f"{prefix}/search", catalog.search, methods=["POST"]),
        ]
    handlers = dict.fromkeys((ApiError, TooManyTiles, HTTPException, ClientDisconnect, Exception), refused)
    inner = Starlette(routes=routes, exception_handlers=handlers, middleware=middleware)
    inner.state.issuer, inner.state.admit = issuer, admit
    return BearerAuth(inner, issuer)
