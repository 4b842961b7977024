"""The night report: sleep statistics, hypnograms and agreement of a recording, to print or to keep.

It holds what the person who asks for it may see, and says so.
"""

from dataclasses import dataclass
from datetime import date
from statistics import median

from django.utils import timezone

from annotations.agreement.one_night import Pair
from annotations.agreement.recording_scorings import Hypnogram, Tick
from annotations.night.axis import note_of
from annotations.night.figures import Figures, figures_of
from recordings.models import Recording
from studies.models import User

MOST_SCORERS = 40
"""Scorers with a hypnogram and a row; a report with more says how many are left out."""
# The statistics of the table with a row for each scorer: those that fit across a page.
COLUMNS = (
    ("Time in bed", "Time in bed"),
    ("Total sleep time", "Total sleep"),
    ("Sleep efficiency", "Efficiency"),
    ("Sleep onset latency", "Sleep latency"),
    ("REM latency", "REM latency"),
    ("Wake after sleep onset", "Wake after onset"),
    ("N1 of sleep", "N1"),
    ("N2 of sleep", "N2"),
    ("N3 of sleep", "N3"),
    ("R of sleep", "R"),
)


@dataclass(frozen=True)
class ReportRow:
    """A scorer: the state of the scoring, and the statistics of COLUMNS."""

    label: str
    note: str
    scored: int
    values: list[float | None]


@dataclass(frozen=True)
class Report:
    """A night report."""

    recording: Recording
    figures: Figures
    made_on: date
    hypnograms: list[Hypnogram]
    left_out: int
    columns: list[tuple[str, str]]
    """Short name and unit of each statistic of a row."""
    rows: list[ReportRow]
    kappas: list[float]
    """Of all pairs for which kappa is defined, smallest first."""

    @property
    def ticks(self) -> list[Tick]:
        return self.figures.scorings.ticks

    @property
    def epochs(self) -> int:
        return self.recording.epoch_count

    @property
    def scope_words(self) -> str:
        """Which scorings the report is about."""
        count = len(self.figures.scorings.hypnograms)
        if not count:
            return "No scoring with scored epochs that you can see."
        which = "1 scoring" if count == 1 else f"{count} scorings"
        left_out = f" The last {self.left_out} are counted and not listed." * bool(self.left_out)
        return f"{which} that you can see.{left_out}"

    @property
    def agreement_words(self) -> list[str]:
        """Agreement in sentences: of the scorers that count, and of all pairs."""
        headline, settled = self.figures.scorings.headline, self.figures.settled
        sentences = []
        if headline and headline.mean_pairwise_kappa is not None:
            scorers = len(self.figures.scorings.headline_scorers)
            sentences.append(
                f"Mean of Cohen’s kappa over the {len(headline.pairs)} pairs of the {scorers}"
                f" scorers of the agreement page: {headline.mean_pairwise_kappa:.2f}."
            )
        if self.kappas:
            sentences.append(
                f"All {len(self.kappas)} pairs, unfinished scorings and models included: median"
                f" {median(self.kappas):.2f}, from {self.kappas[0]:.2f} to {self.kappas[-1]:.2f}."
            )
        if settled:
            sentences.append(settled.words)
        return sentences

    @property
    def file_name(self) -> str:
        return f"night-report-{self.recording.pk}.pdf"


def report_of(recording: Recording, user: User) -> Report:
    figures = figures_of(recording, user)
    found = figures.scorings
    statistics = {row.name: row for row in found.statistics}
    chosen = [statistics[name] for name, _ in COLUMNS] if found.statistics else []
    kept = found.hypnograms[:MOST_SCORERS]
    return Report(
        recording=recording,
        figures=figures,
        made_on=timezone.localdate(),
        hypnograms=kept,
        left_out=len(found.hypnograms) - len(kept),
        columns=[(short, row.unit) for (_, short), row in zip(COLUMNS, chosen, strict=False)],
        rows=[
            ReportRow(
                label=entry.night.label,
                note=note_of(entry.night.scoring),
                scored=entry.night.scored_count,
                values=[row.values[place] for row in chosen],
            )
            for place, entry in enumerate(kept)
        ],
        kappas=_kappas(found.agreement.pairs),
    )


def _kappas(pairs: list[Pair]) -> list[float]:
    return sorted(pair.kappa for pair in pairs if pair.kappa is not None)
