"""What the live room shows one person: everything a template needs, worked out once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.rules.zones import to_local
from agreements.access import reads_proposal
from agreements.commitment_selectors import commitments_told_in, default_due, kept_since
from agreements.enums import Theme
from agreements.mirror_selectors import trying_in
from agreements.models import by_theme
from agreements.review_services import FEWEST
from agreements.selectors import in_force, proposals_to_talk_about, slips_recurring
from agreements.sentences import title
from circles.access import reads_goal
from circles.rules.deciding import is_half_time, milestones
from circles.rules.ring import RingSeat
from circles.selectors import covenant_of, goals_of
from sessions.access import SessionSeat
from sessions.agreement_selectors import agreement_shown
from sessions.enums import Role
from sessions.live.journey_page import prepared, theme_now, while_it_runs
from sessions.live.lobby_selectors import Ticks, lobby
from sessions.live.log_selectors import state_of
from sessions.live.people import PersonShown, people_of
from sessions.live.room_page import bar_of, running
from sessions.live.windows import CLOSES_IN_ANY_CASE_AFTER, has_just_begun, taken_over_from
from sessions.models import CircleSession, Note, ScribeNote
from sessions.planning.covenant_selectors import counts_of, look_is_due
from sessions.planning.gathering_selectors import Gathering, gathering_of
from sessions.planning.selectors import sessions_coming
from sessions.rules.clock import clock_of, to_ms
from sessions.rules.format import FormatRule, Stage
from sessions.rules.runner import State
from sessions.rules.texts import mark_of
from sessions.shelf.selectors import lending_to_talk_about

TOLD_BEFORE_CLOSING = timedelta(minutes=10)


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
        before = lobby(seat, gathering, people, me, now=now, ticks=ticks) | theme_now(session) | prepared(seat, me)
        return context | agreement_shown(seat) | before | _to_open_with(seat, counts.number, now)
    if state.phase == "ended":
        return context
    shown = _running(seat, state, gathering, people, me, now, first=counts.number <= 1)
    opens = shown["stage"].part == "opening"
    if opens:
        shown |= _to_open_with(seat, counts.number, now)
    if seat.must_sign:
        shown |= agreement_shown(seat)
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
    # A second later: at the very moment it would not be over yet.
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
    seated = [person for person in people if person.turns and not person.gone]
    if not (session.is_planned or session.is_running):
        ring = [RingSeat(p.user.initials, p.name) for p in seated]
        bar = bar_of(state.segments, index=len(state.segments))
        return context | {"phase": "ended", "data_state": "ended", "ring": ring, "ring_label": "", "bar": bar}
    if state.phase == "waiting":
        return context | _wall_waiting(session, seated, now) | theme_now(session)
    # The page is worked out for a person; this one has no seat, so it can press nothing and reads nobody's words.
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
    return context | shown | theme_now(session, shown["stage"].part)


def _wall_waiting(session: CircleSession, seated: list[PersonShown], now: datetime) -> dict[str, Any]:
    """The shared screen before the start: who is here, and when it begins."""
    here = [person for person in seated if person.here]
    return {
        "ring": [RingSeat(p.user.initials, p.name, away=not p.here) for p in seated],
        "ring_label": _("Here: %s.") % (", ".join(p.name for p in here) or _("nobody yet")),
        "clock": clock_of(to_ms(session.starts_at) - to_ms(now)),
        "share": None,
        "data_state": "waiting",
        "is_late": now > session.starts_at,
        "here_count": len(here),
        "ring_count": len(seated),
    }


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
        "lending": lending_to_talk_about(seat) if getattr(seat.session, "lends", False) else [],
        "slipped": [Theme(theme).label for theme in slipped],
        "look_is_due": look_is_due(seat.circle),
        "trying": trying_in(seat) if getattr(seat.session, "tries", False) else None,
        "half_time": covenant is not None and is_half_time(number, covenant.sessions),
        "goals": [goal for goal in goals_of(covenant) if reads_goal(seat, goal)] if covenant and read_out else [],
    }


def _running(
    seat: SessionSeat,
    state: State,
    gathering: Gathering,
    people: list[PersonShown],
    me: PersonShown,
    now: datetime,
    *,
    first: bool,
) -> dict[str, Any]:
    session = seat.session
    rule = session.format_version.rule
    ends_ms = to_ms(session.plans_to_end_at)
    shown = running(rule, state, people, me, now_ms=to_ms(now), ends_ms=ends_ms, first=first)
    reads, presenter, stage = seat.reads_words, shown["presenter"], shown["stage"]
    writes = str(Role.SCRIBE.label) in me.roles and not seat.sharing
    return shown | {
        "commands": reverse("sessions:live", args=[session.code]),
        "issue": gathering.issue_for(seat, presenter.user, begun=True) if presenter else None,
        **(_told(seat, _teller(rule, stage, shown["speaker"], me)) if reads else {}),
        **while_it_runs(seat, shown, me),
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


def _scribe_for(
    session: CircleSession, people: list[PersonShown], me: PersonShown
) -> list[tuple[PersonShown, str, str]]:
    """Those a scribe writes for, with what stands there so far and its mark."""
    written = {note.reader_id: note.text for note in ScribeNote.objects.filter(session=session)}
    texts = [(one, str(written.get(one.user.pk, ""))) for one in people if one.turns and not one.gone and one is not me]
    return [(person, text, mark_of(text)) for person, text in texts]


def _teller(rule: FormatRule, stage: Stage, speaker: PersonShown | None, me: PersonShown) -> PersonShown | None:
    """Whose promises come back now: the speaker's in a check-in; one's own where it is no round.

    A format without a check-in has no time for them, so each sees their own while it opens.
    """
    if stage.part == "check_in":
        return speaker or me
    opens = stage.part == "opening" and stage.key == rule.opening.key
    return me if opens and all(one.part != "check_in" for one in rule.stages.values()) else None


def _told(seat: SessionSeat, speaker: PersonShown | None) -> dict[str, Any]:
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
    began = session.started_at or session.starts_at
    later = next((one for one in sessions_coming(circle) if one.is_planned and one.starts_at > began), None)
    next_on = later.starts_local(seat.user.time_zone).date() if later else None
    return {
        "told": told.get(speaker.user.pk, []),
        "teller": speaker,
        "told_mine": speaker.user == seat.user,
        "kept_told": kept_since(circle, seat.user, owner=speaker.user.pk, since=since, came=came, for_all=seat.sharing),
        "carry_to": default_due(circle, today=today, next_on=next_on),
        "told_today": today,
    }
