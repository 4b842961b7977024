"""A lead's decision about a model."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from inference.forms import PromotionForm
from inference.models import ModelBundle
from inference.services.promotions import PromotionRefusedError, decide
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role


@login_required
@require_POST
def promote(request: HttpRequest, slug: str, bundle_id: int) -> HttpResponse:
    """Promote the model or not, as the button says that was pressed."""
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    bundle = get_or_404(ModelBundle.objects.all(), pk=bundle_id)
    form = PromotionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why, and choose: promote it, or not.")
        return redirect("inference:models", slug=slug)
    try:
        made = decide(study=study, bundle=bundle, user=user, **form.cleaned_data)
        messages.success(request, f"{made}.")
    except PromotionRefusedError as refused:
        messages.error(request, str(refused))
    return redirect("inference:models", slug=slug)
