"""A believable demonstration: two circles with history, made by the same services that people use."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.services import user_create_verified
from accounts.zones import next_valid, to_local
from agreements.commitment_services import commitment_settle
from agreements.enums import CommitmentStatus
from agreements.selectors import current_version
from agreements.services import agreement_sign, agreement_start
from circles.models import Circle, Membership
from circles.services import CircleWish, circle_start, members_invite
from notifications.enums import MessageState
from notifications.models import Message
from sessions.enums import Rsvp
from sessions.formats.library import definitions, version_of
from sessions.formats.services import draft_change, draft_save, format_copy
from sessions.live import services as live
from sessions.live import writing_services
from sessions.models import CircleSession
from sessions.planning.selectors import held_count
from sessions.planning.services import SessionWish, issue_bring, rsvp_set, session_schedule
from sessions.rules.editing import about_changed, added, changed, placed

PEOPLE = (
    ("Priya Raman", "Europe/London"),
    ("Amara Okafor", "Europe/London"),
    ("Tomasz Wieczorek", "Europe/Warsaw"),
    ("Leila Haddad", "America/Toronto"),
    ("Ewan Macleod", "Europe/London"),
    ("Sam Whitfield", "Europe/London"),
    ("Ruth Mensah", "Europe/London"),
)
ISSUES = (
    (
        "How do I hand over the rota without taking it back?",
        "I have done it for six years and I know every corner of it.",
    ),
    (
        "Two of my team have not spoken to each other since spring",
        "Both are good. Both come to me instead of to each other.",
    ),
    ("I say yes too quickly", "By Thursday my week belongs to other people."),
    ("Should I apply for the post?", "It would mean leading the people I sit beside today."),
    ("A project nobody dares to stop", "Everyone knows. Everyone looks at the floor."),
)
INSIGHTS = (
    "I keep the rota because it is the one thing I know I do well.",
    "I have been waiting for somebody to give me permission.",
    "A question helped me more than the best advice of this month.",
    "",
    "I noticed how much I rehearse before I say anything.",
)
PROMISES = (
    "Give Jo the December rota on Monday and leave the file closed until it is published",
    "Ask both of them into one room this week, and say why",
    "Answer no new request before I have slept on it",
    "Ring Hannah and ask what the first year was like",
    "Put “stop or go on” on the agenda of the next steering group",
)


def load(*, now: datetime) -> dict[str, Any]:
    """Make the demonstration and return how to sign in, per role. Nothing of it is mailed."""
    password = "-".join(secrets.choice(WORDS) for _word in range(4))
    with transaction.atomic():
        people = [_person(name, zone, password) for name, zone in PEOPLE]
        admin = _person("Dana Lindqvist", "Europe/London", password)
        admin.is_staff = admin.is_superuser = True
        admin.save(update_fields=["is_staff", "is_superuser"])
        alder = _circle("Alder circle", people[:5], now, purpose="Leading people who used to be our colleagues.")
        heads = _circle("New heads, Leeds", [people[0], people[5], people[6]], now, purpose="The first year as a head.")
        northern = _northern_forum(alder, people[0], now)
        for weeks in (6, 3):
            _held(alder, people[:5], now - timedelta(weeks=weeks), settled=weeks == 6)
        _held(heads, [people[0], people[5], people[6]], now - timedelta(weeks=4), settled=False)
        coming = _coming(alder, people[:5], now + timedelta(minutes=10), now)
        _coming(heads, [people[0], people[5], people[6]], now + timedelta(days=9), now)
        members_invite(circle=heads, emails=["grace@example.org"], by=people[0], now=now)
        Message.objects.filter(state=MessageState.WAITING).update(state=MessageState.DROPPED)
    return {
        "password": password,
        "accounts": [
            {"role": role, "name": user.name, "email": user.email, "password": password}
            for role, user in (
                ("facilitator", people[0]),
                ("member", people[1]),
                *[("member", user) for user in people[2:]],
                ("administrator", admin),
            )
        ],
        "circles": [
            {"name": circle.name, "path": reverse("pages:circle", args=[circle.code])} for circle in (alder, heads)
        ],
        "formats": [{"circle": alder.name, "path": reverse("formats:detail", args=[northern])}],
        "sessions": [
            {
                "circle": alder.name,
                "path": reverse("sessions:session", args=[coming.code]),
                "live": reverse("sessions:live", args=[coming.code]),
                "events": f"/live/{coming.code}/events",
                "starts_at": coming.starts_at.isoformat(),
            }
        ],
    }


WORDS = [
    "alder",
    "amber",
    "autumn",
    "basket",
    "beacon",
    "bramble",
    "candle",
    "cedar",
    "clover",
    "copper",
    "dusk",
    "ember",
    "fern",
    "garden",
    "harbour",
    "hazel",
    "heather",
    "island",
    "kettle",
    "lantern",
    "linden",
    "maple",
    "meadow",
    "mellow",
    "orchard",
    "pebble",
    "quiet",
    "river",
    "rowan",
    "saddle",
    "spruce",
    "thistle",
    "timber",
    "valley",
    "walnut",
    "willow",
    "window",
    "winter",
]


def _person(name: str, zone: str, password: str) -> User:
    email = f"{name.split()[0].lower()}@example.org"
    return user_create_verified(email=email, name=name, time_zone=zone, password=password)


def _circle(name: str, people: list[User], now: datetime, *, purpose: str) -> Circle:
    began = now - timedelta(weeks=7)
    wish = CircleWish(name=name, time_zone="Europe/London", purpose=purpose)
    circle = circle_start(wish=wish, by=people[0], now=began)
    agreement_start(circle=circle, now=began)
    for at, user in enumerate(people[1:], start=1):
        Membership.objects.create(circle=circle, user=user, joined_at=began + timedelta(hours=at))
    version = current_version(circle)
    if version:
        # One signature of the first circle is still to come, so that there is something to sign.
        for user in people[: 4 if len(people) > 4 else None]:
            agreement_sign(circle=circle, user=user, version=version.code, digest=version.digest, now=began)
    return circle


def _northern_forum(circle: Circle, by: User, now: datetime) -> str:
    """A circle's own copy of Forum: a longer silence before the experience. How addresses name it."""
    made = format_copy(circle=circle, definition=definitions()["forum"], name="Northern forum", by=by, now=now)
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


