"""Plots of the overview: what they say as a title, their rows, and where each row leads.

A plot is loaded by itself when it comes into view, so that the overview is fast. Each is counted
over the scorings that `annotations.visibility` shows to the person who looks.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber, TruncWeek
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from annotations.agreement.nights import fresh_agreements
from annotations.rating.models import RatingSlot, RatingStudy
from annotations.scoring.models import FINISHED, EpochRevision, Scorer
from annotations.visibility import OVERSEERS, closed_recordings
from epochwise.desk.overview import rows_of, scorings_of, work_of
from studies.models import Role, Study, User
from studies.plots import Plot, Row

WEEKS, FEWEST_WEEKS = 26, 8
PACED = 10
"""Finished scorings of a person that their pace is measured on: the newest ones."""
MS_AN_HOUR = 3_600_000


def weeks(user: User, study: Study) -> Plot:
    """Assignments finished in each week."""
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    finished = work_of(user, study).filter(state__in=FINISHED, submitted_at__isnull=False)
    counted = dict(
        finished.filter(submitted_at__date__gte=first)
        .annotate(week=TruncWeek("submitted_at"))
        .order_by()
        .values_list("week")
        .annotate(Count("pk"))
    )
    by_day = {timezone.localdate(week): count for week, count in counted.items()}
    days = [first + timedelta(weeks=n) for n in range(WEEKS)]
    begun = next((n for n, day in enumerate(days) if day in by_day), WEEKS)
    shown = days[min(begun, WEEKS - FEWEST_WEEKS) :] if by_day else []
    is_lead = study.allows(user, [Role.LEAD])  # whose list of scorings it is
    rows = [
        Row(
            date_format(day, "j M"),
            by_day.get(day, 0),
            str(by_day.get(day, 0)),
            _finished_in_week(study, day) if is_lead else rows_of(study, "recordings"),
        )
        for day in shown
    ]
    last = sum(by_day.get(day, 0) for day in days[-4:])
    return Plot(
        kind="columns",
        title=f"{_many(last, 'scoring')} finished in the last 4 weeks",
        note=f"Finished scorings of people by week, the last {WEEKS} weeks at most",
        label="Week from",
        unit="finished scorings",
        rows=rows,
    )


def _finished_in_week(study: Study, monday: date) -> str:
    sunday = monday + timedelta(days=6)
    return scorings_of(study, "finished", finished_from=f"{monday}", finished_to=f"{sunday}")


def nights(user: User, study: Study) -> Plot:
    """Mean kappa of pairs of each recording, as a worker stored it and as far as it still holds."""
    opened = study.recordings.exclude(pk__in=closed_recordings(user)).order_by("name", "pk")
    names = dict(opened.values_list("pk", "name"))
    found = fresh_agreements(list(names))
    rows = [
        Row(name, round(kappa, 3), night.kappa_words, reverse("recordings:recording", args=[pk]))
        for pk, name in names.items()
        if (night := found.get(pk)) and (kappa := night.kappa) is not None
    ]
    waiting = sum(night is None for night in found.values())
    middle = f"{median(row.value for row in rows):.2f}" if rows else ""
    return Plot(
        kind="points",
        title=f"Median kappa {middle} in {_many(len(rows), 'recording')}"
        if rows
        else "No agreement of recordings computed yet",
        note="Cohen's kappa, mean of pairs of finished scorings, with the 95 % interval of a single"
        " night; a worker computes it"
        + (f", and has not yet for {_many(waiting, 'recording')}" if waiting else ""),
        label="Recording",
        unit="kappa",
        rows=rows,
        low=min([0.0, *(row.value for row in rows)]),
        high=1,
    )


def pace(user: User, study: Study) -> Plot:
    """Epochs an hour of active time, for each annotator."""
    newest = Window(
        RowNumber(), partition_by="scorer_id", order_by=[F("submitted_at").desc(), F("pk").desc()]
    )
    finished = work_of(user, study).filter(state__in=FINISHED).annotate(newest=newest)
    scorers = dict(finished.filter(newest__lte=PACED).values_list("pk", "scorer_id"))
    measured = (
        EpochRevision.objects.filter(scoring__in=scorers, active_ms__gt=0)
        .order_by()
        .values_list("scoring_id")
        .annotate(ms=Sum("active_ms"), epochs=Count("epoch", distinct=True))
    )
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for scoring_id, ms, epochs in measured:
        sums[scorers[scoring_id]][0] += ms
        sums[scorers[scoring_id]][1] += epochs
    people = Scorer.objects.select_related("user").in_bulk(list(sums))
    rows = [
        Row(
            str(people[pk]),
            round(epochs * MS_AN_HOUR / ms, 1),
            f"{epochs * MS_AN_HOUR / ms:.0f}",
            rows_of(study, "scorings", scorer=str(pk)),
        )
        for pk, (ms, epochs) in sums.items()
    ]
    rows.sort(key=lambda row: -row.value)
    middle = f"{median(row.value for row in rows):.0f}" if rows else ""
    return Plot(
        kind="bars",
        title=f"{middle} epochs an hour at the median of {_many(len(rows), 'annotator')}"
        if rows
        else "Pace is not measured yet",
        note=f"Active time in the newest {PACED} finished scorings of each, without long pauses",
        label="Annotator",
        unit="epochs an hour",
        rows=rows,
    )


def ratings(user: User, study: Study) -> Plot:
    """How much of their queue each rater has rated, in the open rating studies."""
    queues = (
        RatingSlot.objects.filter(
            item__rating_study__study=study, item__rating_study__state=RatingStudy.State.OPEN
        )
        .order_by()
        .values("item__rating_study_id", "item__rating_study__title", "rater_id")
        .annotate(total=Count("pk"), rated=Count("pk", filter=Q(rating__complete=True)))
        .order_by("item__rating_study_id", "rater_id")
    )
    found = list(queues)
    people = User.objects.in_bulk([queue["rater_id"] for queue in found])
    several = len({queue["item__rating_study_id"] for queue in found}) > 1
    rows = [
        Row(
            f"{people[queue['rater_id']]}"
            + (f", {queue['item__rating_study__title']}" if several else ""),
            round(100 * queue["rated"] / queue["total"], 1),
            f"{queue['rated']} of {queue['total']}",
            reverse("annotations:rating-raters", args=[queue["item__rating_study_id"]]),
        )
        for queue in found
    ]
    rated, total = (sum(queue[name] for queue in found) for name in ("rated", "total"))
    return Plot(
        kind="bars",
        title=f"{rated} of {_many(total, 'rating')} completed" if rows else "No open rating study",
        note="Complete ratings of each rater in open rating studies, hidden repeats included",
        label="Rater",
        unit="% of the queue",
        rows=rows,
        high=100,
    )


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class PlotKind:
    """A plot of the overview, and whom it is for."""

    heading: str
    draw: Callable[[User, Study], Plot]
    roles: frozenset[Role]


_LEAD = frozenset({Role.LEAD})
# About single people: for leads alone, as the report on suggestions is.
PLOTS: Mapping[str, PlotKind] = {
    "weeks": PlotKind("Progress", weeks, frozenset(OVERSEERS)),
    "nights": PlotKind("Agreement by recording", nights, frozenset(OVERSEERS)),
    "pace": PlotKind("Pace", pace, _LEAD),
    "ratings": PlotKind("Rating", ratings, _LEAD),
}
