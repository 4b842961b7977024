"""From Markdown to HTML: links lead to texts of the help, headings have ids, no pictures."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from epochwise.help.topics import Text, guides, markdown_of, topics

# Screenshots of the guides show pages on which the reader is already.
_PICTURE = re.compile(r"<picture>.*?</picture>\n*", re.DOTALL)
# HTML in a text stays text: nothing of it reaches the page as a tag.
# Headings are named apart from what the page around a text names.
_PREFIX = "h-"
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@lru_cache(maxsize=256)
def html_of(text: Text, *, top: int = 1) -> SafeString:
    """Return a text as HTML whose title is a heading of level `top`."""
    tokens = _MARKDOWN.parse(_PICTURE.sub("", markdown_of(text)))
    ids: Counter[str] = Counter()
    for token, inside in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and inside is not None:
            token.attrSet("id", _id_of(inside.content, ids))
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + top - 1, 6)}"
        if token.type == "table_open":
            token.attrs |= {"class": "table table--compact", "data-has-csv": ""}
    for link in _links(tokens):
        _lead_to_help(link, text.path.parent)
    # Made by the renderer from files of this project; it escapes what it takes from them.
    return mark_safe(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _id_of(heading: str, ids: Counter[str]) -> str:
    """Return the name under which links find a heading, as forges of code make it."""
    name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    ids[name] += 1
    return _PREFIX + (name if ids[name] == 1 else f"{name}-{ids[name] - 1}")


def _links(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from (inner for inner in token.children or () if inner.type == "link_open")


def _lead_to_help(link: Token, folder: Path) -> None:
    """Lead a link to a text of the help, or out of the site; one to code stays as words."""
    target, _, anchor = str(link.attrs["href"]).partition("#")
    if "://" in target:
        link.attrs |= {"target": "_blank", "rel": "noopener"}
        return
    address = _address_of(Path(os.path.normpath(folder / target))) if target else ""
    place = f"#{_PREFIX}{anchor}" if anchor else ""
    link.attrs = {"href": address + place} if address or not target else {}


@lru_cache
def _address_of(path: Path) -> str:
    texts = (*topics().values(), *guides().values())
    return next((text.address for text in texts if text.path == path), "")
