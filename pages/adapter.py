"""allauth's account rules, with a fresh sign-in for people whom the organisation signs in."""

from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import adapter
from accounts.models import User
from pages.organisation import is_fresh, is_only_way


class FreshSignInAdapter(adapter.AccountAdapter):
    """allauth takes anybody without a password and a second step for fresh, however long ago they signed in."""

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not methods and isinstance(user, User) and is_only_way(user):
            said = _("Sign in through %s once more") % settings.OIDC_NAME
            methods.append({"id": "organisation", "description": said, "url": reverse("pages:sign_in_again")})
        return methods

    def is_reauthentication_required(self, *, app: str = "", **more: Any) -> bool:
        required: bool = super().is_reauthentication_required(app=app, **more)
        user = self.request.user
        if required and isinstance(user, User) and is_only_way(user) and not is_fresh(self.request, user):
            raise ReauthenticationRequired
        return required
