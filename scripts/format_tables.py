"""Write the tables of formats in docs/recordings.md from the formats themselves.

`python scripts/format_tables.py` writes them; with `--check` it only tells whether they are up to
date.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "platform"))

from psg.readers.registry import FORMATS  # noqa: E402  the path comes first
from psg.stagefiles.formats import ALL  # noqa: E402

DOCUMENT = ROOT / "docs" / "recordings.md"


class Described(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def suffixes(self) -> tuple[str, ...]: ...
    @property
    def reads(self) -> str: ...
    @property
    def refuses(self) -> str: ...
    @property
    def description(self) -> str: ...


def main() -> None:
    before = DOCUMENT.read_text()
    after = with_tables(before)
    if "--check" in sys.argv and after != before:
        sys.exit("docs/recordings.md is not up to date: run python scripts/format_tables.py")
    DOCUMENT.write_text(after)


def with_tables(text: str) -> str:
    """Put the tables between their marks."""
    for name, formats in (("recording formats", FORMATS), ("stage formats", ALL)):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        made = f"{begin}{table(formats)}{end}"
        text, count = pattern.subn(lambda _, made=made: made, text)
        if count != 1:
            sys.exit(f"docs/recordings.md needs the lines {begin.strip()} and {end.strip()} once")
    return text


def table(formats: Iterable[Described]) -> str:
    rows = [
        "| format | files | what is read | what is refused |",
        "|---|---|---|---|",
        *(
            f"| {_named(item)} | {' '.join(f'`{suffix}`' for suffix in item.suffixes)}"
            f" | {_cell(item.reads)} | {_cell(item.refuses)} |"
            for item in formats
        ),
    ]
    return "\n".join(rows) + "\n"


def _named(item: Described) -> str:
    """Return the title, as a link where a public page describes the format."""
    is_address = item.description.startswith("http")
    return f"[{_cell(item.title)}]({item.description})" if is_address else _cell(item.title)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    main()
