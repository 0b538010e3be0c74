"""A believable demonstration: two circles with history, made by the same services that people use."""

import secrets
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.enums import Level
from accounts.models import User
from accounts.rules.zones import next_valid, to_local
from accounts.services import absence_add, availability_add, user_create_verified
from agreements.appointment_services import appointment_set
from agreements.commitment_selectors import commitments_open_for
from agreements.commitment_services import (
    CommitmentDetails,
    commitment_settle,
    partner_answer,
    progress_note,
    step_add,
    step_mark,
)
from agreements.enums import ClauseChange, CommitmentStatus, Facet, Stance, Theme
from agreements.mirror_services import mirror_answer, mirror_open, one_change_decide
from agreements.models import Commitment, Proposal
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond
from agreements.review_services import ReviewDetails
from agreements.rules.plans import PlanLine
from agreements.selectors import current_version, in_force
from agreements.services import agreement_sign, agreement_start
from circles.invitation_services import members_invite
from circles.models import Circle, Membership
from circles.selectors import covenant_of
from circles.services import CircleDetails, circle_start, coming_plan_write, goal_write
from demonstration.programme import CIRCLES, programme_load
from demonstration.shelf import shelf_load
from demonstration.words import COMING, GOALS, INSIGHTS, ISSUES, PEOPLE, PLANS, PROMISES, TRIED, WORDS
from notifications.enums import MessageState
from notifications.models import Message
from sessions.enums import Role, Rsvp
from sessions.formats.library import definitions, version_of
from sessions.formats.services import draft_change, draft_save, format_copy
from sessions.guests.services import guest_invite
from sessions.journeys.library import journey_version_of
from sessions.live import services as live
from sessions.live import starting_services, writing_services
from sessions.models import CircleSession, ShelfItem, TimePoll
from sessions.planning.bringing_services import issue_bring, rsvp_set
from sessions.planning.covenant_selectors import held_count
from sessions.planning.journey_services import journey_take
from sessions.planning.poll_services import poll_answer, poll_start
from sessions.planning.preparation_services import sheet_write
from sessions.planning.roles_services import swap_ask
from sessions.planning.series_services import SeriesDetails, series_schedule
from sessions.planning.services import SessionDetails, session_schedule
from sessions.rules.editing import about_changed, added, changed, placed
from sessions.rules.recurrence import Rhythm


def load(*, now: datetime) -> dict[str, Any]:
    """Make the demonstration and return how to sign in, per role. Nothing of it is mailed."""
    # Made anew each time and printed: a password that stands in the code would open every demonstration.
    password = "-".join(secrets.choice(WORDS) for _word in range(4))
    with transaction.atomic():
        people = [_person(name, zone, password) for name, zone in PEOPLE]
        admin = _person("Dana Lindqvist", "Europe/London", password)
        admin.is_staff = admin.is_superuser = True
        admin.save(update_fields=["is_staff", "is_superuser"])
        alder = _circle("Alder circle", people[:5], now, purpose="Leading people who used to be our colleagues.")
        heads = _circle("New heads, Leeds", [people[0], people[5], people[6]], now, purpose="The first year as a head.")
        northern = _northern_forum(alder, people[0], now)
        _held(alder, people[:5], now - timedelta(weeks=6), settled=True)
        _agreement_grows(alder, people[:5], now - timedelta(weeks=5))
        held = _held(alder, people[:5], now - timedelta(weeks=3), settled=False)
        proposal = _agreement_is_talked_about(alder, people[:5], now)
        _held(heads, [people[0], people[5], people[6]], now - timedelta(weeks=4), settled=False)
        coming = _coming(alder, people[:5], now + timedelta(minutes=10), now)
        _commitments_live(people[:5], now)
        later = _coming(heads, [people[0], people[5], people[6]], now + timedelta(days=9), now)
        _journey(heads, people[5], now)
        guest_invite(session=later, name="Gus, from finance", email="gus@example.org", by=people[0], now=now)
        members_invite(circle=heads, emails=["grace@example.org"], by=people[0], now=now)
        series = _series(alder, people[:5], now)
        poll = _poll(heads, people, now)
        programme = programme_load(
            admin=admin, circles=[(alder, people[:5]), (heads, [people[0], people[5], people[6]])], now=now
        )
        others = Circle.objects.filter(name__in=[one[0] for one in CIRCLES])
        shelf_load(alder=alder, heads=heads, others=list(others), now=now)
        _nothing_is_mailed(now)
    return {
        "password": password,
        "accounts": _accounts(people, admin, password),
        "circles": [
            {"name": circle.name, "path": reverse("pages:circle", args=[circle.code])} for circle in (alder, heads)
        ],
        "commitments": [
            {"owner": people[0].name, "path": reverse("agreements:commitment", args=[one.code])}
            for one in commitments_open_for(people[0])[:1]
        ],
        "proposals": [
            {"circle": alder.name, "path": reverse("agreements:proposal", args=[proposal.code])},
        ],
        "formats": [{"circle": alder.name, "path": reverse("formats:detail", args=[northern])}],
        "sessions": [
            {
                "circle": alder.name,
                "path": reverse("sessions:session", args=[coming.code]),
                "live": reverse("sessions:live", args=[coming.code]),
                "events": f"/live/{coming.code}/events",
                "starts_at": coming.starts_at.isoformat(),
            },
            {"circle": heads.name, "path": reverse("sessions:session", args=[later.code])},
            {"circle": alder.name, "path": reverse("sessions:session", args=[series.code])},
            {"circle": alder.name, "path": reverse("sessions:session", args=[held.code])},
        ],
        "programmes": [{"name": programme.name, "path": reverse("programmes:overview", args=[programme.code])}],
        "shelf": [
            {"circle": one.circle.name, "path": reverse(f"shelf:{'item' if one.lent_at else 'asked'}", args=[one.code])}
            for one in ShelfItem.objects.filter(circle=alder).select_related("circle").order_by("pk")
        ],
        "polls": [{"circle": heads.name, "path": reverse("sessions:poll", args=[poll.code])}],
    }


