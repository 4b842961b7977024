"""The home page, by role."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.adjudication.reading import nights_to_compare
from annotations.rating.models import RatingSlot
from annotations.rating.queue import rating_queues
from annotations.scoring.comments import mentions_of
from annotations.scoring.reading import nights_scored, nights_to_score
from annotations.visibility import shared_releases
from epochwise.desk.overview import Need, Progress, count_by, needs_by_study, progress_by_study
from jobs.workers import live_workers
from studies.access import signed_in
from studies.models import Membership, Role, Study, User


@dataclass(frozen=True)
class StudySummary:
    """Numbers of a study for the home page of its lead, counted as on its overview."""

    study: Study
    progress: Progress
    ratings: int
    ratings_wanted: int
    needs: list[Need]


# Of the recordings to adjudicate.
NIGHTS_A_PAGE = 50


def _summaries(user: User) -> list[StudySummary]:
    studies = list(Study.objects.of(user, Role.LEAD, Role.VIEWER).in_use())
    led = set(Study.objects.of(user, Role.LEAD).values_list("pk", flat=True))
    progress = progress_by_study(user, studies)
    needs = needs_by_study(user, {s: {Role.LEAD} if s.pk in led else set() for s in studies})
    slots = RatingSlot.objects.filter(item__rating_study__study__in=studies)
    wanted = count_by(slots, "item__rating_study__study")
    complete = count_by(slots.filter(rating__complete=True), "item__rating_study__study")
    return [
        StudySummary(
            study=study,
            progress=progress[study],
            ratings=complete[study.pk],
            ratings_wanted=wanted[study.pk],
            needs=needs[study],
        )
        for study in studies
    ]


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    roles = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    context: dict[str, object] = {
        "roles": roles,
        "mentions": mentions_of(user),
        "releases": shared_releases(user).select_related("study"),
    }
    if Role.ANNOTATOR in roles:
        nights = nights_to_score(user)
        context |= {"nights": nights, "finished": nights_scored(user)}
    if Role.RATER in roles:
        context["queues"] = rating_queues(user)
    if Role.ADJUDICATOR in roles:
        pages = Paginator(nights_to_compare(user), NIGHTS_A_PAGE)
        context["compare"] = pages.get_page(request.GET.get("page"))
    if roles & {Role.LEAD, Role.VIEWER}:
        context |= {"summaries": _summaries(user), "workers": live_workers()}
    return render(request, "home.html", context)
