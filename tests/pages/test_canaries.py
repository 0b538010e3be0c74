"""P8: words planted in every content field of every model reach nobody who must not read them, by no way.

The demonstration is loaded, every sealed field of every row is overwritten with a canary of its own, and then everything
that leaves the program is searched: pages, fragments, files and calendars for everybody who is not a present member,
the admin site, mails, stream frames, the log, the cache, what jobs are handed, and every table as it lies on the disk.
A model with sealed text of which the demonstration has no row is planted here; one that is missing altogether fails.
"""

import inspect
import io
import json
import logging
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib import admin
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from accounts.services import feed_renew
from agreements.models import Clause, Commitment, Proposal, Signature
from agreements.selectors import current_version
from circles.covenant_services import farewell_write
from circles.invitation_services import members_invite
from circles.membership_services import facilitator_appoint
from circles.models import Circle, Goal, Membership
from circles.sealed import SealedModel, sealed_models
from config.celery import app
from config.logs import NoContent
from demonstration.circles import load
from notifications.models import Message
from notifications.outbox import turn
from pages.own_words import OWN
from programmes.enrolment_services import people_invite_soon
from programmes.models import Enrolment, Programme, ProgrammeInvitation, Pulse, PulseAnswer, Quote, Round
from sessions.guests.services import guest_accept, guest_invite
from sessions.journeys.library import journey_version_of
from sessions.live.log_selectors import frame_of
from sessions.live.starting_services import session_start
from sessions.models import (
    CircleSession,
    Issue,
    JourneyTaken,
    Note,
    Rehearsal,
    ScribeNote,
    Sentence,
    SentenceKey,
    SheetAnswer,
    ShelfItem,
    TimePoll,
)
from sessions.planning.busy_services import busy_calendar_set
from sessions.planning.journey_services import journey_take
from tests.config.access import INSIDE, RULES
from tests.config.world import COMMITMENTS, OF_A_CIRCLE
from tests.factories import NOW, make_circle, make_user, signed_in
from tests.thorough import THOROUGH, part

pytestmark = pytest.mark.django_db

# What those who administer a programme do read: the form that asks for it says so. Nobody else does.
READ_BY_ADMINISTRATORS = {
    (Enrolment, "motive"), (Enrolment, "offers"), (Enrolment, "attributes"), (ProgrammeInvitation, "attributes"),
    (Quote, "text"),
}  # fmt: skip


# What is kept as more than one text.
STORED = {
    "sums": '{"said": "%s"}',
    "attributes": '{"function": "%s"}',
    "people": '[["planted@example.org", {"function": "%s"}]]',
}


def sealed_fields() -> list[tuple[type[SealedModel], str]]:
    return [(model, name) for model in sealed_models() for name in model.sealed_names()]


def canary(model: type[SealedModel], field: str) -> str:
    return f"canary{model.__name__}{field}".lower()


