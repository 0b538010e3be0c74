"""What the page of a session shows to its members before it is held."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from circles.forms import ComingPlanForm
from circles.rules.rotation import Share
from circles.selectors import coming_plan_of
from notifications.selectors import refused_about
from sessions.access import SessionSeat
from sessions.enums import Role, Rsvp, SessionStatus
from sessions.journeys.selectors import leg_of, leg_shown
from sessions.models import CircleSession, RoleSwap
from sessions.planning import selectors
from sessions.planning.forms import GuestForm, IssueForm, PersonForm, ReminderNoteForm, RolesForm
from sessions.planning.gathering_selectors import Coming, Gathering, gathering_of
from sessions.planning.pairs_selectors import partners_in
from sessions.planning.plan_page import plan_page
from sessions.planning.reminder_selectors import goes_out
from sessions.planning.roles_selectors import role_shares, roles_needed, swaps_for
from sessions.planning.schedule_forms import CancelForm
from sessions.planning.series_services import later_in
from sessions.planning.taking_back_services import called_off_with, may_take_back, was_told
from sessions.rules.door import main_press

GOING = (SessionStatus.PLANNED, SessionStatus.RUNNING)


def planned_page(
    seat: SessionSeat, *, now: datetime, issue_form: IssueForm | None = None, guest_form: GuestForm | None = None
) -> dict[str, Any]:
    """Everything the page of a session shows to a member before it is held; with a form that was not filled in well."""
    session = seat.session
    gathering = gathering_of(session)
    around = selectors.beside(session)
    context = {
        "seat": seat,
        "circle": seat.circle,
        "session": session,
        "number": around.number,
        "beside": around,
        "rule": session.format_version.rule,
        "ref": session.format_version.format.ref,
        "people": gathering.people,
        "leg": leg_of(session),
        "of_journey": leg_shown(session),
        "moved_from": _moved_from(session, now),
        "missed": session.was_missed(now) or (session.is_planned and session.plans_to_end_at < now),
    }
    context |= _own(seat, gathering, issue_form, now) | _coming_plan(seat, now)
    context |= plan_page(session, gathering.people, seat.user, now=now) | _who(gathering.people)
    context |= _roles(seat, gathering, now) | _guests(session, guest_form)
    if seat.facilitates and session.is_planned:
        context |= _for_facilitator(seat, gathering.people, now)
    if seat.facilitates and may_take_back(session, now=now):
        context |= {"undo": True, "told": was_told(session, now=now), "instead": selectors.made_instead(session)}
        if session.series_id and seat.membership.runs:
            context["together"] = called_off_with(session)
    return context


def _moved_from(session: CircleSession, now: datetime) -> datetime | None:
    """The time that people may still have in mind, which the mail about the move names; until it is held."""
    coming = session.is_planned and session.starts_at > now
    return session.moved_from if coming and session.moved_from != session.starts_at else None


def _own(seat: SessionSeat, gathering: Gathering, issue_form: IssueForm | None, now: datetime) -> dict[str, Any]:
    """What the reader said and brings, what they can do, and which of it is the page's main press."""
    session, rule = seat.session, seat.session.format_version.rule
    mine, issue = gathering.one(seat.user), gathering.issue_for(seat, seat.user)
    started = {"title": issue.title, "text": issue.text, "ask": issue.ask} if issue else None
    near = session.is_near(now) and session.status in GOING
    may_bring = session.is_planned and seat.membership.takes_part and rule.before != "nothing" and not seat.sharing
    return {
        "mine": mine,
        "issue": issue,
        "issue_form": issue_form or IssueForm(initial=started, before=rule.before),
        "may_bring": may_bring,
        "may_prepare": seat.membership.takes_part and not seat.sharing and session.status in GOING,
        "near": near,
        "main": main_press(
            near=near,
            planned=session.is_planned,
            answered=mine is not None and mine.rsvp != Rsvp.NONE,
            may_bring=may_bring and not (mine and mine.rsvp == Rsvp.NO),
            brought=issue is not None,
        ),
    }


