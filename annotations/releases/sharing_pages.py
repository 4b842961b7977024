"""Pages of a frozen release for those who may download it, and who they are."""

from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.releases.models import Release
from annotations.releases.pages import part_rows, visible_release
from annotations.releases.planning import preview_of
from annotations.releases.reading import look_at
from annotations.releases.sharing import (
    accept_terms,
    access_of,
    account_named,
    allow_download,
    allow_outsider,
    end_download,
    people_of,
)
from annotations.releases.verifying import erasures_of, manifest_of, refuse_closed_release
from annotations.visibility import readable_releases
from studies.access import NOTHING_HERE, get_or_404, signed_in
from studies.models import Role, User
from studies.refusals import refusals_in


def readable_release(request: HttpRequest, release_id: int) -> tuple[User, Release]:
    """Return the user and a release that they may read; 404 for others, and for drafts."""
    user = signed_in(request)
    release = get_or_404(readable_releases(user).select_related("study"), pk=release_id)
    if not release.is_frozen:
        raise Http404(NOTHING_HERE)
    return user, release


@login_required
@require_GET
def data(request: HttpRequest, release_id: int) -> HttpResponse:
    """Show card, counts and first rows, and what has to be accepted before the download."""
    user, release = readable_release(request, release_id)
    refuse_closed_release(release, user)
    roles = release.study.roles_of(user)
    is_lead = Role.LEAD in roles
    access = None if is_lead else access_of(release, user)
    preview = preview_of(release)
    context = {
        "study": release.study,
        "release": release,
        "manifest": manifest_of(release),
        "is_lead": is_lead,
        "is_member": bool(roles),
        "may_download": is_lead or (access is not None and access.accepted_at is not None),
        "access": access,
        "preview": preview,
        "counts": part_rows(preview),
        "look": None if release.rewrite_due else look_at(release),
        "erasures": erasures_of(release),
    }
    return render(request, "releases/data.html", context)


@login_required
@require_POST
def accept(request: HttpRequest, release_id: int) -> HttpResponse:
    user, release = readable_release(request, release_id)
    refuse_closed_release(release, user)
    access = access_of(release, user)
    if access is None:
        raise Http404(NOTHING_HERE)
    if "accepted" in request.POST:
        accept_terms(access=access)
        messages.success(request, "Terms accepted. You can download the release now.")
    else:
        messages.error(request, "Tick the box to accept the terms.")
    return redirect("annotations:release-data", release_id=release.pk)


class PersonForm(forms.Form):
    """A person of the study, to be let download a release or not any more."""

    person = forms.ModelChoiceField(User.objects.none())

    def __init__(self, data: QueryDict, *, release: Release) -> None:
        super().__init__(data)
        self.fields["person"] = forms.ModelChoiceField(people_of(release))


@login_required
@require_POST
def people(request: HttpRequest, release_id: int) -> HttpResponse:
    """Let a person download a release, or end that, by the button that was pressed."""
    user, release = visible_release(request, release_id)
    refuse_closed_release(release, user)
    form = PersonForm(request.POST, release=release)
    if not form.is_valid():
        messages.error(request, "Choose a person.")
        return redirect("annotations:release", release_id=release.pk)
    person = form.cleaned_data["person"]
    if "end" in request.POST:
        access = access_of(release, person)
        if access is None:
            messages.error(request, f"{person} has no access to {release} that could be ended.")
        else:
            end_download(access=access, user=user)
            messages.success(request, f"{person} cannot download {release} any more.")
    else:
        allow_download(release=release, person=person, user=user)
        messages.success(request, f"{person} can download {release} after accepting its terms.")
    return redirect("annotations:release", release_id=release.pk)


class OutsiderForm(forms.Form):
    """A person outside the study, by the exact name or address of the account."""

    who = forms.CharField(label="User name or e-mail address", max_length=254)
    until = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="If empty, the person can download the release until you end the access",
    )

    def clean_who(self) -> User:
        person = account_named(self.cleaned_data["who"])
        if person is None:
            raise forms.ValidationError(
                "No account of this site has this user name or e-mail address."
                " Enter the whole name or address."
            )
        return person

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError("This day is in the past. Enter a later one, or none.")
        return until


@login_required
@require_http_methods(["GET", "POST"])
def outsider(request: HttpRequest, release_id: int) -> HttpResponse:
    """Find an account outside the study, show whose it is, and let that person download."""
    user, release = visible_release(request, release_id)
    refuse_closed_release(release, user)
    if release.state != Release.State.FROZEN:
        return redirect("annotations:release", release_id=release.pk)
    form = OutsiderForm(request.POST or None)
    context = {"study": release.study, "release": release, "form": form, "person": None}
    if request.method == "POST" and form.is_valid():
        person, until = form.cleaned_data["who"], form.cleaned_data["until"]
        if "confirmed" not in request.POST:
            context |= {"person": person, "until": until}
            return render(request, "releases/outsider.html", context)
        with refusals_in(form):
            allow_outsider(release=release, person=person, until=until, user=user)
            said = f"{person} can download {release} after accepting its terms."
            messages.success(request, said)
            return redirect("annotations:release", release_id=release.pk)
    return render(request, "releases/outsider.html", context)
