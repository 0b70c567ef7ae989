"""What a browser is answered instead of a file."""

from starlette.responses import PlainTextResponse

from services.errors import InputError, NinepatchError, NotAllowed

_STATUS = {InputError.exit_status: 404, NotAllowed.exit_status: 403}
"""Of HTTP, by our own."""


def refused(error: NinepatchError) -> PlainTextResponse:
    """The sentences of an error: not found where the address asks for what cannot be, else a fault of the server."""
    return PlainTextResponse(error.sentences, status_code=_STATUS.get(error.exit_status, 503))
