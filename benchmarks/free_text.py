"""Precision and recall of the search for names, dates and numbers in free text.

    python -m benchmarks.free_text [--json] [--verbose]

``benchmarks/free_texts.txt`` has marks around the passages to detect. A detected passage is right
if it overlaps a mark; a mark is detected if a detected passage overlaps it. ``texts_per_s`` is the
speed of a single process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

LIST = Path(__file__).with_name("free_texts.txt")
PEOPLE = {
    "mdelacroix": "Marguerite Delacroix",
    "tom.oyelaran": "Tom Oyelaran",
    "ibrandt": "Ilse Brandt",
}
CODES = ["01-03-0001", "PSG-4471"]


def marked(line: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a line without its marks, and the spans of the marks."""
    text, spans = "", []
    for piece in re.split(r"(\[\[.*?\]\])", line):
        plain = piece.removeprefix("[[").removesuffix("]]") if piece.startswith("[[") else piece
        if plain != piece:
            spans.append((len(text), len(text) + len(plain)))
        text += plain
    return text, spans


def measure(report: Callable[[str], None] = lambda line: None) -> dict[str, float]:
    """Compare detected passages with marks; `report` is called for each wrong or missed passage."""
    from annotations.releases.free_text import Scanner
    from annotations.releases.free_text_names import KnownNames

    scanner = Scanner(KnownNames.of(names=PEOPLE.values(), accounts=PEOPLE, codes=CODES))
    lines = [line for line in LIST.read_text().splitlines() if not line.startswith("#")]
    right = wrong = detected = missed = 0
    for text, spans in map(marked, lines):
        hits = [(hit.start, hit.stop) for hit in scanner.hits(text)]
        false = [hit for hit in hits if not any(_overlap(hit, span) for span in spans)]
        lost = [span for span in spans if not any(_overlap(hit, span) for hit in hits)]
        right, wrong = right + len(hits) - len(false), wrong + len(false)
        detected, missed = detected + len(spans) - len(lost), missed + len(lost)
        for what, those in (("wrong", false), ("missed", lost)):
            for start, stop in those:
                report(f"{what}: {text[start:stop]!r} in {text!r}")
    texts = [marked(line)[0] for line in lines] * 10
    began_s = time.process_time()
    for text in texts:
        scanner.hits(text)
    return {
        "texts": len(lines),
        "marks": detected + missed,
        "precision": right / (right + wrong),
        "recall": detected / (detected + missed),
        "texts_per_s": len(texts) / (time.process_time() - began_s),
    }


def main() -> None:
    import django

    root = Path(__file__).resolve().parent.parent
    sys.path[:0] = [str(root), str(root / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "epochwise.settings")
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="print missed and wrong passages")
    options = parser.parse_args()
    measured = measure(print if options.verbose else lambda line: None)
    print(json.dumps(measured, indent=2) if options.json else measured)


def _overlap(first: tuple[int, int], second: tuple[int, int]) -> bool:
    return first[0] < second[1] and second[0] < first[1]


if __name__ == "__main__":
    main()
