"""All addresses of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from epochwise import pages
from epochwise.demo import people as demo
from epochwise.health import healthz, livez, readyz

urlpatterns = [
    path("", pages.home, name="home"),
    path("studies/<slug:slug>/", pages.study, name="study"),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("healthz", healthz, name="healthz"),
    path("login/", demo.SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("demo/login/", demo.login_as, name="demo-login"),
    path("admin/", admin.site.urls),
    path("", include("epochwise.site.urls")),
    path("", include("studies.urls")),
    path("", include("recordings.urls")),
    path("", include("annotations.urls")),
    path("", include("inference.urls")),
]

handler500 = "studies.refusals.server_error"
