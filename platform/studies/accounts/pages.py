"""Pages of accounts: sign-in, passwords, the own account, and accepting an invitation."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from allauth.account.views import (
    LoginView,
    PasswordChangeView,
    PasswordResetFromKeyView,
    PasswordResetView,
)
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from psg.errors import RefusedError
from studies.access import get_or_404, signed_in
from studies.accounts.forms import AcceptForm, ProfileForm
from studies.accounts.lifecycle import AccountError, change_profile
from studies.accounts.mail import mail_is_on
from studies.accounts.sessions import end_session, sessions_of, sign_out_everywhere
from studies.accounts.signing_in import INVITATION
from studies.members import (
    AccountTakenError,
    InvitationError,
    accept_invitation,
    create_account,
    find_invitation,
)
from studies.models import ApiToken, AuditEvent, Invitation, User
from studies.refusals import refusals_in

EVENTS_SHOWN = 50


class SignIn(LoginView):
    """Sign in by user name or e-mail, and password."""

    template_name = "account/login.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = 429
        return response


# Passwords.


class ChangePassword(PasswordChangeView):
    """Change one's own password."""

    template_name = "account/password_change.html"
    success_url = reverse_lazy("studies:account")

    @method_decorator(never_cache)
    @method_decorator(login_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not signed_in(request).has_usable_password():
            raise AccountError("This account has no password. A lead of the site can set one.")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, "Password changed. All your other sessions were ended.")
        return response


class ForgottenPassword(PasswordResetView):
    """Request a link by mail, where mail is configured."""

    template_name = "account/password_reset.html"
    success_url = reverse_lazy("login")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not mail_is_on():
            raise AccountError("This site sends no mail. Request a link from a lead of the site.")
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "mail_is_on": mail_is_on()}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code != 429:
            messages.success(
                self.request,
                "If an active account has this e-mail, a link is on its way to it. It works once, "
                "within a day.",
            )
        return response


class PasswordByLink(PasswordResetFromKeyView):
    """Set a new password by a link. The key moves to the session, away from the address."""

    template_name = "account/password_reset_from_key.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, "Your new password is set. Sign in with it.")
        return response


# The own account.


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show profile, sessions, tokens and acts of the person; a POST changes the profile."""
    user = signed_in(request)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk), request=request)
    if request.method == "POST" and form.is_valid():
        changed = [name for name in form.changed_data if name != "password"]
        with refusals_in(form):
            change_profile(user=form.instance, changed=changed)
            messages.success(request, "Profile saved.")
            return redirect("studies:account")
    context = {
        "form": form,
        "sessions": sessions_of(user, current_key=request.session.session_key),
        "tokens": ApiToken.objects.usable().filter(user=user),
        "events": events_about(user)[:EVENTS_SHOWN],
    }
    return render(request, "account/account.html", context)


def events_about(user: User) -> Any:
    """Return what `user` did, and what was done to the account, the latest first."""
    mine = Q(user=user) | Q(person=user)
    return AuditEvent.objects.filter(mine).select_related("user", "study", "person")


@login_required
@require_POST
def end_one_session(request: HttpRequest, session_id: int) -> HttpResponse:
    mine = UserSession.objects.filter(user=signed_in(request))
    row = get_or_404(mine.exclude(session_key=request.session.session_key), pk=session_id)
    end_session(row=row)
    messages.success(request, "That session was ended.")
    return redirect("studies:account")


@login_required
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    tokens = "tokens" in request.POST
    sign_out_everywhere(request=request, user=signed_in(request), tokens=tokens)
    also = " and all your API tokens" if tokens else ""
    messages.success(request, f"All your other sessions{also} were ended.")
    return redirect("studies:account")


# Invitations. The token of a link is kept in the session, so that no further address contains it.


@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation with the signed-in account or a new account."""
    user = request.user if isinstance(request.user, User) else None
    response = _join(request, token, user) if user else _become_member(request, token)
    # Not even to this site: its address is in no log of a proxy. Forms need the origin.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def accept_after_signing_in(request: HttpRequest) -> HttpResponse:
    """Continue with the invitation that this browser opened last."""
    token = request.session.get(INVITATION)
    if not token:
        raise InvitationError("Open the link of the invitation again.")
    return accept(request, token)


def _join(request: HttpRequest, token: str, user: User) -> HttpResponse:
    invitation = find_invitation(token=token, user=user)
    if request.method == "POST" or invitation.accepted_by_id == user.pk:
        accept_invitation(token=token, user=user)
        request.session.pop(INVITATION, None)
        messages.success(request, f"You are a member of {invitation.study}.")
        return redirect("home")
    return render(request, "account/accept.html", {"invitation": invitation})


def _become_member(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "GET":
        invitation = find_invitation(token=token)
        request.session[INVITATION] = token
        form = AcceptForm(invitation=invitation)
    else:
        form = _filled_form(request, token)
        if user := _created(form, token) or _already_created(request, token):
            request.session.pop(INVITATION, None)
            return perform_login(request, user, redirect_url="/")
        invitation = find_invitation(token=token)
    return render(request, "account/accept.html", {"invitation": invitation, "form": form})


def _filled_form(request: HttpRequest, token: str) -> AcceptForm:
    invitation = Invitation.of_token(token)
    if invitation is None:
        raise InvitationError
    return AcceptForm(request.POST, invitation=invitation)


def _created(form: AcceptForm, token: str) -> User | None:
    """Return the new account, or None with the reasons in the form."""
    if not form.is_valid():
        return None
    user: User = form.save(commit=False)
    try:
        create_account(token=token, user=user)
    except InvitationError:
        return None
    except AccountTakenError as refused:
        form.add_error(None, str(refused))
        return None
    return user


def _already_created(request: HttpRequest, token: str) -> User | None:
    """Return the account that this form has created before: a double click, or a lost answer."""
    invitation = Invitation.of_token(token)
    if invitation is None or invitation.accepted_by is None:
        return None
    credentials = {
        "username": request.POST.get("username", ""),
        "password": request.POST.get("password1", ""),
    }
    try:
        user = get_adapter().authenticate(request, **credentials)
    except ValidationError as throttled:
        raise RefusedError(throttled.messages[0]) from throttled
    return user if isinstance(user, User) and user == invitation.accepted_by else None
