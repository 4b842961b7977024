"""XML of stage files, parsed within bounds."""

from __future__ import annotations

import math
from xml.etree import ElementTree
from xml.parsers import expat

from psg.errors import StageFileError
from psg.stagefiles.format import Content

# Files of a night list every event with some ten elements each; formats of stages are flat.
_MOST_ELEMENTS = 1_000_000
_DEEPEST = 50


def is_xml(content: Content) -> bool:
    """Whether a file begins as XML does, in UTF-8 or UTF-16."""
    return content.is_text and content.head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] == b"<"


def head_has(content: Content, *words: str) -> bool:
    """Whether the first bytes hold one of some words, in UTF-8 or UTF-16."""
    head = content.head.replace(b"\0", b"")
    return any(word.encode() in head for word in words)


def parse_xml(data: bytes) -> ElementTree.Element:
    """Parse without document types: entities are how small files grow without end."""
    guard = expat.ParserCreate()
    bounds = _XmlBounds(guard)
    guard.StartDoctypeDeclHandler = _refuse_doctype
    guard.StartElementHandler = bounds.start
    guard.EndElementHandler = bounds.end
    try:
        guard.Parse(data, True)
        return ElementTree.fromstring(data)
    # Expat knows few encodings; others are a ValueError or a LookupError.
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        raise StageFileError(
            "The XML is damaged", where=str(error)[:120], advice="Export the stages again."
        ) from None


class _XmlBounds:
    """Counts elements and depth, before a tree is made of them."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        self._elements = self._depth = 0

    def start(self, *_element: object) -> None:
        self._elements += 1
        self._depth += 1
        if self._elements > _MOST_ELEMENTS:
            raise StageFileError(
                f"The XML has more than {_MOST_ELEMENTS:,} elements",
                where=self._place,
                advice="Export the stages of one recording.",
            )
        if self._depth > _DEEPEST:
            raise StageFileError(
                f"The XML is nested more than {_DEEPEST} levels deep",
                where=self._place,
                advice="Export the stages again.",
            )

    def end(self, *_element: object) -> None:
        self._depth -= 1

    @property
    def _place(self) -> str:
        return f"line {self._parser.CurrentLineNumber}"


def _refuse_doctype(*_declaration: object) -> None:
    raise StageFileError(
        "The XML declares a document type, which stage files never need",
        where="DOCTYPE",
        advice="Remove the DOCTYPE line.",
    )


def xml_seconds(text: str | None, where: str) -> float:
    try:
        value_s = float(text or "")
    except ValueError:
        value_s = math.nan
    if not math.isfinite(value_s):
        raise StageFileError(
            "A time in the XML is not a finite number of seconds",
            where=where,
            advice="Export the stages again.",
        )
    return value_s
