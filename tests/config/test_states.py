"""Person x state x object x action: who gets what, and when, against the lists in `tests.config.states`."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, cast

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import transaction
from django.http import Http404

import agreements.access
import circles.access
import pages.access
import programmes.access
import sessions.access
import sessions.formats.access
import sessions.journeys.access
import sessions.live.rehearsal_access
import sessions.shelf.access
from accounts.enums import Level
from accounts.models import User
from agreements.models import Commitment
from circles.access import CircleClosed, get_seat
from circles.covenant_services import circle_mark_closed, vault_empty
from circles.models import Circle, Covenant, Goal, Membership, RemovalRequest
from programmes.models import Programme
from sessions.models import CircleSession, GuestPass, Issue
from tests.config.access import INSIDE, RULES
from tests.config.states import ADDRESSES, ASKED, ELSEWHERE, MOMENTS, PEOPLE, STATES
from tests.config.test_access import CLIENTS, ask
from tests.config.world import World
from tests.factories import NOW, make_user, sign, signed_in
from tests.thorough import THOROUGH, part
from tools.rooms import FLOORS, ROOT, named

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=3, hours=1)


def _people(world: World) -> dict[str, User]:
    """Everybody who has, had or never had to do with the circle, by the names in the table."""
    circle, alice = world.circle, cast(User, world.people["facilitator"])
    late, gone, outside, named, erased = (
        make_user(f"{name} States") for name in ("Lena", "Rhea", "Oscar", "Nadia", "Eddy")
    )
    Membership.objects.create(circle=circle, user=late, joined_at=NOW + timedelta(days=2))
    removed = Membership.objects.create(circle=circle, user=gone, joined_at=NOW, left_at=NOW + timedelta(days=1))
    RemovalRequest.objects.create(membership=removed, asked_by=alice, asked_at=NOW, settled_at=NOW + timedelta(days=1))
    seatless = {"circle": circle, "facilitates": True, "takes_part": False}
    Membership.objects.create(user=outside, joined_at=NOW, **seatless)
    Membership.objects.create(user=named, joined_at=NOW + timedelta(days=2), **seatless)
    User.objects.filter(pk=erased.pk).update(is_active=False)
    Membership.objects.create(circle=circle, user=erased, joined_at=NOW, left_at=NOW)
    erased.refresh_from_db()
    known = {key: cast(User, world.people[key]) for key in PEOPLE if world.people.get(key)}
    new = {"joined later": late, "removed": gone, "from outside": outside, "appointed": named, "erased": erased}
    return known | {"left": cast(User, world.people["former member"])} | new


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, dict[str, User]]]:
    """Made once; every state is a savepoint within it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            world = World()
            people = _people(world)
            sign(world.circle, cast(User, world.people["guest"]))
            Goal(covenant=Covenant.objects.get(circle=world.circle), user=people["member"],
                 vault=world.circle.vault, text="g", written_at=NOW).save()  # fmt: skip
            CLIENTS.update({one.pk: signed_in(one) for one in people.values() if one.is_active})
        yield world, people
        CLIENTS.clear()
        transaction.set_rollback(True)


@pytest.fixture
def asked(built: tuple[World, dict[str, User]], db: None) -> tuple[World, dict[str, User]]:
    return built


def come_to(moment: str, world: World) -> datetime:
    """Bring circle, session or programme into a state, and say what time it is then."""
    circles, rows = Circle.objects.filter(pk=world.circle.pk), CircleSession.objects.filter(pk=world.session.pk)
    ended = {"started_at": NOW + timedelta(days=3), "ended_at": LATER, "status": "ended"}
    if moment == "on hold":
        circles.update(status="on_hold")
    elif moment in ("closed", "emptied"):
        rows.update(status="cancelled")
        Covenant.objects.filter(circle=world.circle).update(decided_at=NOW, decision="close")
        circle_mark_closed(circle=circles.get(), by=cast(User, world.people["facilitator"]), now=NOW)
        if moment == "emptied":
            vault_empty(vault=world.circle.vault, now=NOW + timedelta(days=90))
    elif moment == "running":
        rows.update(started_at=NOW, status="running", finish_by=LATER)
    elif moment in ("held", "a day after", "over a day after"):
        rows.update(**ended)
    elif moment == "held before some came":
        rows.update(started_at=NOW, ended_at=NOW + timedelta(hours=1), status="ended")
        return NOW + timedelta(days=3)
    elif moment in ("cancelled", "not_held"):
        rows.update(status=moment)
    elif moment == "never opened":
        return NOW + timedelta(days=5)
    elif moment == "programme ended":
        Programme.objects.filter(pk=world.programme.pk).update(ended_at=NOW)
    after = {
        "held": timedelta(hours=1),
        "a day after": timedelta(days=1),
        "over a day after": timedelta(days=1, seconds=1),
    }
    return LATER + after[moment] if moment in after else NOW + timedelta(hours=1)


