"""Pages for leads of the site: all accounts, and what can be done with one of them."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from studies.access import get_or_404, site_lead, site_owner
from studies.accounts.forms import ReasonForm
from studies.accounts.lifecycle import (
    allow_studies,
    create_reset_link,
    deactivate,
    reactivate,
)
from studies.accounts.mail import sent
from studies.accounts.pages import EVENTS_SHOWN, events_about
from studies.models import ApiToken, User
from studies.storable import why_unstorable

PER_PAGE = 50


@login_required
@never_cache
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """List all accounts, or those whose name or e-mail contains the words searched for."""
    site_lead(request)
    words = request.GET.get("q", "").strip()[:100]
    listed = User.objects.annotate(studies=Count("memberships__study", distinct=True))
    if words and not why_unstorable(words):
        fields = ("username", "name", "email")
        for word in words.split():
            listed = listed.filter(Q(*((f"{f}__icontains", word) for f in fields), _connector=Q.OR))
    page = Paginator(listed.order_by("username"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "account/people.html", {"page": page, "words": words})


@login_required
@never_cache
@require_GET
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    site_lead(request)
    return _page_of(request, get_or_404(User.objects.all(), pk=user_id))


@login_required
@never_cache
@require_POST
def make_reset_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Send a link for a new password by mail, or show it to hand it over."""
    by = site_lead(request)
    account = get_or_404(User.objects.all(), pk=user_id)
    link = request.build_absolute_uri(create_reset_link(account=account, by=by))
    if sent(to=account.email, template="reset", user=account, url=link):
        messages.success(request, f"A link for a new password was sent to {account.email}.")
        return redirect("studies:person", user_id=account.pk)
    return _page_of(request, account, link=link)


@login_required
@require_POST
def deactivate_person(request: HttpRequest, user_id: int) -> HttpResponse:
    return _changed(request, user_id, active=False)


@login_required
@require_POST
def reactivate_person(request: HttpRequest, user_id: int) -> HttpResponse:
    return _changed(request, user_id, active=True)


@login_required
@require_POST
def allow_managing_studies(request: HttpRequest, user_id: int) -> HttpResponse:
    """Allow a person to manage studies, or no longer, as the form says."""
    by = site_owner(request)
    account = get_or_404(User.objects.all(), pk=user_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give a reason. Nothing was changed.")
        return redirect("studies:person", user_id=account.pk)
    allowed = request.POST.get("allowed") == "yes"
    allow_studies(account=account, allowed=allowed, by=by, why=form.cleaned_data["why"])
    answer = "may create studies now" if allowed else "may no longer create studies"
    messages.success(request, f"{account} {answer}.")
    return redirect("studies:person", user_id=account.pk)


def _changed(request: HttpRequest, user_id: int, *, active: bool) -> HttpResponse:
    by = site_lead(request)
    account = get_or_404(User.objects.all(), pk=user_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page_of(request, account, form=form)
    why = form.cleaned_data["why"]
    if active:
        reactivate(account=account, by=by, why=why)
        messages.success(request, f"{account} can sign in again.")
    else:
        deactivate(account=account, by=by, why=why)
        messages.success(request, f"{account} was signed out and cannot sign in.")
    return redirect("studies:person", user_id=account.pk)


def _page_of(
    request: HttpRequest, account: User, *, link: str = "", form: ReasonForm | None = None
) -> HttpResponse:
    context = {
        "person": account,
        "link": link,
        "form": form or ReasonForm(),
        "memberships": account.memberships.select_related("study"),
        "sessions": len(UserSession.objects.purge_and_list(account)),
        "tokens": ApiToken.objects.usable().filter(user=account).count(),
        "events": events_about(account)[:EVENTS_SHOWN],
    }
    return render(request, "account/person.html", context)
