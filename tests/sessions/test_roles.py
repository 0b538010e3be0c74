"""Roles of the sessions to come: forecast, announced, swapped, free of those who are away; stand-ins; running itself."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.refusals import Refused
from accounts.services import absence_add
from circles.change_services import WAITS, changes_take_effect
from circles.models import Circle, Invitation
from circles.services import self_run_say
from notifications import outbox
from sessions.access import get_session_to_run
from sessions.enums import Attendance, Role, Rsvp, SessionStatus
from sessions.formats.library import version_of
from sessions.models import CircleSession, Participation, RoleSwap, SessionRole
from sessions.planning import roles_services as services
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.roles_services import roles_ahead_for
from sessions.planning.series_services import SeriesDetails, series_schedule
from sessions.planning.services import SessionDetails
from sessions.rules.recurrence import Rhythm
from tests.factories import NOW, Cast, make_session, signed_in


def series(people: Cast, number: int = 4) -> list[CircleSession]:
    details = SessionDetails(datetime(2027, 1, 21, 16, 0), "Europe/London", version_of("council"), 120)
    rhythm = Rhythm(date(2027, 1, 21), (time(16),), weeks=1, count=number)
    made = series_schedule(circle=people.circle, details=SeriesDetails(details, rhythm), now=NOW)
    return list(made.sessions.order_by("starts_at"))


def held(session: CircleSession) -> dict[str, str]:
    return {row.role_key: row.user.first for row in session.roles.select_related("user")}


def test_the_next_sessions_are_proposed_as_if_those_before_were_held(people: Cast, clock: Any) -> None:
    forecast = [held(session) for session in series(people)]
    assert [one["host"] for one in forecast] == ["Alice"] * 4
    for before, after in pairwise(forecast):
        assert before["timekeeper"] != after["timekeeper"]
        assert before["scribe"] != after["scribe"]
    assert {one["timekeeper"] for one in forecast} == {"Bob", "Carol", "Dave"}


def test_somebody_on_leave_gets_no_role_and_is_not_counted_on(people: Cast, clock: Any) -> None:
    sessions = series(people)
    away = sessions[1].roles.get(role_key="scribe").user
    absence_add(user=away, first_on=sessions[1].local_date, last_on=sessions[1].local_date)
    roles_ahead_for(user=away, now=NOW)
    assert away.first not in held(sessions[1]).values()
    page = signed_in(people.alice).get(reverse("sessions:session", args=[sessions[1].code])).content.decode()
    assert "for the 3 who come" in page
    rsvp_set(session=sessions[1], user=away, answer=Rsvp.YES, now=NOW)
    page = signed_in(people.alice).get(reverse("sessions:session", args=[sessions[1].code])).content.decode()
    assert "for the 4 who come" in page, "who says that they come does"


def test_leave_is_a_day_where_the_person_lives(people: Cast, clock: Any) -> None:
    from accounts.selectors import away_at

    people.bob.time_zone = "Pacific/Auckland"
    people.bob.save()
    absence_add(user=people.bob, first_on=date(2027, 1, 22), last_on=date(2027, 1, 22))
    evening = datetime.fromisoformat("2027-01-21T20:00:00+00:00")  # Friday morning in Auckland
    assert away_at([people.bob], [evening])[evening] == {people.bob.pk}
    noon = evening - timedelta(hours=10)
    assert away_at([people.bob], [noon])[noon] == set()


def test_when_everybody_is_away_the_roles_stay_with_somebody(people: Cast, clock: Any) -> None:
    sessions = series(people, 1)
    for user in (people.alice, people.bob, people.carol, people.dave):
        absence_add(user=user, first_on=date(2027, 1, 1), last_on=date(2027, 12, 31))
        roles_ahead_for(user=user, now=NOW)
    assert set(held(sessions[0])) == {"host", "timekeeper", "scribe"}


def test_a_no_frees_the_role_and_the_new_holder_of_an_announced_one_is_told(people: Cast, clock: Any) -> None:
    session = series(people, 1)[0]
    outbox.turn()
    mail.outbox.clear()
    clock.move_to(session.starts_at - timedelta(days=3))
    assert services.roles_announce(now=session.starts_at - timedelta(days=3)) == 1
    assert services.roles_announce(now=session.starts_at - timedelta(days=3)) == 0
    outbox.turn()
    told = {m.to[0]: m.subject for m in mail.outbox if m.subject.startswith("Alder circle on Thursday ")}
    names = held(session)
    assert set(told) == {f"{name.lower()}@example.org" for name in names.values()}
    assert f"{names['scribe'].lower()}@example.org" in told
    mail.outbox.clear()
    gone = session.roles.get(role_key="scribe").user
    clock.move_to(session.starts_at - timedelta(days=2))
    rsvp_set(session=session, user=gone, answer=Rsvp.NO, now=session.starts_at - timedelta(days=2))
    outbox.turn()
    new = session.roles.get(role_key="scribe").user
    assert new != gone
    asked = [m for m in mail.outbox if m.subject.startswith("Alder circle on Thursday ") and "you are" in m.subject]
    assert [(m.to[0], "The scribe writes down" in str(m.body)) for m in asked] == [(new.email, True)]
    assert held(session)["timekeeper"] == names["timekeeper"], "nobody else's role changed"


def test_a_role_is_asked_for_and_taken_and_the_other_handed_over(people: Cast, clock: Any) -> None:
    session = series(people, 1)[0]
    services.roles_choose(session=session, holders={"timekeeper": people.bob, "scribe": people.carol}, now=NOW)
    bob, carol, dave = signed_in(people.bob), signed_in(people.carol), signed_in(people.dave)
    bob.post(reverse("sessions:swap_ask", args=[session.code, "timekeeper"]), {"person": str(people.carol.code)})
    swap = RoleSwap.objects.get()
    assert "Bob asks you to be timekeeper on" in " ".join(carol.get("/").content.decode().split())
    assert dave.post(reverse("sessions:swap_answer", args=[swap.code]), {"answer": "yes"}).status_code == 404
    assert bob.post(reverse("sessions:swap_answer", args=[swap.code]), {"answer": "yes"}).status_code == 404
    carol.post(reverse("sessions:swap_answer", args=[swap.code]), {"answer": "yes"})
    assert (held(session)["timekeeper"], held(session)["scribe"]) == ("Carol", "Bob")
    outbox.turn()
    assert [m.subject for m in mail.outbox if m.to == ["bob@example.org"] and "takes the role" in m.subject] == [
        "Alder circle: Carol takes the role of timekeeper"
    ]


def test_a_question_about_a_role_ends_when_the_role_is_given_to_somebody_else(people: Cast, clock: Any) -> None:
    session = series(people, 1)[0]
    services.roles_choose(session=session, holders={"scribe": people.bob}, now=NOW)
    swap = services.swap_ask(session=session, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW)
    with pytest.raises(Refused, match="being asked"):
        services.swap_ask(session=session, role=Role.SCRIBE, by=people.bob, asked=people.dave, now=NOW)
    services.roles_choose(session=session, holders={"scribe": people.dave}, now=NOW)
    assert not RoleSwap.objects.filter(pk=swap.pk).exists()
    outbox.turn()
    assert not [m for m in mail.outbox if "asks you to take" in m.subject]
    with pytest.raises(Refused, match="not yours any more"):
        services.swap_ask(session=session, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW)


def test_a_stand_in_hosts_and_looks_after_one_session(people: Cast, clock: Any) -> None:
    first, second = series(people, 2)
    alice, bob = signed_in(people.alice), signed_in(people.bob)
    assert bob.get(reverse("sessions:session_edit", args=[first.code])).status_code == 404
    alice.post(reverse("sessions:stand_in", args=[first.code]), {"person": str(people.bob.code)})
    assert held(first)["host"] == "Bob"
    assert bob.get(reverse("sessions:session_edit", args=[first.code])).status_code == 200
    assert bob.get(reverse("sessions:session_edit", args=[second.code])).status_code == 404
    outbox.turn()
    assert [m.to for m in mail.outbox if ": you are host" in m.subject] == [["bob@example.org"]]
    alice.post(reverse("sessions:stand_in", args=[first.code]), {"person": ""})
    assert held(first)["host"] == "Alice"
    alice.post(reverse("sessions:stand_in", args=[first.code]), {"person": str(people.bob.code)})
    bob.post(reverse("sessions:session_cancel", args=[first.code]), {"scope": "following"})
    assert CircleSession.objects.get(pk=first.pk).status == SessionStatus.CANCELLED
    assert CircleSession.objects.get(pk=second.pk).status == SessionStatus.PLANNED, "not the others of the series"


def test_the_facilitators_clashes_across_circles_are_theirs_alone_to_see(people: Cast, clock: Any) -> None:
    from tests.factories import make_circle

    other = make_circle(people.alice, [people.erin], name="Birch circle")
    session = make_session(people.circle, people.alice)
    make_session(other, people.alice, in_=timedelta(days=3, hours=1))
    path = reverse("sessions:session", args=[session.code])
    assert b"You are with Birch circle at" in signed_in(people.alice).get(path).content
    page = signed_in(people.alice).get(reverse("pages:circle_sessions", args=[people.circle.code])).content
    assert b"You are with another circle" in page
    assert b"Birch" not in signed_in(people.bob).get(path).content


def hosted(people: Cast, by: Any, number: int, **changes: Any) -> None:
    like = make_session(people.circle, people.alice, in_=timedelta(days=60))
    for at in range(number):
        day = NOW - timedelta(days=7 * (at + 1))
        session = CircleSession.objects.create(
            circle=people.circle, local_date=day.date(), local_time=day.time(), zone="UTC", starts_at=day,
            format_version=like.format_version, minutes=120, status=SessionStatus.ENDED, started_at=day,
            ended_at=day + timedelta(hours=2), **changes,
        )  # fmt: skip
        SessionRole.objects.create(session=session, role_key="host", user=by)
        for user in (people.alice, people.bob, people.carol, people.dave):
            Participation.objects.create(session=session, user=user, attendance=Attendance.CAME)
    like.delete()


def test_after_three_sessions_hosted_well_by_members_the_circle_is_asked(people: Cast, clock: Any) -> None:
    path = reverse("pages:circle", args=[people.circle.code])
    asked = b"Do you want to run the circle yourselves?"
    hosted(people, people.alice, 3)
    hosted(people, people.bob, 2)
    hosted(people, people.carol, 1, stopped=True)
    assert asked not in signed_in(people.bob).get(path).content, "a session that was stopped does not count"
    assert (
        signed_in(people.bob).post(reverse("pages:self_run", args=[people.circle.code]), {"say": "yes"}).status_code
        == 302
    )
    hosted(people, people.dave, 1)
    assert asked in signed_in(people.bob).get(path).content
    for user in (people.alice, people.bob, people.carol):
        signed_in(user).post(reverse("pages:self_run", args=[people.circle.code]), {"say": "yes"})
    assert not Circle.objects.get(pk=people.circle.pk).self_run, "all of them"
    signed_in(people.dave).post(reverse("pages:self_run", args=[people.circle.code]), {"say": "yes"})
    assert Circle.objects.get(pk=people.circle.pk).self_run
    session = make_session(Circle.objects.get(pk=people.circle.pk), people.bob)
    assert get_session_to_run(people.dave, session.code), "everybody with a seat may schedule and invite"
    more = reverse("pages:circle_more", args=[people.circle.code])
    assert "Alice Archer can still be asked." in signed_in(people.carol).get(more).content.decode()
    signed_in(people.carol).post(reverse("pages:self_run", args=[people.circle.code]), {"say": "end"})
    assert Circle.objects.get(pk=people.circle.pk).self_run, "everybody is told first"
    changes_take_effect(now=NOW + WAITS)
    assert not Circle.objects.get(pk=people.circle.pk).self_run


def test_hosting_rotates_in_a_circle_that_runs_itself(people: Cast, clock: Any) -> None:
    for user in (people.alice, people.bob, people.carol, people.dave):
        self_run_say(circle=people.circle, user=user, yes=True, now=NOW)
    people.circle.refresh_from_db()
    assert len({held(session)["host"] for session in series(people)}) == 4
    # Everybody may schedule and invite; whoever looked after it can still be asked.
    bob = signed_in(people.bob)
    assert bob.get(reverse("sessions:schedule", args=[people.circle.code])).status_code == 200
    invite = reverse("circles:people", args=[people.circle.code])
    bob.post(invite, {"people": "new@example.org"})
    assert Invitation.objects.get().email == "new@example.org"
    assert people.circle.memberships.get(user=people.alice).facilitates
