"""The admin site has no side door and reads no content."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from circles.sealed import SealedTextField
from sessions.planning.services import issue_bring
from tests.factories import NOW, Cast, make_session, signed_in


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
    issue_bring(session=session, owner=people.bob, title="canary", text="canary", ask="listen", now=NOW)
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
