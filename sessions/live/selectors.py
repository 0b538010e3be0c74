"""What the live room shows one person: everything a template needs, worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules.zones import to_local
from agreements.access import reads_proposal
from agreements.commitment_selectors import commitments_told_in, default_due, kept_since, partner_suggested
from agreements.enums import Theme
from agreements.models import by_theme
from agreements.review_services import FEWEST
from agreements.selectors import (
    in_force,
    proposals_to_talk_about,
    review_shown,
    signatures_of,
    slips_of,
    slips_recurring,
)
from agreements.sentences import rule_of, title
from circles.access import reads_goal
from circles.models import Circle
from circles.rules.deciding import milestones
from circles.rules.naming import called
from circles.rules.ring import Seat
from circles.selectors import covenant_of, goals_of, ring_of
from sessions.access import SessionSeat
from sessions.enums import Attendance, ParticipantKind, Role
from sessions.formats.selectors import formats_for
from sessions.live.log_selectors import state_of
from sessions.live.showing import Group, Person, groups_of, running
from sessions.live.windows import (
    CLOSES_IN_ANY_CASE_AFTER,
    SEEN_FOR,
    attendance_open,
    check_out_open,
    has_just_begun,
    may_put_back,
    may_start,
    opens_at,
    starts_early,
    taken_over_from,
)
from sessions.models import CheckOut, CircleSession, Issue, Note, Participation, ScribeNote, SessionRole
from sessions.planning.selectors import (
    Coming,
    Counts,
    Gathering,
    counts_of,
    gathering_of,
    history_of,
    look_is_due,
    roles_needed,
    roles_of,
    sessions_coming,
)
from sessions.rules.clock import clock_of, from_ms, to_ms
from sessions.rules.format import Format, Stage, suits
from sessions.rules.runner import State
from sessions.rules.sitting import Sitting, sit_down
from sessions.rules.texts import mark_of
from sessions.rules.timeline import Plan

TOLD_BEFORE_CLOSING = timedelta(minutes=10)


def plan_groups(rule: Format, timed: Plan, people: list[Coming]) -> list[Group]:
    """The lines of a plan that has not started; seats are the places in `people`, from 1."""
    names = {at: one.user.first for at, one in enumerate(people, start=1)}
    return groups_of(rule, timed.segments, names, index=-1, starts_ms=None)


def people_of(gathering: Gathering, *, now: datetime) -> list[Person]:
    """Everybody of the circle in the order of the ring, with seat numbers as the start gives them.

    Once it runs also those who have left the circle since: what was theirs has to be gone past by name. Whoever has
    joined since is below nothing until they get a seat.
    """
    coming = gathering.people
    names = called([*(one.user for one in coming), *(part.user for part in gathering.gone)])
    begun = any(one.participation and one.participation.seat for one in coming)
    listed = []
    for at, one in enumerate(coming, start=1):
        part = one.participation
        seen = bool(part and part.last_seen_at and part.last_seen_at > now - SEEN_FOR)
        listed.append(
            Person(
                user=one.user,
                name=names[one.user.pk],
                seat=part.seat if part and part.seat else -at if begun else at,
                roles=one.roles,
                here=seen,
                came=bool(part and part.attendance == Attendance.CAME),
                issue=one.issue,
                rsvp=one.rsvp,
                turns=one.takes_turns,
                guest=one.guest,
                checked_out=one.checked_out,
                hand_ms=to_ms(part.hand_at) if part and part.hand_at else 0,
                away=bool(part and part.away_at),
            )
        )
    return listed + [_gone(part, names[part.user_id]) for part in gathering.gone]


def _gone(part: Participation, name: str) -> Person:
    turns = part.kind != ParticipantKind.FACILITATOR
    return Person(part.user, name, part.seat or 0, (), False, False, None, part.rsvp, turns, False, gone=True)


@dataclass(frozen=True)
class Ticks:
    """What whoever starts has ticked and chosen so far: codes of people, a format's key, agreed minutes by user id."""

    here: tuple[str, ...]
    presents: tuple[str, ...]
    format: str = ""
    minutes: Mapping[int, int] = field(default_factory=dict)


