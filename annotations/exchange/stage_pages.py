"""Pages of imports of stage files that other imports do not have."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.exchange.import_pages import choosing
from annotations.exchange.import_rooms import STAGES
from annotations.exchange.stage_answers import questions_of, with_answers
from annotations.exchange.stage_plan import StageImportOptions
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in
from studies.models import Role


@login_required
@require_GET
def import_scoring(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Choose stage files for a recording."""
    user = signed_in(request)
    recording = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    require(recording.study, user, Role.LEAD)
    context = choosing(recording.study, STAGES, recording=recording.pk)
    return render(request, "exchange/import_scoring.html", {**context, "recording": recording})


@login_required
@require_POST
def answer(request: HttpRequest, scoring_import_id: int) -> HttpResponse:
    """Read the files again, with answers to questions."""
    made = STAGES.readable(signed_in(request), scoring_import_id)
    questions = questions_of(STAGES.preview_of(made).files)
    options = StageImportOptions.from_json(made.options)
    STAGES.again(made, with_answers(options, questions, request.POST.dict()))
    return redirect("annotations:scoring-import", made.pk)
