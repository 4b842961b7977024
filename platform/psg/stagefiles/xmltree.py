"""XML files of stages as trees: bounded, without document types, whatever their encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from psg.errors import StageFileError, fault_words
from psg.stagefiles.format import Content

# Some programs list every event of a night with some ten elements each; their lists are flat.
_MOST_ELEMENTS = 1_000_000
_DEEPEST = 50
_HEAD_CHARACTERS = 4000
_MARKS = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)\s*", re.DOTALL)
_NAME = re.compile(r"\s*<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_UTF = re.compile(r"encoding\s*=\s*[\"'](?:utf-?(?:8|16)|unicode)", re.IGNORECASE)


def is_xml(content: Content) -> bool:
    """Whether a file begins as XML does."""
    return content.is_text and content.head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] == b"<"


def root_name(content: Content) -> str:
    """Name of the outermost element, without its namespace; "" where the file is no XML."""
    if not is_xml(content):
        return ""
    text = content.text[:_HEAD_CHARACTERS].lstrip("\ufeff")
    while match := _MARKS.match(text):
        text = text[match.end() :]
    name = _NAME.match(text)
    return name[1] if name else ""


def read_tree(content: Content) -> ElementTree.Element:
    """Parse a file into a tree whose names have no namespaces.

    Raises
    ------
    StageFileError
        When the XML is damaged, declares a document type, or has too many elements.
    """
    try:
        root = _parsed(_without_wrong_declaration(content))
    except _DamagedError as error:
        raise StageFileError(
            "The XML is damaged", where=str(error)[:120], advice="Export the stages again."
        ) from None
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]
    return root


def _without_wrong_declaration(content: Content) -> bytes:
    """Drop a declaration of UTF-8 or UTF-16 from a file that has the other one by now.

    Editors save a file in another encoding and leave its first line as it was.
    """
    text = content.text.lstrip("\ufeff")
    declared = _DECLARATION.match(text)
    if declared is None or not _UTF.search(declared[0]):
        return content.data
    return text[declared.end() :].encode()


class _DamagedError(Exception):
    """The parser gave up."""


def _parsed(data: bytes) -> ElementTree.Element:
    """Parse without document types: entities are how small files grow without end."""
    guard = expat.ParserCreate()
    bounds = _Bounds(guard)
    guard.StartDoctypeDeclHandler = _refuse_doctype
    guard.StartElementHandler = bounds.start
    guard.EndElementHandler = bounds.end
    try:
        guard.Parse(data, True)
        return ElementTree.fromstring(data)
    # Expat knows few encodings; others are a ValueError or a LookupError.
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        raise _DamagedError(_words(error)) from None


def _words(error: Exception) -> str:
    """Say what is wrong and where, without names of entities and encodings that the file made."""
    if isinstance(error, expat.ExpatError):
        return f"{expat.ErrorString(error.code)}: line {error.lineno}, column {error.offset}"
    return fault_words(error)


class _Bounds:
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


def text_of(element: ElementTree.Element, name: str) -> str:
    """Text of a child, stripped; "" where there is none."""
    return (element.findtext(name) or "").strip()


def numbered(
    elements: Iterator[ElementTree.Element], name: str
) -> Iterator[tuple[str, ElementTree.Element]]:
    """Give elements with their place in the file, such as ``ScoredEvent 3``."""
    for number, element in enumerate(elements, start=1):
        yield f"{name} {number}", element
