"""The programme of the demonstration: five circles with history, a pulse that closed, one that is open, a board."""

from datetime import datetime, time, timedelta
from typing import Any

from accounts.enums import Level
from accounts.models import User
from accounts.services import availability_add
from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
from agreements.enums import CommitmentStatus
from agreements.selectors import current_version
from agreements.services import agreement_sign, agreement_start
from circles.models import Circle, Membership
from circles.services import CircleDetails, circle_start
from programmes.board_services import person_place
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, people_invite, quote_offer
from programmes.enums import EnrolmentStatus, Moment, statements_of
from programmes.figures_services import figures_count
from programmes.forming_services import draft_change, round_begin
from programmes.models import Enrolment, Programme, Pulse, PulseTicket, Round, RoundCircle
from programmes.pulse_services import PulseDetails, pulse_answer, pulse_freeze, pulse_open, pulses_plan
from programmes.services import ProgrammeDetails, programme_start
from sessions.enums import Attendance, SessionStatus
from sessions.formats.library import version_of
from sessions.models import CircleSession, Participation
from sessions.planning.services import SessionDetails, session_schedule

# Further circles: their people, and how many came to each session that was held; then whether a date is set.
CIRCLES = (
    ("Birch", ("Karl Lindgren", "Nadia Aziz", "Inês Carvalho", "Ravi Menon", "Moira Kerr"), (5, 4, 5), True),
    ("Hazel", ("Helen Sturgess", "Theo Grant", "Claire Bouchard", "Daniel Osei", "Ruben Vos"), (5, 3, 2), True),
    ("Willow", ("Gwen Pritchard", "Owen Bell", "Yusuf Demir", "Sara Lund"), (4, 3), False),
)
# Those who have asked for a place: function, location, and whose report they are.
ASKING = (
    ("Agnes Holm", "Operations", "Leeds", ""),
    ("Bilal Khan", "Finance", "Lisbon", ""),
    ("Chiara Conti", "Ward management", "London", ""),
    ("Dmitri Orlov", "Estates", "Glasgow", ""),
    ("Eilidh Stewart", "Data", "Leeds", ""),
    ("Farah Nasser", "Service direction", "Cardiff", ""),
    ("George Ward", "Team management", "Cardiff", "farah.nasser@example.org"),
    ("Hana Kim", "Programme management", "London", ""),
    ("Ivo Marek", "Product", "Berlin", ""),
)
HELPS = ("That nobody interrupts.", "The question before the advice.", "", "That it starts on time.", "")
SENTENCE = "For the first time in years I say out loud what I do not know."


def programme_load(*, admin: User, circles: list[tuple[Circle, list[User]]], now: datetime) -> Programme:
    """A programme that administers the circles given and some more. Nothing of it is mailed."""
    began = now - timedelta(weeks=7)
    details = ProgrammeDetails(
        name="Leading Well",
        time_zone="Europe/London",
        starts_on=began.date(),
        ends_on=(now + timedelta(weeks=19)).date(),
        purpose="People who lead others meet as equals, bring what is really the matter, and keep what they promise.",
        welcome="Welcome. Read the cards, say when you can meet, and tell your manager about the hours.",
        asks=["function", "location", "manager", "apart"],
        min_size=4,
        max_size=5,
        places=60,
        cards=["listening", "open_questions"],
    )
    programme = programme_start(details=details, by=admin, now=began)
    first = Round.objects.create(programme=programme, number=1, first_on=began.date(), published_at=began)
    made = [*circles, *(_circle(row, began, now) for row in CIRCLES)]
    for circle, people in made:
        RoundCircle.objects.create(round=first, circle=circle)
        for user in people:
            _enrolled(programme, user, began, placed=True)
    _pulses(first, now)
    _board(programme, now)
    people_invite(programme=programme, people={f"person{at}@example.org": {} for at in range(3)}, by=admin, now=now)
    quote_offer(programme=programme, user=circles[0][1][0], text=SENTENCE, with_name=False, now=now)
    figures_count(programme=programme, now=now)
    return programme


def _someone(name: str) -> User:
    """Somebody who cannot sign in: only for show."""
    email = ".".join(name.lower().split()) + "@example.org"
    return User.objects.create_user(email, None, name=name, time_zone="Europe/London", zone_confirmed=True)


def _enrolled(programme: Programme, user: User, at: datetime, *, placed: bool = False, **yes: Any) -> Enrolment:
    row = enrolment_make(programme=programme, user=user, yes=EnrolmentDetails(**yes), now=at)
    if placed:
        Enrolment.objects.filter(pk=row.pk).update(status=EnrolmentStatus.PLACED)
    return row


