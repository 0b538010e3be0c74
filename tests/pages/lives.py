"""A circle's life, step by step, against a small model of it: what everybody does (tests/pages/test_stateful.py).

Who is invited, joins, leaves, is removed, signs, proposes, presses, moves a session, rotates keys, lets time pass,
closes. After every step the promises are looked at: who is let in, what was signed, how far the session is, what was
mailed, which words can be read.
"""

import random
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection, transaction
from django.http import Http404
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounts.models import User
from accounts.refusals import Refused
from agreements.models import Clause, Proposal, Signature
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond
from agreements.selectors import clauses_of, current_version, signatures_of
from agreements.services import Replaced, agreement_sign, text_of
from circles.access import CircleClosed, get_circle
from circles.change_services import changes_take_effect
from circles.covenant_services import closed_empty
from circles.invitation_services import invitation_accept, members_invite
from circles.keys_services import keys_rewrap
from circles.membership_services import facilitator_add, member_leave
from circles.models import Circle, Membership
from circles.removal_services import removal_agree, removal_ask
from circles.sealed import Unreadable, sealed_models
from notifications.enums import MessageState
from notifications.models import Message
from notifications.outbox import turn
from pages.departure_services import person_has_left
from pages.ending_services import circle_close
from pages.rekey_services import vault_rekey
from sessions.access import may_attend
from sessions.enums import SessionStatus
from sessions.kinds import REMINDERS
from sessions.live.log_selectors import log_of
from sessions.live.services import session_command, sessions_close_forgotten
from sessions.live.starting_services import session_start
from sessions.models import CircleSession, Issue
from sessions.planning.bringing_services import issue_bring
from sessions.planning.reminder_services import reminders_plan
from sessions.planning.roles_services import roles_left_fill
from sessions.planning.services import SessionDetails, session_cancel, session_update
from tests.factories import NOW, make_circle, make_session, make_user

NAMES = ("Alice", "Bob", "Carol", "Dave", "Erin", "Frank")
CANARY = "the canary of a circle"
PICK = st.integers(0, len(NAMES) - 1)


