"""XML read piece by piece with expat: no document types, no entities, nothing fetched, bounded in depth."""

from collections.abc import Callable, Mapping
from xml.parsers import expat

from services.errors import AreaError
from services.outline import shorten

DEPTH = 100
"""Elements in elements that are followed."""
Start = Callable[[str, Mapping[str, str]], None]
"""Called with an element's name without its prefix, and its attributes."""
End = Callable[[str, str], None]
"""Called with an element's name and the text that stood directly before its end."""


def read_markup(data: bytes, start: Start, end: End) -> None:
    """Goes through the elements once. Raises AreaError where the XML is broken, or declares a document type."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    text: list[str] = []
    depth = 0

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise AreaError(f"The XML is nested deeper than {DEPTH} elements.", "Save the area by itself.")
        text.clear()
        start(name.rpartition(":")[2], attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2], "".join(text))
        text.clear()

    def refused(*declared: object) -> None:  # noqa: ARG001 - whatever it is
        raise AreaError(
            "The XML declares a document type (DOCTYPE), which is never read.", "Remove it, or save the file anew."
        )

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refused
    parser.EntityDeclHandler = refused
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise AreaError(
            f"The XML cannot be read: {shorten(expat.ErrorString(error.code))} in line {error.lineno}.",
            "Check that the file is complete.",
        ) from None
    except (LookupError, ValueError, OSError):  # an encoding that is not at hand, or of several bytes
        raise AreaError("The XML is in an encoding that is not read.", "Save it again in UTF-8.") from None
