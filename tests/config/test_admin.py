"""The admin site has no side door, reads no content, and answers no question but those listed here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from circles.sealed import SealedTextField
from sessions.planning.bringing_services import issue_bring
from tests.factories import Cast, make_session, signed_in
from tests.thorough import part


def test_only_harmless_models_are_registered() -> None:
    assert sorted(model.__name__ for model in admin.site._registry) == [
        "Circle",
        "Heartbeat",
        "Message",
        "User",
    ]


def test_nobodys_sign_in_can_be_changed_by_staff(people: Cast) -> None:
    sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True)
    client = signed_in(sue)
    page = client.get(f"/admin/accounts/user/{people.bob.pk}/change/")
    assert page.status_code == 200
    assert b'name="email"' not in page.content
    assert b"password" not in page.content.replace(b"password_change", b"").lower()
    assert client.post(f"/admin/accounts/user/{people.bob.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "accounts/user/",
        "accounts/user/?q=bob",
        "circles/circle/",
        "notifications/message/",
        "notifications/heartbeat/",
    ],
)
def test_no_admin_page_reads_a_content_column(people: Cast, path: str) -> None:
    session = make_session(people.circle, people.alice)
    issue_bring(session=session, owner=people.bob, title="canary", text="canary", ask="listen")
    sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True)
    client = signed_in(sue)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/admin/{path}")
    assert page.status_code == 200
    assert b"canary" not in page.content
    from django.apps import apps

    for model in apps.get_models():
        sealed = [f.column for f in model._meta.concrete_fields if isinstance(f, SealedTextField)]
        for column in sealed:
            named = f'"{model._meta.db_table}"."{column}"'
            assert not [q for q in queries.captured_queries if named in q["sql"]]


# Everything that a list of the admin site can be asked: by which columns it is shown, filtered, searched and ordered.
ASKED: dict[str, dict[str, Any]] = {
    "user": {
        "list_display": ("email", "name", "is_active", "is_staff", "date_joined"),
        "list_filter": ("is_active", "is_staff"),
        "search_fields": ("email", "name"),
    },
    "circle": {"list_display": ("code", "status", "cadence", "created_at"), "list_filter": ("status",)},
    "message": {
        "list_display": ("kind", "state", "due_at", "sent_at", "attempts", "trouble"),
        "list_filter": ("state", "kind"),
    },
    "heartbeat": {"list_display": ("name", "at")},
}
# What none of them has: exports, presses over many rows, drill-downs, editing in the list, choosing by another page.
NONE_OF = (
    "actions", "actions_selection_counter", "autocomplete_fields", "date_hierarchy", "filter_horizontal",
    "filter_vertical", "inlines", "list_editable", "ordering", "prepopulated_fields", "radio_fields", "raw_id_fields",
    "search_fields", "list_filter", "list_select_related", "sortable_by", "view_on_site", "save_as",
)  # fmt: skip
LOOKUPS = ("", "__exact", "__startswith", "__contains", "__gt", "__regex", "__isnull", "__in", "__range", "__length")


def registered() -> list[tuple[str, Any]]:
    return [(str(model._meta.model_name), one) for model, one in admin.site._registry.items()]


def paths_of(model: type[models.Model], depth: int = 2, before: str = "") -> Iterator[str]:
    """Every column that a look-up can reach from a model, forwards and backwards, through so many relations."""
    for field in model._meta.get_fields():
        name = getattr(field, "related_query_name", None)
        name = name() if callable(name) and field.auto_created else field.name
        yield before + str(name)
        if depth and field.is_relation and isinstance(field.related_model, type):
            yield from paths_of(field.related_model, depth - 1, f"{before}{name}__")


@pytest.fixture
def root(people: Cast) -> Client:
    return signed_in(User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True))


def test_all_that_can_be_asked_is_listed() -> None:
    assert sorted(name for name, _admin in registered()) == sorted(ASKED)
    for name, one in registered():
        for option in ("list_display", *NONE_OF):
            usual = getattr(admin.ModelAdmin, option)
            kept = True if option == "actions_selection_counter" else None if option == "sortable_by" else ()
            value = getattr(one, option, usual)
            assert (tuple(value) if isinstance(value, list | tuple) else value or ()) == ASKED[name].get(
                option, kept or ()
            ), (name, option)


def test_no_other_column_answers_a_look_up(rf: Any) -> None:
    """Every column of every model within two relations, by every kind of comparison."""
    asked = 0
    for name, one in registered():
        allowed = {column + how for column in ASKED[name].get("list_filter", ()) for how in ("", "__exact")}
        for path in paths_of(one.model):
            for how in LOOKUPS:
                assert one.lookup_allowed(path + how, "x", rf.get("/")) == (path + how in allowed), path + how
                asked += 1
            assert one.to_field_allowed(rf.get("/"), path) == (path in ("id", one.opts.pk.name)), path
    assert asked > 10_000


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=a", "password=a", "memberships__circle__name__startswith=A", "unproved_since__isnull=True",
        "code__gt=0", "time_zone=UTC", "emailaddress__email=bob@example.org", "feedtoken__token_hash__startswith=a",
        "pulse_tickets__pulse=1", "last_login__gte=2020-01-01", "is_active__gt=0", "email__startswith=bob",
    ],
)  # fmt: skip
def test_a_crafted_question_is_refused_whatever_the_answer(root: Client, query: str) -> None:
    assert root.get(f"/admin/accounts/user/?{query}").status_code == 400


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("circles/circle", "name__startswith=A"), ("circles/circle", "vault__wrapped_key__startswith=a"),
        ("circles/circle", "contact_email__contains=a"), ("circles/circle", "memberships__user=1"),
        ("circles/circle", "invitations__token_hash__startswith=a"), ("circles/circle", "goals__text__startswith=a"),
        ("notifications/message", "email__startswith=a"), ("notifications/message", "user__email=bob@example.org"),
        ("notifications/message", "subject_code=x"), ("notifications/message", "circle_code__gt=0"),
    ],
)  # fmt: skip
def test_a_crafted_question_about_circles_and_mail_is_refused(root: Client, path: str, query: str) -> None:
    assert root.get(f"/admin/{path}/?{query}").status_code == 400


def test_orders_searches_and_odd_parameters_use_shown_columns_only(root: Client) -> None:
    for name, one in registered():
        shown = {one.opts.get_field(column).column for column in ASKED[name]["list_display"]} | {one.opts.pk.column}
        list_of = f"/admin/{one.opts.app_label}/{name}/"
        for order in [*part(range(-1, 40), of=4), "password", "-4.2", "name.password"]:
            with CaptureQueriesContext(connection) as queries:
                assert root.get(list_of, {"o": str(order)}).status_code == 200
            mine = [q["sql"] for q in queries if f'FROM "{one.opts.db_table}"' in q["sql"] and "ORDER BY" in q["sql"]]
            for sql in mine:
                said = sql.rsplit("ORDER BY", 1)[1].split("LIMIT")[0]
                named = {part.split('"')[0] for part in said.split(f'"{one.opts.db_table}"."')[1:]}
                assert named <= shown, sql
        for odd in ("q=canary", "e=1", "all=1", "_facets=True", "_popup=1", "p=9", "_to_field=id"):
            assert root.get(f"{list_of}?{odd}").status_code in (200, 302)
        assert root.get(f"{list_of}?_to_field=password").status_code == 400
        assert root.get(f"{list_of}1/change/?_to_field=code").status_code == 400
        assert root.post(list_of, {"action": "delete_selected", "_selected_action": "1"}).status_code in (200, 302, 403)
    assert User.objects.filter(email="bob@example.org").exists()


def test_there_is_no_page_that_answers_for_any_model(root: Client, people: Cast) -> None:
    """Not one that redirects to a thing of any kind by its key, nor one that lists people for a field of a form."""
    assert sorted({url.name for url in admin.site.get_urls() if getattr(url, "name", None)}) == [
        "app_list", "index", "jsi18n", "login", "logout", "password_change", "password_change_done",
    ]  # fmt: skip
    for at, model in enumerate(apps.get_models()):
        for key in part(("1", "x", str(people.circle.code), "0" * 300), of=4, first=at % 4):
            assert root.get(f"/admin/r/{ContentType.objects.get_for_model(model).pk}/{key}/").status_code == 404
    asked = "app_label=circles&model_name=membership&field_name=user&term=b"
    assert root.get(f"/admin/autocomplete/?{asked}").status_code == 404


def test_staff_give_nobody_rights_over_the_site(people: Cast) -> None:
    stan = User.objects.create_user("stan@example.org", name="Stan", is_staff=True, zone_confirmed=True)
    stan.user_permissions.set(Permission.objects.filter(codename__in=("view_user", "change_user")))
    client, page = signed_in(stan), f"/admin/accounts/user/{stan.pk}/change/"
    assert client.get(page).status_code == 200
    client.post(page, {"is_staff": "on", "is_superuser": "on"})
    stan.refresh_from_db()
    assert (stan.is_staff, stan.is_superuser) == (True, False)
