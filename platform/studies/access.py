"""Finding objects for views: through the user's memberships, or not at all."""

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from studies.models import Role, Study, User

M = TypeVar("M", bound=Model)


def signed_in(request: HttpRequest) -> User:
    """Return the user of a request that a login guard has let through."""
    assert isinstance(request.user, User)
    return request.user


def get_or_404(queryset: "QuerySet[M]", **lookup: object) -> M:
    """Return the one object, or raise the same 404 whether it is missing or not theirs."""
    found = queryset.filter(**lookup).order_by("pk").first()
    if found is None:
        raise Http404("There is nothing here, or it is not shared with you.")
    return found


def study_for(user: User, slug: str, *roles: Role) -> Study:
    """Return a study of the user's, 404 for strangers, 403 for members without the role."""
    study = get_or_404(Study.objects.of(user), slug=slug)
    require(study, user, *roles)
    return study


def require(study: Study, user: User, *roles: Role) -> None:
    if roles and not study.allows(user, roles):
        names = " or ".join(role.label.lower() for role in roles)
        raise PermissionDenied(f"This is for the {names} of the study.")