def _circle(row: tuple[str, tuple[str, ...], tuple[int, ...], bool], began: datetime, now: datetime) -> Any:
    name, names, came, goes_on = row
    people = [_someone(one) for one in names]
    details = CircleDetails(name=name, time_zone="Europe/London", min_size=4, max_size=5)
    circle = circle_start(details=details, by=people[0], now=began)
    agreement_start(circle=circle, now=began)
    for user in people[1:]:
        Membership.objects.create(circle=circle, user=user, joined_at=began)
    version = current_version(circle)
    for user in people:
        if version:
            agreement_sign(circle=circle, user=user, version=version.code, digest=version.digest, now=began)
    for number, here in enumerate(came):
        _session_held(circle, people, here, began + timedelta(days=2 + 16 * number))
    _promises(circle, people, began, now)
    if goes_on:
        wish_next = SessionDetails(
            local_start=datetime.combine((now + timedelta(days=8)).date(), time(14)),
            zone="Europe/London",
            format=version_of("council"),
            minutes=120,
        )
        session_schedule(circle=circle, details=wish_next, now=now)
    return circle, people


def _session_held(circle: Circle, people: list[User], here: int, at: datetime) -> None:
    at = at.replace(hour=14, minute=0, second=0, microsecond=0)
    session = CircleSession.objects.create(
        circle=circle, local_date=at.date(), local_time=at.time(), zone="Europe/London", starts_at=at,
        format_version=version_of("council"), minutes=120, status=SessionStatus.ENDED, started_at=at,
        ended_at=at + timedelta(minutes=115), came_count=here, expected_count=len(people),
    )  # fmt: skip
    for seat, user in enumerate(people, start=1):
        attendance = Attendance.CAME if seat <= here else Attendance.MISSED
        Participation.objects.create(session=session, user=user, seat=seat, place=seat, attendance=attendance)


def _promises(circle: Circle, people: list[User], began: datetime, now: datetime) -> None:
    for at, user in enumerate(people * 2):
        due = (began + timedelta(days=20 + 3 * at)).date()
        details = CommitmentDetails(text="Say it before the meeting, not after", due_on=due, partner=None)
        made = commitment_make(circle=circle, owner=user, details=details, now=began + timedelta(days=3 + at))
        if due < now.date() and at % 5:
            commitment_settle(commitment=made, status=CommitmentStatus.KEPT, now=now - timedelta(days=1))


def _pulses(round_: Round, now: datetime) -> None:
    """The start closed a month ago; the middle is open, and somebody has answered it."""
    pulses_plan(round_=round_, first_on=round_.first_on)
    start = Pulse.objects.get(round=round_, moment=Moment.START)
    pulse_open(pulse=start, now=now - timedelta(weeks=6))
    for at, ticket in enumerate(PulseTicket.objects.filter(pulse=start).order_by("pk")):
        if at != 13:
            pulse_answer(ticket=ticket, answer=_answer(start, at))
    pulse_freeze(pulse=start, now=now - timedelta(weeks=4))
    middle = Pulse.objects.get(round=round_, moment=Moment.MIDDLE)
    days = {"opens_on": (now - timedelta(days=2)).date(), "closes_on": (now + timedelta(days=8)).date()}
    Pulse.objects.filter(pk=middle.pk).update(**days)
    pulse_open(pulse=middle, now=now - timedelta(days=2))


def _answer(pulse: Pulse, at: int) -> PulseDetails:
    scores = {one.value: 2 + (at * 7 + number * 3) % 4 for number, one in enumerate(statements_of(pulse.moment))}
    return PulseDetails(scores, helps=HELPS[at % 5], change="", helps_released=at % 5 == 1)


def _board(programme: Programme, now: datetime) -> None:
    """People who asked for a place, some of them put together: one pair that should not be."""
    rows = []
    for at, (name, function, location, manager) in enumerate(ASKING):
        user = _someone(name)
        days = range(at % 2, 4 + at % 2)
        availability_add(user=user, weekdays=days, start=(9 + at % 3) * 60, end=(15 + at % 3) * 60, level=Level.GOOD)
        facts = {"function": function, "location": location, "manager": manager}
        rows.append(
            _enrolled(
                programme, user, now - timedelta(days=9 - at), facts=facts, may_facilitate=at == 0,
                motive="I would like to think aloud with people who do not report to me.",
            )
        )  # fmt: skip
    made = round_begin(programme=programme, first_on=(now + timedelta(days=14)).date())
    drafts = list(made.drafts.order_by("name"))
    for at, row in enumerate(rows[:-1]):
        person_place(round_=made, enrolment=row, draft=drafts[at // 4 % len(drafts)])
    draft_change(draft=drafts[0], name=drafts[0].name, facilitator=rows[0].user, first_on=None, first_at=None)
