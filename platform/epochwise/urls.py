"""All addresses of the site."""

from allauth.account import views as allauth
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView

from epochwise import pages
from epochwise.demo import people as demo
from epochwise.desk import overview_pages
from epochwise.health import healthz, livez, readyz
from studies.accounts import pages as accounts

# The names with `account_` are those under which django-allauth looks for its pages. Its other
# pages, such as signing up, have no address here.
sign_in = demo.SignIn.as_view()
sign_out = require_POST(allauth.logout)
signing_in = [
    path("login/", sign_in, name="login"),
    path("login/", sign_in, name="account_login"),
    path("login/inactive/", allauth.account_inactive, name="account_inactive"),
    path("logout/", sign_out, name="logout"),
    path("logout/", sign_out, name="account_logout"),
    path("me/password/", accounts.ChangePassword.as_view(), name="account_change_password"),
    path("password/reset/", accounts.ForgottenPassword.as_view(), name="account_reset_password"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[-\w]+)/$",
        accounts.PasswordByLink.as_view(),
        name="account_reset_password_from_key",
    ),
    # Sign-out and passwords of the admin lead to the same pages, where attempts are recorded.
    path("admin/logout/", sign_out, name="admin-logout"),
    path(
        "admin/password_change/",
        RedirectView.as_view(pattern_name="account_change_password"),
        name="admin-password",
    ),
]
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", pages.home, name="home"),
    path("studies/<slug:slug>/", overview_pages.overview, name="study"),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("healthz", healthz, name="healthz"),
    *signing_in,
    path("demo/login/", demo.login_as, name="demo-login"),
    path("admin/", admin.site.urls),
    path("", include("epochwise.help.urls")),
    path("", include("epochwise.desk.urls")),
    path("", include("epochwise.lifecycle.urls")),
    path("", include("epochwise.site.urls")),
    path("", include("studies.urls")),
    path("", include("studies.notices.urls")),
    path("", include("recordings.urls")),
    path("", include("annotations.urls")),
    path("", include("inference.urls")),
]

handler400 = "studies.refusals.answer_before_view"
handler500 = "studies.refusals.server_error"
