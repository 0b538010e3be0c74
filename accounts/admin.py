"""People in the admin site: to look up, to let in or keep out. Nobody's sign-in or membership can be set here."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import User


class Listed(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that answers no question but those it lists.

    Django lets an address ask any column of a model, whether the page shows it or not (`?password__startswith=`): one
    yes or no after the other reads it out. Here a question may be asked of the columns under `list_filter`, by what
    they equal, and of nothing else.
    """

    actions = None
    date_hierarchy = None
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup.removesuffix("__exact") in self.list_filter

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Things are found by their key only."""
        return to_field in ("pk", self.opts.pk.name)


@admin.register(User)
class UserAdmin(Listed):
    list_display = ["email", "name", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "departure", "is_staff", "is_superuser", "date_joined", "last_login"]
    readonly_fields = ["email", "name", "is_active", "departure", "date_joined", "last_login"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Rights over the site are given and taken by those who have all of them."""
        rights = [] if request.user.is_superuser else ["is_staff", "is_superuser"]
        return [*self.readonly_fields, *rights]

    @admin.display(description=_("Signing in"))
    def departure(self, person: User) -> str:
        """Where an account is closed because somebody has left, or opened again."""
        if person.erased_at:
            return _("This account was deleted by its owner.")
        said = _("No longer works here") if person.is_active else _("They are here after all")
        back = reverse("admin:accounts_user_change", args=[person.pk])
        return format_html('<a href="{}?next={}">{}</a>', reverse("pages:person_left", args=[person.code]), back, said)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
