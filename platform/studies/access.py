"""Access of views to objects: only through the memberships of the user."""

from collections.abc import Iterable
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from studies.models import Role, Study, User

M = TypeVar("M", bound=Model)
NOTHING_HERE = "This page does not exist, or you have no access to it."


def signed_in(request: HttpRequest) -> User:
    """Return the user of a request; the view requires a signed-in user."""
    assert isinstance(request.user, User)
    return request.user


def site_lead(request: HttpRequest) -> User:
    """Return the user of a request, a lead of the site; for others the page does not exist."""
    user = signed_in(request)
    if not user.leads_site:
        raise Http404(NOTHING_HERE)
    return user


def site_owner(request: HttpRequest) -> User:
    """Return the user of a request, an owner of the site; for others the page does not exist."""
    user = signed_in(request)
    if not user.is_superuser:
        raise Http404(NOTHING_HERE)
    return user


def deactivated(user_ids: Iterable[int]) -> set[int]:
    """Return which of these accounts are deactivated."""
    return set(User.objects.filter(pk__in=user_ids, is_active=False).values_list("pk", flat=True))


def get_or_404(queryset: "QuerySet[M]", **lookup: object) -> M:
    """Return the object, or raise the same 404 if it is missing or not visible to the user."""
    result = queryset.filter(**lookup).order_by("pk").first()
    if result is None:
        raise Http404(NOTHING_HERE)
    return result


def study_for(user: User, slug: str, *roles: Role) -> Study:
    """Return a study of the user; 404 for non-members, 403 for members without the role."""
    study = get_or_404(Study.objects.of(user), slug=slug)
    require(study, user, *roles)
    return study


def require(study: Study, user: User, *roles: Role) -> None:
    if roles and not study.allows(user, roles):
        names = " or ".join(role.label.lower() for role in roles)
        raise PermissionDenied(f"This is for the {names} of the study.")
