"""Print the agreement of scorings of a recording or a study, or of a scorer with a reference."""

import json as json_format
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.agreement.measures import Estimate, IntervalMethod
from annotations.agreement.pair import PairReport
from annotations.agreement.report import AgreementReport
from annotations.agreement.results import wanted_pair, wanted_report
from annotations.agreement.scope import Outline, Scope, Selection
from annotations.agreement.sheet import Column
from annotations.scoring.models import Scoring
from recordings.management.lookup import find_recording, find_study


class Command(BaseCommand):
    help = (
        "Agreement of the finished scorings of a recording or of a whole study: Cohen's kappa of "
        "every pair, Fleiss' kappa, Krippendorff's alpha and Gwet's AC1, by stage and at "
        "transitions, of rules and of sleep statistics, with intervals over subjects. It compares "
        "people where two or more scored, else all scorers. A consensus is made from other "
        "scorings, so it is compared only with --against."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recording", default="", metavar="NAME")
        parser.add_argument(
            "--study", default="", metavar="SLUG", help="all of it, or where names repeat"
        )
        parser.add_argument(
            "--scorer", action="append", default=[], metavar="NAME", help="only these; repeat it"
        )
        parser.add_argument(
            "--against", default="", metavar="NAME", help="compare the --scorer with this reference"
        )
        parser.add_argument(
            "--with-open", action="store_true", help="count unfinished scorings too"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, recording: str, study: str, scorer: list[str], **options: Any) -> None:
        scope = _scope(recording, study)
        chosen = scope.select(with_open=options["with_open"])
        columns = [_column(chosen.outline, label) for label in scorer]
        copies = chosen.outline.copy_count
        report: AgreementReport | PairReport
        if options["against"]:
            report = _pair(chosen, columns, options["against"])
        else:
            keys = [column.key for column in columns]
            report = _all(scope.select(scorers=keys, with_open=chosen.with_open))
        if options["json"]:
            answer = {**scope.head, **report.as_json(), "copies_left_out": copies}
            self.stdout.write(json_format.dumps(answer, indent=2))
            return
        if isinstance(report, PairReport):
            self._write_pair(scope, report)
        else:
            self._write_all(scope, report)
        if copies:
            self.stdout.write(f"Copies of other scorings are left out: {copies}.")

    def _write_all(self, scope: Scope, report: AgreementReport) -> None:
        labels = ", ".join(scorer.label for scorer in report.scorers if scorer.compared)
        self.stdout.write(f"{scope.recording or scope.study}: {labels}")
        for pair in report.pairs:
            first, second = pair.scorers
            kappa = f"kappa {_number(pair.kappa)}{_interval(*pair.kappa_interval)}"
            self.stdout.write(f"  {first} / {second}: {kappa} (n {pair.epochs})")
        for place, measures in report.measures.items():
            self._write_place(place, measures.epochs, measures, _MEASURES)
            share = f"{_number(measures.all_agree)} of the {measures.epochs_scored_by_all}"
            self.stdout.write(f"  all agree in {share} epochs that all scored")
        for stage in report.stages:
            agreement = _estimate(stage.specific_agreement)
            self.stdout.write(f"{stage.stage}: agreement on this stage {agreement}")
        self._warn(report.intervals)

    def _write_pair(self, scope: Scope, report: PairReport) -> None:
        comparison = report.comparison
        assert comparison is not None  # `_pair` refuses a report without
        tested, by = report.tested.label, report.reference.label
        self.stdout.write(f"{scope.recording or scope.study}: {tested} vs {by} (reference)")
        for place, measures in comparison.measures.items():
            self._write_place(place, measures.epochs, measures, _PAIR_MEASURES)
        self.stdout.write(f"{comparison.not_staged} further epochs have no stage by {tested}")
        self._warn(report.intervals)

    def _write_place(self, place: str, epochs: int, measures: object, names: Sequence[str]) -> None:
        values = [f"{name} {_estimate(getattr(measures, name))}" for name in names]
        self.stdout.write(f"{_PLACES[place]} (n {epochs}): {', '.join(values)}")

    def _warn(self, intervals: IntervalMethod) -> None:
        if intervals.subjects == 1:
            self.stdout.write("1 subject: there is no interval over subjects.")
        elif intervals.warning:
            self.stdout.write(intervals.warning)


_PLACES = {
    "all": "all epochs",
    "steady": "away from transitions",
    "transition": "beside transitions",
}
_MEASURES = ("agreement", "mean_pairwise_kappa", "fleiss_kappa", "krippendorff_alpha", "ac1")
_PAIR_MEASURES = ("accuracy", "kappa", "macro_f1", "kappa_unparsed_wrong")


def _scope(recording: str, study: str) -> Scope:
    if recording:
        night = find_recording(recording, study or None)
        return Scope(night.study, night, Scoring.objects.filter(recording=night))
    if not study:
        raise CommandError("Give --recording NAME or --study SLUG.")
    whole = find_study(study)
    return Scope(whole, None, Scoring.objects.filter(recording__study=whole))


def _column(outline: Outline, label: str) -> Column:
    named = [column for column in outline.columns if column.label == label]
    if len(named) != 1:
        labels = ", ".join(column.label for column in outline.columns) or "none"
        raise CommandError(f"{len(named)} scorers are named {label}. There are: {labels}.")
    return named[0]


def _all(chosen: Selection) -> AgreementReport:
    report = wanted_report(chosen).found_or_made()
    if not report.recordings:
        where = chosen.scope.recording or chosen.scope.study
        raise CommandError(
            f"No two finished scorings of the same night: {where}; agreement needs two."
        )
    return report


def _pair(chosen: Selection, columns: list[Column], against: str) -> PairReport:
    if len(columns) != 1:
        raise CommandError("--against compares a single scorer: name it with --scorer.")
    reference = _column(chosen.outline, against)
    report = wanted_pair(chosen, (columns[0], reference)).found_or_made()
    if not report.comparison:
        raise CommandError(f"{columns[0].label} and {against} have no night in common.")
    return report


def _estimate(estimate: Estimate) -> str:
    return _number(estimate.value) + _interval(estimate.low, estimate.high)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
