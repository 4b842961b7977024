"""Pages of notices: the list, the number in the bar of every page, and what a person wants."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from psg.errors import RefusedError
from studies.access import NOTHING_HERE, get_or_404, signed_in
from studies.accounts.mail import mail_is_on
from studies.audit import wants_body
from studies.notices.forms import ChoicesForm, SeenForm
from studies.notices.reading import bell_of, in_words, inbox_of, notices_of
from studies.notices.seen import mark_all_seen, mark_seen

A_PAGE = 30
# How often a browser asks, in seconds: on desks where people score, rarely.
ASKS_EVERY = {"page": 10, "desk": 30}


class SeenRefusedError(RefusedError):
    """The moment up to which notices were seen is missing, or no time."""

    code = "not_understood"
    default = "The notices were not marked as seen. Open the page again."


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """List the notices.

    Those that cannot be shown any more count as seen: otherwise the number on every page would
    never go away.
    """
    now = timezone.now()  # what comes while the page is made is not on it
    found = inbox_of(signed_in(request))
    if wants_body(request):
        mark_seen(found.hidden)
    page = Paginator(found.shown, A_PAGE).get_page(request.GET.get("page"))
    context = {"inbox": found, "page": page, "until": now.isoformat()}
    return render(request, "notices/inbox.html", context)


@require_GET
def bell(request: HttpRequest) -> HttpResponseBase:
    """Answer with the number of unseen notices, or that it is the same as before.

    A redirect to the sign-in page would replace the number by a whole page.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    place = "desk" if request.GET.get("place") == "desk" else "page"
    found = bell_of(signed_in(request))
    if same := get_conditional_response(request, etag=found.etag):
        return same
    context = {"bell": found, "place": place, "every_s": ASKS_EVERY[place]}
    answer = render(request, "notices/_bell.html", context)
    answer.headers["ETag"] = found.etag
    answer.headers["HX-Trigger"] = "notices"
    return answer


@login_required
@require_GET
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark a notice as seen and go to what it is about.

    What is not there any more, or closed to the person by now, is the same as nothing.
    """
    user = signed_in(request)
    notice = get_or_404(notices_of(user).select_related("study"), pk=notice_id)
    shown = in_words(user, [notice])
    if not shown:
        raise Http404(NOTHING_HERE)
    if wants_body(request):
        mark_seen([notice])
    return redirect(shown[0].address)


@login_required
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise SeenRefusedError
    mark_all_seen(user=signed_in(request), until=form.cleaned_data["until"])
    return redirect("notices:inbox")


@login_required
@require_http_methods(["GET", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = ChoicesForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                form.save()
        except IntegrityError:  # saved in two windows at once, for the first time
            ChoicesForm(request.POST, user=user).save()
        messages.success(request, "Your choices are saved. They apply to new notices.")
        return redirect("notices:choices")
    context = {"form": form, "has_mail": mail_is_on()}
    return render(request, "notices/choices.html", context)
