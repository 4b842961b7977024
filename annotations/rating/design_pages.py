"""Pages on which a lead designs a rating study, looks at what it would be, and launches it."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.rating.design import RatingDesignError
from annotations.rating.drafts import (
    discard_draft,
    draw_rating_study,
    redraw_rating_study,
    set_gold,
)
from annotations.rating.forms import GoldForm, RatingDesignForm
from annotations.rating.lifecycle import ask_to_launch
from annotations.rating.models import RatingItem, RatingStudy
from annotations.rating.plan import plan_of
from annotations.rating.words import DIMENSION_WORDS
from annotations.visibility import (
    UnaidedNightsError,
    rating_studies_led_by,
    recordings_of_items,
    refuse_unaided_nights,
)
from jobs.kinds import send_after_commit
from jobs.pages import progress_answer
from jobs.workers import live_workers
from psg.render import png_bytes
from recordings.images import epoch_pixels, open_signals
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role, Study
from studies.refusals import refusals_in


@login_required
@require_http_methods(["GET", "POST"])
def new_rating_study(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    form = RatingDesignForm(request.POST or None, study=study, user=signed_in(request))
    return _design(request, study, form, None)


@login_required
@require_http_methods(["GET", "POST"])
def design(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    draft = _draft(request, rating_study_id)
    if not draft.is_draft:
        return redirect("annotations:rating-plan", rating_study_id=rating_study_id)
    user = signed_in(request)
    form = RatingDesignForm(request.POST or None, study=draft.study, user=user, draft=draft)
    return _design(request, draft.study, form, draft)


def _design(
    request: HttpRequest, study: Study, form: RatingDesignForm, draft: RatingStudy | None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        drawn = _draw(request, study, form, draft)
        if drawn:
            return redirect("annotations:rating-plan", rating_study_id=drawn.pk)
    return render(
        request,
        "rating/design.html",
        {"study": study, "form": form, "draft": draft},
    )


def _draw(
    request: HttpRequest, study: Study, form: RatingDesignForm, draft: RatingStudy | None
) -> RatingStudy | None:
    user, wanted = signed_in(request), form.design()
    with refusals_in(form):
        if draft:
            return redraw_rating_study(rating_study=draft, design=wanted, user=user)
        return draw_rating_study(study=study, design=wanted, user=user)
    return None


@login_required
@require_GET
def plan(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    draft = _led(request, rating_study_id)
    if draft.is_launched:
        return redirect("annotations:rating-results", rating_study_id=rating_study_id)
    context: dict[str, object] = {"rating_study": draft, "workers": live_workers("default")}
    try:
        refuse_unaided_nights(recordings_of_items(draft), signed_in(request))
        context["plan"] = plan_of(draft)
    except (RatingDesignError, UnaidedNightsError) as refused:
        context["refused"] = str(refused)
    return render(request, "rating/plan.html", context)


@login_required
@require_GET
def gold(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    draft = _read_draft(request, rating_study_id)
    items = _calibration(draft)
    context = {
        "rating_study": draft,
        "rows": [(item, _gold_form(item)) for item in items],
        "without_gold": sum(not hasattr(item, "gold") for item in items),
        "dimensions": list(DIMENSION_WORDS.values()),
    }
    return render(request, "rating/gold.html", context)


@login_required
@require_POST
def save_gold(request: HttpRequest, rating_study_id: int, code: str) -> HttpResponse:
    item = _calibration_item(request, rating_study_id, code)
    form = GoldForm(request.POST)
    if not form.is_valid():
        raise RatingDesignError("Write what raters read afterwards.", where=code)
    set_gold(
        item=item,
        scores=form.scores(),
        feedback=form.cleaned_data["feedback"],
        user=signed_in(request),
    )
    messages.success(request, f"{code}: reference scores saved.")
    page = redirect("annotations:rating-gold", rating_study_id=rating_study_id)
    page["Location"] += f"#{code}"
    return page


@login_required
@require_GET
@never_cache
def gold_image(request: HttpRequest, rating_study_id: int, code: str) -> HttpResponse:
    item = _calibration_item(request, rating_study_id, code)
    with open_signals(item.recording) as store:
        return HttpResponse(png_bytes(epoch_pixels(store, item.epoch)), content_type="image/png")


@login_required
@require_POST
def launch(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    draft, user = _led(request, rating_study_id), signed_in(request)
    with transaction.atomic():
        ask_to_launch(rating_study=draft, user=user)
        send_after_commit(draft)
    return redirect("annotations:rating-plan", rating_study_id=rating_study_id)


@login_required
@require_GET
def launch_progress(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    return progress_answer(request, _led(request, rating_study_id))


@login_required
@require_POST
def discard(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    draft = _draft(request, rating_study_id)
    discard_draft(rating_study=draft)
    messages.success(request, "The draft is deleted.")
    return redirect("annotations:rating-studies", slug=draft.study.slug)


def _led(request: HttpRequest, rating_study_id: int) -> RatingStudy:
    led = rating_studies_led_by(signed_in(request)).select_related("study")
    return get_or_404(led, pk=rating_study_id)


def _draft(request: HttpRequest, rating_study_id: int) -> RatingStudy:
    """Return a study that nobody rates yet. While it is being launched, services refuse changes."""
    drafts = rating_studies_led_by(signed_in(request)).exclude(state__in=RatingStudy.LAUNCHED)
    return get_or_404(drafts.select_related("study"), pk=rating_study_id)


def _read_draft(request: HttpRequest, rating_study_id: int) -> RatingStudy:
    """Return a draft whose texts the user may read.

    Raises
    ------
    UnaidedNightsError
    """
    draft = _draft(request, rating_study_id)
    refuse_unaided_nights(recordings_of_items(draft), signed_in(request))
    return draft


def _calibration(draft: RatingStudy) -> list[RatingItem]:
    items = draft.items.filter(phase=RatingItem.Phase.CALIBRATION)
    return list(items.select_related("gold", "recording", "source").order_by("pk"))


def _calibration_item(request: HttpRequest, rating_study_id: int, code: str) -> RatingItem:
    items = RatingItem.objects.filter(
        rating_study=_read_draft(request, rating_study_id), phase=RatingItem.Phase.CALIBRATION
    )
    return get_or_404(items.select_related("rating_study", "recording"), code=code)


def _gold_form(item: RatingItem) -> forms.Form:
    known = getattr(item, "gold", None)
    initial = {**known.given_scores, "feedback": known.feedback} if known else {}
    return GoldForm(initial=initial, auto_id=f"{item.code}-%s")