def _accounts(people: list[User], admin: User, password: str) -> list[dict[str, str]]:
    roles = ["facilitator", *["member"] * (len(people) - 1), "administrator"]
    return [
        {"role": role, "name": user.name, "email": user.email, "password": password}
        for role, user in zip(roles, [*people, admin], strict=True)
    ]


def _person(name: str, zone: str, password: str) -> User:
    email = f"{name.split()[0].lower()}@example.org"
    return user_create_verified(email=email, name=name, time_zone=zone, password=password)


def _circle(name: str, people: list[User], now: datetime, *, purpose: str) -> Circle:
    began = now - timedelta(weeks=7)
    details = CircleDetails(
        name=name,
        time_zone="Europe/London",
        purpose=purpose,
        contact_name="Ines Falk",
        contact_email="ines@example.org",
    )
    circle = circle_start(details=details, by=people[0], now=began)
    agreement_start(circle=circle, now=began)
    for at, user in enumerate(people[1:], start=1):
        Membership.objects.create(circle=circle, user=user, joined_at=began + timedelta(hours=at))
    _sign(circle, people, began)
    return circle


def _sign(circle: Circle, people: list[User], at: datetime) -> None:
    version = current_version(circle)
    if version:
        for user in people:
            agreement_sign(circle=circle, user=user, version=version.code, digest=version.digest, now=at)


def _agreement_grows(circle: Circle, people: list[User], at: datetime) -> None:
    """A clause that everybody said yes to. One signature is still to come, so that there is something to sign."""
    details = ProposalDetails(
        change=ClauseChange.ADD,
        theme=Theme.CONFIDENTIALITY,
        text="Between sessions nothing from the circle goes into work chat or email.",
        why="Somebody answered me on the team channel, and I did not know what to say.",
    )
    made = proposal_make(circle=circle, details=details, by=people[2], now=at)
    for user in (one for one in people if one != people[2]):
        proposal_respond(proposal=made, user=user, stance=Stance.YES, comment="", now=at)
    _sign(circle, people[:4], at + timedelta(hours=3))
    covenant = covenant_of(circle)
    for user, text in zip(people, GOALS, strict=False):
        if covenant:
            goal_write(covenant=covenant, user=user, text=text, now=at)
    looked = mirror_open(circle=circle, by=people[0], now=at)
    for number, user in enumerate(people):
        scores = dict.fromkeys(Facet.values, 4) | {"room": 2 + number % 3, "promises": 3 + number % 2}
        mirror_answer(mirror=looked, user=user, scores=scores, now=at)
    one_change_decide(circle=circle, text=TRIED, now=at)
    coming_plan_write(circle=circle, user=people[1], text=COMING, now=at)