def room(seat: SessionSeat, *, now: datetime, ticks: Ticks | None = None) -> dict[str, Any]:
    """Everything the live page of one person shows; the plan of the lobby follows `ticks` where there are some."""
    session = seat.session
    state = state_of(session)
    gathering, counts = gathering_of(session), counts_of(session)
    people = people_of(gathering, now=now)
    me = next(person for person in people if person.user == seat.user)
    context = {
        "seat": seat,
        "circle": seat.circle,
        "session": session,
        "number": counts.number,
        "state": state,
        "people": people,
        "me": me,
        "rule": session.format_version.rule,
        "phase": state.phase,
        "now_ms": to_ms(now),
    }
    if state.phase == "waiting":
        lobby = _lobby(seat, gathering, counts, people, me, now, ticks)
        return context | _agreement(seat) | lobby | _to_open_with(seat, counts.number, now)
    if state.phase == "ended":
        return context
    shown = _running(seat, state, people, me, now, first=counts.number <= 1)
    opens = shown["stage"].part == "opening"
    if opens:
        shown |= _to_open_with(seat, counts.number, now)
    if seat.must_sign:
        shown |= _agreement(seat)
    elif opens:
        shown["themes"] = by_theme(in_force(seat.circle)[1])
    shown["may_put_back"] = state.steers(me.seat) and has_just_begun(session, now=now)
    return context | shown | _host_away(seat, state, now, steers=shown["steers"], again_ms=shown["again_ms"])


def _host_away(seat: SessionSeat, state: State, now: datetime, *, steers: bool, again_ms: int) -> dict[str, Any]:
    """Whether the reader may take over, and when the page looks again because they may by then."""
    if steers or seat.guest:
        return {"may_take_over": False}
    due = taken_over_from(seat.session, state)
    if now > due:
        return {"may_take_over": True}
    return {"may_take_over": False, "again_ms": min(again_ms, to_ms(due) + 1000)}


def shared_screen(seat: SessionSeat, *, now: datetime) -> dict[str, Any]:
    """What everybody in the room may see on a wall: the moment and nobody's words, as nobody in particular."""
    session = seat.session
    state = state_of(session)
    people = people_of(gathering_of(session), now=now)
    context: dict[str, Any] = {
        "circle": seat.circle,
        "session": session,
        "state": state,
        "phase": state.phase,
        "now_ms": to_ms(now),
        "rule": session.format_version.rule,
    }
    if not (session.is_planned or session.is_running):
        return context | {"phase": "ended"}
    if state.phase == "waiting":
        here = [person for person in people if person.turns and person.here]
        ring = [Seat(p.user.initials, p.name, away=not p.here) for p in people if p.turns]
        clock = clock_of(to_ms(session.starts_at) - to_ms(now))
        label = _("Here: %s.") % (", ".join(p.name for p in here) or _("nobody yet"))
        return context | {"ring": ring, "ring_label": label, "clock": clock, "share": None}
    nobody = replace(people[0], seat=-1, name="", turns=False)
    shown = running(
        context["rule"],
        state,
        [*people, nobody],
        nobody,
        now_ms=to_ms(now),
        ends_ms=to_ms(session.plans_to_end_at),
        first=counts_of(session).number <= 1,
    )
    return context | shown


def _to_open_with(seat: SessionSeat, number: int, now: datetime) -> dict[str, Any]:
    """What a session opens with: concerns to talk about, slips that recur, a look that is due, what each wants."""
    if seat.guest or not seat.reads_words:
        return {}
    covenant = covenant_of(seat.circle)
    today = to_local(now, seat.session.zone).date()
    slipped = slips_recurring(seat.circle, today=today, fewest=FEWEST, since=seat.membership.joined_at)
    read_out = covenant is not None and number in milestones(covenant.sessions)
    return {
        "concerns": [(one, title(one)) for one in proposals_to_talk_about(seat.circle) if reads_proposal(seat, one)],
        "slipped": [Theme(theme).label for theme in slipped],
        "look_is_due": look_is_due(seat.circle),
        "goals": [goal for goal in goals_of(covenant) if reads_goal(seat, goal)] if covenant and read_out else [],
    }


def _agreement(seat: SessionSeat) -> dict[str, Any]:
    version, clauses = in_force(seat.circle)
    signed = version is not None and seat.user.pk in signatures_of(version)
    rule = rule_of(version) if version else ""
    return {"version": version, "themes": by_theme(clauses), "signed": signed, "agreement_rule": rule}


