"""The release that a request is about, where it may be."""

from django.http import HttpRequest

from annotations.models import Release
from studies.access import get_or_404, signed_in
from studies.models import User


def found_release(request: HttpRequest, release_id: int) -> tuple[User, Release]:
    user = signed_in(request)
    mine = Release.objects.of(user).select_related("study")
    return user, get_or_404(mine, pk=release_id)