def _commitments_live(people: list[User], now: datetime) -> None:
    """Partners who have said yes, a step, a note, an appointment and a kind word under what is open."""
    rows = Commitment.objects.filter(owner__in=people, status=CommitmentStatus.OPEN)
    opened = list(rows.select_related("circle", "owner", "partner").order_by("due_on", "pk"))
    for commitment in opened[:-1]:
        partner_answer(commitment=commitment, yes=True, now=now)
    first = next(one for one in opened if one.owner == people[0])
    for text in ("Write to Jo today", "Put it in both calendars"):
        step_add(commitment=first, text=text)
    step_mark(step=first.steps.order_by("pk").first(), done=True)
    progress_note(commitment=first, text="Jo said yes at once. I had been the only one worried.", now=now)
    noon = datetime.combine((now + timedelta(days=4)).date(), time(12))
    appointment_set(commitment=first, local_start=noon, zone=people[0].time_zone, now=now)


def _agreement_is_talked_about(circle: Circle, people: list[User], now: datetime) -> Proposal:
    """A proposal with a concern: the next session opens with it."""
    _version, clauses = in_force(circle)
    clause = next(one for one in clauses if one.theme == Theme.ATTENDANCE)
    details = ProposalDetails(
        change=ClauseChange.REWORD,
        line=clause.line,
        text="We come five minutes early and stay to the end. Whoever cannot come rings one of us the same day.",
        why="Two of us came late last time, and the first turn suffered. When I was away in spring I missed a call.",
    )
    made = proposal_make(circle=circle, details=details, by=people[3], now=now - timedelta(days=2))
    answers = ((people[0], Stance.YES, ""), (people[1], Stance.CONCERN, "The same day is hard from Toronto."))
    for user, stance, comment in answers:
        proposal_respond(proposal=made, user=user, stance=stance, comment=comment, now=now - timedelta(days=1))
    return made


def _northern_forum(circle: Circle, by: User, now: datetime) -> str:
    """A circle's own copy of Forum: a longer silence before the experience. How addresses name it."""
    made = format_copy(circle=circle, definition=definitions()["forum"], name="Northern forum", now=now)
    draft, stage = added(definitions()["forum"] | {"key": "own"}, 1, "Silence", "en")
    draft = changed(
        draft,
        stage,
        {
            "minutes": 3,
            "floor": "nobody",
            "tint": "still",
            "icon": "quiet",
            "texts": {
                "rule": {"en": "Nobody speaks. Let it settle before you answer."},
                "prompt": {"en": "What have I lived through that belongs here?"},
            },
        },
    )
    draft = about_changed(
        placed(draft, stage, "experience"),
        {
            "texts": {
                "name": {"en": "Northern forum"},
                "summary": {"en": "Our own forum, with a silence before we speak."},
            }
        },
    )
    draft_change(format=made, definition=draft, seen=0)
    made.refresh_from_db()
    draft_save(format=made, seen=1, now=now)
    return made.ref


# When each of the first five can meet, in their own hours of a weekday: good from and until, possible from and until.
WEEKS = ((9, 17, 17, 19), (10, 16, 8, 10), (9, 18, 18, 20), (9, 14, 7, 9), (12, 18, 18, 21))


def _series(circle: Circle, people: list[User], now: datetime) -> CircleSession:
    """The rest of the promised six, every three weeks; somebody is away, somebody asks another to take a role."""
    for user, (good, until, first, last) in zip(people, WEEKS, strict=True):
        days = range(0, 4 + user.pk % 2)
        availability_add(user=user, weekdays=days, start=good * 60, end=until * 60, level=Level.GOOD)
        availability_add(user=user, weekdays=days, start=first * 60, end=last * 60, level=Level.POSSIBLE)
    day = to_local(now, circle.time_zone).date() + timedelta(weeks=3)
    absence_add(user=people[4], first_on=day + timedelta(days=18), last_on=day + timedelta(days=27))
    details = SessionDetails(
        local_start=datetime.combine(day, time(16)),
        zone=circle.time_zone,
        format=version_of("council"),
        minutes=120,
        place="Room 4, the old library",
        call_link="https://meet.example.org/alder",
    )
    rhythm = Rhythm(first=day, times=(time(16),), weeks=3, count=3)
    made = series_schedule(circle=circle, details=SeriesDetails(details, rhythm), now=now)
    first_one: CircleSession = made.sessions.earliest("starts_at")
    asking = first_one.roles.exclude(user=people[0]).select_related("user").order_by("role_key").first()
    if asking:
        role = Role(asking.role_key)
        swap_ask(session=first_one, role=role, by=asking.user, asked=people[0], now=now)
    return first_one


