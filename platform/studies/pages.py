"""Pages about members and their studies: invitations, protocol, phrases, API tokens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from psg.rules.phrases import phrase_slots
from studies.access import get_or_404, signed_in, study_for
from studies.accounts.mail import mail_is_on, sent
from studies.audit import record_changes
from studies.authentication import make_api_token, withdraw_api_token
from studies.forms import ApiTokenForm, InviteForm, PhrasesForm, ProtocolForm
from studies.members import (
    invite,
    remove_member,
    set_phrases,
    withdraw_invitation,
)
from studies.models import Act, ApiToken, Invitation, Membership, Role


@login_required
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """List members and open invitations; a POST invites somebody."""
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    form = InviteForm(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        invitation, token = invite(study=study, invited_by=user, **form.cleaned_data)
        link = request.build_absolute_uri(reverse("studies:accept", args=[token]))
        if sent(to=invitation.email, template="invitation", invitation=invitation, url=link):
            messages.success(request, f"The invitation was sent to {invitation.email}.")
            return redirect("studies:members", slug=study.slug)
        form = InviteForm()
    return render(
        request,
        "studies/members.html",
        {
            "study": study,
            "form": form,
            "link": link,
            "mail_failed": bool(link) and mail_is_on(),
            "memberships": study.memberships.select_related("user"),
            "invitations": [i for i in study.invitations.all() if i.is_open],
        },
    )


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, membership_id: int) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    membership = get_or_404(Membership.objects.filter(study=study), pk=membership_id)
    remove_member(membership=membership, by=user)
    messages.success(
        request, f"{membership.user} is no longer {membership.get_role_display().lower()}."
    )
    if not study.allows(user, [Role.LEAD]):
        return redirect("home")
    return redirect("studies:members", slug=study.slug)


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, invitation_id: int) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    invitation = get_or_404(Invitation.objects.filter(study=study), pk=invitation_id)
    withdraw_invitation(invitation=invitation, by=signed_in(request))
    messages.success(request, f"The invitation of {invitation.email} no longer works.")
    return redirect("studies:members", slug=study.slug)


@login_required
@require_http_methods(["GET", "POST"])
def phrases(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit the phrases that annotators of this study can insert."""
    study = study_for(signed_in(request), slug, Role.LEAD)
    form = PhrasesForm(request.POST or None, study=study)
    if request.method == "POST" and form.is_valid():
        set_phrases(study=study, text=form.cleaned_data["phrases"], user=signed_in(request))
        messages.success(
            request, "Phrases saved. They appear when annotators next open a recording."
        )
        return redirect("studies:phrases", slug=study.slug)
    context = {"study": study, "form": form, "slots": sorted(phrase_slots())}
    return render(request, "studies/phrases.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def protocol(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit guideline, track and mode of the study."""
    study = study_for(signed_in(request), slug, Role.LEAD)
    form = ProtocolForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            record_changes(Act.PROTOCOL_CHANGED, form, user=signed_in(request), study=study)
            form.save()
        messages.success(request, "Protocol saved. It applies to new assignments.")
        return redirect("study", slug=study.slug)
    return render(request, "studies/protocol.html", {"study": study, "form": form})


# API tokens of the user.


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """List the usable tokens; a POST creates a token, which is shown only now."""
    user = signed_in(request)
    form = ApiTokenForm(request.POST or None)
    token = ""
    if request.method == "POST" and form.is_valid():
        _, token = make_api_token(user=user, **form.cleaned_data)
        form = ApiTokenForm()
    tokens = ApiToken.objects.usable().filter(user=user)
    context = {"form": form, "token": token, "tokens": tokens}
    return render(request, "studies/api_tokens.html", context)


@login_required
@require_POST
def withdraw_token(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_or_404(ApiToken.objects.filter(user=signed_in(request)), pk=token_id)
    withdraw_api_token(token=token)
    messages.success(request, f"{token.name}: the token no longer works.")
    return redirect("studies:api-tokens")
