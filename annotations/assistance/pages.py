"""Pages of the report on the effect of suggestions."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.agreement.sheet import Column, Sheet, sheet_of
from annotations.assistance.answers import SHOWN
from annotations.assistance.forms import BehindForm
from annotations.assistance.rates import RateResult
from annotations.assistance.report import (
    EVERY,
    NO_REFERENCE,
    ModeEffect,
    answers_at,
    assistance_report,
    places_behind,
    reference_of,
    with_help,
)
from annotations.scoring.models import Scoring
from annotations.visibility import visible_scorings
from studies.access import signed_in, study_for
from studies.models import Mode, Role, Study

WRONG_ACCEPTED = "Wrong suggestions accepted"
RATES: dict[str, dict[str, str]] = {
    Mode.REVEAL: {
        "switched": "Changed to the suggestion when it differed",
        "switched_to_right": "Changed to a correct suggestion",
        "switched_to_wrong": "Changed to a wrong suggestion",
        "led_astray": "Changed from a correct answer to a wrong suggestion",
        "switched_elsewhere": "Changed to a third stage",
        "accepted_wrong": WRONG_ACCEPTED,
        "said_the_same_wrong_before": "Same wrong answer before the suggestion was shown",
        "right_before": "Correct before the suggestion was shown",
        "right_after": "Correct after the suggestion was shown",
    },
    Mode.ASSISTED: {
        "followed": "Suggested stage kept",
        "taken_by_key": "Suggestion accepted by key",
        "accepted_wrong": WRONG_ACCEPTED,
        "refused_right": "Correct suggestions not accepted",
        "right_after": "Final answer correct",
    },
}
OTHERS: dict[str, dict[str, str]] = {
    Mode.REVEAL: {
        "words_unchanged": "Rationale unchanged after locking",
        "before_reveal": "Time before the suggestion",
        "after_reveal_alike": "Time after the suggestion, same stage",
        "after_reveal_different": "Time after the suggestion, other stage",
    },
    Mode.ASSISTED: {
        "words_unchanged": "Suggested rationale unchanged",
        "with_suggestion": "Time with the suggestion",
    },
}
IN_BOTH = {
    EVERY: "Answers with a suggestion",
    NO_REFERENCE: "Without a reference by another scorer",
    "not_locked": "Never locked in reveal mode",
    "suggestion_never_sent": "Answered before a suggestion was sent",
    "without_stage": "Without a stage in the answer or the suggestion",
}


@dataclass(frozen=True)
class RateRow:
    """A rate with its text on the page."""

    name: str
    words: str
    rate: RateResult


def rate_rows(of_mode: ModeEffect) -> list[RateRow]:
    words = RATES[of_mode.mode]
    return [RateRow(name, text, of_mode.rates[name]) for name, text in words.items()]


def numbers_in(mode: str) -> dict[str, str]:
    """Return the text of every number with epochs behind it: of a mode, or without one of both."""
    if not mode:
        return IN_BOTH
    return {EVERY: IN_BOTH[EVERY], **RATES[mode], **OTHERS[mode]}


EPOCHS_A_PAGE = 100


@login_required
@require_GET
def assistance(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the effect of suggestions; only to leads, because results by scorer are personal."""
    chosen = _selection(request, slug)
    report = assistance_report(chosen.scorings, chosen.sheet, chosen.by)
    context = {
        "study": chosen.study,
        "columns": chosen.sheet.columns,
        "by": chosen.by,
        "report": report,
        "modes": [(mode, rate_rows(mode)) for mode in report.modes if mode.answers],
    }
    return render(request, "assistance/report.html", context)


@login_required
@require_GET
def assistance_epochs(request: HttpRequest, slug: str) -> HttpResponse:
    """List the epochs behind a number; each opens its scoring there."""
    chosen = _selection(request, slug)
    scorings = with_help(chosen.scorings)
    people = sorted({scoring.scorer for scoring in scorings}, key=lambda scorer: scorer.label)
    mode = request.GET.get("mode", "")
    numbers = numbers_in(mode if mode in SHOWN else "")
    form = BehindForm(request.GET, numbers=numbers, people=people)
    wanted = form.wanted()
    places = places_behind(scorings, chosen.sheet, chosen.by, wanted)
    page = Paginator(places, EPOCHS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": chosen.study,
        "by": chosen.by,
        "form": form,
        "wanted": wanted,
        "in_words": numbers[wanted.number],
        "person": next((person for person in people if str(person.pk) == wanted.scorer), None),
        "page": page,
        "rows": answers_at(list(page), scorings, chosen.sheet, chosen.by),
    }
    return render(request, "assistance/epochs.html", context)


@dataclass(frozen=True)
class _Selection:
    """The scorings of the study that the lead may see, and the reference."""

    study: Study
    scorings: "QuerySet[Scoring]"
    sheet: Sheet
    by: Column | None


def _selection(request: HttpRequest, slug: str) -> _Selection:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    scorings = visible_scorings(user).filter(recording__study=study)
    sheet = sheet_of(scorings)
    return _Selection(study, scorings, sheet, reference_of(sheet, request.GET.get("by", "")))