class Life(RuleBasedStateMachine):
    """One circle. `inside` and `signed` are the model; everything else is asked of the program."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = transaction.atomic()
        self.whole.__enter__()
        self.now = NOW
        self.traveller = time_machine.travel(NOW, tick=False)
        self.clock = self.traveller.start()
        self.keys = django_settings.CONTENT_KEYS
        self.people: dict[str, User] = {name: make_user(f"{name} Person") for name in NAMES}
        self.sue = User.objects.create_superuser("sue@example.org", name="Sue")
        alice, bob, carol = (self.people[name] for name in NAMES[:3])
        self.circle: Circle = make_circle(alice, [bob, carol])
        self.inside = {"Alice", "Bob", "Carol"}
        self.gone: set[str] = set()
        self.signed: dict[str, str] = {}
        self.session: CircleSession | None = None
        self.emptied = self.closed = False
        # When each plan of a session was to begin, and since when it is no longer the plan.
        self.plans: dict[tuple[Any, int], datetime] = {}
        self.over: dict[tuple[Any, int], datetime] = {}
        self.asked: Any = None
        mail.outbox = []
        self.a_session_is_planned(days=2)

    def teardown(self) -> None:
        try:
            self.nothing_was_written_down()
        finally:
            self.traveller.stop()
            django_settings.CONTENT_KEYS = self.keys
            transaction.set_rollback(True)
            self.whole.__exit__(None, None, None)

    # What people do

    def seat(self, name: str) -> Membership:
        return Membership.objects.select_related("circle__vault", "user").get(
            circle=self.circle, user=self.people[name], left_at=None
        )

    def facilitator(self) -> User | None:
        found = Membership.objects.filter(circle=self.circle, left_at=None, facilitates=True).first()
        return found.user if found else None

    def one_of(self, names: set[str], pick: int) -> str:
        return sorted(names)[pick % len(names)]

    def outside(self) -> set[str]:
        return set(NAMES) - self.inside - self.gone

    @precondition(lambda self: not self.closed and self.outside())
    @rule(pick=PICK)
    def joins(self, pick: int) -> None:
        """For the first time, or again."""
        name, by = self.one_of(self.outside(), pick), self.facilitator()
        if by is None:
            return
        sent = members_invite(circle=self.circle, emails=[self.people[name].email], by=by, now=self.now).sent
        for invitation in sent:
            invitation_accept(invitation=invitation, user=self.people[name], now=self.now)
            self.inside.add(name)

    @precondition(lambda self: self.inside)
    @rule(pick=PICK)
    def leaves(self, pick: int) -> None:
        name = self.one_of(self.inside, pick)
        try:
            member_leave(membership=self.seat(name), now=self.now)
            self.goes(name)
            roles_left_fill(now=self.now)
        except Refused:
            heir = self.one_of(self.inside - {name}, pick)
            facilitator_add(membership=self.seat(heir), by=self.people[name], now=self.now)

    @precondition(lambda self: len(self.inside) > 2)
    @rule(pick=PICK)
    def is_removed(self, pick: int) -> None:
        """By two: one asks, another agrees."""
        name = self.one_of(self.inside, pick)
        looking_after = sorted(one for one in self.inside - {name} if self.seat(one).facilitates)
        others = sorted(self.inside - {name, *looking_after[:1]})
        if looking_after and others:
            by = looking_after[0]
            try:
                asked = removal_ask(membership=self.seat(name), by=self.people[by], now=self.now)
            except Refused:
                return
            removal_agree(removal=asked, by=self.people[others[0]], now=self.now)
            self.goes(name)
            roles_left_fill(now=self.now)

    @precondition(lambda self: not self.gone)
    @rule(pick=PICK)
    def leaves_the_organisation(self, pick: int) -> None:
        name = NAMES[pick]
        person_has_left(user=self.people[name], by=self.sue, now=self.now)
        self.goes(name)
        self.gone.add(name)
        self.people[name].refresh_from_db()

    @precondition(lambda self: not self.emptied and self.inside)
    @rule(pick=PICK, stale=st.booleans())
    def signs(self, pick: int, stale: bool) -> None:
        """The text in force, or one that somebody had open for too long."""
        name = self.one_of(self.inside, pick)
        version = current_version(self.circle)
        assert version
        digest = "0" * 64 if stale else version.digest
        user = self.people[name]
        try:
            agreement_sign(circle=self.circle, user=user, version=version.code, digest=digest, now=self.now)
            self.signed[name] = str(version.code)
            assert not stale
        except Replaced:
            assert stale

    @precondition(lambda self: not self.emptied and self.inside)
    @rule(number=st.integers(1, 10**6))
    def the_agreement_changes(self, number: int) -> None:
        """Proposed by one and agreed to by everybody, which adopts it at once or after its days."""
        names = sorted(self.inside)
        details = ProposalDetails(change="add", theme="respect", text=f"{CANARY} {number}", why="")
        try:
            proposal = proposal_make(circle=self.circle, details=details, by=self.people[names[0]], now=self.now)
        except Refused:
            return
        for name in names[1:]:
            if Proposal.objects.filter(pk=proposal.pk, status="open").exists():
                proposal_respond(proposal=proposal, user=self.people[name], stance="yes", comment="", now=self.now)

    def goes(self, name: str) -> None:
        """Somebody is in the circle no more."""
        self.inside.discard(name)

    def visiting(self) -> set[str]:
        """Who is let into the session as a guest."""
        return set()

    def is_missed(self) -> bool:
        return bool(self.session and self.session.was_missed(self.now))

    @precondition(lambda self: not self.closed and (self.session is None or self.is_missed()))
    @rule(days=st.integers(1, 9))
    def another_is_planned(self, days: int) -> None:
        self.a_session_is_planned(days)

    def a_session_is_planned(self, days: int) -> None:
        by = self.facilitator()
        if by:
            try:
                self.session = make_session(self.circle, by, now=self.now, in_=timedelta(days=days))
            except Refused:
                return
            self.plans[self.plan()] = self.session.starts_at
            issue_bring(session=self.session, owner=by, title=CANARY, text=CANARY, ask="listen")

    @precondition(lambda self: self.planned())
    @rule(hours=st.integers(-20, 60))
    def it_is_moved(self, hours: int) -> None:
        assert self.session
        starts = self.session.starts_at + timedelta(hours=hours)
        by = self.facilitator()
        if by and starts > self.now + timedelta(hours=1):
            local = starts.replace(tzinfo=None)
            details = SessionDetails(local_start=local, zone="UTC", format=self.session.format_version, minutes=120)
            before = self.plan()
            try:
                session_update(session=self.session, details=details, now=self.now)
            except Refused:
                return
            self.session.refresh_from_db()
            self.plans[self.plan()] = self.session.starts_at
            if self.plan() != before:
                self.over[before] = self.now

    @precondition(lambda self: self.planned() and len(self.plans) > 1)
    @rule()
    def it_is_cancelled(self) -> None:
        assert self.session
        self.over[self.plan()] = self.now
        session_cancel(session=self.session, now=self.now)
        self.session = None

    @precondition(lambda self: self.planned() and len(self.inside) >= 3)
    @rule()
    def it_starts(self) -> None:
        assert self.session
        by = self.facilitator()
        self.let_pass(max(timedelta(0), self.session.starts_at - self.now))
        ids = [self.people[name].pk for name in sorted(self.inside)]
        if by and len(ids) <= 6:
            try:
                session_start(session=self.session, here=ids, presenting=ids, expected_seq=0, by=by, now=self.now)
            except Refused:
                return
            self.session.refresh_from_db()

    @precondition(lambda self: self.running())
    @rule(presses=st.integers(1, 4), kinds=st.lists(st.sampled_from(["next", "pause", "resume", "back"]), min_size=3))
    def they_press(self, presses: int, kinds: list[str]) -> None:
        """P4: several people press what they all see; the session moves one step. P5: what was pressed is on disk."""
        for kind in kinds:
            if self.running():
                self.press(presses, kind)

    def press(self, presses: int, kind: str) -> None:
        assert self.session
        before = len(log_of(self.session))
        steps: set[int] = set()  # whose presses were answered by a step: the same press again gets the first's answer
        for press in range(presses):
            fresh = CircleSession.objects.select_related("circle__vault", "format_version").get(pk=self.session.pk)
            seat = 1 + press % 3
            try:
                session_command(session=fresh, kind=kind, seat=seat, expected_seq=before, now=self.now)
                steps.add(seat)
            except Refused:
                continue
        assert len(steps) <= 1
        assert len(log_of(self.session)) == before + len(steps)
        self.session.refresh_from_db()
        if not self.running():
            self.session = None

    @precondition(lambda self: not self.emptied)
    @rule(seed=st.integers(0, 10**6), again=st.booleans())
    def keys_are_rotated(self, seed: int, again: bool) -> None:
        """The environment's key by a newer one, and the circle's own as well, sometimes."""
        before = [key for key in django_settings.CONTENT_KEYS if not key.startswith(f"turned{seed}:")]
        fresh = f"turned{seed}:{urlsafe_b64encode(random.Random(seed).randbytes(32)).decode()}"
        django_settings.CONTENT_KEYS = [fresh, *before]
        assert keys_rewrap(now=self.now).missing == {}
        django_settings.CONTENT_KEYS = [fresh]  # the one before is thrown away
        if again:
            vault_rekey(vault=self.circle.vault, now=self.now)
        self.circle = Circle.objects.select_related("vault").get(pk=self.circle.pk)

    @precondition(lambda self: not self.closed and not self.inside - {"Alice", "Bob", "Carol"})
    @rule()
    def it_closes(self) -> None:
        if self.running():
            with pytest.raises(Refused, match="A session is running"):
                circle_close(circle=self.circle, by=self.sue, now=self.now)
            return
        if self.planned():
            self.over[self.plan()] = self.now
        circle_close(circle=self.circle, by=self.sue, now=self.now)
        self.closed, self.session = True, None

    @rule(hours=st.sampled_from([1, 6, 30, 24 * 31, 24 * 91]))
    def time_passes(self, hours: int) -> None:
        self.let_pass(timedelta(hours=hours))

    def let_pass(self, span: timedelta) -> None:
        """In strides while a session is to come, with the jobs that would have run: reminders planned, mails sent, closed circles emptied."""
        until = self.now + span
        while True:
            self.now = min(until, self.now + timedelta(hours=12)) if self.planned() else until
            self.clock.move_to(self.now)
            reminders_plan(now=self.now)
            sessions_close_forgotten(now=self.now)
            changes_take_effect(now=self.now)
            roles_left_fill(now=self.now)
            turn()
            self.emptied = self.emptied or bool(closed_empty(now=self.now))
            if self.session:
                self.session.refresh_from_db()
                if self.session.status not in (SessionStatus.PLANNED, SessionStatus.RUNNING):
                    self.session = None
            if self.now >= until:
                break

    def plan(self) -> tuple[Any, int]:
        assert self.session
        return self.session.code, self.session.revision

    def planned(self) -> bool:
        return bool(self.session and self.session.is_planned and self.session.starts_at > self.now)

    def running(self) -> bool:
        return bool(self.session and self.session.is_running)

    # What was promised

    @invariant()
    def only_members_are_let_in(self) -> None:
        """P7, and P8: whoever is in gets in; whoever was, or looks after the site, does not.

        Where the words are deleted a member is told so, and only a member. Fourteen questions, so they are put again only when a row that could change an answer is another.
        """
        people = User.objects.order_by("pk").values_list("pk", "is_active", "is_superuser")
        seats = Membership.objects.order_by("pk").values_list()
        rows = [[*people], [*seats], self.session and self.session.status, self.emptied, self.visiting()]
        if (rows, self.inside) == self.asked:
            return
        self.asked = (rows, set(self.inside))
        for name, person in {**self.people, "Sue": self.sue}.items():
            try:
                get_circle(person, self.circle.code)
                let_in = True
            except CircleClosed:
                assert self.emptied
                let_in = True
            except Http404:
                let_in = False
            assert let_in is (name in self.inside), name
            if self.session:
                allowed = name in self.inside | self.visiting()
                assert may_attend(person, self.session.code, now=self.now) is allowed, name

    @invariant()
    def signatures_are_of_exact_texts(self) -> None:
        """P6: each is of a text that still reads as it did, and nobody's carries over to another."""
        version = current_version(self.circle)
        assert version
        signed = signatures_of(version)
        assert {name for name in NAMES if self.people[name].pk in signed} == {
            name for name in NAMES if self.signed.get(name) == str(version.code)
        }
        if not self.emptied:
            for row in Signature.objects.filter(version__agreement__circle=self.circle).select_related("version"):
                clauses = Clause.objects.filter(version=row.version).order_by("position")
                text = text_of([(one.theme, one.text) for one in clauses], row.version.adopt_days)
                assert self.circle.vault.digest(text) == row.digest == row.version.digest

    @invariant()
    def no_reminder_comes_too_late(self) -> None:
        """P3: none was sent about a session that had begun, had moved away from under it, or was cancelled."""
        for message in Message.objects.filter(state=MessageState.SENT, kind__in=REMINDERS):
            plan = (message.subject_code, message.revision)
            assert message.sent_at
            assert message.sent_at < self.plans[plan]
            assert message.sent_at <= self.over.get(plan, self.now)

    @invariant()
    def words_are_read_with_the_key_or_not_at_all(self) -> None:
        """P9, and that no rotation loses a word."""
        texts = [one.title for one in Issue.objects.filter(session__circle=self.circle)]
        clauses = [one.text for one in clauses_of(current_version(self.circle))]  # type: ignore[arg-type]
        if self.emptied:
            assert set(texts + clauses) <= {""}
        else:
            assert set(texts) <= {CANARY}
            assert not any(isinstance(text, Unreadable) for text in clauses)

    def nothing_was_written_down(self) -> None:
        """P8: no mail and no column of the database holds a word."""
        assert not [m for m in mail.outbox if CANARY in str(m.message())]
        for table in {model._meta.db_table for model in sealed_models()} | {
            "notifications_message",
            "circles_auditentry",
        }:
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT * FROM "{table}"')
                assert CANARY.encode() not in b"".join(
                    bytes(v) if isinstance(v, memoryview | bytes) else str(v).encode() for row in cursor for v in row
                )
