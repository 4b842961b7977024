"""Access of views to objects: only through the memberships of the user."""

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from studies.models import Role, Study, User

M = TypeVar("M", bound=Model)


def signed_in(request: HttpRequest) -> User:
    """Return the user of a request; the view requires a signed-in user."""
    assert isinstance(request.user, User)
    return request.user


def get_or_404(queryset: "QuerySet[M]", **lookup: object) -> M:
    """Return the object, or raise the same 404 if it is missing or not visible to the user."""
    result = queryset.filter(**lookup).order_by("pk").first()
    if result is None:
        raise Http404("This page does not exist, or you have no access to it.")
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
