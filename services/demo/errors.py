"""How the service says no: the Process API wraps its errors, the catalogue has two plain fields."""

from http import HTTPStatus
from typing import Any

BAD_PAYLOAD = "COMMON_BAD_PAYLOAD"
EXCEPTION = "COMMON_EXCEPTION"
RENDERER = "RENDERER_EXCEPTION"


class Refusal(Exception):
    """A request that is refused. Not for faults of the archive itself, which become a 500."""

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: str = BAD_PAYLOAD,
        parameter: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.parameter = parameter
        """Where in the body: `output->resx`; empty where it is not one place."""
        self.headers = headers or {}

    def wrapped(self) -> dict[str, Any]:
        """As the Process API says it."""
        error: dict[str, Any] = {
            "status": self.status,
            "reason": HTTPStatus(self.status).phrase,
            "message": self.message,
            "code": self.code,
        }
        if self.parameter:
            error["errors"] = [{"parameter": self.parameter, "violation": self.message}]
        return {"error": error}

    def plain(self) -> dict[str, Any]:
        """As the catalogue says it."""
        return {"code": self.status, "description": self.message}


def unauthorized() -> Refusal:
    """No token, or one that is not valid (any more)."""
    return Refusal(
        "You are not authorized! Please provide a valid access token within the header "
        "[Authorization: Bearer <accessToken>] of your request.",
        401,
        "COMMON_UNAUTHORIZED",
    )


def not_found(path: str) -> Refusal:
    """There is nothing at that address."""
    return Refusal(f"There is nothing at {path}.", 404, "COMMON_NOT_FOUND")
