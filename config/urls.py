"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from config import views

handler500 = "config.views.server_error"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("sign/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("circles.urls")),
    path("", include("agreements.urls")),
    path("", include("sessions.urls")),
    path("", include("sessions.formats.urls")),
    path("", include("programmes.urls")),
    path("", include("pages.urls")),
]
