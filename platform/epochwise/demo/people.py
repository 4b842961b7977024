"""Members of the demo study, and the buttons that sign in as a member."""

from dataclasses import dataclass
from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.views.decorators.http import require_POST

from studies.accounts import pages as accounts
from studies.models import Role, User


@dataclass(frozen=True)
class Person:
    """A member of the demo study; those without a button have finished their work."""

    username: str
    name: str
    role: Role
    does: str = ""

    @property
    def has_button(self) -> bool:
        return bool(self.does)


DEMO_PEOPLE = (
    Person("lead", "Lena Vogel", Role.LEAD, "leads the study, exports data"),
    Person("annotator", "Ana Torres", Role.ANNOTATOR, "scores a night in the workbench"),
    Person("rater", "Ravi Menon", Role.RATER, "rates rationales without their source"),
    Person(
        "adjudicator", "Jun Sato", Role.ADJUDICATOR, "settles disagreements of finished scorings"
    ),
    Person("viewer", "Vic Olsen", Role.VIEWER, "views everything, changes nothing"),
    Person("expert-1", "Ines Keller", Role.ANNOTATOR),
    Person("expert-2", "Omar Haddad", Role.ANNOTATOR),
)


# Sign-in. The demo has a button per role; the buttons work on this computer only.


LOOPBACK = {"127.0.0.1", "::1"}
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "[::1]"}


def offered(request: HttpRequest) -> bool:
    """Return whether the sender of this request may use the buttons of the demo."""
    host, _ = split_domain_port(request.get_host())
    here = request.META.get("REMOTE_ADDR") in LOOPBACK and host in LOOPBACK_HOSTS
    return settings.DEMO and here


class SignIn(accounts.SignIn):
    """The page for signing in, with the buttons of the demo, or the first step on a new site."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = DEMO_PEOPLE if offered(self.request) else ()
        is_new = not people and not User.objects.exists()
        return super().get_context_data(people=people, is_new=is_new, **kwargs)


@require_POST
def login_as(request: HttpRequest) -> HttpResponse:
    username = request.POST.get("username")
    known = {person.username for person in DEMO_PEOPLE if person.has_button}
    user = User.objects.filter(username=username).first()
    if not offered(request) or username not in known or user is None:
        raise Http404
    return perform_login(request, user, redirect_url="/")
