"""The night report as PDF, with fpdf2: it needs no library of the operating system.

The font is the DejaVu Sans that matplotlib brings along. It has Latin, Greek, Cyrillic, Hebrew and
Arabic letters; where a name has others, the report says that it cannot show them. Where a name is
written from right to left or has accents of their own, HarfBuzz shapes the texts, so that it reads
as on the page; without such names a report is made in half the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import bidirectional, category

from django.template.defaultfilters import floatformat

from annotations.agreement.recording_scorings import ROW_OF, Hypnogram
from annotations.night.figures import Figures, Spread
from annotations.night.report import Report
from psg.hypnogram import bouts
from psg.stages import Stage

if TYPE_CHECKING:
    from fpdf import FPDF

FONT = "dejavu"
LONGEST_NAME = 60
SMALL = 7.5
LABEL_MM, ROW_MM, LINE_MM = 44.0, 12.0, 5.0
NOTE_MM = 20.0
"""The note below the statistics, which stays on a single page."""
# As on the pages, in the light theme.
COLOURS = {
    Stage.W: (230, 159, 0),
    Stage.R: (204, 121, 167),
    Stage.N1: (86, 180, 233),
    Stage.N2: (0, 114, 178),
    Stage.N3: (28, 42, 107),
}
INK, MUTED, HAIRLINE, DANGER = (0, 0, 0), (90, 90, 90), (200, 200, 200), (168, 38, 29)
FROM_RIGHT = {"R", "AL", "AN", "RLE", "RLO", "RLI"}
CANNOT_SHOW = (
    "The font of this file lacks some letters of names, which appear as boxes. Print the page of"
    " the report instead."
)


def pdf_of(report: Report) -> bytes:
    """Draw the report on a few pages: the report limits scorers, and names are cut here."""
    texts = _head(report)
    names = [words for row in report.rows for words in (row.label, row.note)]
    paper = _paper(report.made_on, shaped=any(map(_needs_shaping, [*texts, *names])))
    _write(paper, texts[0], size=16, bold=True)
    for text in texts[1:]:
        _write(paper, text, colour=MUTED)
    if report.hypnograms:
        _hypnograms(paper, report)
        _statistics(paper, report)
        _agreement(paper, report)
        _scorers(paper, report)
    _notes(paper, report, lacks=_lacks_letters(paper, [*texts, *names]))
    return bytes(paper.output())


def _needs_shaping(text: str) -> bool:
    """Return whether the shape or place of a letter depends on the letters beside it."""
    return any(
        bidirectional(letter) in FROM_RIGHT or category(letter).startswith("M") for letter in text
    )


def _paper(made_on: date, *, shaped: bool) -> FPDF:
    from fpdf import FPDF  # takes a second and memory, and few processes ever make a report

    matplotlib = find_spec("matplotlib")
    assert matplotlib is not None
    assert matplotlib.origin is not None
    fonts = Path(matplotlib.origin).parent / "mpl-data/fonts/ttf"
    paper = FPDF(format="A4")
    paper.add_font(FONT, fname=fonts / "DejaVuSans.ttf")
    paper.add_font(FONT, style="B", fname=fonts / "DejaVuSans-Bold.ttf")
    paper.set_font(FONT, size=9)
    paper.set_text_shaping(shaped)
    paper.set_margin(14)
    paper.set_auto_page_break(True, margin=14)
    paper.set_creator("Epochwise")
    # The same report has the same bytes all day.
    paper.set_creation_date(datetime.combine(made_on, time(), UTC))
    paper.add_page()
    return paper


def _lacks_letters(paper: FPDF, texts: Iterable[str]) -> bool:
    known = paper.fonts[FONT].cmap  # type: ignore[union-attr]
    return any(ord(letter) not in known for text in texts for letter in _printable(text))


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _name(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def _head(report: Report) -> list[str]:
    recording = report.recording
    clock_s = recording.start_clock_s
    start = f", from {_clock(clock_s)}" if clock_s is not None else ""
    night = f", night {recording.night}" if recording.night else ""
    return [
        f"Night report: {_name(recording.name)}",
        f"{_name(recording.subject.code)}{night}, {_name(recording.study.title)}",
        f"{recording.epoch_count} epochs of 30 s{start}. {report.scope_words}",
        f"Made on {report.made_on.day} {report.made_on:%B %Y}.",
    ]


def _clock(second: float) -> str:
    minutes = int(second) % 86_400 // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _write(
    paper: FPDF,
    text: str,
    *,
    size: float = 9,
    bold: bool = False,
    colour: tuple[int, int, int] = INK,
) -> None:
    """Write a paragraph across the page."""
    paper.set_font(FONT, style="B" if bold else "", size=size)
    paper.set_text_color(*colour)
    paper.multi_cell(0, size * 0.55, _printable(text), new_x="LMARGIN", new_y="NEXT", align="L")
    paper.set_text_color(*INK)


def _heading(paper: FPDF, text: str) -> None:
    """Write a heading, with room for a few lines below it on the same page."""
    if paper.will_page_break(30):
        paper.add_page()
    paper.ln(4)
    _write(paper, text, size=11, bold=True)
    paper.ln(1)


# Hypnograms


def _hypnograms(paper: FPDF, report: Report) -> None:
    _heading(paper, "Hypnograms")
    width = paper.epw - LABEL_MM
    for entry, row in zip(report.hypnograms, report.rows, strict=True):
        if paper.will_page_break(ROW_MM + LINE_MM):
            paper.add_page()
        top = paper.get_y()
        _label(paper, row.label, row.note, top)
        _hypnogram(paper, entry, (paper.l_margin + LABEL_MM, top), width / report.epochs)
        paper.set_y(top + ROW_MM + 1.5)
    _times(paper, report, width)


def _label(paper: FPDF, name: str, note: str, top: float) -> None:
    for size, text, line in ((8, name, 0.0), (6.5, note, 3.8)):
        paper.set_font(FONT, size=size)
        paper.set_xy(paper.l_margin, top + 2 + line)
        paper.cell(LABEL_MM - 2, 4, _fitting(paper, text, LABEL_MM - 4))


def _fitting(paper: FPDF, text: str, width: float) -> str:
    """Return as much of a name as fits on a line."""
    shown = _printable(_name(text))
    while len(shown) > 1 and paper.get_string_width(shown) > width:
        shown = f"{shown[:-2]}…"
    return shown


def _hypnogram(paper: FPDF, entry: Hypnogram, corner: tuple[float, float], epoch_mm: float) -> None:
    left, top = corner
    paper.set_draw_color(*HAIRLINE)
    paper.set_line_width(0.1)
    paper.rect(left, top, epoch_mm * len(entry.night.stages), ROW_MM)
    before: float | None = None
    for bout in bouts(entry.night.stages):
        if bout.stage is None:
            before = None
            continue
        y = top + ROW_MM * (ROW_OF[bout.stage] + 0.5) / len(ROW_OF)
        x, end = left + epoch_mm * bout.first, left + epoch_mm * bout.end
        if before is not None:
            paper.set_draw_color(*MUTED)
            paper.set_line_width(0.1)
            paper.line(x, before, x, y)
        paper.set_draw_color(*COLOURS[bout.stage])
        paper.set_line_width(0.9 if bout.stage is Stage.R else 0.5)
        paper.line(x, y, end, y)
        before = y


def _times(paper: FPDF, report: Report, width: float) -> None:
    paper.set_font(FONT, size=6.5)
    paper.set_text_color(*MUTED)
    top = paper.get_y()
    for tick in report.ticks:
        x = paper.l_margin + LABEL_MM + width * tick.epoch / report.epochs
        paper.set_xy(x - 8, top)
        paper.cell(16, 3, tick.text, align="C")
    paper.set_xy(paper.l_margin, top)
    paper.cell(LABEL_MM, 3, "From the top: W, R, N1, N2, N3")
    paper.set_text_color(*INK)
    paper.set_xy(paper.l_margin, top + 5)


# Tables


def _statistics(paper: FPDF, report: Report) -> None:
    figures = report.figures
    _heading(paper, f"Sleep statistics, {figures.spread_words}")
    if figures.scorers or figures.has_consensus:
        _spreads(paper, figures)
    if figures.left_out:
        _write(paper, figures.left_out, size=SMALL, colour=MUTED)


def _spreads(paper: FPDF, figures: Figures) -> None:
    several = figures.scorers > 1
    consensus = ["Consensus"] * figures.has_consensus
    of_scorers = ["Median", "Range", "Scorers"] if several else ["Value"] * figures.scorers
    rows = [
        [
            f"{row.name} ({row.unit})",
            *([_number(row.consensus)] if figures.has_consensus else []),
            *([_number(row.median)] if figures.scorers else []),
            *([_range(row), str(row.scorers)] if several else []),
        ]
        for row in figures.spreads
    ]
    _table(paper, ["", *consensus, *of_scorers], rows, first=3)


def _scorers(paper: FPDF, report: Report) -> None:
    _heading(paper, "Sleep statistics by scorer")
    heads = ["", "Epochs", *(f"{name} ({unit})" for name, unit in report.columns)]
    rows = [[row.label, str(row.scored), *map(_number, row.values)] for row in report.rows]
    _table(paper, heads, rows, first=2, size=6.5)
    if paper.will_page_break(NOTE_MM):
        paper.add_page()
    paper.ln(1)
    _write(paper, report.figures.scorings.statistics_note, size=SMALL, colour=MUTED)


def _table(
    paper: FPDF,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    first: int,
    size: float = 8,
) -> None:
    """Draw a table whose first column is `first` times as wide as each of the others."""
    share = paper.epw / (first + len(heads) - 1)
    widths = [share * first, *[share] * (len(heads) - 1)]
    paper.set_font(FONT, size=size)
    paper.set_draw_color(*HAIRLINE)
    paper.set_line_width(0.1)
    with paper.table(
        col_widths=widths,
        text_align=["LEFT", *["RIGHT"] * (len(heads) - 1)],
        borders_layout="HORIZONTAL_LINES",
        line_height=size * 0.5,
        padding=0.4,
    ) as table:
        table.row(heads)
        for name, *values in rows:
            table.row([_fitting(paper, name, widths[0] - 3), *values])


def _number(value: float | None) -> str:
    return "none" if value is None else floatformat(value, 1)  # rounded as on the page


def _range(row: Spread) -> str:
    return "" if row.low is None else f"{_number(row.low)} to {_number(row.high)}"


def _agreement(paper: FPDF, report: Report) -> None:
    if not report.kappas:
        return
    _heading(paper, "Agreement")
    for sentence in report.agreement_words:
        _write(paper, sentence)


def _notes(paper: FPDF, report: Report, *, lacks: bool) -> None:
    notes = [*report.recording.warnings, *([CANNOT_SHOW] if lacks else [])]
    if not notes:
        return
    _heading(paper, "Notes")
    for note in notes:
        _write(paper, note, colour=DANGER)