@pytest.fixture(scope="module")
def planted(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            load(now=NOW)
            plant()
        yield
        transaction.set_rollback(True)


def _plant_on_a_sheet(circle: Circle, session: CircleSession, member: User) -> None:
    """Of a session that was held, and of the one that comes, each with what somebody prepared."""
    taken = JourneyTaken.objects.filter(circle=circle, left_at=None).first() or journey_take(
        circle=circle, version=journey_version_of("first_six"), by=member, now=NOW
    )
    coming = taken.legs.filter(session__status="planned").order_by("place").first()
    assert coming
    for leg in (coming, taken.legs.filter(session__status="ended").first() or taken.legs.get(number=5)):
        if not SheetAnswer.objects.filter(leg=leg, owner=member).exists():
            SheetAnswer(leg=leg, owner=member, question=0, vault=circle.vault, text="x", written_at=NOW).save()


def plant() -> None:
    """A canary in every sealed field of every row; models of which there is no row get one."""
    circle = Circle.objects.get(name="Alder circle")
    member = circle.memberships.order_by("pk")[1].user
    session = CircleSession.objects.filter(circle=circle, status="ended").first()
    assert session
    farewell_write(circle=circle, user=member, thanks="x", takes="x", now=NOW)
    if not Note.objects.exists():
        Note(session=session, author=member, vault=circle.vault, text="x").save()
    if not ScribeNote.objects.exists():
        ScribeNote(session=session, vault=circle.vault, reader=member, text="x").save()
    _plant_on_a_sheet(circle, session, member)
    busy_calendar_set(user=member, address="https://planted.example.org/", now=NOW)
    programme = Programme.objects.earliest("pk")
    people_invite_soon(programme=programme, people={"planted@example.org": {}}, by=member, now=NOW)
    for model, name in sealed_fields():
        if model is SentenceKey:
            continue  # no words: what it opens is looked for in tests/sessions/test_sentences.py
        rows = list(model.objects.select_related("vault"))
        assert rows, f"{model.__name__} has no row here: plant one, so that {name} is searched for"
        for one in rows:
            text = canary(model, name)
            setattr(one, name, STORED.get(name, "%s") % text)
            one.save(update_fields=[name])
    PulseAnswer.objects.update(helps_released=False, change_released=False)


@pytest.fixture
def outsiders(planted: None, db: None) -> Iterator[dict[str, Client]]:
    """Everybody who knows of the Alder circle and is not in it; the guest has said yes and not yet signed."""
    with time_machine.travel(NOW, tick=False):
        circle = Circle.objects.get(name="Alder circle")
        priya = User.objects.get(email="priya@example.org")
        fred, olga, gus, ivy, erin = (make_user(f"{name} Outside") for name in ("Fred", "Olga", "Gus", "Ivy", "Erin"))
        Membership.objects.create(circle=circle, user=fred, joined_at=NOW, left_at=NOW)
        make_circle(olga, name="Another circle")
        session = CircleSession.objects.filter(circle=circle, status="planned").earliest("starts_at")
        guest_accept(
            guest=guest_invite(session=session, name="Gus", email=gus.email, by=priya, now=NOW), user=gus, now=NOW
        )
        members_invite(circle=circle, emails=[ivy.email], by=priya, now=NOW)
        yield {
            "anonymous": Client(), "stranger": signed_in(erin), "former member": signed_in(fred), "invited": signed_in(ivy),
            "facilitator of another circle": signed_in(olga), "guest": signed_in(gus),
        }  # fmt: skip


@pytest.fixture
def people(planted: None, db: None) -> Iterator[dict[str, Client]]:
    with time_machine.travel(NOW, tick=False):
        dana = User.objects.get(email="dana@example.org")
        User.objects.filter(pk=dana.pk).update(is_staff=False, is_superuser=False)
        staff = User.objects.create_user("stan@example.org", name="Stan", zone_confirmed=True, is_staff=True)
        sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True)
        dana.refresh_from_db()
        yield {"administrator": signed_in(dana), "staff": signed_in(staff), "superuser": signed_in(sue)}


def addresses(*, inside: bool = True) -> Iterator[str]:
    """Every address that answers GET, with the codes of the demonstration; to each only what it can name.

    Without those `inside` a circle: `tests/config/test_access.py` shows that each is one and the same 404 to outsiders.
    """
    programme, circle = Programme.objects.get(), Circle.objects.get(name="Alder circle")
    board = Round.objects.get(published_at=None)
    known = {
        "circle": circle.code, "draft": board.drafts.first().code, "person": uuid4(), "invitation": uuid4(),  # type: ignore[union-attr]
        "token": "nothing", "change": "add", "number": 1, "ref": "council", "key": "listening", "pk": 1,
    }  # fmt: skip
    sessions = CircleSession.objects.filter(circle=circle)
    ended = sessions.filter(status="ended").latest("pk").code
    owned = {
        "programmes": [programme.code, board.code, Pulse.objects.latest("pk").code],
        "sessions": [sessions.latest("pk").code, ended],
        "sessions:poll": [TimePoll.objects.latest("pk").code],
        "agreements:proposal": [Proposal.objects.latest("pk").code],
        "formats": [one.code for one in Rehearsal.objects.order_by("-pk")[:1]],
    }
    promise = Commitment.objects.latest("pk").code
    owned |= {name: [circle.code] for name in ("programmes:circle_pulse", "programmes:journey_offered", *OF_A_CIRCLE)}
    owned |= {name: [promise] for name in COMMITMENTS}
    for name, (method, rule) in RULES.items():
        if "GET" not in method or (rule.split()[0] in INSIDE and not inside):
            continue
        for code in owned.get(name, owned.get(name.split(":")[0], [circle.code])):
            for kwargs in ({"code": code}, {}, *({key: value} for key, value in known.items()),
                           *({"code": code, key: value} for key, value in known.items())):  # fmt: skip
                try:
                    yield reverse(name, kwargs=kwargs)
                except NoReverseMatch:
                    continue


