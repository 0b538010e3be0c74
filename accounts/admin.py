"""People in the admin site: to look up, to let in or keep out. Nobody's sign-in or membership can be set here."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["email", "name", "is_active", "is_staff", "date_joined"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "departure", "is_staff", "is_superuser", "date_joined", "last_login"]
    readonly_fields = ["email", "name", "is_active", "departure", "date_joined", "last_login"]

    @admin.display(description=_("Signing in"))
    def departure(self, person: User) -> str:
        """Where an account is closed because somebody has left, or opened again."""
        if person.erased_at:
            return _("This account was deleted by its owner.")
        said = _("They have left the organisation") if person.is_active else _("They are here after all")
        back = reverse("admin:accounts_user_change", args=[person.pk])
        return format_html('<a href="{}?next={}">{}</a>', reverse("pages:person_left", args=[person.code]), back, said)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