# Every question that an access module answers, with the thing of this circle it is asked about.
def questions(world: World, now: datetime) -> dict[str, Callable[[User], object]]:
    session, commitment, circle = world.session.code, world.commitment.code, world.circle.code
    proposal, brought = world.proposal.code, Issue(session=world.session, owner=world.commitment.owner)

    def seat_then(ask_more: Callable[[circles.access.Seat], object]) -> Callable[[User], object]:
        return lambda user: ask_more(get_seat(user, circle))

    def yes(answer: object) -> None:
        if not answer:
            raise Http404

    return {
        "circles.get_seat": lambda user: circles.access.get_seat(user, circle),
        "circles.get_circle": lambda user: circles.access.get_circle(user, circle),
        "circles.get_circle writes": lambda user: circles.access.get_circle(user, circle, writes=True),
        "circles.get_circle_to_run": lambda user: circles.access.get_circle_to_run(user, circle),
        "circles.get_removal": lambda user: circles.access.get_removal(user, world.removal.code),
        "circles.get_change": lambda user: circles.access.get_change(user, world.change.code),
        "circles.reads_goal": seat_then(lambda seat: yes(circles.access.reads_goal(seat, Goal.objects.get()))),
        "agreements.get_proposal": lambda user: agreements.access.get_proposal(user, proposal),
        "agreements.get_proposal writes": lambda user: agreements.access.get_proposal(user, proposal, writes=True),
        "agreements.get_version": seat_then(lambda seat: agreements.access.get_version(seat, 1)),
        "agreements.get_own_commitment": lambda user: agreements.access.get_own_commitment(user, commitment),
        "agreements.get_own_commitment_inside": lambda user: agreements.access.get_own_commitment_inside(
            user, commitment
        ),
        "agreements.get_commitment_as_partner": lambda user: agreements.access.get_commitment_as_partner(
            user, commitment
        ),
        "agreements.get_commitment_as_partner writes": lambda user: agreements.access.get_commitment_as_partner(
            user, commitment, writes=True
        ),
        "agreements.get_commitment": lambda user: agreements.access.get_commitment(user, commitment),
        "agreements.get_commitment_to_talk_about": lambda user: agreements.access.get_commitment_to_talk_about(
            user, commitment
        ),
        "agreements.told in a check-in": seat_then(
            lambda seat: yes(
                Commitment.objects.filter(pk=world.commitment.pk)
                .readable_by(seat.user, came=seat.membership.joined_at)
                .exists()
            )
        ),
        "sessions.get_session": lambda user: sessions.access.get_session(user, session),
        "sessions.get_session_to_run": lambda user: sessions.access.get_session_to_run(user, session),
        "sessions.get_attended": lambda user: sessions.access.get_attended(user, session, now=now),
        "sessions.may_attend": lambda user: yes(sessions.access.may_attend(user, session, now=now)),
        # By what was sent to everybody who was there on the first day.
        "sessions.may_answer": lambda user: yes(sessions.access.may_answer(user, world.session, since=NOW, now=now)),
        "sessions.reads_words": lambda user: yes(sessions.access.get_attended(user, session, now=now)._belonged),
        "sessions.reads_issue": lambda user: yes(
            sessions.access.reads_issue(sessions.access.get_attended(user, session, now=now), brought, begun=False)
        ),
        "sessions.get_guest_pass": lambda user: sessions.access.get_guest_pass(
            sessions.access.get_session(user, session), GuestPass.objects.get().code
        ),
        "sessions.get_swap": lambda user: sessions.access.get_swap(user, world.swap.code),
        "sessions.get_poll": lambda user: sessions.access.get_poll(user, world.poll.code),
        "sessions.get_poll writes": lambda user: sessions.access.get_poll(user, world.poll.code, writes=True),
        "sessions.get_format": lambda user: sessions.formats.access.get_format(user, str(world.format.ref)),
        "sessions.get_format_to_change": lambda user: sessions.formats.access.get_format_to_change(
            user, str(world.format.ref)
        ),
        "sessions.get_rehearsal": lambda user: sessions.live.rehearsal_access.get_rehearsal(user, world.rehearsal.code),
        "sessions.get_journey": lambda user: sessions.journeys.access.get_journey(user, str(world.journey.ref)),
        "sessions.get_journey_to_change": lambda user: sessions.journeys.access.get_journey_to_change(
            user, str(world.journey.ref)
        ),
        "sessions.get_seat_in_turn": lambda user: sessions.shelf.access.get_seat_in_turn(user, circle),
        "sessions.get_seat_in_turn writes": lambda user: sessions.shelf.access.get_seat_in_turn(
            user, circle, writes=True
        ),
        "sessions.get_asked": lambda user: sessions.shelf.access.get_asked(user, world.item.code),
        "sessions.get_item_of": lambda user: sessions.shelf.access.get_item_of(user, circle, world.item.code),
        "sessions.get_offer": lambda user: sessions.shelf.access.get_offer(user, circle, world.offer.code),
        "pages.get_person": lambda user: pages.access.get_person(user, world.member.user.code),
        "pages.reads_between_sessions": seat_then(lambda seat: yes(pages.access.reads_between_sessions(seat))),
        "programmes.get_programme": lambda user: programmes.access.get_programme(user, world.programme.code, now=now),
        "programmes.get_round": lambda user: programmes.access.get_round(user, world.round.code, now=now),
        "programmes.get_circle_of": lambda user: programmes.access.get_circle_of(
            programmes.access.get_programme(user, world.programme.code, now=now), circle
        ),
        "programmes.get_pulse": lambda user: programmes.access.get_pulse(user, world.pulse.code, now=now),
        "programmes.get_withdrawn": lambda user: programmes.access.get_withdrawn(user, world.programme.code),
        "programmes.get_enrolment": lambda user: programmes.access.get_enrolment(user, world.programme.code),
        "programmes.get_to_join": lambda user: programmes.access.get_to_join(user, world.programme.code, "", now=now),
        "programmes.get_admin_invitation": lambda user: programmes.access.get_admin_invitation(
            user, world.admin_asked.code, "", now=now
        ),
        "programmes.get_late_place": lambda user: programmes.access.get_late_place(user, world.late_place.code),
        "programmes.get_facilitator_asked": lambda user: programmes.access.get_facilitator_asked(
            user, world.facilitator_asked.code
        ),
        "programmes.get_ticket": lambda user: programmes.access.get_ticket(user, world.ticket.code),
    }