def search(answer: Any, who: str, path: str, may: set[str]) -> list[str]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    found = set(re.findall(rb"canary[a-z_]+", body.lower()))
    return [f"{who} {path} {word.decode()}" for word in found if word.decode() not in may]


# A guest reads the agreement before they sign it.
READ_BY_GUESTS = {canary(Clause, "text")}
# What stands on the shelf is everybody's. What waits for it is not: tests/sessions/test_shelf.py, test_sentences.py.
ON_THE_SHELF = {canary(Sentence, "text"), canary(ShelfItem, "text"), canary(ShelfItem, "helped")}
MAY = {"administrator": {canary(model, name) for model, name in READ_BY_ADMINISTRATORS}, "guest": READ_BY_GUESTS}


# Of those who are outside by the same rule one goes everywhere: the former member, the superuser.
SHUT_OUT = () if THOROUGH else ("stranger", "invited", "facilitator of another circle", "staff")


def crawl(people: dict[str, Client], *, first: int = 0) -> tuple[list[str], int]:
    """Everything each of them reads and may not, and how many pages opened at all.

    `make test` asks every second address: one person the even ones, the next the odd ones, beginning with `first`.
    """
    wrong, opened = [], 0
    everywhere, outside = (sorted(set(addresses(inside=inside))) for inside in (True, False))
    for at, (who, client) in enumerate(people.items(), first):
        for path in part(outside if who in SHUT_OUT else everywhere, of=2, first=at % 2):
            answer = client.get(path)
            assert answer.status_code != 500, (who, path)
            opened += answer.status_code == 200
            wrong += search(answer, who, path, MAY.get(who, set()) | ON_THE_SHELF)
    return wrong, opened


def test_every_page_for_those_who_must_not_read(people: dict[str, Client]) -> None:
    wrong, opened = crawl(people)
    assert wrong == []
    assert opened > (60 if THOROUGH else 30)


def test_every_page_for_those_outside(outsiders: dict[str, Client]) -> None:
    wrong, opened = crawl(outsiders)
    assert wrong == []
    assert opened > (60 if THOROUGH else 30)


def test_an_appointed_administrator_sees_nothing_from_before(people: dict[str, Client]) -> None:
    """The members are told; words of sessions held, promises, goals and thanks stay the circle's. The agreement is read."""
    circle = Circle.objects.get(name="Alder circle")
    dana = User.objects.get(email="dana@example.org")
    Membership.objects.filter(circle=circle).update(facilitates=False)
    Circle.objects.filter(pk=circle.pk).update(self_run=False)
    circle.refresh_from_db()
    facilitator_appoint(circle=circle, user=dana, by=dana, administrator=True, now=NOW)
    assert signed_in(dana).get(reverse("pages:circle", args=[circle.code])).status_code == 200
    wrong, _opened = crawl({"administrator": people["administrator"]}, first=1)
    assert [one for one in wrong if one.split()[-1] not in READ_BY_GUESTS] == []
    turn()
    told = [message for message in mail.outbox if "Dana Lindqvist looks after Alder circle now" in message.subject]
    assert len(told) == circle.memberships.filter(left_at=None).count() - 1


# An open proposal waits for whoever joins: they read what would change, and not why.
READ_BY_NEWCOMERS = READ_BY_GUESTS | {canary(Proposal, "text")}


def test_who_joined_later_reads_nothing_from_before(planted: None, db: None) -> None:
    """On every page, with the agreement signed and a session to come; their own feed and words too."""
    with time_machine.travel(NOW, tick=False):
        circle = Circle.objects.get(name="Alder circle")
        lena = make_user("Lena Late")
        Membership.objects.create(circle=circle, user=lena, joined_at=NOW)
        version = current_version(circle)
        assert version
        Signature.objects.create(version=version, user=lena, digest=version.digest, signed_at=NOW)
        Goal.objects.update(told_at=NOW - timedelta(days=1))
        wrong, opened = crawl({"joined later": signed_in(lena)})
        feed = Client().get(reverse("pages:feed", args=[feed_renew(user=lena, now=NOW)]))
    assert [one for one in wrong if one.split()[-1] not in READ_BY_NEWCOMERS] == []
    assert b"canary" not in feed.content.lower()
    assert opened > (40 if THOROUGH else 20)


