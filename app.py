"""The web application: the pages, and the routes beside them, in one ASGI program."""

import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from os import PathLike, stat_result
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from pages.access.gate import Gate
from pages.access.oidc import auth_secrets
from pages.components.shared.messages import fault
from pages.components.shared.theme import ASSETS, SCRIPTS, TOGETHER, together
from pages.limits import RateLimit, UploadBudget, end_in_time, guard_connections, raise_file_limit, swept
from pages.routes.files import Uncompressed, file_routes
from pages.routes.request_log import RequestLog
from pages.routes.security_headers import SecurityHeaders
from pages.state.base_path import PREFIX, require_served
from pages.state.context import archive, default, door, entrance, settings
from services import starting
from services.errors import NinepatchError
from services.lazy import import_ahead
from services.logs import log_to, take_over
from services.runtime import supervised, tune_malloc

AHEAD = ("folium.plugins",), ("matplotlib.colors", "altair", "services.export.map_tiles")
"""What the first page needs, and what others do: imported once the port answers, the second group a while later."""
AHEAD_SECONDS = 15.0
FRAME = Path(__file__).resolve().parent / "pages" / "frame.py"


class Assets(StaticFiles):
    """Files whose address names their content: a browser fetches each once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or several in one."""
        folder, name = os.path.split(path)
        if folder != TOGETHER or name.removesuffix(".js") not in SCRIPTS:
            return await super().get_response(path, scope)
        answer = Response(together(name.removesuffix(".js")), media_type="text/javascript")
        answer.headers["Cache-Control"] = _kept(scope)
        return answer

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = _kept(scope)
        return answer


def _kept(scope: Scope) -> str:
    """For a year where the address has a stamp."""
    stamped = scope.get("query_string", b"").startswith(b"v=")
    return "public, max-age=31536000, immutable" if stamped else "no-cache"


SWITCH_SECONDS = 0.0005
"""How long a thread has the interpreter while another waits for it. A run of a page lets go of it some hundred times,
and waited up to 5 ms each time, Python's default, where pictures were drawn meanwhile."""


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:  # noqa: ARG001 - Streamlit passes it
    """The worker, and the demo archive where no account is set, live as long as the application.

    The server listens after this has begun, and gets its patience here.
    Where they cannot start, the program ends with the reason: an exception would be shown as a fault of its own.
    """
    take_over("streamlit", "uvicorn")
    tune_malloc()
    sys.setswitchinterval(SWITCH_SECONDS)
    raise_file_limit()
    guard_connections(settings(), entrance().brings_many)
    end_in_time()
    with ExitStack() as stack:
        try:
            stack.enter_context(supervised(settings(), starting.hold(), archive()))
        except (NinepatchError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            os._exit(error.exit_status if isinstance(error, NinepatchError) else 1)
        async with swept():
            starting.end()
            import_ahead(*AHEAD, pause=AHEAD_SECONDS, then=gc.freeze)  # a collection need not look at them
            sys.stdout.write(f"Ninepatch answers at {entrance().url} (Ctrl+C ends it).\n")
            sys.stdout.flush()
            yield


try:
    log_to(settings(), "web")
    default()
    require_served(entrance())
    secrets = auth_secrets(settings(), entrance())
    gate = Middleware(Gate, settings=settings(), entrance=entrance(), door=door(), prefix=PREFIX)
except NinepatchError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(error.exit_status)

app = st.App(
    FRAME,
    secrets=secrets,
    lifespan=lifespan,
    routes=[Mount(f"{PREFIX}/assets", Assets(directory=ASSETS), name="assets"), *file_routes(PREFIX)],
    middleware=[
        Middleware(RequestLog, prefix=PREFIX),
        Middleware(SecurityHeaders, prefix=PREFIX, online=settings().online_basemap),
        gate,
        Middleware(RateLimit, prefix=PREFIX, minute=settings().requests_minute, pages=settings().pages_member),
        Middleware(UploadBudget, prefix=PREFIX, limits=settings()),
        Middleware(Uncompressed, prefix=PREFIX),
    ],
    on_script_error=fault,
)
