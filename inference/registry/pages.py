"""Pages of models: the list of a study, checks of bundles, and the default model."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from annotations.visibility import OVERSEERS
from inference.models import ModelBundle, Promotion
from inference.registry.comparing import (
    MOST,
    kappa_plot,
    learning_plots,
    measure_rows,
    side_by_side,
)
from inference.registry.measured import measured_in_words
from inference.registry.promotions import (
    comparisons,
    consensus_of,
    decide,
    nights_read,
    promoted_bundle,
)
from inference.runs.entry import begin_check
from inference.runs.reading import gpu_workers
from psg.render import RENDERER_VERSION
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role
from studies.plots import with_plots


class PromotionForm(forms.Form):
    decision = forms.ChoiceField(choices=Promotion.Decision.choices)
    reason = forms.CharField(max_length=2000)


@login_required
@require_GET
@ensure_csrf_cookie
def models(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, *OVERSEERS)
    workers = gpu_workers()
    promoted = promoted_bundle(study)
    consensus = consensus_of(study)
    read = nights_read(study, user)
    bundles = [
        {
            "bundle": bundle,
            "runnable": workers.can_run(bundle),
            "workers": workers.able[bundle.adapter],
            "check": bundle.checks.first(),
            "measured": [measured_in_words(table) for table in bundle.measured],
            "nights": read.get(bundle.pk, 0),
            "comparisons": comparisons(bundle, promoted=promoted, consensus=consensus)
            if bundle.pk in read
            else [],
        }
        for bundle in ModelBundle.objects.select_related("scorer")
    ]
    context = {
        "study": study,
        "bundles": bundles,
        "renderer_version": RENDERER_VERSION,
        "promoted": promoted,
        "decisions": study.promotions.select_related("bundle__scorer", "user"),
        "is_lead": study.allows(user, [Role.LEAD]),
    }
    return render(request, "inference/models.html", context)


@with_plots
@login_required
@require_GET
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Show models side by side, over the recordings that all of them and the reference scored."""
    user = signed_in(request)
    study = study_for(user, slug, *OVERSEERS)
    side = side_by_side(
        user,
        study,
        keys=request.GET.getlist("model"),
        reference=request.GET.get("reference", ""),
    )
    context = {
        "study": study,
        "side": side,
        "most": MOST,
        "rows": measure_rows(side.models),
        "plot": kappa_plot(side, study),
        "learning": learning_plots(
            [bundle for bundle, column in side.able if column.key in side.chosen]
        ),
    }
    return render(request, "inference/compare.html", context)


@login_required
@require_POST
def check(request: HttpRequest, slug: str, bundle_id: int) -> HttpResponse:
    user = signed_in(request)
    study_for(user, slug, Role.LEAD)
    bundle = get_or_404(ModelBundle.objects.all(), pk=bundle_id)
    begin_check(bundle=bundle, requested_by=user)
    return redirect("inference:models", slug=slug)


@login_required
@require_POST
def promote(request: HttpRequest, slug: str, bundle_id: int) -> HttpResponse:
    """Make the model the default model or not, by the button that was pressed."""
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    bundle = get_or_404(ModelBundle.objects.all(), pk=bundle_id)
    form = PromotionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Enter a reason and choose a decision.")
        return redirect("inference:models", slug=slug)
    made = decide(study=study, bundle=bundle, user=user, **form.cleaned_data)
    messages.success(request, f"{made}.")
    return redirect("inference:models", slug=slug)
