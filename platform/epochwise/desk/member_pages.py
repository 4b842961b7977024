"""Pages about members: another role, and what removing one means."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from epochwise.desk.forms import RoleForm
from epochwise.desk.leaving import removal_of
from studies.access import get_or_404, signed_in, study_for
from studies.members import add_member
from studies.models import Membership, Role


@login_required
@require_http_methods(["GET", "POST"])
def give_role(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    form = RoleForm(request.POST or None, study=study)
    if request.method == "POST" and form.is_valid():
        person, role = form.cleaned_data["user"], Role(form.cleaned_data["role"])
        add_member(study=study, user=person, role=role, by=user)
        messages.success(request, f"{person} is {role.label.lower()} now.")
        return redirect("studies:members", slug=study.slug)
    return render(request, "desk/give_role.html", {"study": study, "form": form})


@login_required
@require_GET
def removal(request: HttpRequest, slug: str, membership_id: int) -> HttpResponse:
    """Show what somebody has open before a role of theirs is removed."""
    study = study_for(signed_in(request), slug, Role.LEAD)
    memberships = Membership.objects.filter(study=study).select_related("user", "study")
    membership = get_or_404(memberships, pk=membership_id)
    context = {"study": study, "membership": membership, "removal": removal_of(membership)}
    return render(request, "desk/removal.html", context)
