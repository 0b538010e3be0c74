"""The admin site of this project."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

OURS = {"User", "Circle", "Message", "Heartbeat"}


def keep_only_ours() -> None:
    """Take away what libraries register: nobody's address, password, second factor or sign-in is changed here."""
    for model in list(admin.site._registry):
        if model.__name__ not in OURS:
            admin.site.unregister(model)


class Site(admin.AdminSite):
    # Not there: pages that answer for any model whatever, whether this site shows it or not.
    NOT_OURS = ("view_on_site", "autocomplete")
    site_header = site_title = "Talking Piece"
    index_title = "People, circles that exist, and the outbox. Nothing that was said."

    def get_urls(self) -> list[Any]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in self.NOT_OURS]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    @method_decorator(require_POST)
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        auth.logout(request)
        return redirect("account_login")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's page asks for no fresh sign-in, has no limit and tells nobody: there is one place for this."""
        return redirect("account_change_password")