def _sat_down(
    seat: SessionSeat, gathering: Gathering, ring: list[Person], me: Person, ticks: Ticks | None
) -> tuple[Format, list[Person], Sitting]:
    """The format, who is counted as here, and how they would sit down: as ticked, else whose page is open."""
    rule = seat.session.format_version.rule
    minutes = {one.user.pk: one.minutes for one in gathering.people if one.minutes}
    here = [person for person in ring if person.here or person is me] or [me]
    bringing = [person for person in here if person.brings]
    if ticks:
        rule = dict(formats_for(seat.circle)).get(ticks.format, rule)
        minutes = dict(ticks.minutes)
        here = [person for person in ring if person.code in ticks.here] or here
        bringing = [person for person in here if person.code in ticks.presents]
    sitting = sit_down(
        rule,
        {person.user.pk: person.seat for person in here},
        bringing=[person.user.pk for person in bringing],
        history=history_of(seat.circle),
        minutes=minutes,
    )
    return rule, here, sitting


def _lobby(
    seat: SessionSeat,
    gathering: Gathering,
    counts: Counts,
    people: list[Person],
    me: Person,
    now: datetime,
    ticks: Ticks | None,
) -> dict[str, Any]:
    session = seat.session
    ring = [person for person in people if person.turns]
    planned = session.format_version.rule
    rule, here, sitting = _sat_down(seat, gathering, ring, me, ticks)
    timed = sitting.plan(rule, room=session.minutes * 60, how=session.fit)
    others = _others(seat.circle, planned, len(here))
    roles = [(role, gathering.roles.get(role.value)) for role in roles_needed(planned)]
    marks = {person.seat: person.roles[0] if person.roles else "" for person in people}
    names = {person.seat: person.name for person in people}
    return {
        "here": here,
        "here_count": len([person for person in ring if person.here]),
        "ring_count": len(ring),
        "may_start": may_start(
            session,
            is_host=gathering.roles.get(Role.HOST.value) == seat.user,
            facilitates=seat.facilitates,
            now=now,
        ),
        "plan": timed,
        "plan_rule": rule,
        "plan_ends": from_ms(max(to_ms(session.starts_at), to_ms(now)) + timed.seconds * 1000) if timed else None,
        "presenting": [names[one] for one in timed.presenters] if timed and not rule.rotates else [],
        "order": [names[one] for one in sitting.order],
        "fits": suits(rule, len(here)),
        "others": [(key, name) for key, name, _fits in others],
        "other": next((name for _key, name, fits in others if fits), ""),
        "issue": None if seat.sharing else me.issue,
        "roles": roles,
        "minutes": {one.user.pk: one.minutes for one in gathering.people},
        "ring": [
            Seat(
                p.user.initials,
                _("You") if p is me else p.name,
                marks[p.seat],
                you=p is me,
                away=not p.here and p is not me,
            )
            for p in ring
        ],
        "ring_label": _here_sentence(ring, me),
        "data_state": "waiting",
        "clock": clock_of(to_ms(session.starts_at) - to_ms(now)),
        "is_late": now > session.starts_at,
        "opens_at": opens_at(session) if starts_early(session, now=now) else None,
    }


def _others(circle: Circle, rule: Format, here: int) -> list[tuple[str, str, bool]]:
    """Formats to take instead: key, name, whether it is made for so many people; those that are come first."""
    listed = [(key, one) for key, one in formats_for(circle) if one.text("name") != rule.text("name")]
    listed.sort(key=lambda item: not suits(item[1], here))
    return [(key, one.text("name", get_language() or "en"), suits(one, here)) for key, one in listed]


def _here_sentence(ring: list[Person], me: Person) -> str:
    here = [person.name for person in ring if person.here and person is not me]
    away = [person.name for person in ring if not person.here and person is not me]
    said = _("Here: you") + "".join(f", {name}" for name in here) + "."
    return said + (" " + _("Not here yet: %s.") % ", ".join(away) if away else "")


