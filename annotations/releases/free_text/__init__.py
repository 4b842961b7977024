"""What in the free text of a release may tell who somebody is: names, dates, numbers."""

from annotations.releases.free_text.known import KnownNames, known_names
from annotations.releases.free_text.reader import Found, TextReader
from annotations.releases.free_text.scanner import SCANNER, Hit, Kind, Scanner

__all__ = [
    "SCANNER",
    "Found",
    "Hit",
    "Kind",
    "KnownNames",
    "Scanner",
    "TextReader",
    "known_names",
]
