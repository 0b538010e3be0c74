"""Every address of the site."""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config import parts_views, views

first_password = reauthentication_required(password_set, app="allauth.account")
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    # A first password too is chosen after a fresh sign-in: allauth asks for one before a second, not before a first.
    path("sign/password/set/", first_password, name="account_set_password"),
    path("sign/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("circles.urls")),
    path("", include("agreements.urls")),
    path("", include("sessions.urls")),
    path("", include("sessions.formats.urls")),
    path("", include("sessions.journeys.urls")),
    path("", include("sessions.shelf.urls")),
    path("", include("programmes.urls")),
    path("", include("pages.urls")),
]
if settings.PARTS_PAGE:
    urlpatterns += [path("_parts/", parts_views.parts, name="parts")]