def _coming_plan(seat: SessionSeat, now: datetime) -> dict[str, Any]:
    """What the reader wrote down for themselves about coming, and with whom they coach; nothing of it is shared."""
    session = seat.session
    written = getattr(session, "has_coming_plan", False) and not seat.sharing
    coming_plan = coming_plan_of(seat.circle, seat.user) if written else ""
    # Asked for in the week before, when it can be known what may come up; what is written stands there earlier.
    plans = not seat.sharing and bool(coming_plan or session.starts_at - now <= timedelta(days=7))
    in_pair = getattr(session, "in_pair", False) and not seat.sharing
    return {
        "plan_form": ComingPlanForm(initial={"text": coming_plan}, auto_id="coming_%s") if plans else None,
        "coming_plan": coming_plan,
        "partners": partners_in(seat.circle, seat.user) if in_pair else [],
    }


def _who(people: list[Coming]) -> dict[str, Any]:
    """How many come, of how many with a turn; how many are not sure, and have not said."""
    turns = [one for one in people if one.takes_turns]
    said = [one.rsvp for one in turns]
    return {
        "turns_in_all": len(turns),
        "yes": said.count(Rsvp.YES),
        "maybe": said.count(Rsvp.MAYBE),
        "silent": sum(one.rsvp == Rsvp.NONE and not one.on_leave for one in turns),
    }


def _roles(seat: SessionSeat, gathering: Gathering, now: datetime) -> dict[str, Any]:
    """Who holds which role and why, the form to choose, and what is asked about them."""
    session, people, roles = seat.session, gathering.people, gathering.roles
    needed = roles_needed(session.format_version.rule)
    swaps = swaps_for(seat.user, now=now, session=session) if session.is_planned else []
    return {
        "roles": [(role, roles.get(role.value)) for role in needed],
        "shares": [(role, roles.get(role.value), share) for role, share in _shares(session, needed, roles)],
        "roles_form": RolesForm(
            people=[one.user for one in people if not one.guest],
            needed=needed,
            initial={key: str(user.code) for key, user in roles.items()},
        ),
        "swaps": swaps,
        "asks_for": _asks_for(seat, roles, people, swaps) if session.is_planned and session.starts_at > now else [],
    }


def _guests(session: CircleSession, form: GuestForm | None) -> dict[str, Any]:
    guests = selectors.guests_of(session)
    return {
        "guests": guests,
        "refused": refused_about(one.code for one in guests) if guests else set(),
        "guest_form": form or GuestForm(auto_id="guest_%s"),
    }


def _asks_for(
    seat: SessionSeat, roles: dict[str, User], people: list[Coming], swaps: list[RoleSwap]
) -> list[tuple[Role, PersonForm]]:
    """The roles that the person holds and asks nobody about, each with a form to ask somebody to take it."""
    others = [one.user for one in people if one.user != seat.user and one.is_expected and not one.guest]
    asked = {swap.role_key for swap in swaps}
    mine = [role for role in Role if roles.get(role.value) == seat.user and role.value not in asked]
    return [
        (role, PersonForm(people=others, label=_("Whom?"), auto_id=f"ask_{role.value}_%s")) for role in mine if others
    ]


def _for_facilitator(seat: SessionSeat, people: list[Coming], now: datetime) -> dict[str, Any]:
    """What a facilitator sees beside: who could stand in, a clash with another circle, what goes out and when."""
    session = seat.session
    ring = [one.user for one in people if one.takes_turns and not one.guest]
    later = later_in(session) if session.series_id and seat.membership.runs else []
    span = (session.starts_at, session.plans_to_end_at)
    return {
        "stand_in_form": PersonForm(
            people=ring,
            label=_("Who stands in?"),
            nobody=_("Nobody"),
            auto_id="stand_%s",
            initial={"person": str(session.stand_in.code) if session.stand_in else ""},
        ),
        "clash": selectors.clashes_of(seat.user, seat.circle, [span]).get(0),
        "goes_out": goes_out(session, now=now),
        "note_form": ReminderNoteForm(auto_id="note_%s"),
        "later": later,
        "cancel_form": CancelForm(in_series=bool(later), auto_id="cancel_%s", initial={"listed": len(later)}),
    }


def _shares(session: CircleSession, needed: list[Role], roles: dict[str, User]) -> list[tuple[Role, Share]]:
    """Why the rotation proposes whom: from the second session that had the role on."""
    known = role_shares(session, roles)
    return [(role, known[role.value]) for role in needed if role.value in known and known[role.value].sessions]
