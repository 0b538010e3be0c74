"""P10: nothing that is stored tells whose an answer is, beside every other table and in every order.

`tests/attribution.py` says how it is tried and when something counts as a leak. `ROUNDS=20` is the long form.
"""

import json
import os
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from agreements.models import Slip
from circles.models import AuditEntry, Circle
from programmes.enums import statements_of
from programmes.models import Pulse, PulseAnswer, PulseTicket, Round, RoundCircle
from programmes.pulse_services import pulse_open, pulses_plan
from sessions.guests.services import guest_invite
from sessions.live import services as live
from sessions.live import starting_services
from sessions.models import CheckOut, GuestPass
from tests.attribution import Attack, Group, Secret, Tables, attack, rows_of, whole_database
from tests.factories import NOW, make_circle, make_programme, make_session, make_user, sign, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("ROUNDS", "1"))
SIX = 6


class Site:
    """Circles of six who do things one after the other, at random moments, each in a browser of their own."""

    def __init__(self, clock: Any, *, circles: int, seed: int) -> None:
        self.clock, self.at, self.random = clock, NOW, Random(seed)
        self.dana = make_user(f"Dana{seed} Diaz")
        self.browsers: dict[int, Client] = {}
        self.circles: list[Circle] = []
        for number in range(circles):
            people = [make_user(f"S{seed}C{number}M{at} X") for at in range(SIX)]
            circle = make_circle(people[0], people[1:], name=f"Circle {seed} {number}")
            sign(circle, *people)
            self.circles.append(circle)

    def people(self, circle: Circle) -> list[User]:
        return [one.user for one in circle.memberships.select_related("user").order_by("pk")]

    def browser(self, user: User) -> Client:
        self.browsers.setdefault(user.pk, signed_in(user))
        return self.browsers[user.pk]

    def shuffled(self, some: Any) -> list[Any]:
        mixed = list(some)
        self.random.shuffle(mixed)
        return mixed

    def later(self) -> None:
        self.at += timedelta(seconds=self.random.uniform(5, 300))
        self.clock.move_to(self.at)


FORM_KEYS = iter(range(1, 10**9))


def form_key() -> str:
    return f"00000000-0000-4000-8000-{next(FORM_KEYS):012d}"


class Pulses(Site):
    """All three pulses of a programme's circles are open, and everybody answers all of them."""

    def __init__(self, clock: Any, *, circles: int, seed: int) -> None:
        super().__init__(clock, circles=circles, seed=seed)
        programme = make_programme(self.dana, name=f"Programme {seed}")
        made = Round.objects.create(programme=programme, number=1, first_on=NOW.date(), published_at=NOW)
        for circle in self.circles:
            RoundCircle.objects.create(round=made, circle=circle)
        pulses_plan(round_=made, first_on=NOW.date())
        self.pulses = list(Pulse.objects.filter(round=made))
        for pulse in self.pulses:
            pulse_open(pulse=pulse, now=NOW)
        # What an append-only table and the form keys of the first version would have held.
        self.arrived: list[dict[str, Any]] = []
        self.old_keys: list[dict[str, Any]] = []
        self.truth: dict[tuple[int, str], int] = {}
        for ticket in self.shuffled(PulseTicket.objects.filter(pulse__in=self.pulses).select_related("user", "pulse")):
            self.answer(ticket)

    def answer(self, ticket: PulseTicket) -> None:
        self.later()
        while True:
            scores = {one.value: self.random.randint(1, 5) for one in statements_of(ticket.pulse.moment)}
            mark = (ticket.pulse_id, json.dumps(scores, sort_keys=True))
            if mark not in self.truth:
                break
        self.truth[mark] = ticket.user_id
        path = reverse("programmes:answer", args=[ticket.code])
        words = {"helps": self.random.choice(["", "Silence"]), "form_key": form_key()}
        assert self.browser(ticket.user).post(path, scores | words).status_code == 302
        self.arrived.append({"pulse": ticket.pulse_id, "circle": ticket.circle_id, "scores": json.dumps(scores)})
        self.old_keys.append({"user_id": ticket.user_id, "redirect": path, "at": self.at, "id": len(self.old_keys)})

    def groups(self, tables: Tables) -> list[Group]:
        found = []
        for pulse in self.pulses:
            for circle in self.circles:
                keys = PulseAnswer.objects.filter(pulse=pulse, circle=circle).values_list("pk", flat=True)
                rows = rows_of(tables, PulseAnswer, keys)
                found.append(self.group(circle, pulse, rows))
        return found

    def group(self, circle: Circle, pulse: Pulse, rows: Any) -> Group:
        answers = [
            Secret(row, self.truth[pulse.pk, json.dumps(json.loads(row["scores"]), sort_keys=True)]) for row in rows
        ]
        assert len(answers) == SIX
        codes = PulseTicket.objects.filter(pulse=pulse).values_list("code", flat=True)
        return Group(frozenset(one.pk for one in self.people(circle)), answers, frozenset(code.hex for code in codes))

    def as_they_arrived(self) -> list[Group]:
        """The answers in a table to which each was added at the end."""
        found = []
        for pulse in self.pulses:
            for circle in self.circles:
                ours = [one for one in self.arrived if (one["pulse"], one["circle"]) == (pulse.pk, circle.pk)]
                rows = [{"(place)": place, "scores": one["scores"]} for place, one in enumerate(ours)]
                found.append(self.group(circle, pulse, rows))
        return found


