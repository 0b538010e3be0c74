"""What the live room shows one person: everything a template needs, worked out once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from agreements.models import Commitment, by_theme
from agreements.selectors import (
    commitments_told_in,
    in_force,
    partner_suggested,
    signatures_of,
)
from circles.naming import called
from circles.ring import Seat
from circles.selectors import ring_of
from sessions.access import SessionSeat
from sessions.enums import Attendance, Role
from sessions.formats.library import rules
from sessions.live.services import SEEN_FOR, check_out_open, from_ms, may_start, state_of, to_ms
from sessions.models import CheckOut, CircleSession, Issue, Note, Participation
from sessions.planning.selectors import Coming, Counts, Gathering, counts_of, gathering_of
from sessions.rules.runner import State
from sessions.rules.timeline import Format, Plan, Segment, plan, speaking_order


@dataclass(frozen=True)
class Person:
    """One person as the room shows them."""

    user: User
    name: str
    seat: int
    roles: tuple[str, ...]
    here: bool
    came: bool
    issue: Issue | None
    rsvp: str
    turns: bool
    checked_out: bool

    @property
    def brings(self) -> bool:
        return self.issue is not None

    def mark(self, now_speaking: bool, is_next: bool) -> str:
        if now_speaking:
            return ""
        return _("next") if is_next else (self.roles[0] if self.roles else "")


@dataclass(frozen=True)
class Group:
    """Neighbouring segments of one stage, as one line of the plan."""

    name: str
    seconds: int
    starts: datetime | None
    state: str
    tint: str


def stage_name(rule: Format, segment: Segment, names: dict[int, str]) -> str:
    """`Questions for Tomasz`."""
    text = rule.stage(segment.stage).text("name", get_language() or "en")
    return text.replace("{presenter}", names.get(segment.presenter or 0, ""))


def plan_groups(rule: Format, timed: Plan, people: list[Coming]) -> list[Group]:
    """The lines of a plan that has not started; seats are the places in `people`, from 1."""
    names = {at: one.user.first for at, one in enumerate(people, start=1)}
    return _groups(rule, timed.segments, names, index=-1, starts_ms=None)


def _groups(
    rule: Format,
    segments: tuple[Segment, ...],
    names: dict[int, str],
    *,
    index: int,
    starts_ms: int | None,
    now_left_ms: int = 0,
) -> list[Group]:
    """Lines with clock times from the present segment (or the start) on; what is past has none."""
    groups: list[Group] = []
    clock = starts_ms
    last: tuple[str, int | None] | None = None
    for at, segment in enumerate(segments):
        state = "past" if at < index else "now" if at == index else "ahead"
        same = (segment.stage, segment.presenter)
        if same == last:
            before = groups[-1]
            merged = before.state if before.state != "past" else state
            groups[-1] = Group(before.name, before.seconds + segment.seconds, before.starts, merged, before.tint)
        else:
            starts = from_ms(clock) if clock is not None and state != "past" else None
            tint = rule.stage(segment.stage).tint
            groups.append(Group(stage_name(rule, segment, names), segment.seconds, starts, state, tint))
        last = same
        if clock is not None and state != "past":
            clock += now_left_ms if state == "now" else segment.seconds * 1000
    return groups


def people_of(gathering: Gathering, *, now: datetime) -> list[Person]:
    """Everybody of the circle in the order of the ring, with seat numbers as the start gives them."""
    coming = gathering.people
    names = called(one.user for one in coming)
    listed = []
    for at, one in enumerate(coming, start=1):
        part = one.participation
        seen = bool(part and part.last_seen_at and part.last_seen_at > now - SEEN_FOR)
        listed.append(
            Person(
                user=one.user,
                name=names[one.user.pk],
                seat=(part.seat if part and part.seat else at),
                roles=one.roles,
                here=seen,
                came=bool(part and part.attendance == Attendance.CAME),
                issue=one.issue,
                rsvp=one.rsvp,
                turns=one.member.takes_part,
                checked_out=one.checked_out,
            )
        )
    return listed


def room(seat: SessionSeat, *, now: datetime) -> dict[str, Any]:
    """Everything the live page of one person shows."""
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
    }
    if state.phase == "waiting":
        return context | _agreement(seat) | _lobby(seat, gathering, counts, people, me, now)
    if state.phase == "ended":
        return context
    return context | _running(seat, state, people, me, now)


def _agreement(seat: SessionSeat) -> dict[str, Any]:
    version, clauses = in_force(seat.circle)
    signed = version is not None and seat.user.pk in signatures_of(version)
    return {"agreement": {"version": version, "themes": by_theme(clauses), "signed": signed}}


def _lobby(
    seat: SessionSeat, gathering: Gathering, counts: Counts, people: list[Person], me: Person, now: datetime
) -> dict[str, Any]:
    session = seat.session
    rule = session.format_version.rule
    ring = [person for person in people if person.turns]
    here = [person for person in ring if person.here or person.user == seat.user]
    order = speaking_order([person.seat for person in here] or [me.seat], counts.held)
    bringing = [person.seat for person in here if person.brings]
    presenters = [at for at in order if at in bringing] or order
    timed = plan(rule, order, presenters[: rule.most_presenters], room=session.minutes * 60)
    marks = {person.seat: person.roles[0] if person.roles else "" for person in people}
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
        "plan_ends": from_ms(max(to_ms(session.starts_at), to_ms(now)) + timed.seconds * 1000),
        "others": [other for other in rules().values() if other.key != rule.key],
        "issue": me.issue,
        "roles": [(role, gathering.roles.get(role.value)) for role in Role],
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
        "clock": _clock(to_ms(session.starts_at) - to_ms(now)),
        "is_late": now > session.starts_at,
    }


def _here_sentence(ring: list[Person], me: Person) -> str:
    here = [person.name for person in ring if person.here and person is not me]
    away = [person.name for person in ring if not person.here and person is not me]
    said = _("Here: you") + "".join(f", {name}" for name in here) + "."
    return said + (" " + _("Not here yet: %s.") % ", ".join(away) if away else "")


def _running(seat: SessionSeat, state: State, people: list[Person], me: Person, now: datetime) -> dict[str, Any]:
    session = seat.session
    rule = session.format_version.rule
    segment = state.segments[state.index]
    stage = rule.stage(segment.stage)
    by_seat = {person.seat: person for person in people}
    names = {person.seat: person.name for person in people}
    speaker = by_seat.get(segment.speaker or 0)
    presenter = by_seat.get(segment.presenter or 0)
    after = state.segments[state.index + 1 : state.index + 3]
    next_seat = after[0].speaker if after and after[0].speaker != segment.speaker else None
    left = state.remaining(to_ms(now))
    finish = from_ms(state.finish_at(to_ms(now)))
    mine = speaker is not None and speaker.user == seat.user
    ring = [person for person in people if person.turns]
    reads = seat.reads_words
    stage_people = [s.speaker for s in state.segments if s.stage == segment.stage and s.presenter == segment.presenter]
    return {
        "segment": segment,
        "stage": stage,
        "name": stage_name(rule, segment, names),
        "turn": _("%(at)s of %(of)s") % {"at": stage_people.index(segment.speaker) + 1, "of": len(stage_people)}
        if stage.kind == "each"
        else "",
        "speaker": speaker,
        "presenter": presenter,
        "mine": mine,
        "is_presenter": presenter is not None and presenter.user == seat.user,
        "who_now": _who_now(stage.floor, speaker, presenter, me),
        "rule_text": stage.text("rule", get_language() or "en"),
        "prompt": stage.text("prompt", get_language() or "en"),
        "data_state": _data_state(state, left, mine),
        "clock": _clock(left),
        "share": max(0.0, left / state.length) if state.length else 0.0,
        "steers": me.seat in state.steerers,
        "may_pass": mine and stage.kind == "each",
        "is_last": state.is_last,
        "next_label": _next_label(rule, state, names),
        "next_up": [
            (stage_name(rule, s, names), names.get(s.speaker or 0, "") if s.speaker != s.presenter else "", s.seconds)
            for s in after
        ],
        "finish": finish,
        "over_room": finish > session.plans_to_end_at,
        "groups": _groups(
            rule,
            state.segments,
            names,
            index=state.index,
            starts_ms=to_ms(now),
            now_left_ms=max(0, left),
        ),
        "bar": _bar(state),
        "ring": [_room_seat(p, me, speaker, next_seat) for p in ring],
        "ring_label": _ring_sentence(speaker, names.get(next_seat or 0)),
        "issue": presenter.issue if reads and presenter else None,
        "told": _told(seat, rule, segment, speaker) if reads else [],
        "note": Note.objects.filter(session=session, author=seat.user).first(),
        "checked_out": me.checked_out,
        "check_out_now": segment.stage in [s.key for s in rule.blocks[-1].stages],
    }


def _room_seat(person: Person, me: Person, speaker: Person | None, next_seat: int | None) -> Seat:
    speaks = person is speaker
    is_next = person.seat == next_seat
    return Seat(
        person.user.initials,
        _("You") if person is me else person.name,
        person.mark(speaks, is_next),
        you=person is me,
        speaking=speaks,
        next=is_next,
        away=not (person.came or person is me),
    )


def _ring_sentence(speaker: Person | None, next_name: str | None) -> str:
    said = _("%s holds the talking piece.") % speaker.name if speaker else _("The piece lies in the middle.")
    return said + (" " + _("%s is next.") % next_name if next_name else "")


def _who_now(floor: str, speaker: Person | None, presenter: Person | None, me: Person) -> str:
    if speaker is me:
        return _("You speak")
    if speaker:
        return _("%s speaks") % speaker.name
    if floor == "others" and presenter:
        return _("You listen") if presenter is me else _("Everyone but %s") % presenter.name
    return _("Silence") if floor == "nobody" else _("Everyone")


def _data_state(state: State, left: int, mine: bool) -> str:
    if state.phase == "paused":
        return "paused"
    if left < 0:
        return "over"
    return "mine" if mine else "running"


def _clock(left: int) -> str:
    """`2:14` counting down (rounded up), `+0:42` over time (rounded down), so that 0:00 is shown once."""
    seconds = -(-left // 1000) if left > 0 else -left // 1000
    hours, rest = divmod(seconds, 3600)
    text = f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
    return text if left > 0 else f"+{text}"


def _next_label(rule: Format, state: State, names: dict[int, str]) -> str:
    if state.is_last:
        return _("End the session")
    coming = state.segments[state.index + 1]
    name = stage_name(rule, coming, names)
    if rule.stage(coming.stage).kind == "each" and coming.speaker:
        return _("Next: %(name)s, %(who)s") % {"name": name, "who": names.get(coming.speaker, "")}
    return _("Next: %s") % name


@dataclass(frozen=True)
class Stretch:
    """One part of the progress bar: where it begins and how wide it is, of 1000."""

    x: float
    width: float
    state: str


def _bar(state: State) -> list[Stretch]:
    total = sum(segment.seconds for segment in state.segments) or 1
    x, stretches = 0.0, []
    for at, segment in enumerate(state.segments):
        width = 1000 * segment.seconds / total
        word = "past" if at < state.index else "now" if at == state.index else "ahead"
        stretches.append(Stretch(round(x, 1), round(max(2.0, width - 2), 1), word))
        x += width
    return stretches


def _told(seat: SessionSeat, rule: Format, segment: Segment, speaker: Person | None) -> list[Commitment]:
    """In the check-in, the commitments of whoever speaks, ready to be told."""
    first_block = [stage.key for stage in rule.blocks[0].stages if stage.kind == "each"]
    if segment.stage not in first_block or speaker is None:
        return []
    return commitments_told_in(seat.circle, seat.user, owners=[speaker.user.pk]).get(speaker.user.pk, [])


def my_part(session: CircleSession, user: User) -> Participation | None:
    return Participation.objects.filter(session=session, user=user).first()


def check_out_choices(seat: SessionSeat) -> tuple[list[User], User | None]:
    """Who could ask how it went, and whoever has been asked least."""
    people = [user for user in ring_of(seat.circle) if user != seat.user]
    return people, partner_suggested(seat.circle, seat.user, people=people)


def past_page(seat: SessionSeat, *, now: datetime) -> dict[str, Any]:
    """What stayed of a session: who came; words only for those who belonged to the circle that day."""
    session = seat.session
    parts = list(Participation.objects.filter(session=session).select_related("user").order_by("seat", "pk"))
    mine = next((part for part in parts if part.user_id == seat.user.pk), None)
    reads = seat.reads_words
    outs = (
        CheckOut.objects.filter(participation__session=session)
        .select_related("vault", "participation__user", "commitment__vault")
        .order_by("participation__seat")
        if reads
        else []
    )
    issues = (
        Issue.objects.filter(session=session, owner__in=[p.user_id for p in parts if p.presents]).select_related(
            "vault", "owner"
        )
        if reads
        else []
    )
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
        "note": Note.objects.filter(session=session, author=seat.user).first(),
        "may_check_out": bool(
            mine and check_out_open(session, now=now) and not CheckOut.objects.filter(participation=mine).exists()
        ),
    }
