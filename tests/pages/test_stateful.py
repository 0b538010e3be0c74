"""P3 to P9 under whatever people do, in whatever order: a circle's life, step by step, against a small model of it.

Hypothesis chooses. What everybody does is in tests/pages/lives.py; here are those who come and go in other ways: guests,
whoever takes over a role or looks after the circle too, circles on hold, sessions that are put back. Six lives of
fifteen steps in `make test`, twenty-five in `.ci/run` on both databases; LIVES=1000 STEPS=30 for the long run (make security).
"""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from accounts.refusals import Refused
from circles.change_services import (
    change_object,
    facilitation_answer,
    facilitation_ask,
    facilitator_stop,
    may_object,
)
from circles.enums import CircleStatus
from circles.membership_services import is_looked_after
from circles.models import Announcement, Circle
from circles.services import circle_hold
from pages.departure_services import person_is_here
from sessions.guests.services import GUESTS_AT_MOST, guest_accept, guest_invite, guest_withdraw
from sessions.live.putting_back_services import session_put_back
from sessions.live.windows import may_put_back
from sessions.models import CircleSession, GuestPass, RoleSwap, SessionRole
from sessions.planning.roles_services import swap_answer, swap_ask, swap_withdraw
from tests.pages.lives import PICK, Life

pytestmark = pytest.mark.django_db
LIVES = int(os.environ.get("LIVES", "6"))
STEPS = int(os.environ.get("STEPS", "15"))
# A failing life is long enough to read as it is: making it smaller takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
GUEST_READS_FOR = timedelta(days=1)