def answered(ask_it: Callable[[User], object], user: User) -> str:
    try:
        ask_it(user)
    except CircleClosed:
        return "r"
    except Http404:
        return "-"
    return "+"


def modules() -> list[ModuleType]:
    """Every file in which it is decided who may see something: a new one is in the table, or the suite fails."""
    paths = (path for app in FLOORS for path in (ROOT / app).rglob("*access.py"))
    return [importlib.import_module(named(path)) for path in sorted(paths)]


# `get_proposal` asks the first; the second is everybody's who is signed in, and whoever looks after the site starts.
NOT_OF_A_CIRCLE = {"agreements.reads_proposal", "sessions.get_lent", "programmes.may_start"}


def test_every_question_of_access_is_in_the_table(asked: tuple[World, dict[str, User]]) -> None:
    world, people = asked
    offered = {
        f"{module.__name__.split('.')[0]}.{name}"
        for module in modules()
        for name, one in inspect.getmembers(module, inspect.isfunction)
        if one.__module__ == module.__name__ and name.startswith(("get_", "may_", "reads_"))
    }
    assert len(modules()) >= 9
    put = {name.split(" ")[0] for name in questions(world, NOW)}
    assert sorted(offered - put) == sorted(NOT_OF_A_CIRCLE)
    assert sorted(ASKED) == sorted(questions(world, NOW))
    assert sorted(people) == sorted(PEOPLE)


# As the stranger is, in every state: asked in each of them by `.ci/run`, in `make test` while the circle is open.
OUTSIDE = ("invited", "erased", "facilitator of another circle", "staff", "superuser")