def test_who_left_reads_their_own_words_and_nobody_elses(planted: None, db: None) -> None:
    with time_machine.travel(NOW, tick=False):
        circle = Circle.objects.get(name="Alder circle")
        leaver = circle.memberships.filter(left_at=None).order_by("pk")[1].user
        for own in OWN:
            for row in own.rows(leaver).select_related("vault"):
                for name in own.fields:
                    setattr(row, name, "mine" if name != "attributes" else "{}")
                row.save(update_fields=own.fields)
        Membership.objects.filter(circle=circle, user=leaver).update(left_at=NOW)
        client = signed_in(leaver)
        wrong, opened = crawl({"left": client}, first=1)
        assert b"mine" in client.get(reverse("pages:own_words")).content
        feed = Client().get(reverse("pages:feed", args=[feed_renew(user=leaver, now=NOW)]))
    assert wrong == []
    assert b"canary" not in feed.content.lower()
    # Twenty open. `make test` asks a third, whichever the order of all addresses makes it.
    assert opened > (19 if THOROUGH else 5)


def test_an_issue_whose_turn_never_began_is_its_owners(planted: None, db: None) -> None:
    with time_machine.travel(NOW, tick=False):
        circle = Circle.objects.get(name="Alder circle")
        owner, other = (member.user for member in circle.memberships.filter(left_at=None).order_by("pk")[:2])
        Issue.objects.filter(session__circle=circle).delete()
        for session in CircleSession.objects.filter(circle=circle, status="ended"):
            Issue(session=session, owner=owner, vault=circle.vault, title="canarynever", text="canarynever").save()
        wrong, _opened = crawl({"other": signed_in(other)})
        own = search(signed_in(owner).get(reverse("sessions:session", args=[session.code])), "owner", "its page", set())
    assert [one for one in wrong if one.endswith("canarynever")] == []
    assert "owner its page canarynever" in own


def members() -> dict[str, Client]:
    circle = Circle.objects.get(name="Alder circle")
    return {member.user.name: signed_in(member.user) for member in circle.memberships.select_related("user")}


def test_calendars_name_no_words_to_anybody(planted: None, db: None) -> None:
    """They are read by programs and by whoever holds the address: not even a member's own words are in them."""
    with time_machine.travel(NOW, tick=False):
        feeds = [feed_renew(user=user, now=NOW) for user in User.objects.all()]
        texts = [Client().get(reverse("pages:feed", args=[secret])).content for secret in feeds]
        session = CircleSession.objects.filter(circle__name="Alder circle", status="planned").earliest("starts_at")
        one = reverse("sessions:session_calendar", args=[session.code])
        texts += [client.get(one).content for client in members().values()]
    assert sum(b"BEGIN:VEVENT" in text for text in texts) > 5
    assert [text for text in texts if b"canary" in text.lower()] == []


def test_stream_frames_and_fragments_of_others(outsiders: dict[str, Client]) -> None:
    """A session that runs: its frames hold numbers only, and nobody outside gets a piece of its screen."""
    session = CircleSession.objects.filter(circle__name="Alder circle", status="planned").earliest("starts_at")
    ring = [
        member.user for member in session.circle.memberships.filter(left_at=None).order_by("pk").select_related("user")
    ]
    ids = [user.pk for user in ring]
    session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=ring[0], now=NOW)
    frames = [frame_of(one.code)[1] for one in CircleSession.objects.all()]
    assert any('"running"' in frame for frame in frames)
    assert "canary" not in " ".join(frames).lower()
    rooms = [
        reverse(f"sessions:{name}", args=[session.code]) for name in ("live", "live_room", "shared", "shared_room")
    ]
    wrong = []
    for who, client in outsiders.items():
        for path in rooms:
            wrong += search(client.get(path), who, path, READ_BY_GUESTS if who == "guest" else set())
    assert wrong == []
    assert any("canary" in client.get(rooms[1]).content.decode() for client in members().values())


