"""Help of pages: a Markdown file of docs/help for each of them, and the guides it leads to.

The first line of a file names its pages: `<!-- pages: study, desk:plot -->`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse

DOCS: Path = settings.ROOT / "docs"
TOPICS = DOCS / "help"
GUIDES = (DOCS, DOCS / "tutorials")
INDEX = "index"
_HEAD = re.compile(r"\A<!-- pages: (?P<views>[^>]*) -->\n")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Text:
    """A text of the help. `views` are the addresses of which it is the help, by name."""

    path: Path
    title: str
    views: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        if self.path == TOPICS / f"{INDEX}.md":
            return reverse("help:index")
        kind = "topic" if self.path.parent == TOPICS else "guide"
        return reverse(f"help:{kind}", args=[self.path.stem])


def _text(path: Path) -> Text:
    words = path.read_text()
    head, title = _HEAD.match(words), _TITLE.search(words)
    views = head["views"].replace(",", " ").split() if head else []
    return Text(path, title[1] if title else path.stem, tuple(views))


@lru_cache
def topics() -> Mapping[str, Text]:
    """Return the help of all pages, by name."""
    return {path.stem: _text(path) for path in sorted(TOPICS.glob("*.md"))}


@lru_cache
def guides() -> Mapping[str, Text]:
    """Return the guides, which are longer and about the work of a role or a task."""
    return {path.stem: _text(path) for folder in GUIDES for path in sorted(folder.glob("*.md"))}


@lru_cache
def _by_view() -> Mapping[str, Text]:
    return {view: text for text in topics().values() for view in text.views}


def topic_of(view_name: str) -> Text:
    """Return the help of a page; of a page without any, such as one not found, the index."""
    return _by_view().get(view_name) or topics()[INDEX]


def markdown_of(text: Text) -> str:
    return _HEAD.sub("", text.path.read_text())