def _coming(circle: Circle, people: list[User], at: datetime, now: datetime) -> CircleSession:
    local = next_valid(to_local(at, circle.time_zone).replace(tzinfo=None, second=0, microsecond=0), circle.time_zone)
    wish = SessionWish(
        local_start=local,
        zone=circle.time_zone,
        format=version_of("council"),
        minutes=120,
        place="Room 4, the old library",
        call_link="https://meet.example.org/alder",
    )
    session = session_schedule(circle=circle, wish=wish, by=people[0], now=now)
    for index, user in enumerate(people):
        rsvp_set(session=session, user=user, answer=Rsvp.MAYBE if index == 3 else Rsvp.YES, now=now)
        if index != 4:
            title, text = ISSUES[(index + held_count(circle)) % len(ISSUES)]
            issue_bring(session=session, owner=user, title=title, text=text, ask="questions", now=now)
    return session


def _held(circle: Circle, people: list[User], at: datetime, *, settled: bool) -> None:
    """A session that ran to its planned minutes, with a check-out from each."""
    session = _coming(circle, people, at, at - timedelta(days=3))
    clock = session.starts_at
    ids = [user.pk for user in people]
    state = live.session_start(
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


def _checked_out(
    session: CircleSession, people: list[User], index: int, user: User, at: datetime, *, settled: bool
) -> None:
    due_on = (at + timedelta(days=20 + 2 * index)).date()
    promise = (
        writing_services.Promise(PROMISES[index], due_on, people[(index + 1) % len(people)]) if index != 3 else None
    )
    out = writing_services.check_out_share(session=session, user=user, insight=INSIGHTS[index], promise=promise, now=at)
    if out.commitment and settled:
        commitment_settle(commitment=out.commitment, status=CommitmentStatus.KEPT, now=at + timedelta(days=19))