def test_what_is_written_down_on_the_way(planted: None, db: None, settings: Any) -> None:
    """The log of a crawl by members, with everything any logger says, the cache after it, and what jobs are handed."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    handler.addFilter(NoContent())
    loggers = [logging.getLogger(name) for name in (None, "django", "django.request", "talking_piece", "allauth")]
    levels = [(one, one.level) for one in loggers]
    with time_machine.travel(NOW, tick=False):
        readers = list(members().values())
        for one in loggers:
            one.addHandler(handler)
            one.setLevel(logging.DEBUG)
        try:
            said = 0
            for path in part(sorted(set(addresses())), of=2):
                said += b"canary" in b"".join(readers[1].get(path)).lower()
            log = logging.getLogger("talking_piece")
            try:
                raise ValueError("canaryinanexception")
            except ValueError:
                log.exception("it failed at /invitation/canaryasasecret/")
        finally:
            for one, level in levels:
                one.removeHandler(handler)
                one.setLevel(level)
    assert said > (10 if THOROUGH else 5)  # they read a great deal
    assert "it failed at /invitation/" in heard.getvalue()
    assert "canary" not in heard.getvalue().lower()
    assert "canary" not in repr(getattr(cache, "_cache", {})).lower()
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert len(ours) > 10
    assert [task.name for task in ours if inspect.signature(task.run).parameters] == []


def test_every_table_as_it_lies_on_the_disk(planted: None, db: None) -> None:
    """A stolen dump or backup, the sessions of browsers and `dumpdata`."""
    with time_machine.travel(NOW, tick=False):
        for client in members().values():
            client.get(reverse("pages:today"))
    held = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            held += [bytes(v) if isinstance(v, memoryview) else str(v).encode() for row in cursor for v in row]
    assert len(held) > 10_000
    assert [value[:60] for value in held if b"canary" in value.lower()] == []
    dumped = io.StringIO()
    call_command("dumpdata", "--all", stdout=dumped)
    assert len(json.loads(dumped.getvalue())) > 1000
    assert "canary" not in dumped.getvalue().lower()


def test_a_changed_bit_anywhere_is_never_shown(planted: None, db: None) -> None:
    """One bit of every sealed text is flipped: pages say that a text cannot be read, and show none of it."""
    chosen = random.Random(8)
    for model in sealed_models():
        key, table = model._meta.pk.column, model._meta.db_table
        for name in model.sealed_names():
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT "{key}", "{name}" FROM "{table}"')
                for pk, sealed in [(pk, bytearray(sealed)) for pk, sealed in cursor.fetchall() if sealed]:
                    sealed[chosen.randrange(len(sealed))] ^= 1 << chosen.randrange(8)
                    cursor.execute(f'UPDATE "{table}" SET "{name}" = %s WHERE "{key}" = %s', [bytes(sealed), pk])
    wrong, told = [], 0
    with time_machine.travel(NOW, tick=False):
        for at, (who, client) in enumerate(list(members().items())[:2]):  # the facilitator and one more
            for path in part(sorted(set(addresses())), of=2, first=at):
                answer = client.get(path)
                assert answer.status_code != 500, (who, path)
                wrong += search(answer, who, path, set())
                told += not answer.streaming and b"cannot be read" in answer.content
    assert wrong == []
    assert told > (20 if THOROUGH else 10)


def test_the_search_finds_a_canary_where_a_member_reads_it(people: dict[str, Client]) -> None:
    """The crawl itself is no good if it could not find one."""
    amara = signed_in(User.objects.get(email="amara@example.org"))
    circle = Circle.objects.get(name="Alder circle")
    found = search(amara.get(reverse("agreements:agreement", args=[circle.code])), "member", "agreement", set())
    assert any("canaryclausetext" in one for one in found)


def test_the_admin_site(people: dict[str, Client]) -> None:
    registered = [model for model in admin.site._registry if not issubclass(model, SealedModel)]
    assert [model for model in admin.site._registry if issubclass(model, SealedModel)] == []
    wrong = []
    for who in ("staff", "superuser"):
        for model in registered:
            base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            row = model._default_manager.first()
            paths = [reverse(f"{base}_changelist"), reverse(f"{base}_changelist") + "?q=canary&o=1"]
            for act in ("change", "history", "delete"):
                paths += [reverse(f"{base}_{act}", args=[row.pk])] if row else []
            for path in paths:
                answer = people[who].get(path)
                assert answer.status_code < 500, path
                wrong += search(answer, who, path, set())
    assert wrong == []


def test_mails_hold_none(people: dict[str, Client]) -> None:
    """Everything the demonstration would have mailed, to anybody."""
    Message.objects.exclude(kind="").update(state="waiting", due_at=NOW - timedelta(minutes=1), claimed_until=None)
    turn()
    assert len(mail.outbox) > 10
    found = [(m.subject, word) for m in mail.outbox for word in re.findall(r"canary[a-z_]+", str(m.message()).lower())]
    assert found == []