def told(found: Attack) -> str:
    return f"{len(found.sorts)} sorts of guesses, the best right in {found.best:.0%}: {found.leaks}"


def test_nothing_stored_tells_whose_an_answer_to_a_pulse_is(clock: Any) -> None:
    for seed in range(ROUNDS):
        site = Pulses(clock, circles=4 if ROUNDS == 1 else 8, seed=seed)
        tables = whole_database()
        found = attack(tables, site.groups(tables))
        assert len(found.sorts) > 1000
        assert found.leaks == {}, told(found)


class Looks(Site):
    """Sessions after which all six check out, one of whom says on what they slipped; a guest whom one would rather not."""

    def __init__(self, clock: Any, *, circles: int, seed: int) -> None:
        super().__init__(clock, circles=circles, seed=seed)
        self.slips: list[tuple[Circle, Any, int]] = []
        self.guests: list[tuple[Circle, GuestPass, int]] = []
        sessions = []
        for circle in self.circles:
            people = self.people(circle)
            planned = make_session(circle, people[0], in_=timedelta(days=9))
            guest = guest_invite(session=planned, name="Gus", email=f"g{circle.pk}@x.example", by=people[0], now=NOW)
            self.guests.append((circle, guest, self.random.choice(people).pk))
            sessions.append(self.held(circle, people))
        self.check_outs(sessions)
        self.refusals()

    def held(self, circle: Circle, people: list[User]) -> Any:
        session = make_session(circle, people[0], in_=timedelta(minutes=1))
        ids = [one.pk for one in people]
        starting_services.session_start(
            session=session, here=ids, presenting=ids, expected_seq=0, by=people[0], now=NOW
        )
        live.session_command(session=session, kind="end", seat=1, expected_seq=1, now=NOW + timedelta(minutes=2))
        return session

    def check_outs(self, sessions: list[Any]) -> None:
        steps = []
        for circle, session in zip(self.circles, sessions, strict=True):
            people = self.people(circle)
            sayer = self.random.choice(people)
            self.slips.append((circle, session, sayer.pk))
            steps += [(session, one, one == sayer) for one in people]
        for session, one, says in self.shuffled(steps):
            self.later()
            kept = {"kept": "not_quite", "slips": "scope"} if says else self.random.choice([{}, {"kept": "yes"}])
            path = reverse("sessions:check_out", args=[session.code])
            form = {"insight": "", "text": "", "nothing": "1", "form_key": form_key()} | kept
            assert self.browser(one).post(path, form).status_code == 302

    def refusals(self) -> None:
        for circle, guest, refuser in self.shuffled(self.guests):
            # Not everybody looks at it: two who do, and the one who would rather not.
            looking = self.random.sample([one for one in self.people(circle) if one.pk != refuser], 2)
            for one in self.shuffled([*looking, next(one for one in self.people(circle) if one.pk == refuser)]):
                self.later()
                path = reverse("sessions:session", args=[guest.session.code])
                assert self.browser(one).get(path).status_code == 200
                if one.pk == refuser:
                    away = reverse("sessions:guest_withdraw", args=[guest.session.code, guest.code])
                    assert self.browser(one).post(away, {"form_key": form_key()}).status_code == 302

    def groups(self, tables: Tables) -> dict[str, list[Group]]:
        slips, passes, trail = [], [], []
        for circle, session, sayer in self.slips:
            named = Slip.objects.filter(review__session=session.code, times=1).values_list("pk", flat=True)
            slips.append(self.group(circle, rows_of(tables, Slip, named), sayer))
        for circle, guest, refuser in self.guests:
            passes.append(self.group(circle, rows_of(tables, GuestPass, [guest.pk]), refuser))
            gone = AuditEntry.objects.filter(circle=circle, verb="guest_withdrawn").values_list("pk", flat=True)
            trail.append(self.group(circle, rows_of(tables, AuditEntry, gone), refuser))
        return {"slips": slips, "guest passes": passes, "trail": trail}

    def group(self, circle: Circle, rows: Any, whose: int) -> Group:
        assert len(rows) == 1
        return Group(frozenset(one.pk for one in self.people(circle)), [Secret(rows[0], whose)])


@pytest.mark.long
def test_nothing_stored_tells_who_named_a_slip_or_would_rather_not_have_a_guest(clock: Any) -> None:
    for seed in range(ROUNDS):
        site = Looks(clock, circles=14 if ROUNDS == 1 else 40, seed=seed)
        tables = whole_database()
        assert CheckOut.objects.count() >= 14 * SIX
        for name, groups in site.groups(tables).items():
            # Which transaction wrote a refusal stays near others of the moment: see “Answers without a name”, SECURITY.md.
            found = attack(tables, groups, near=("(xmin)",) if name == "slips" else ())
            assert found.leaks == {}, f"{name}: {told(found)}"


def test_the_attack_finds_what_the_first_version_stored(clock: Any) -> None:
    """Its form keys beside its order of rows: six of six."""
    site = Pulses(clock, circles=3, seed=99)
    tables = {"old_form_keys": site.old_keys}
    found = attack(tables, site.as_they_arrived())
    name = "old_form_keys, about it.at, first beside (place)"
    sort = found.sorts[name]
    assert (sort.right, sort.guesses) == (3 * 3 * SIX, 3 * 3 * SIX)
    assert name in found.leaks