def _running(
    seat: SessionSeat, state: State, people: list[Person], me: Person, now: datetime, *, first: bool
) -> dict[str, Any]:
    session = seat.session
    rule = session.format_version.rule
    ends_ms = to_ms(session.plans_to_end_at)
    shown = running(rule, state, people, me, now_ms=to_ms(now), ends_ms=ends_ms, first=first)
    reads, presenter, stage = seat.reads_words, shown["presenter"], shown["stage"]
    writes = str(Role.SCRIBE.label) in me.roles and not seat.sharing
    return shown | {
        "commands": reverse("sessions:live", args=[session.code]),
        "issue": presenter.issue if reads and presenter else None,
        **(_told(seat, _teller(rule, stage, shown["speaker"], me)) if reads else {}),
        "note": None if seat.sharing else Note.objects.filter(session=session, author=seat.user).first(),
        "scribe_for": _scribe_for(session, people, me) if writes else [],
        "closes": _closes(session, state, now),
        "checked_out": me.checked_out,
        "check_out_now": stage.part in ("check_out", "closing", "thank_you"),
    }


def _closes(session: CircleSession, state: State, now: datetime) -> datetime | None:
    """When it ends by itself at the latest, told once nobody has pressed for so long that this is coming nearer."""
    if state.phase != "running" or session.finish_by is None or now < session.finish_by - TOLD_BEFORE_CLOSING:
        return None
    return session.finish_by + CLOSES_IN_ANY_CASE_AFTER


def _scribed(seat: SessionSeat) -> ScribeNote | None:
    return ScribeNote.objects.filter(session=seat.session, reader=seat.user).first()


def _scribe_for(session: CircleSession, people: list[Person], me: Person) -> list[tuple[Person, str, str]]:
    """Those a scribe writes for, with what stands there so far and its mark."""
    written = {note.reader_id: note.text for note in ScribeNote.objects.filter(session=session)}
    texts = [(one, str(written.get(one.user.pk, ""))) for one in people if one.turns and not one.gone and one is not me]
    return [(person, text, mark_of(text)) for person, text in texts]


def _teller(rule: Format, stage: Stage, speaker: Person | None, me: Person) -> Person | None:
    """Whose promises come back now: the speaker's in a check-in; one's own where it is no round.

    A format without a check-in has no time for them, so each sees their own while it opens.
    """
    if stage.part == "check_in":
        return speaker or me
    opens = stage.part == "opening" and stage.key == rule.opening.key
    return me if opens and all(one.part != "check_in" for one in rule.stages.values()) else None


def _told(seat: SessionSeat, speaker: Person | None) -> dict[str, Any]:
    """What whoever tells has kept since last time, and their open commitments.

    What is left open can be carried over to the next session, by its date.
    """
    if seat.guest or speaker is None or speaker.guest or not speaker.turns:
        return {}
    circle, session = seat.circle, seat.session
    last = CircleSession.objects.filter(circle=circle, ended_at__isnull=False).order_by("-ended_at").first()
    since = last.started_at if last else None
    came = seat.membership.joined_at
    told = commitments_told_in(circle, seat.user, owners=[speaker.user.pk], came=came, for_all=seat.sharing)
    today = to_local(session.started_at or session.starts_at, seat.user.time_zone).date()
    later = next((one for one in sessions_coming(circle) if one.is_planned and one.pk != session.pk), None)
    next_on = later.starts_local(seat.user.time_zone).date() if later else None
    return {
        "told": told.get(speaker.user.pk, []),
        "teller": speaker,
        "told_mine": speaker.user == seat.user,
        "kept_told": kept_since(circle, seat.user, owner=speaker.user.pk, since=since, came=came, for_all=seat.sharing),
        "carry_to": default_due(circle, today=today, next_on=next_on),
        "told_today": today,
    }


def guest_page(seat: SessionSeat) -> dict[str, Any]:
    """What a guest needs to know before the session, and the agreement they sign first."""
    return {
        "seat": seat,
        "circle": seat.circle,
        "session": seat.session,
        "rule": seat.session.format_version.rule,
        "must_sign": seat.must_sign,
    } | _agreement(seat)


def my_part(session: CircleSession, user: User) -> Participation | None:
    return Participation.objects.filter(session=session, user=user).first()


def parts_of(session: CircleSession) -> list[Participation]:
    """Everybody's part in a session that is over, in the order of the seats; of whoever was counted on, or came."""
    rows = Participation.objects.filter(session=session).exclude(attendance=Attendance.EXPECTED)
    return list(rows.select_related("user").order_by(F("seat").asc(nulls_last=True), "pk"))


