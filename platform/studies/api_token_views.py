"""One's own API tokens: made, listed, withdrawn."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studies.access import get_or_404, signed_in
from studies.forms import ApiTokenForm
from studies.models import ApiToken
from studies.services.api_tokens import make_api_token, withdraw_api_token


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens that work; a POST makes one and shows it this once."""
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
def withdraw(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_or_404(ApiToken.objects.filter(user=signed_in(request)), pk=token_id)
    withdraw_api_token(token=token)
    messages.success(request, f"{token.name}: the token no longer works.")
    return redirect("studies:api-tokens")
