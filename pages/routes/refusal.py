"""What a browser is answered instead of a file."""

from starlette.responses import PlainTextResponse

from services.errors import InputError, NinepatchError


def refused(error: NinepatchError) -> PlainTextResponse:
    """The sentences of an error: not found where the address asks for what cannot be, else a fault of the server."""
    return PlainTextResponse(str(error), status_code=404 if error.exit_status == InputError.exit_status else 503)