def may_correct_attendance(seat: SessionSeat) -> bool:
    """Facilitators of the circle, and whoever hosted."""
    hosted = SessionRole.objects.filter(session=seat.session, user=seat.user, role_key=Role.HOST)
    return seat.session.is_over and (seat.facilitates or hosted.exists())


def check_out_choices(seat: SessionSeat) -> tuple[list[User], User | None]:
    """Who could ask how it went, and whoever has been asked least."""
    people = [user for user in ring_of(seat.circle) if user != seat.user]
    return people, partner_suggested(seat.circle, seat.user, people=people)


def _next_roles(session: CircleSession | None) -> list[tuple[Role, User | None]]:
    """Who holds which role in the next session."""
    if session is None:
        return []
    holders = roles_of(session)
    return [(role, holders.get(role.value)) for role in roles_needed(session.format_version.rule)]


def evenness(parts: list[Participation]) -> int | None:
    """How evenly the floor was shared by the members who came, from 0 to 100; None with fewer than two who spoke.

    100 times one less the Gini coefficient of the seconds each held the floor, rescaled so that one person speaking
    alone is 0 whatever the number of people.
    """
    held = sorted(
        p.floor_seconds for p in parts if p.attendance == Attendance.CAME and p.kind == ParticipantKind.MEMBER
    )
    count, whole = len(held), sum(held)
    if count < 2 or not whole:
        return None
    uneven = sum((2 * at - count - 1) * seconds for at, seconds in enumerate(held, start=1)) / (count * whole)
    return round(100 * (1 - uneven * count / (count - 1)))


def _waits(session: CircleSession, mine: Participation | None) -> Issue | None:
    """What the reader brought to a session in which their turn did not begin; only they ever see it."""
    if mine is None or not mine.presents:
        return None
    untold = Issue.objects.filter(owner=mine.user_id, told=False, session__circle=session.circle_id)
    told = Issue.objects.filter(owner=mine.user_id, told=True, session=session)
    return None if told.exists() else untold.select_related("session", "vault").order_by("-session__starts_at").first()


def _steered(seat: SessionSeat) -> bool:
    return seat.number is not None and seat.session.seq > 0 and state_of(seat.session).steers(seat.number)


def past_page(seat: SessionSeat, *, now: datetime) -> dict[str, Any]:
    """What stayed of a session: who came; words only for those who belonged to the circle that day."""
    session = seat.session
    parts = parts_of(session)
    mine = next((part for part in parts if part.user_id == seat.user.pk), None)
    reads = seat.reads_words
    outs = (
        CheckOut.objects.filter(participation__session=session)
        .select_related("vault", "participation__user", "commitment__vault")
        .order_by("participation__seat")
        if reads
        else []
    )
    issues = Issue.objects.filter(session=session, told=True).select_related("vault", "owner") if reads else []
    later = next((one for one in sessions_coming(seat.circle) if not one.was_missed(now)), None)
    closed = not check_out_open(session, now=now) and not session.stopped
    review = review_shown(session.code, over=closed, fewest=FEWEST) if reads else None
    return {
        "seat": seat,
        "circle": seat.circle,
        "session": session,
        "number": counts_of(session).number,
        "parts": parts,
        "mine": mine,
        "reads": reads,
        "outs": [out for out in outs if out.insight or out.commitment],
        "issues": list(issues),
        "waits": None if seat.sharing else _waits(session, mine),
        "note": None if seat.sharing else Note.objects.filter(session=session, author=seat.user).first(),
        "scribed": _scribed(seat) if reads and not seat.sharing else None,
        "review": review,
        "enough": FEWEST,
        "slipped": [Theme(slip.theme).label for slip in slips_of(review)] if review else [],
        "next": later,
        "next_roles": _next_roles(later),
        # Where they stopped for the day most had no turn yet: that says nothing about how they share.
        "evenness": None if session.stopped else evenness(parts),
        "may_put_back": _steered(seat) and may_put_back(session, now=now),
        "corrects": attendance_open(session, now=now) and may_correct_attendance(seat),
        "may_check_out": bool(
            mine
            and seat.membership.takes_part
            and check_out_open(session, now=now)
            and not CheckOut.objects.filter(participation=mine).exists()
        ),
    }
