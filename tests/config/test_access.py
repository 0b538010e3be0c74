"""Every address x every kind of person, generated from the URLconf."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.services import feed_renew
from agreements.appointment_services import appointment_set
from agreements.commitment_services import CommitmentDetails, commitment_make, step_add
from agreements.proposal_services import ProposalDetails, proposal_make
from agreements.selectors import clauses_of, current_version
from circles.invitation_services import members_invite
from circles.models import Announcement, Circle, Membership, RemovalRequest
from notifications.models import Message
from notifications.services import About, messages_put
from programmes.asking_services import admin_ask, facilitators_ask
from programmes.enrolment_services import EnrolmentDetails, enrol, people_invite
from programmes.forming_services import draft_change, round_begin
from programmes.models import (
    AdminInvitation,
    FacilitatorAsked,
    ProgrammeInvitation,
    Pulse,
    PulseTicket,
    Round,
    RoundCircle,
)
from programmes.pulse_services import pulse_open, pulses_plan
from sessions.enums import Role
from sessions.formats.library import definitions, version_of
from sessions.formats.services import format_copy
from sessions.guests.services import guest_accept, guest_invite
from sessions.live.rehearsal_services import rehearsal_begin
from sessions.live.stream import _authorise
from sessions.planning.poll_services import poll_start
from sessions.planning.roles_services import roles_choose, swap_ask
from tests.config.access import ENTRANCE, EVERYBODY, INSIDE, OWN_ACCOUNT, RULES, asked_of
from tests.factories import NOW, make_circle, make_programme, make_session, make_user, signed_in
from tests.thorough import THOROUGH

pytestmark = pytest.mark.django_db


def addresses(patterns: list[Any], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = pattern.namespace or ""
            yield from addresses(pattern.url_patterns, f"{inner}:" if inner else space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or pattern.pattern}"


ALL = sorted(set(addresses(get_resolver().url_patterns)))


def test_every_address_has_a_rule() -> None:
    listed = set(RULES) | ENTRANCE | OWN_ACCOUNT
    assert [name for name in ALL if name not in listed and not name.startswith("admin:")] == []
    assert [name for name in listed if name not in ALL] == []


# Presses of a session that runs: before it starts nobody has a seat to press from, so these are a 404 for members too.
NEEDS_A_SEAT = {
    "sessions:command", "sessions:replan", "sessions:turn", "sessions:hand_over", "sessions:take_over",
    "sessions:attendance", "sessions:put_back",
}  # fmt: skip


COMMITMENTS = [
    f"agreements:{name}"
    for name in (
        "commitment", "commitment_settle", "commitment_move", "commitment_change", "commitment_delete", "progress",
        "step_add", "step_mark", "partner_answer", "nudge", "appointment", "appointment_settle", "appointment_calendar",
    )
]  # fmt: skip
OF_A_CIRCLE = (
    "sessions:schedule", "sessions:find_time", "sessions:times_ask", "sessions:poll_start", "sessions:sign_remind",
)  # fmt: skip


class World:
    """One circle with everything an address can name, and one person of each kind."""

    def __init__(self) -> None:
        alice, bob = make_user("Alice Archer"), make_user("Bob Baker")
        self.circle: Circle = make_circle(alice, [bob])
        former = make_user("Fred Former")
        Membership.objects.create(circle=self.circle, user=former, joined_at=NOW, left_at=NOW + timedelta(hours=1))
        other = make_user("Olga Other")
        elsewhere = make_circle(other, name="Another circle")
        staff = User.objects.create_user("stan@example.org", name="Stan", zone_confirmed=True, is_staff=True)
        self.people: dict[str, User | None] = {
            "anonymous": None,
            "stranger": make_user("Erin Else"),
            "former member": former,
            "facilitator of another circle": other,
            "staff": staff,
            "superuser": User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True),
            "member": bob,
            "facilitator": alice,
        }
        self.session = make_session(self.circle, alice)
        self.guest = guest_invite(session=self.session, name="G", email="gus@example.org", by=alice, now=NOW)
        gus = make_user("Gus Guest")
        guest_accept(guest=self.guest, user=gus, now=NOW)
        self.people["guest"] = gus
        invited = self.people["invited"] = make_user("Ivy Invited")
        addresses = ["x@example.org", invited.email]
        self.invitation = members_invite(circle=self.circle, emails=addresses, by=alice, now=NOW).sent[0]
        self.version = current_version(self.circle)
        self.commitment = commitment_make(
            circle=self.circle,
            owner=bob,
            details=CommitmentDetails(text="w", due_on=NOW.date(), partner=alice),
            now=NOW,
        )
        step_add(commitment=self.commitment, text="s")
        self.step = self.commitment.steps.get()
        appointment_set(
            commitment=self.commitment, local_start=NOW.replace(tzinfo=None, hour=12), zone="UTC", by=bob, now=NOW
        )
        details = (
            ProposalDetails(change="drop", why="w", line=clauses_of(self.version)[0].line) if self.version else None
        )
        assert details
        self.proposal = proposal_make(circle=self.circle, details=details, by=bob, now=NOW)
        self.format = format_copy(
            circle=self.circle, definition=definitions()["council"], name="Our council", by=alice, now=NOW
        )
        self.rehearsal = rehearsal_begin(version=version_of("pair"), owner=bob, people=2, speed=1, now=NOW)
        roles_choose(session=self.session, holders={"scribe": bob}, by=alice, now=NOW)
        self.swap = swap_ask(session=self.session, role=Role.SCRIBE, by=bob, asked=alice, now=NOW)
        asked = [datetime(2027, 2, day, 16, 0) for day in (4, 5)]
        self.poll = poll_start(circle=self.circle, starts=asked, zone="Europe/London", by=alice, now=NOW)
        about = About("session", self.session.code, circle=self.circle.code)
        messages_put(kind="session_scheduled", about=about, to=[bob], due_at=NOW, now=NOW)
        Message.objects.filter(user=bob).update(state="sent", heard_at=NOW)
        self.notice = Message.objects.filter(user=bob, kind="session_scheduled").latest("pk")
        self.member = Membership.objects.get(circle=self.circle, user=bob)
        self.removal = RemovalRequest.objects.create(membership=self.member, asked_by=alice, asked_at=NOW)
        self.change = Announcement.objects.create(
            circle=self.circle, what="retention", before={"retention_days": 30}, after={"retention_days": 0},
            asked_by=alice, asked_at=NOW, takes_effect_at=NOW,
        )  # fmt: skip
        # What each of them is shown of a thing that does not exist.
        self.nothing: dict[str, bytes] = {}
        self._programme(alice, bob)
        self._elsewhere(elsewhere, other)

    def _elsewhere(self, circle: Circle, olga: User) -> None:
        """What another facilitator has of the same kinds, by the codes of what there is here."""
        programme = make_programme(olga, name="Another programme")
        promise = CommitmentDetails(text="w", due_on=NOW.date())
        self.elsewhere: dict[UUID, UUID] = {
            self.circle.code: circle.code,
            self.session.code: make_session(circle, olga).code,
            self.commitment.code: commitment_make(circle=circle, owner=olga, details=promise, now=NOW).code,
            self.programme.code: programme.code,
            self.round.code: round_begin(programme=programme, first_on=NOW.date()).code,
        }

    def _programme(self, alice: User, bob: User) -> None:
        """A programme the circle belongs to, with a board, an invitation and a pulse that is open."""
        dana = make_user("Dana Administrator")
        self.people["programme administrator"] = dana
        self.programme = make_programme(dana, is_open=False)
        people_invite(
            programme=self.programme,
            people={"i@example.org": {}, bob.email: {}, "ivy@example.org": {}},
            by=dana,
            now=NOW,
        )
        invited = {one.email: one for one in ProgrammeInvitation.objects.all()}
        self.programme_invitation = invited["i@example.org"]
        self.enrolment = enrol(
            programme=self.programme, user=bob, yes=EnrolmentDetails(), now=NOW, invitation=invited[bob.email]
        )
        earlier = Round.objects.create(programme=self.programme, number=1, first_on=NOW.date(), published_at=NOW)
        RoundCircle.objects.create(round=earlier, circle=self.circle)
        pulses_plan(round_=earlier, first_on=NOW.date(), now=NOW)
        self.pulse = Pulse.objects.get(round=earlier, moment="start")
        pulse_open(pulse=self.pulse, now=NOW)
        self.ticket = PulseTicket.objects.get(user=bob)
        self.round = round_begin(programme=self.programme, first_on=(NOW + timedelta(days=7)).date())
        self.draft = self.round.drafts.get()
        admin_ask(programme=self.programme, email=bob.email, by=dana, now=NOW)
        self.admin_asked = AdminInvitation.objects.get()
        draft_change(draft=self.draft, name=self.draft.name, facilitator=bob, first_on=None, first_at=None)
        facilitators_ask(round_=self.round, by=dana, now=NOW)
        self.facilitator_asked = FacilitatorAsked.objects.get()

    def path(self, name: str) -> str:
        """The address of the object in this circle."""
        return self._path(name, missing=False)

    def missing(self, name: str) -> str:
        """The same address for an object that does not exist."""
        return self._path(name, missing=True)

    def _path(self, name: str, *, missing: bool) -> str:
        return reverse(name, kwargs=self.kwargs(name, missing=missing))

    def kwargs(self, name: str, *, missing: bool = False) -> dict[str, Any]:
        """What an address names: the things of this circle, or of none."""
        codes = {"sessions": self.session.code} | dict.fromkeys(COMMITMENTS, self.commitment.code)
        if name in ("pages:outbox", "pages:outbox_again", "pages:outbox_test", "programmes:start"):
            return {}
        if name == "pages:notice_open":
            return {"pk": 10**9 if missing else self.notice.pk}
        if name == "pages:own_words_delete":
            return {"key": "commitment", "code": uuid4() if missing else self.commitment.code}
        if name == "pages:person_left":
            return {"code": uuid4() if missing else self.member.user.code}
        code = codes.get(name, self.circle.code)
        if name.startswith("sessions:") and name not in OF_A_CIRCLE:
            code = self.session.code
        if name in ("sessions:poll", "sessions:poll_close"):
            code = self.poll.code
        if name == "circles:removal_answer":
            code = self.removal.code
        if name == "circles:change_answer":
            code = self.change.code
        if name == "sessions:swap_answer":
            code = self.swap.code
        if name in ("agreements:proposal", "agreements:proposal_withdraw"):
            code = self.proposal.code
        if name.startswith("formats:rehearsal"):
            code = self.rehearsal.code
        kwargs: dict[str, Any] = {"code": uuid4() if missing else code}
        if name in (
            "formats:detail",
            "formats:file",
            "formats:copy",
            "formats:rehearse",
            "formats:edit",
            "formats:retire",
        ):
            kwargs = {"ref": str(uuid4()) if missing else self.format.ref}
        if name.startswith("programmes:") and name != "programmes:circle_pulse":
            own = {
                "programmes:answer": self.ticket.code,
                "programmes:look_after": self.facilitator_asked.code,
                "programmes:pulse_days": self.pulse.code,
                "programmes:pulse_circles": self.pulse.code,
            }
            of_round = name.split(":")[1] in (
                "draft_add",
                "draft_change",
                "draft_drop",
                "place",
                "publish",
                "round_drop",
                "facilitators_ask",
            )
            found = own.get(name, self.round.code if of_round else self.programme.code)
            kwargs = {"code": uuid4() if missing else found}
        extra = {
            "programmes:admin_remove": {"person": self.people["programme administrator"].code},  # type: ignore[union-attr]
            "programmes:admin_ask_withdraw": {"invitation": self.admin_asked.code},
            "programmes:invitation_withdraw": {"invitation": self.programme_invitation.code},
            "programmes:draft_change": {"draft": self.draft.code},
            "programmes:draft_drop": {"draft": self.draft.code},
            "programmes:place": {"person": self.enrolment.code},
            "programmes:circle": {"circle": self.circle.code},
            "programmes:appoint": {"circle": self.circle.code},
            "circles:facilitation_ask": {"member": self.member.code},
            "circles:removal_ask": {"member": self.member.code},
            "circles:invitation_revoke": {"invitation": self.invitation.code},
            "circles:invitation_resend": {"invitation": self.invitation.code},
            "pages:slip_settle": {"invitation": self.invitation.code},
            "agreements:step_mark": {"step": self.step.code},
            "agreements:agreement_version": {"number": 1},
            "agreements:propose": {"change": "add"},
            "sessions:command": {"kind": "next"},
            "sessions:replan": {"why": "time"},
            "sessions:turn": {"kind": "put_off"},
            "sessions:signal": {"kind": "hand"},
            "sessions:role_take": {"role": "scribe"},
            "sessions:swap_ask": {"role": "scribe"},
            "sessions:guest_withdraw": {"guest": self.guest.code},
            "formats:rehearsal_turn": {"why": "put_off"},
            "formats:rehearsal_command": {"kind": "pause"},
            "formats:rehearsal_replan": {"why": "time"},
        }
        return kwargs | extra.get(name, {})

    def form(self, name: str) -> dict[str, str]:
        role = {key: str(self.people["facilitator"].code) for key in ("host", "timekeeper", "scribe")}  # type: ignore[union-attr]
        return {
            "pages:decide": {"choice": "carry_on"},
            "sessions:rsvp": {"answer": "yes"},
            "sessions:issue": {"title": "A title", "ask": "questions"},
            "sessions:roles": role,
            "sessions:swap_answer": {"answer": "yes"},
            "sessions:swap_ask": {"person": role["host"]},
            "sessions:stand_in": {"person": role["host"]},
            "sessions:reminder_note": {"kind": "session_day_before", "text": "Room 3"},
            "pages:self_run": {"say": "yes"},
            "sessions:start": {"expected_seq": "0"},
            "sessions:command": {"expected_seq": "0"},
            "sessions:replan": {"expected_seq": "0"},
            "sessions:turn": {"expected_seq": "0"},
            "sessions:hand_over": {"expected_seq": "0"},
            "sessions:take_over": {"expected_seq": "0"},
            "formats:rehearsal_turn": {"expected_seq": "1"},
            "formats:rehearsal_command": {"expected_seq": "1"},
            "formats:rehearsal_replan": {"expected_seq": "1"},
            "formats:rehearse": {"people": "4", "speed": "60"},
            "sessions:guest_sign": {"version": str(self.version.code) if self.version else ""},
            "agreements:agreement_sign": {"version": str(self.version.code) if self.version else ""},
            "agreements:commitment_settle": {"status": "kept"},
            "agreements:progress": {"text": "w"},
            "agreements:step_add": {"text": "w"},
            "agreements:partner_answer": {"answer": "yes"},
            "circles:slips_make": {"number": "1"},
            "circles:removal_answer": {"answer": "withdraw"},
            "circles:change_answer": {"answer": "yes"},
        }.get(name, {})


CLIENTS: dict[int, Client] = {}


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once; what a test writes is rolled back to it, since the test's transaction lies within this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            made = World()
            # Signing in takes longer than most pages do: once each, within the transaction that every test returns to.
            CLIENTS.update({person.pk: signed_in(person) for person in made.people.values() if person})
            nothing = f"/circles/{uuid4()}/"
            made.nothing = {who: same(ask(one, "GET", nothing, {})) for who, one in made.people.items()}
        yield made
        CLIENTS.clear()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield built


def ask(person: User | None, method: str, path: str, form: dict[str, str]) -> Any:
    client = CLIENTS[person.pk] if person else Client()
    client.cookies.pop("messages", None)  # what an earlier answer said is another test's
    return client.get(path) if method == "GET" else client.post(path, form)


def test_one_person_of_every_kind_is_asked(world: World) -> None:
    assert sorted(world.people) == sorted(EVERYBODY)


@pytest.mark.parametrize(("name", "method", "rule"), asked_of(*INSIDE))
def test_a_circles_addresses_are_closed_to_everybody_else(name: str, method: str, rule: str, world: World) -> None:
    inside = INSIDE[rule]
    form = world.form(name)
    outside = asked_here(name, set(EVERYBODY) - set(inside) - {"stranger"})
    for who in ["stranger", *outside, *sorted(inside)]:  # before those who may do change anything
        answer = ask(world.people[who], method, world.path(name), form)
        if who == "anonymous":
            assert answer.status_code == 302, (name, who)
            assert answer.url.startswith("/sign/login/"), (name, who)
        elif who in inside:
            expected = (404,) if name in NEEDS_A_SEAT else (200, 302)
            assert answer.status_code in expected, (name, who, answer.status_code)
        else:
            assert answer.status_code == 404, (name, who, answer.status_code)
            assert same(answer) == world.nothing[who], (name, who)
    stranger = ask(world.people["stranger"], method, world.missing(name), form)
    assert (stranger.status_code, same(stranger)) == (404, world.nothing["stranger"]), name


def asked_here(name: str, people: Iterable[str]) -> list[str]:
    """All of them in `.ci/run`; in `make test` every third, at each address others."""
    turn = list(RULES).index(name)
    return [who for at, who in enumerate(sorted(people)) if THOROUGH or (at + turn) % 3 == 0]


def same(answer: Any) -> bytes:
    """A page without what differs on every request: its own path, its place in the navigation, the form token."""
    text = re.sub(rb'name="next" value="[^"]*"| aria-current="page"', b"", answer.content)
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", text)


def names(name: str) -> dict[str, str]:
    """What an address names that is not a thing of the circle."""
    return (
        {"code": str(uuid4())} | ({"token": "nothing"} if name.endswith("_open") else {})
        if name.startswith("programmes:") and name != "programmes:programmes"
        else {"token": "nothing"}
        if name.endswith("_open")
        or name in ("pages:feed", "pages:unsubscribe", "pages:address_back", "pages:step_lost_ask")
        else {"key": "listening"}
        if name == "formats:card"
        else {"code": str(uuid4())}
        if name == "pages:times_remove"
        else {}
    )


@pytest.mark.parametrize(("name", "method", "rule"), asked_of("open", "signed", "fresh", "token"))
def test_other_addresses(name: str, method: str, rule: str, world: World) -> None:
    path = reverse(name, kwargs=names(name))
    for who, person in ((who, world.people[who]) for who in asked_here(name, world.people)):
        cache.clear()  # eleven people with one wrong secret are more than an hour allows
        answer = ask(person, method, path, {"theme": "dark"})
        if rule in ("signed", "fresh") and who == "anonymous":
            assert answer.url.startswith("/sign/login/")
        elif rule == "fresh" and person and person.has_usable_password():
            assert answer.url.startswith("/sign/reauthenticate/"), (name, who)
        elif rule == "token":
            assert answer.status_code in (302, 404), (name, who)
        else:
            assert answer.status_code in (200, 302, 503), (name, who, answer.status_code)
            assert not getattr(answer, "url", "").startswith("/sign/"), (name, who)


@pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
def test_account_pages_need_sign_in(name: str) -> None:
    needs_key = {"mfa_edit_webauthn", "mfa_remove_webauthn"}
    path = f"/sign/{name}" if name.endswith("/") else reverse(name, kwargs={"pk": 1} if name in needs_key else {})
    answer = Client().get(path)
    assert answer.status_code in (302, 405), (name, answer.status_code)
    if answer.status_code == 302:
        assert answer.url.startswith("/sign/"), name


def test_the_admin_site_is_for_staff(world: World) -> None:
    for who, person in world.people.items():
        answer = ask(person, "GET", "/admin/", {})
        if who in ("staff", "superuser"):
            assert answer.status_code == 200, who
        else:
            assert answer.status_code in (302, 404, 403), who


def test_every_other_method_is_refused(world: World) -> None:
    client = signed_in(cast(User, world.people["facilitator"]))
    wrong = []
    asked = [(name, world.path(name), methods) for name, (methods, rule) in RULES.items() if rule.split()[0] in INSIDE]
    asked += [
        (name, reverse(name, kwargs=names(name)), methods)
        for name, (methods, rule) in RULES.items()
        if rule.split()[0] not in INSIDE
    ]
    libraries = [
        name
        for name in ENTRANCE | OWN_ACCOUNT
        if not any(part in name for part in ("/", "webauthn", "_key", "openid_connect"))
    ]
    asked += [(name, reverse(name, args=["oidc"]), "GET POST") for name in ENTRANCE if "openid_connect" in name]
    asked += [(name, reverse(name), "GET POST") for name in libraries] + [("admin", "/admin/", "GET POST")]
    for name, path, methods in asked:
        for method in ("get", "post", "put", "patch", "delete", "options", "trace"):
            status = None if method.upper() in methods.split() else getattr(client, method)(path).status_code
            if status not in (None, 405):
                wrong.append(f"{name} answers {method} with {status}")
    assert wrong == []


def test_head_is_answered_as_get_is(world: World) -> None:
    """Health checks and link checkers ask with HEAD; no view has to think of it."""
    client = signed_in(cast(User, world.people["facilitator"]))
    asked = [
        world.path(name) if rule.split()[0] in INSIDE else reverse(name, kwargs=names(name))
        for name, (methods, rule) in RULES.items()
        if "GET" in methods.split()
    ]
    wrong = []
    for path in asked:
        head = client.head(path)
        if head.status_code == 405 or head.status_code != client.get(path).status_code or head.content:
            wrong.append(f"{path}: {head.status_code}")
    assert wrong == []


def test_who_may_listen_to_a_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream lies in front of Django and asks by itself."""
    monkeypatch.setattr("sessions.live.stream.close_old_connections", lambda: None)  # the test's own is kept
    for who, person in world.people.items():
        cookie = CLIENTS[person.pk].cookies[settings.SESSION_COOKIE_NAME].value if person else ""
        assert bool(_authorise(world.session.code, cookie)) is (who in INSIDE["attending"]), who
        assert _authorise(uuid4(), cookie) is None


def test_a_calendar_shows_what_its_owner_may_see(world: World) -> None:
    """A feed is a secret address: of whoever is not in the circle it names nothing of it."""
    told = b"Alder circle"
    for who, person in world.people.items():
        if person:
            feed = Client().get(reverse("pages:feed", args=[feed_renew(user=person, now=NOW)]))
            assert (told in feed.content) is (who in INSIDE["attending"]), who


def test_a_thing_is_found_only_through_what_it_belongs_to(world: World) -> None:
    """Somebody who may do this in their own circle names a thing of another circle there: it does not exist."""
    olga, asked, wrong = world.people["facilitator of another circle"], 0, []
    for name, method, _rule in asked_of(*INSIDE):
        kwargs = world.kwargs(name)
        if not any(isinstance(value, UUID) for key, value in kwargs.items() if key != "code"):
            continue
        kwargs["code"] = world.elsewhere[kwargs["code"]]
        asked += 1
        answer = ask(olga, method, reverse(name, kwargs=kwargs), world.form(name))
        wrong += [f"{name} {method} {answer.status_code}"] if answer.status_code != 404 else []
    assert wrong == []
    assert asked > 10
