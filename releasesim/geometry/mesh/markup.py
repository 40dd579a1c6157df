"""XML that others made: no document type, no entities, bounded depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn
from xml.parsers import expat

from releasesim.errors import GeometryError

_DEEPEST = 64

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]


def read_markup(data: bytes, name: str, start: Start, end: End) -> None:
    """Walk through the elements of a document, names without their namespaces.

    Parameters
    ----------
    data : bytes
        The document.
    name : str
        What it is, for messages.
    start, end : callable
        Called at the beginning of an element with its name and attributes, and at its end.

    Raises
    ------
    GeometryError
        A document type or entity is declared, or it is no XML.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    depth = 0

    def refuse(*_: object) -> NoReturn:
        raise GeometryError(f"{name} declares a document type or an entity, which is refused")

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise GeometryError(f"{name} nests elements more than {_DEEPEST} deep")
        start(tag.rpartition("}")[2], {k.rpartition("}")[2]: v for k, v in attributes.items()})

    def finish(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(tag.rpartition("}")[2])

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise GeometryError(f"{name} is no XML: {error}") from None
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise GeometryError(f"{name} is no XML that can be read: {error}") from None