@pytest.mark.parametrize("moment", MOMENTS)
def test_who_is_answered_in_which_state(moment: str, asked: tuple[World, dict[str, User]]) -> None:
    world, people = asked
    now = come_to(moment, world)
    asking = [who for who in PEOPLE if THOROUGH or moment == "open" or who not in OUTSIDE]
    found = {
        name: "".join(answered(ask_it, people[who]) for who in asking)
        for name, ask_it in part(questions(world, now).items(), of=2, first=list(MOMENTS).index(moment) % 2)
    }
    wanted = {
        name: [column for who, column in zip(PEOPLE, columns, strict=True) if who in asking]
        for name, columns in (ASKED | MOMENTS[moment]).items()
        if name in found
    }
    assert found == {name: "".join(columns) for name, columns in wanted.items()}


LETS_IN = {"member", "attending", "facilitator", "owner", "partner", "pair", "guest"}


def of_a_circle() -> list[str]:
    """Every address of a circle and of what belongs to it, by method."""
    found = []
    for name, (methods, rule) in RULES.items():
        rules = rule.split()
        for at, method in enumerate(methods.split()):
            inside = rules[min(at, len(rules) - 1)] in LETS_IN
            if inside and not name.startswith(("programmes:", "formats:rehears")) and name not in ELSEWHERE:
                found.append(f"{name} {method}")
    return sorted(found)


def written(world: World, name: str) -> dict[str, str]:
    """What is sent where the table of addresses sends less than somebody would who means it."""
    version = world.version
    signs = {"version": str(version.code), "digest": version.digest, "read": "on"} if version else {}
    forms = {
        "agreements:agreement_sign": signs,
        "sessions:guest_sign": signs,
        "sessions:poll": {f"level-{one.code}": str(Level.values[0]) for one in world.poll.options.all()},
        "sessions:session_cancel": {"reason": "r"},
        "sessions:scribe": {"have_it": "1"},
        "formats:copy": {"name": "Another", "circle": str(world.circle.code)},
        "circles:people": {"people": "new@example.org"},
        "circles:goals": {"text": "g"},
        "circles:coming_plan": {"text": "p"},
        "agreements:commitment_move": {"due_on": "2027-02-05"},
        "pages:closing": {"thanks": "t", "takes": ""},
        "sessions:guest_invite": {"name": "H", "email": "h@example.org"},
        "sessions:note": {"text": "n"},
        "agreements:commitment_add": {"text": "c", "due_on": "2027-02-01", "audience": "circle", "remind_days": "1"},
    }
    return forms.get(name) or world.form(name)


def outcome(world: World, person: User, address: str) -> str:
    """`+` shown or carried out, `r` refused with a sentence, `s` the form shown again, `-` not found.

    What it changed is taken back.
    """
    name, method = address.split()
    point = transaction.savepoint()
    try:
        answer = ask(person, method, world.path(name), written(world, name) if method == "POST" else {})
        if answer.status_code == 404:
            return "-"
        assert answer.status_code in (200, 302, 409), (address, answer.status_code)
        refused = any(message.level_tag == "warning" for message in get_messages(answer.wsgi_request))
        again = method == "POST" and answer.status_code == 200
        return "r" if refused or answer.status_code == 409 else "s" if again else "+"
    finally:
        transaction.savepoint_rollback(point)


def test_every_address_of_a_circle_is_in_the_table() -> None:
    assert sorted(ADDRESSES) == of_a_circle()


@pytest.mark.parametrize("moment", STATES)
def test_what_an_address_answers_in_which_state(moment: str, asked: tuple[World, dict[str, User]]) -> None:
    """Asked by whoever may do most there, so that it is the state that refuses and not the person."""
    world, _everybody = asked
    now, at = come_to(moment, world), STATES.index(moment)
    found = {}
    with time_machine.travel(now, tick=False):
        for address, states in ADDRESSES.items():
            if at < len(states):
                found[address] = outcome(world, _most(world, address), address)
    assert found == {address: states[at] for address, states in ADDRESSES.items() if at < len(states)}


def _most(world: World, address: str) -> User:
    name, method = address.split()
    methods, rules = RULES[name][0].split(), RULES[name][1].split()
    rule = rules[min(methods.index(method), len(rules) - 1)]
    who = next(who for who in ("facilitator", "member", "guest") if who in INSIDE[rule])
    return cast(User, world.people["member" if rule == "pair" else who])