def _journey(circle: Circle, writer: User, now: datetime) -> None:
    """The circle is on a journey, and one of them has begun the sheet for its next session."""
    taken = journey_take(circle=circle, version=journey_version_of("new_managers"), by=writer, now=now)
    leg = taken.legs.select_related("session", "version").earliest("place")
    if leg.session:
        texts = {0: "Checking every lesson plan myself.", 2: "One in which I was in two classrooms, not in none."}
        sheet_write(session=leg.session, leg=leg, owner=writer, texts=texts, now=now)


def _poll(circle: Circle, people: list[User], now: datetime) -> TimePoll:
    """Three dates that one member has answered."""
    day = to_local(now, circle.time_zone).date() + timedelta(days=30)
    starts = [datetime.combine(day + timedelta(days=at), time(hour)) for at, hour in ((0, 12), (1, 16), (4, 9))]
    poll = poll_start(circle=circle, starts=starts, zone=circle.time_zone, by=people[0], now=now)
    levels = dict(zip(poll.options.order_by("starts_at").values_list("pk", flat=True), Level.values, strict=True))
    poll_answer(poll=poll, user=people[5], levels=levels)
    return poll


def _nothing_is_mailed(now: datetime) -> None:
    """What was just said stands under the bell; nobody here has an address that exists."""
    waiting = Message.objects.filter(state=MessageState.WAITING)
    waiting.filter(created_at=now, due_at=now, user__isnull=False).update(state=MessageState.SHOWN, heard_at=now)
    waiting.update(state=MessageState.DROPPED)


def _coming(circle: Circle, people: list[User], at: datetime, now: datetime) -> CircleSession:
    local = next_valid(to_local(at, circle.time_zone).replace(tzinfo=None, second=0, microsecond=0), circle.time_zone)
    details = SessionDetails(
        local_start=local,
        zone=circle.time_zone,
        format=version_of("council"),
        minutes=120,
        place="Room 4, the old library",
        call_link="https://meet.example.org/alder",
    )
    session = session_schedule(circle=circle, details=details, now=now)
    for index, user in enumerate(people):
        rsvp_set(session=session, user=user, answer=Rsvp.MAYBE if index == 3 else Rsvp.YES, now=now)
        if index != 4:
            title, text = ISSUES[(index + held_count(circle)) % len(ISSUES)]
            issue_bring(session=session, owner=user, title=title, text=text, ask="questions")
    return session


def _held(circle: Circle, people: list[User], at: datetime, *, settled: bool) -> CircleSession:
    """A session that ran to its planned minutes, with a check-out from each."""
    session = _coming(circle, people, at, at - timedelta(days=3))
    clock = session.starts_at
    ids = [user.pk for user in people]
    state = starting_services.session_start(
        session=session,
        here=ids,
        presenting=ids[:4],
        expected_seq=0,
        by=people[0],
        now=clock,
    )
    seat = min(state.steerers)
    while state.phase != "ended":
        clock += timedelta(seconds=state.segments[state.index].seconds)
        state = live.session_command(session=session, kind="next", seat=seat, expected_seq=state.seq, now=clock)
    session.refresh_from_db()
    for index, user in enumerate(people):
        _checked_out(session, people, index, user, clock, settled=settled)
    return session


def _checked_out(
    session: CircleSession, people: list[User], index: int, user: User, at: datetime, *, settled: bool
) -> None:
    due_on = (at + timedelta(days=20 + 2 * index)).date()
    partner = people[(index + 1) % len(people)]
    plan = PlanLine(PLANS[index]) if index < len(PLANS) else None
    promise = CommitmentDetails(PROMISES[index], due_on, partner, plan=plan) if index != 3 else None
    looked = ReviewDetails(kept=index != 2, slips=[Theme.ATTENDANCE] if index == 2 else [], got=index != 3)
    out = writing_services.check_out_share(
        session=session, user=user, insight=INSIGHTS[index], promise=promise, now=at, looked=looked
    )
    if out.commitment and settled:
        commitment_settle(commitment=out.commitment, status=CommitmentStatus.KEPT, now=at + timedelta(days=19))
