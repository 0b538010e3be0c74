"""H9: a destroyed key, the texts under it and an erased person are in no byte of the database's files afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection

from accounts.leftover_services import EVERYTHING, leftovers_sweep, models_of_people
from accounts.models import Absence, Leftover, User
from circles.covenant_services import vault_empty
from circles.invitation_services import members_invite
from circles.models import Goal, Invitation
from circles.services import goal_write
from circles.vault import Vault
from notifications.models import Message
from pages.erasing_services import person_erase
from pages.own_words_services import words_delete
from sessions.models import GuestPass
from tests.factories import NOW, make_cast, make_circle, make_user
from tests.together import other_connection

pytestmark = pytest.mark.django_db(transaction=True)


def files() -> Iterator[bytes]:
    """Every file of this database, as it lies on the disk."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        yield from (path.read_bytes() for end in ("", "-wal", "-shm") if (path := Path(name + end)).exists())
        return
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # on a busy machine it takes its time
        cursor.execute("CHECKPOINT")
        cursor.execute("RESET statement_timeout")
        cursor.execute("SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()")
        folder = cursor.fetchone()[0]
        cursor.execute("SELECT name FROM pg_ls_dir(%s) AS name", [folder])
        for (name,) in cursor.fetchall():
            cursor.execute("SELECT pg_read_binary_file(%s, 0, 100000000, true)", [f"{folder}/{name}"])
            yield bytes(cursor.fetchone()[0] or b"")


def lies(*needles: bytes) -> list[bool]:
    whole = list(files())
    return [any(needle in file for file in whole) for needle in needles]


def swept() -> None:
    """As the task does it, again and again: on a PostgreSQL that other tests share, their transactions hold rows too."""
    assert any(leftovers_sweep() == 0 for _again in range(1000))


def column(model: type, name: str) -> bytes:
    """What lies in a column, not opened."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{name}" FROM "{model._meta.db_table}" ORDER BY id DESC LIMIT 1')  # type: ignore[attr-defined]
        return bytes(cursor.fetchone()[0])


def test_a_destroyed_key_and_the_texts_under_it_are_in_no_file() -> None:
    people = make_cast()
    covenant = people.circle.covenants.get()
    goal_write(covenant=covenant, user=people.bob, text="Say no once a week.", now=NOW)
    assert covenant.goals.exists()
    planted = column(Vault, "wrapped_key"), column(Goal, "text")
    assert lies(*planted) == [True, True]
    vault_empty(vault=people.circle.vault, now=NOW)
    assert any(lies(*planted))  # the check can fail: they are marked as free, no more
    swept()
    assert lies(*planted) == [False, False]
    assert not Leftover.objects.exists()


def test_an_erased_person_is_in_no_file() -> None:
    people = make_cast()
    gone = make_user("Zora Quillfeather", email="zora.quillfeather@example.org")
    circle = make_circle(people.alice, [gone], name="Birch circle")
    members_invite(circle=circle, emails=["zora.q.invited@example.org"], by=people.alice, now=NOW)
    Invitation.objects.filter(email__startswith="zora").update(email=gone.email)
    Message.objects.filter(email__startswith="zora").update(email=gone.email)
    Absence.objects.create(user=gone, first_on=NOW.date(), last_on=NOW.date() + timedelta(days=3))
    call_command("sweep_deleted", "--everything")
    planted = gone.email.encode(), gone.name.encode()
    assert lies(*planted) == [True, True]
    person_erase(user=gone, now=NOW)
    assert any(lies(*planted))
    swept()
    assert lies(*planted) == [False, False]
    assert User.objects.get(pk=gone.pk).erased_at == NOW


def test_one_thing_that_somebody_deletes_is_in_no_file() -> None:
    people = make_cast()
    for person in (people.alice, people.bob, people.carol):
        goal_write(covenant=people.circle.covenants.get(), user=person, text="A goal of my own.", now=NOW)
    goal = Goal.objects.get(user=people.bob)
    planted = bytes(goal.__dict__["text"])
    assert lies(planted) == [True]
    assert words_delete(user=people.bob, key="goal", code=goal.code, now=NOW)
    swept()
    assert lies(planted) == [False]


def test_a_note_stays_while_somebody_reads_what_was_deleted() -> None:
    people = make_cast()
    planted = column(Vault, "wrapped_key")
    with other_connection() as reader:
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ" if connection.vendor == "postgresql" else "BEGIN")
        reader.execute("SELECT COUNT(*) FROM accounts_user")
        vault_empty(vault=people.circle.vault, now=NOW)
        assert leftovers_sweep() > 0
        assert Leftover.objects.filter(table="circles_vault").exists()
        reader.execute("ROLLBACK")
    swept()
    assert lies(planted) == [False]


def test_the_first_sweep_of_a_database_that_has_grown_takes_everything() -> None:
    people = make_cast()
    planted = column(Vault, "wrapped_key")
    Vault.objects.filter(pk=people.circle.vault_id).update(
        wrapped_key=None, destroyed_at=NOW
    )  # before there were notes
    assert any(lies(planted))
    Leftover.objects.create(table=EVERYTHING)
    swept()
    assert lies(planted) == [False]


def test_where_people_are_named_is_known() -> None:
    assert set(models_of_people()) >= {User, Session, EmailAddress, Invitation, Message, GuestPass, Authenticator}
