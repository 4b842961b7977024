"""Print how far scorings agree: of one recording, of a study, or of one scorer with another."""

import json as json_format
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.agreement.pair import pair_report
from annotations.agreement.report import agreement_report
from annotations.agreement.sheet import Asked, Column, Scope, Sheet
from annotations.scoring.models import Scoring
from recordings.management.lookup import find_recording, find_study


class Command(BaseCommand):
    help = (
        "Agreement of the finished scorings of a recording or of a whole study: Cohen's kappa of "
        "every pair, Fleiss' kappa, Krippendorff's alpha and Gwet's AC1, by stage and at "
        "transitions, of rules and of sleep statistics, with intervals over subjects. Of people "
        "where two or more scored, else of all; a consensus, being made from others, only with "
        "--against."
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
            "--against", default="", metavar="NAME", help="judge the one --scorer by this one"
        )
        parser.add_argument("--with-open", action="store_true", help="count unfinished ones too")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, recording: str, study: str, scorer: list[str], **options: Any) -> None:
        scope = _scope(recording, study)
        asked = scope.asked(with_open=options["with_open"])
        columns = [_column(asked.sheet, label) for label in scorer]
        if options["against"]:
            report = _pair(asked, columns, options["against"])
        else:
            report = _all(scope.asked(scorers=[c.key for c in columns], with_open=asked.with_open))
        if options["json"]:
            self.stdout.write(json_format.dumps({**scope.head, **report}, indent=2))
        elif options["against"]:
            self._write_pair(scope, report)
        else:
            self._write_all(scope, report)

    def _write_all(self, scope: Scope, report: dict[str, Any]) -> None:
        labels = ", ".join(one["label"] for one in report["scorers"] if one["compared"])
        self.stdout.write(f"{scope.recording or scope.study}: {labels}")
        for pair in report["pairs"]:
            first, second = pair["scorers"]
            low_high = _span(*pair["kappa_interval"])
            kappa = f"kappa {_shown(pair['kappa'])}{low_high} (n {pair['epochs']})"
            self.stdout.write(f"  {first} / {second}: {kappa}")
        for place, measures in report["measures"].items():
            told = [f"{name} {_value(measures[name])}" for name in _MEASURES]
            self.stdout.write(f"{_PLACES[place]} (n {measures['epochs']}): {', '.join(told)}")
            alike = f"{_shown(measures['all_agree'])} of the {measures['epochs_scored_by_all']}"
            self.stdout.write(f"  all agree in {alike} epochs that all scored")
        for stage in report["stages"]:
            alike = _value(stage["specific_agreement"])
            self.stdout.write(f"{stage['stage']}: the other says so too in {alike}")
        self._warn(report)

    def _write_pair(self, scope: Scope, report: dict[str, Any]) -> None:
        tested, by = report["tested"]["label"], report["reference"]["label"]
        self.stdout.write(f"{scope.recording or scope.study}: {tested} by {by}")
        for place, measures in report["measures"].items():
            told = [f"{name} {_value(measures[name])}" for name in _PAIR_MEASURES]
            self.stdout.write(f"{_PLACES[place]} (n {measures['epochs']}): {', '.join(told)}")
        self.stdout.write(f"{report['not_staged']} more epochs have no stage by {tested}")
        self._warn(report)

    def _warn(self, report: dict[str, Any]) -> None:
        subjects = report["intervals"]["subjects"]
        if subjects == 1:
            self.stdout.write("One subject: there is no interval over subjects.")
        elif report["intervals"]["runs_narrow"]:
            self.stdout.write(f"{subjects} subjects: intervals run narrow below 20.")


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
        raise CommandError("Say which: --recording NAME or --study SLUG.")
    found = find_study(study)
    return Scope(found, None, Scoring.objects.filter(recording__study=found))


def _column(sheet: Sheet, label: str) -> Column:
    found = [column for column in sheet.columns if column.label == label]
    if len(found) != 1:
        known = ", ".join(column.label for column in sheet.columns) or "none"
        raise CommandError(f"{len(found)} scorers are named {label}. There are: {known}.")
    return found[0]


def _all(asked: Asked) -> dict[str, Any]:
    report = agreement_report(asked.sheet, asked.compared)
    if not report["recordings"]:
        where = asked.scope.recording or asked.scope.study
        raise CommandError(f"No two finished scorings of one night: {where}; agreement needs two.")
    return report


def _pair(asked: Asked, columns: list[Column], against: str) -> dict[str, Any]:
    if len(columns) != 1:
        raise CommandError("--against judges one scorer: name it with one --scorer.")
    report = pair_report(asked.sheet, columns[0], _column(asked.sheet, against))
    if not report["recordings"]:
        raise CommandError(f"{columns[0].label} and {against} have no night in common.")
    return report


def _value(told: dict[str, float | None]) -> str:
    return _shown(told["value"]) + _span(told["low"], told["high"])


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
