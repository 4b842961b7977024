"""Saved views: a list as somebody wants to see it again."""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from psg.errors import RefusedError
from studies.models import SavedView, Study, User

MOST_VIEWS = 100


class ViewRefusedError(RefusedError):
    """The view cannot be saved; the text has the reason."""

    code = "view"


def views_for(user: User, study: Study, page: str) -> QuerySet[SavedView]:
    """Return the own views of a list, and those that others share."""
    views = SavedView.objects.filter(study=study, page=page).select_related("user", "study")
    return views.filter(Q(user_id=user.pk) | Q(is_shared=True))


def removable_views(user: User, study: Study, *, is_lead: bool) -> QuerySet[SavedView]:
    """Return the views that a person may remove: the own ones; a lead also shared ones."""
    own = Q(user_id=user.pk)
    return SavedView.objects.filter(own | Q(is_shared=True) if is_lead else own, study=study)


def save_view(
    *, user: User, study: Study, page: str, name: str, query: str, is_shared: bool
) -> SavedView:
    """Save a view under a new name.

    Raises
    ------
    ViewRefusedError
    """
    if SavedView.objects.filter(study=study, user_id=user.pk).count() >= MOST_VIEWS:
        raise ViewRefusedError(f"You have {MOST_VIEWS} views. Remove one before you save another.")
    try:
        with transaction.atomic():
            return SavedView.objects.create(
                user=user, study=study, page=page, name=name, query=query, is_shared=is_shared
            )
    except IntegrityError:
        raise ViewRefusedError(
            f"You have a view “{name}” already. Enter another name, or remove that view first."
        ) from None


def address_of(view: SavedView) -> str:
    base = reverse(f"desk:{view.page}", args=[view.study.slug])
    extra = f"{view.query}&view={view.pk}" if view.query else f"view={view.pk}"
    return f"{base}?{extra}"