class WholeLife(Life):
    """`guests` are those whose yes to the planned session holds, `on_hold` is what the facilitator said last."""

    def __init__(self) -> None:
        self.guests: set[str] = set()
        self.invited_to: object = None
        self.on_hold = False
        super().__init__()

    # Guests

    def goes(self, name: str) -> None:
        """Who was a guest, came in and is out again is no guest any more."""
        super().goes(name)
        self.guests.discard(name)

    def visiting(self) -> set[str]:
        if self.session is None or self.session.code != self.invited_to or self.emptied:
            return set()
        coming = self.session.is_running or self.session.starts_at >= self.now - GUEST_READS_FOR
        return self.guests - self.gone if coming else set()

    @precondition(lambda self: self.planned() and self.outside())
    @rule(pick=PICK, yes=st.booleans())
    def a_guest_is_invited(self, pick: int, yes: bool) -> None:
        """And says yes, or nothing."""
        assert self.session
        self.let_pass(timedelta(minutes=1))
        name, by = self.one_of(self.outside(), pick), self.facilitator()
        if by is None or not self.planned():
            return
        if self.invited_to != self.session.code:
            self.guests, self.invited_to = set(), self.session.code
        person = self.people[name]
        try:
            guest = guest_invite(session=self.session, name=name, email=person.email, by=by, now=self.now)
            if yes:
                guest_accept(guest=guest, user=person, now=self.now)
                self.guests.add(name)
        except Refused:
            return

    @precondition(lambda self: self.planned() and self.visiting())
    @rule(pick=PICK)
    def a_guest_is_not_to_come(self, pick: int) -> None:
        name = self.one_of(self.visiting(), pick)
        guest = GuestPass.objects.get(session=self.session, user=self.people[name], revoked_at=None)
        guest_withdraw(guest=guest, now=self.now)
        self.guests.discard(name)

    @invariant()
    def guests_are_few(self) -> None:
        assert len(self.guests) <= GUESTS_AT_MOST
        if self.session:
            assert GuestPass.objects.filter(session=self.session, revoked_at=None).count() <= GUESTS_AT_MOST

    # Roles

    @precondition(lambda self: self.planned() and len(self.inside) > 1)
    @rule(pick=PICK, what=st.sampled_from(["yes", "no", "withdrawn", "open"]))
    def a_role_is_asked_for(self, pick: int, what: str) -> None:
        held = SessionRole.objects.filter(session=self.session).order_by("role_key").select_related("user")
        held = held.filter(user__in=[self.people[name] for name in self.inside])
        role = held[pick % len(held)] if held else None
        others = [name for name in self.inside if role and self.people[name] != role.user]
        if role is None or role.user is None or not others:
            return
        assert self.session
        asked = self.people[self.one_of(set(others), pick)]
        try:
            swap = swap_ask(session=self.session, role=role.role_key, by=role.user, asked=asked, now=self.now)
            if what == "withdrawn":
                swap_withdraw(swap=swap)
            elif what != "open":
                swap_answer(swap=swap, yes=what == "yes", now=self.now)
        except Refused:
            return
        role.refresh_from_db()
        assert (role.user == asked) is (what == "yes")

    @invariant()
    def roles_are_with_people_of_the_circle(self) -> None:
        """Each with one person; nobody is asked about a role by somebody who does not hold it."""
        if self.planned():
            holders = SessionRole.objects.filter(session=self.session).values_list("user__name", flat=True)
            assert {name.split()[0] for name in holders} <= self.inside
            for swap in RoleSwap.objects.filter(session=self.session, answer="").select_related("asked_by", "asked"):
                held = SessionRole.objects.filter(session=self.session, role_key=swap.role_key)
                assert [row.user_id for row in held] == [swap.asked_by_id]

    # Looking after

    @precondition(lambda self: not self.closed and len(self.inside) > 1)
    @rule(pick=PICK, answer=st.sampled_from(["yes", "no", "objected"]))
    def another_is_asked_to_look_after_it(self, pick: int, answer: str) -> None:
        """In force three days after a yes to which nobody objects."""
        by = self.facilitator()
        if by is None:
            return
        name = self.one_of(self.inside, pick)
        try:
            change = facilitation_ask(membership=self.seat(name), by=by, now=self.now)
        except Refused:
            return
        facilitation_answer(change=change, by=self.people[name], yes=answer != "no", now=self.now)
        change.refresh_from_db()
        against = [self.people[one] for one in sorted(self.inside) if may_object(change, self.people[one])]
        if answer == "objected" and against:
            change_object(change=change, by=against[0], now=self.now)
        assert not self.seat(name).facilitates

    @precondition(lambda self: not self.closed and self.inside)
    @rule(pick=PICK)
    def somebody_stops_looking_after_it(self, pick: int) -> None:
        looking_after = {name for name in self.inside if self.seat(name).facilitates}
        if not looking_after:
            return
        name = self.one_of(looking_after, pick)
        try:
            facilitator_stop(membership=self.seat(name), now=self.now)
        except Refused:
            assert looking_after == {name}

    @invariant()
    def somebody_looks_after_it(self) -> None:
        circle = Circle.objects.get(pk=self.circle.pk)
        if self.inside and not self.closed and circle.status != CircleStatus.CLOSED:
            assert is_looked_after(circle)
        rows = Announcement.objects.filter(circle=circle, settled_at=None, about__isnull=False)
        assert not rows.filter(about__left_at__isnull=False).exists()

    # Hold, and what is put back

    @precondition(lambda self: not self.closed)
    @rule(on_hold=st.booleans())
    def it_is_put_on_hold_or_goes_on(self, on_hold: bool) -> None:
        by = self.facilitator()
        if by is not None:
            circle_hold(circle=self.circle, on_hold=on_hold, by=by, now=self.now)
            self.on_hold = on_hold

    @invariant()
    def its_status_is_what_was_said_last(self) -> None:
        status = Circle.objects.values_list("status", flat=True).get(pk=self.circle.pk)
        if self.closed or not self.inside:
            assert status in (CircleStatus.CLOSED, CircleStatus.OPEN, CircleStatus.ON_HOLD)
        if self.closed:
            assert status == CircleStatus.CLOSED
        elif self.inside:
            assert status == (CircleStatus.ON_HOLD if self.on_hold else CircleStatus.OPEN)

    @precondition(lambda self: self.running())
    @rule()
    def the_start_is_put_back(self) -> None:
        """Within ten minutes: it is planned again, in a revision of its own."""
        assert self.session
        if not may_put_back(self.session, now=self.now):
            return
        before = self.plan()
        try:
            session_put_back(session=self.session, by_seat=1, now=self.now)
        except Refused:
            return
        self.session = CircleSession.objects.select_related("circle__vault", "format_version").get(pk=self.session.pk)
        assert self.session.is_planned
        self.over[before] = self.now
        self.plans[self.plan()] = self.session.starts_at

    @precondition(lambda self: self.gone)
    @rule()
    def it_was_a_mistake(self) -> None:
        """They had not left the organisation: for seven days they are in the circle again, where there is room."""
        (name,) = self.gone
        back = person_is_here(user=self.people[name], by=self.sue, now=self.now)
        self.gone = set()
        self.people[name].refresh_from_db()
        if self.circle in back:
            self.inside.add(name)


def test_the_promises_hold_whatever_people_do() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        WholeLife,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            phases=PHASES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
