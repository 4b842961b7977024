"""One button a role. Only in the demo, only on this computer."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from epochwise.demo.people import DEMO_PEOPLE
from studies.models import User

LOOPBACK = {"127.0.0.1", "::1"}
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "[::1]"}


def offered(request: HttpRequest) -> bool:
    """Tell whether the demo's buttons may be used by whoever sent this request."""
    host = request.get_host().rsplit(":", 1)[0] if request.get_host()[-1] != "]" else "[::1]"
    return (
        settings.DEMO and request.META.get("REMOTE_ADDR") in LOOPBACK and host in LOOPBACK_HOSTS
    )


@require_POST
def login_as(request: HttpRequest) -> HttpResponse:
    if not offered(request):
        raise Http404
    known = {person.username for person in DEMO_PEOPLE}
    user = User.objects.filter(username=request.POST.get("username")).first()
    if user is None or user.username not in known:
        raise Http404
    login(request, user)
    return redirect("home")
