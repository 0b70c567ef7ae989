"""Addresses for those who watch the server: whether it is well, whether it is ready, and its metrics."""

import hmac
from functools import cache

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pages.state.context import jobs, product, settings
from services.observing import HealthReport, Metrics, examine

_NO_STORE = {"Cache-Control": "no-store"}
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""What Prometheus takes."""


def health(request: Request) -> Response:  # noqa: ARG001 - Starlette passes it
    """503 where a vital part is not well, else 200; which parts are well, without their sentences."""
    report = _report()
    return _told(report, 503 if report.status == "failing" else 200)


def ready(request: Request) -> Response:  # noqa: ARG001 - Starlette passes it
    """200 where a job that is asked for now can be carried out, else 503."""
    report = _report()
    return _told(report, 200 if report.ready else 503)


def metrics(request: Request) -> Response:
    """For who knows the token; closed where none is set."""
    token = settings().metrics_token.get_secret_value()
    if not token:
        return PlainTextResponse("Not found", 404)
    if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
        return PlainTextResponse("Send the metrics_token of the settings.", 401, {"WWW-Authenticate": "Bearer"})
    return Response(measured().text(), media_type=_TEXT, headers=_NO_STORE)


@cache
def measured() -> Metrics:
    """The metrics of this process."""
    return Metrics(product(), jobs())


def _report() -> HealthReport:
    return examine(settings(), jobs, lambda: product().ledger)


def _told(report: HealthReport, status: int) -> Response:
    parts = {part.name: part.well for part in report.parts}
    return JSONResponse({"status": report.status, **parts}, status_code=status, headers=_NO_STORE)
