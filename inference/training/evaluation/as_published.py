"""Figures as the script of the published project counts them, and its files of predictions.

That script leaves out replies that it cannot parse, and counts two empty sets of rules as an
overlap of 1. The first and the last labelled epoch of a night have no sample there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import numpy as np

from inference.adapters import RawReply
from inference.parsing import ParsedReply
from inference.parsing.results import PublishedResult, read_results
from inference.training.evaluation.certainty import certainty_sums
from inference.training.evaluation.counting import NightCounts, NightSums, StageSums
from inference.training.evaluation.figures import ReaderTotals, number
from inference.training.evaluation.readers import EpochAnswer, NightAnswers
from inference.training.evaluation.results import (
    AsPublished,
    ReadingDifferences,
    ResultsEvaluation,
)
from inference.training.evaluation.rule_overlap import overlap_sums
from inference.training.evaluation.running import EvaluatedNight
from psg.agreement import at_transition
from psg.agreement.reference import accuracy, kappa, macro_f1, staged, tested_confusion
from psg.rules.editions import RuleEdition, get_edition
from psg.stages import Stage, stage_codes, stages_from_codes

EQUAL_IOU = 1e-3


@dataclass(frozen=True)
class Prediction:
    """An epoch: stage and rules of the reference, and of the reply; None where it was not read."""

    stage: Stage
    read: Stage | None
    reference_rules: Sequence[str] | None
    rules: Sequence[str]


@dataclass
class PublishedTotals:
    """Adds up epochs as the published script does."""

    predictions: list[Prediction] = field(default_factory=list)
    edges: int = 0

    def add(self, night: EvaluatedNight) -> None:
        """Add the answered epochs of a night, without its first and last labelled epoch."""
        stages = stages_from_codes(night.stages.reference)
        labelled = [epoch for epoch, stage in enumerate(stages) if stage is not None]
        edges = {*labelled[:1], *labelled[-1:]}
        for epoch, answer in night.replies.items():
            stage = stages[epoch]
            if stage is None or epoch in edges:
                self.edges += epoch in edges
                continue
            read = answer.read if isinstance(answer.read, ParsedReply) else None
            self.predictions.append(
                Prediction(
                    stage=stage,
                    read=read.stage if read else None,
                    reference_rules=night.rules[epoch] if night.rules else None,
                    rules=(*read.rules, *read.unknown_rules) if read else (),
                )
            )

    def figures(self) -> AsPublished:
        return figures_as_published(self.predictions, edges=self.edges)


def figures_as_published(predictions: Sequence[Prediction], *, edges: int = 0) -> AsPublished:
    """Return the figures over all epochs together, whichever night they are of."""
    table = staged(
        tested_confusion(
            stage_codes([its.stage for its in predictions]),
            stage_codes([its.read for its in predictions]),
        )
    )
    overlaps = [
        _overlap(its.reference_rules, its.rules)
        for its in predictions
        if its.read is not None and its.reference_rules is not None
    ]
    empty = sum(
        its.read is not None
        and its.reference_rules is not None
        and not its.reference_rules
        and not its.rules
        for its in predictions
    )
    return AsPublished(
        accuracy=number(accuracy(table)),
        macro_f1=number(macro_f1(table)),
        kappa=number(kappa(table)),
        rule_iou=number(np.mean(overlaps)) if overlaps else None,
        epochs=int(table.sum()),
        unparsed=sum(its.read is None for its in predictions),
        edges=edges,
        pairs_empty=empty,
    )


def _overlap(reference: Sequence[str], cited: Sequence[str]) -> float:
    either = {*reference, *cited}
    return len(set(reference).intersection(cited)) / len(either) if either else 1.0


# A file of predictions.


def evaluate_results(path: Path) -> ResultsEvaluation:
    """Return the figures of a file: as published by its own reading of the replies, and ours.

    Raises
    ------
    ResultsFileError
    """
    edition = get_edition()
    results = read_results(path, rule_ids=edition.rule_ids)
    totals = ReaderTotals()
    for counts in _nights(results, edition):
        totals.add(counts)
    published = figures_as_published(
        [Prediction(r.stage, r.there, r.reference_rules, r.rules) for r in results]
    )
    return ResultsEvaluation.model_validate(
        {
            **totals.result().as_json(),
            "on": path.name,
            "as_published": published.as_json(),
            "differences": _differences(results).as_json(),
        }
    )


def _nights(results: Sequence[PublishedResult], edition: RuleEdition) -> Iterator[NightCounts]:
    ordered = sorted(results, key=attrgetter("subject", "number"))
    cites = any(result.reference_rules for result in results)
    for subject, group in groupby(ordered, key=attrgetter("subject")):
        yield _counts(subject, list(group), edition, cites_rules=cites)


def _counts(
    subject: str, rows: Sequence[PublishedResult], edition: RuleEdition, *, cites_rules: bool
) -> NightCounts:
    reference = stage_codes([row.stage for row in rows])
    replies = {n: EpochAnswer(RawReply(n, row.output), row.here) for n, row in enumerate(rows)}
    answers = NightAnswers(len(rows), replies, seconds=0.0)
    read = answers.codes
    changes = np.where(at_transition(reference[:, None]), reference, -1)
    given = [_cited_here(row) for row in rows]
    rules = overlap_sums(
        [row.reference_rules for row in rows],
        given,
        np.ones(len(rows), dtype=np.bool_),
        read >= 0,
        edition,
    )
    return NightCounts(
        sums=NightSums(
            night=subject,
            subject=subject,
            stages=StageSums(
                all=tested_confusion(reference, read), beside_change=tested_confusion(changes, read)
            ),
            rules=rules if cites_rules else None,
            events=None,
            certainty=certainty_sums(reference, answers),
        ),
        outcomes=Counter(),
        stages=Counter(reply.stage.value for reply in answers.parsed.values()),
        faults=answers.faults,
        seconds=answers.seconds,
        answered=len(rows),
    )


def _cited_here(row: PublishedResult) -> tuple[str, ...]:
    return (*row.here.rules, *row.here.unknown_rules) if isinstance(row.here, ParsedReply) else ()


def _differences(results: Iterable[PublishedResult]) -> ReadingDifferences:
    """Count where the file reads a reply and we do not, and where its overlap is not ours."""
    rows = list(results)
    return ReadingDifferences(
        read_only_there=sum(r.there is not None and r.stage_here is None for r in rows),
        read_only_here=sum(r.there is None and r.stage_here is not None for r in rows),
        other_rule_iou=sum(
            r.rules_iou is not None
            and r.there is not None
            and abs(r.rules_iou - _overlap(r.reference_rules, r.rules)) > EQUAL_IOU
            for r in rows
        ),
    )
