"""The admin site of this project."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

OURS = {"User", "Circle", "Message", "Heartbeat"}


def keep_only_ours() -> None:
    """Take away what libraries register: nobody's address, password, second factor or sign-in is changed here."""
    for model in list(admin.site._registry):
        if model.__name__ not in OURS:
            admin.site.unregister(model)


class Site(admin.AdminSite):
    site_header = site_title = "Talking Piece"
    index_title = "People, circles that exist, and the outbox. Nothing that was said."

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response
