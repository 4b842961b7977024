"""Notices about rating studies. Those to raters name the study alone: no recording, no source."""

from collections.abc import Collection, Iterable, Mapping

from django.urls import reverse

from annotations.rating.models import RatingRater, RatingStudy, RatingStudyEvent
from annotations.visibility import rating_studies_led_by, rating_studies_rated_by
from studies.models import User
from studies.notices.kinds import Thing
from studies.notices.sending import leads_of, notify


def tell_opened(rating_study: RatingStudy, raters: Iterable[User]) -> None:
    about = [rating_study.pk]
    notify("rating_opened", study=rating_study.study, to=raters, about=about)
    tell_launch(rating_study)


def tell_launch(rating_study: RatingStudy) -> None:
    """Tell whoever requested the launch what became of it."""
    asked = rating_study.events.filter(kind=RatingStudyEvent.Kind.ASKED).select_related("user")
    request = asked.order_by("pk").last()
    people = [request.user] if request and request.user else []
    notify("launch", study=rating_study.study, to=people, about=[rating_study.pk])


def tell_held(seat: RatingRater) -> None:
    study = seat.rating_study.study
    notify("held", study=study, to=leads_of(study), about=[seat.pk])


def tell_admitted(seat: RatingRater, *, by: User) -> None:
    rating_study = seat.rating_study
    notify("admitted", study=rating_study.study, to=[seat.rater], about=[rating_study.pk], by=by)


def ratings_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    mine = rating_studies_rated_by(user).filter(pk__in=ids)
    return {
        each.pk: Thing(each.title, reverse("annotations:rate", args=[each.pk])) for each in mine
    }


def held_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    led = rating_studies_led_by(user)
    seats = RatingRater.objects.filter(pk__in=ids, rating_study__in=led)
    return {seat.pk: _held(seat) for seat in seats.select_related("rating_study", "rater")}


def _held(seat: RatingRater) -> Thing:
    page = reverse("annotations:rating-raters", args=[seat.rating_study_id])
    is_open = seat.rating_study.state == RatingStudy.State.OPEN
    detail = "admitted" if seat.may_go_on else "" if is_open else "rating study closed"
    name = f"{seat.rater} in {seat.rating_study.title}"
    return Thing(name, page, detail, is_over=bool(detail))


def launches_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    return {each.pk: _launch(each) for each in rating_studies_led_by(user).filter(pk__in=ids)}


def _launch(rating_study: RatingStudy) -> Thing:
    if rating_study.is_launched:
        page, detail = "annotations:rating-raters", rating_study.get_state_display().lower()
    else:
        page, detail = "annotations:rating-design", "failed" if rating_study.error else "draft"
    return Thing(rating_study.title, reverse(page, args=[rating_study.pk]), detail)
