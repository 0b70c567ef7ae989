"""Runs the demo archive with what only tests see, slow, limited or from memory: `python -m tests.demo_archive`."""

from starlette.middleware import Middleware

from services.demo.__main__ import options, serve
from services.demo.protocol import LIFE_SECONDS, TokenIssuer, application
from tests.demo_archive.limits import UNLIMITED, Limits, Policy
from tests.demo_archive.middleware import RecordingArchive
from tests.demo_archive.transport import ResponseCache, ThrottledTransport


def main() -> None:
    """Until it is told to stop."""
    parser = options()
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--bandwidth", type=float, default=0.0, help="Mbit/s of all answers together; 0 is no limit")
    parser.add_argument("--remember", action="store_true", help="answer what was asked before from memory")
    parser.add_argument("--token-seconds", type=float, default=LIFE_SECONDS, help="life of a token")
    for name in ("requests-per-minute", "units-per-minute", "units-per-month"):
        parser.add_argument(f"--{name}", type=float, default=UNLIMITED, help="limit of the account")
    chosen = parser.parse_args()
    limits = Limits(Policy(chosen.requests_per_minute, chosen.units_per_minute, chosen.units_per_month))
    issuer = TokenIssuer(chosen.token_seconds)
    inner = application(issuer, limits.admit, [Middleware(ResponseCache)] if chosen.remember else [])
    app = ThrottledTransport(RecordingArchive(inner, issuer, limits), chosen.latency, chosen.bandwidth)
    serve(app, chosen.port, chosen.parent)


if __name__ == "__main__":
    main()
