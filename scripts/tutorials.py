"""Read shell commands and keys from the tutorials.

A fenced block `sh` holds commands. Each line of a fenced block `keys` holds a key, then at least
two spaces and its effect: `Ctrl ← × 6   move the box six seconds to the left`. Text in quotation
marks is typed.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIMES = re.compile(r"(.+?) × (\d+)")
NAMES = {
    "←": "ArrowLeft",
    "→": "ArrowRight",
    "↑": "ArrowUp",
    "↓": "ArrowDown",
    "Ctrl": "Control",
    "Esc": "Escape",
    "Del": "Delete",
}


def blocks(tutorial: str, kind: str) -> list[str]:
    """Return the fenced blocks of this kind, in order."""
    text = (TUTORIALS / f"{tutorial}.md").read_text(encoding="utf-8")
    return [body for each, body in BLOCK.findall(text) if each == kind]


def press_keys(page: Page, block: str) -> None:
    """Press the keys of a block on the page."""
    for typed, keys in _presses(block):
        if typed:
            page.keyboard.type(keys)
        else:
            page.keyboard.press(keys)


def _presses(block: str) -> Iterator[tuple[bool, str]]:
    """Yield whether text is typed, and the text or the keys in the names of Playwright."""
    for line in filter(None, map(str.strip, block.splitlines())):
        keys = re.split(r"\s{2,}", line)[0]
        if keys.startswith('"'):
            yield True, keys.strip('"')
            continue
        repeated = TIMES.fullmatch(keys)
        keys, times = (repeated[1], int(repeated[2])) if repeated else (keys, 1)
        for _ in range(times):
            yield False, "+".join(map(_name, keys.split()))


def _name(key: str) -> str:
    return NAMES.get(key, key.lower() if len(key) == 1 else key)
