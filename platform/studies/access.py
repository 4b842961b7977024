"""Loading objects for views, limited to those that the user may open."""

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from studies.models import Role, Study, User

M = TypeVar("M", bound=Model)


def signed_in(request: HttpRequest) -> User:
    """Return the user of a request to a view that requires a login."""
    assert isinstance(request.user, User)
    return request.user


def get_or_404(queryset: "QuerySet[M]", **lookup: object) -> M:
    """Return the object, or raise a 404 that is the same for missing and forbidden objects."""
    row = queryset.filter(**lookup).order_by("pk").first()
    if row is None:
        raise Http404("There is nothing here, or it is not shared with you.")
    return row


def study_for(user: User, slug: str, *roles: Role) -> Study:
    """Return a study: 404 for people who are not members, 403 for members without the role."""
    study = get_or_404(Study.objects.of(user), slug=slug)
    require(study, user, *roles)
    return study


def require(study: Study, user: User, *roles: Role) -> None:
    if roles and not study.allows(user, roles):
        names = " or ".join(role.label.lower() for role in roles)
        raise PermissionDenied(f"This is for the {names} of the study.")
