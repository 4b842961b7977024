"""The figures of an evaluation: the format of ``evaluate --json``, written and read.

An undefined figure is ``null``. A figure that a reader cannot have, such as events of real nights,
is left out. docs/evaluation.md explains each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

VerdictsBy = Literal["simulated nights", "real recordings"]
Figure = float | None
Interval = tuple[Figure, Figure]


class Result(BaseModel):
    """A group of figures. Unknown keys, of later versions, are ignored when it is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def as_json(self) -> dict[str, JsonValue]:
        """Return plain values for JSON, only of figures that were given."""
        return self.model_dump(mode="json", exclude_unset=True)


class StageFigures(Result):
    """A stage: its epochs by the reference, read or not, and how the reader reads it."""

    epochs: int
    precision: Figure
    recall: Figure
    f1: Figure


class PartFigures(Result):
    """Agreement on stages over some of the epochs, read or not."""

    epochs: int
    kappa: Figure
    accuracy: Figure
    kappa_with_unparsed: Figure = None
    accuracy_with_unparsed: Figure = None


class Transitions(Result):
    """Epochs beside a change of the reference's stage, and all others."""

    beside_a_change: PartFigures
    elsewhere: PartFigures


class RuleCounts(Result):
    """Number of epochs behind ``rule_iou``; ``missing`` is the reason if it is undefined."""

    pairs_citing: int | None = None
    pairs_empty: int | None = None
    iou_with_empty_as_1: Figure = None
    missing: str = ""


class EventFigures(Result):
    """Events of a kind: ``told`` are times in rationales, ``there`` events in the signal."""

    told: int
    there: int
    precision: Figure
    recall: Figure


class RhythmFigures(Result):
    """Rhythms of a kind: seconds in rationales (``told_s``) and in the signal (``there_s``)."""

    told_s: float
    there_s: float
    precision: Figure
    recall: Figure


class Figures(Result):
    """Figures with their 95 % intervals over subjects, by name."""

    intervals: dict[str, Interval] = {}

    def interval_of(self, figure: str) -> Interval:
        """The interval of a figure; both ends None where there is none."""
        return self.intervals.get(figure, (None, None))


class StageAgreement(Figures):
    """Agreement on stages. In figures with ``_with_unparsed`` an unread reply is a wrong answer.

    ``confusion`` is by the reference's stage and the reader's, whose sixth column is "not read".
    """

    epochs: int
    kappa: Figure
    kappa_with_unparsed: Figure = None
    accuracy: Figure
    accuracy_with_unparsed: Figure = None
    macro_f1: Figure
    macro_f1_with_unparsed: Figure = None
    unparsed: Figure
    stages: dict[str, StageFigures]
    stages_with_unparsed: dict[str, StageFigures] = {}
    transitions: Transitions
    confusion: tuple[tuple[int, ...], ...]


class RuleAgreement(Figures):
    """Overlap of cited rules, over epochs in which either side cites a rule."""

    rule_iou: Figure = None
    rule_iou_with_unparsed: Figure = None
    rules: RuleCounts | None = None


class EventAgreement(Figures):
    """Events in rationales compared with known events, within a second, and rhythms."""

    event_precision: Figure = None
    event_recall: Figure = None
    events: dict[str, EventFigures] = {}
    rhythms: dict[str, RhythmFigures] = {}


class CertaintyBin(Result):
    """Epochs whose given stage has a probability from ``low`` to ``high``; ``right`` is a share."""

    low: float
    high: float
    epochs: int
    mean_probability: Figure
    right: Figure


class StageCertainty(Result):
    """Probabilities of given stages, and the agreement if the most probable stage were given."""

    epochs: int
    mean_probability: Figure
    kappa_of_most_probable: Figure
    bins: tuple[CertaintyBin, ...]


class CertaintyFigures(Figures):
    """How much the probability of a given stage tells whether it is right."""

    certainty_auc: Figure = None
    calibration_error: Figure = None
    certainty: StageCertainty | None = None


class Agreement(CertaintyFigures, EventAgreement, RuleAgreement, StageAgreement):
    """Agreement of a reader with the reference."""

    nights: int
    subjects: int


class LeftOutNight(Result):
    """A night that a baseline could not read, and why."""

    night: str
    why: str


class ReaderResult(Agreement):
    """A reader: its agreement, its replies, and the outcomes of their claims.

    ``said`` counts given stages, ``claims`` outcomes, ``faults`` replies without a stage.
    ``judged_on_same_nights`` are figures of the evaluated bundle on the nights that a baseline
    could read, where that left some out.
    """

    replies: int
    said: dict[str, int] = {}
    claims: dict[str, int] = {}
    faults: dict[str, int] = {}
    epochs_per_s: float | None = None
    left_out: tuple[LeftOutNight, ...] = ()
    judged_on_same_nights: Agreement | None = None


class MissingReader(Result):
    """A baseline without figures, and why."""

    missing: str
    nights: int = 0
    left_out: tuple[LeftOutNight, ...] = ()


Baseline = ReaderResult | MissingReader | Agreement
"""``Agreement`` is that of the commonest stage, which writes no replies."""


class ReaderDescription(Result):
    """The evaluated bundle; ``about`` is what its adapter reported when it was loaded."""

    bundle: str
    version: str
    title: str
    prompt_sha256: str = ""
    weights_sha256: str | None = None
    about: dict[str, JsonValue] = {}


class AsPublished(Result):
    """Figures as the script of the published project counts them.

    ``epochs`` are those behind the figures; ``unparsed`` replies and ``edges``, the first and the
    last labelled epoch of each night, are left out. ``pairs_empty`` counted as an overlap of 1.
    """

    accuracy: Figure
    macro_f1: Figure
    kappa: Figure
    rule_iou: Figure
    epochs: int
    unparsed: int
    edges: int
    pairs_empty: int


class ReadingDifferences(Result):
    """Replies of a file that only its own parser or only ours could read, and lines on which the
    overlap of rules is not that of the rules on the line."""

    read_only_there: int
    read_only_here: int
    other_rule_iou: int


class ResultsEvaluation(ReaderResult):
    """The evaluation of a file of predictions; its replies are read as in pre-scoring."""

    on: str
    as_published: AsPublished
    differences: ReadingDifferences


class Evaluation(ReaderDescription, ReaderResult):
    """The evaluation of a bundle on nights, with baselines on the same nights.

    ``verdicts_by`` says where the errors of the detectors were measured by which ``claims`` were
    judged. Earlier evaluations have no such key and took those of simulated nights for any night.
    """

    on: str
    part: str = ""
    verdicts_by: VerdictsBy = "simulated nights"
    as_published: AsPublished | None = None
    baselines: dict[str, Baseline]

    @property
    def readers(self) -> Mapping[str, Baseline]:
        """All readers by name, the evaluated bundle first."""
        return {self.bundle: self, **self.baselines}

    @property
    def with_same_nights(self) -> Mapping[str, Baseline]:
        """All readers by name. After a baseline that could not read every night comes the evaluated
        bundle on the nights that the baseline could read, since only these two compare."""
        rows: dict[str, Baseline] = {}
        for name, reader in self.readers.items():
            rows[name] = reader
            if isinstance(reader, ReaderResult) and reader.judged_on_same_nights:
                rows[f"{self.bundle}, same nights as {name}"] = reader.judged_on_same_nights
        return rows
