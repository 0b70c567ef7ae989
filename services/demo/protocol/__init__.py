"""The Sentinel Hub protocol: requests for tokens, catalogue items and pixels come in, the service's answers go out."""

from services.demo.protocol.account import LIFE_SECONDS, TokenIssuer
from services.demo.protocol.evalscript import ENGINE
from services.demo.protocol.payload import ApiError
from services.demo.protocol.server import application

__all__ = ["ENGINE", "LIFE_SECONDS", "ApiError", "TokenIssuer", "application"]
