"""What a person reads of a frozen release before downloading it: its card and its first rows."""

import csv
import io
import zipfile
from dataclasses import dataclass
from itertools import islice

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from annotations.releases.models import Release
from annotations.releases.verifying import opened

CARD = "README.md"
SHOWN_ROWS = 12
MOST_OF_CARD = 200_000
# Nothing of a card becomes a tag, a link or a picture: titles and terms are written by people.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_MARKDOWN.disable(["image", "link", "autolink"])
_BELOW = 2
"""The title of a card is a heading of level 1 + _BELOW on the page."""


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a file of a release."""

    name: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class ReleaseLook:
    """Card and first rows; None where the release has no file of the kind."""

    card: SafeString | None
    rows: FirstRows | None


def look_at(release: Release) -> ReleaseLook:
    """Read card and first rows from the file of a frozen release."""
    with opened(release) as archive:
        names = archive.namelist()
        card = _text(archive, CARD) if CARD in names else ""
        tables = [name for name in names if name.startswith("massex/")]
        tables = [name for name in tables if "/fine/" in name or "/coarse/" in name]
        rows = _first_rows(archive, tables[0]) if tables else None
    return ReleaseLook(card=card_html(card) if card else None, rows=rows)


def card_html(text: str) -> SafeString:
    """Return a card in Markdown as HTML, without the head that programs read."""
    if text.startswith("---\n"):
        text = text.partition("\n---\n")[2]
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + _BELOW, 6)}"
        if token.type == "table_open":
            token.attrs |= {"class": "table table--compact", "data-has-csv": ""}
    # The renderer escapes all text, and makes no tags but those of the kinds that are left.
    return mark_safe(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _text(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return file.read(MOST_OF_CARD).decode("utf-8", errors="replace")


def _first_rows(archive: zipfile.ZipFile, name: str) -> FirstRows:
    with archive.open(name) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        head = next(lines, [])
        return FirstRows(name, head, list(islice(lines, SHOWN_ROWS)))
