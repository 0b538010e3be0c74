"""The live room on a database: hands, being away, handing over, taking over, stopping for the day, attendance."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from agreements.commitment_services import CommitmentDetails, commitment_make
from circles.models import AuditEntry, Membership
from notifications.outbox import turn
from sessions.enums import Attendance, Role
from sessions.live import log_selectors, presence_services, services, starting_services, windows, writing_services
from sessions.live.past_selectors import evenness
from sessions.models import CircleSession, Issue, Participation, ScribeNote, SessionRole
from sessions.planning.bringing_services import issue_bring
from sessions.planning.services import session_cancel
from sessions.rules.runner import State
from tests.factories import NOW, Cast, make_session, sign, signed_in


@pytest.fixture
def session(db: None, clock: Any, people: Cast) -> CircleSession:
    made = make_session(people.circle, people.alice)
    SessionRole.objects.filter(session=made, role_key=Role.TIMEKEEPER).update(user=people.alice)
    ids = [user.pk for user in (people.alice, people.bob, people.carol, people.dave)]
    starting_services.session_start(session=made, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    made.refresh_from_db()
    return made


def press(client: Client, session: CircleSession, path: str, seq: int, **more: str) -> Any:
    return client.post(
        reverse("sessions:live", args=[session.code]) + path + "/",
        {"expected_seq": str(seq), "sure": "1", **more},
        follow=True,
    )


def state(session: CircleSession) -> State:
    session.refresh_from_db()
    return log_selectors.state_of(session)


def room(client: Client, session: CircleSession) -> str:
    return client.get(reverse("sessions:live", args=[session.code])).content.decode()


def test_a_hand_is_seen_by_host_and_presenter_until_the_floor_moves(session: CircleSession, people: Cast) -> None:
    alice = signed_in(people.alice)
    while not (now := state(session)).segment or now.segment.stage != "questions":  # type: ignore[union-attr]
        press(alice, session, "next", now.seq)
    seats = {p.seat: p.user for p in Participation.objects.filter(session=session).select_related("user")}
    presenter = seats[now.segment.presenter]  # type: ignore[union-attr]
    quiet = [user for seat, user in seats.items() if user != presenter and not now.steers(seat or 0)]
    raiser, others = quiet[0], quiet[1:]
    with time_machine.travel(NOW + timedelta(seconds=5), tick=False):
        path = reverse("sessions:signal", args=[session.code, "hand"])
        assert "Lower my hand" in signed_in(raiser).post(path, follow=True).content.decode()
        assert f"{raiser.first} has a hand up." in room(alice, session)
        assert f"{raiser.first} has a hand up." in room(signed_in(presenter), session)
        for other in others:
            assert "has a hand up" not in room(signed_in(other), session)
        press(alice, session, "next", now.seq)
        assert "has a hand up" not in room(alice, session)
    assert state(session).seq == now.seq + 1  # a hand is no event


def test_away_for_a_moment_and_back(session: CircleSession, people: Cast) -> None:
    bob = signed_in(people.bob)
    version = session.version
    page = bob.post(reverse("sessions:signal", args=[session.code, "away"]), follow=True).content.decode()
    assert "I am back" in page
    assert "seat--away" in room(signed_in(people.alice), session)
    bob.post(reverse("sessions:signal", args=[session.code, "back"]))
    session.refresh_from_db()
    assert session.version == version + 2
    assert bob.post(reverse("sessions:signal", args=[session.code, "nonsense"])).status_code == 404


def test_passing_this_time_asks_no_reason(session: CircleSession, people: Cast) -> None:
    press(signed_in(people.alice), session, "next", 1)
    now = state(session)
    speaker = Participation.objects.get(session=session, seat=now.segment.speaker).user  # type: ignore[union-attr]
    assert "Pass this time" in room(signed_in(speaker), session) or speaker == people.alice
    press(signed_in(speaker), session, "turn/put_off", 2)
    after = state(session)
    assert [s.speaker for s in after.segments if s.stage == "check_in"][-1] == now.segment.speaker  # type: ignore[union-attr]
    assert after.index == 2


def test_the_host_calls_and_skips(session: CircleSession, people: Cast) -> None:
    alice = signed_in(people.alice)
    press(alice, session, "next", 1)
    last = [s.speaker for s in state(session).segments if s.stage == "check_in"][-1]
    press(alice, session, "turn/call", 2, who=str(last))
    assert state(session).segment.speaker == last  # type: ignore[union-attr]
    answer = press(alice, session, "turn/call", 3, who="9")
    assert "This cannot be done at the moment." in answer.content.decode()
    refused = press(signed_in(people.bob), session, "turn/call", 3, who="1")
    assert "Only the host and the timekeeper can do this." in refused.content.decode()
    assert (
        alice.post(reverse("sessions:turn", args=[session.code, "nonsense"]), {"expected_seq": "3"}).status_code == 404
    )


def test_a_host_hands_over_and_steers_no_more(session: CircleSession, people: Cast) -> None:
    press(signed_in(people.alice), session, "hand-over", 1, who="3")
    assert SessionRole.objects.get(session=session, role_key=Role.HOST).user == people.carol
    assert "Session controls" in room(signed_in(people.carol), session)
    assert "Session controls" not in room(signed_in(people.alice), session)
    for who in ("1", "3", "99"):
        press(signed_in(people.alice), session, "hand-over", 2, who=who)
    assert state(session).steerers == frozenset({3})


@pytest.mark.parametrize(("seconds", "may"), [(119, False), (120, False), (121, True)])
def test_a_member_takes_over_after_two_minutes_without_a_host(
    session: CircleSession, people: Cast, seconds: int, may: bool
) -> None:
    presence_services.presence_arrive(code=session.code, users={people.alice.pk}, now=NOW)
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        bob = signed_in(people.bob)
        assert ("The host is not here: take over" in room(bob, session)) is may
        page = press(bob, session, "take-over", 1).content.decode()
        assert ("The host is here. Ask them to hand over." in page) is not may
    assert (2 in state(session).steerers) is may
    if may:
        assert SessionRole.objects.get(session=session, role_key=Role.HOST).user == people.bob


def test_anybody_stops_for_the_day_and_nothing_is_asked_until_the_next_morning(
    session: CircleSession, people: Cast
) -> None:
    dave = signed_in(people.dave)
    press(dave, session, "pause", 1)
    assert "Stop here for today" in room(signed_in(people.bob), session)
    page = press(signed_in(people.bob), session, "stop", 2)
    assert "You can still check out" not in page.content.decode()
    session.refresh_from_db()
    assert (session.status, session.stopped) == ("ended", True)
    assert not windows.check_out_open(session, now=NOW + timedelta(hours=12))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert reverse("sessions:check_out", args=[session.code]) not in dave.get("/").content.decode()
    tomorrow = NOW.replace(hour=8) + timedelta(days=1)
    assert not windows.check_out_open(session, now=tomorrow - timedelta(seconds=1))
    assert windows.check_out_open(session, now=tomorrow)


def test_the_morning_after_a_clock_change_is_at_eight() -> None:
    from datetime import UTC, datetime

    evening = datetime(2027, 3, 27, 19, 0, tzinfo=UTC)
    assert windows.next_morning(evening, "Europe/London") == datetime(2027, 3, 28, 7, 0, tzinfo=UTC)


def test_attendance_is_completed_for_two_days_by_those_who_may(session: CircleSession, people: Cast) -> None:
    path = reverse("sessions:attendance", args=[session.code])
    assert signed_in(people.alice).post(path).status_code == 404  # it still runs
    press(signed_in(people.alice), session, "end", 1)
    came = {"came": [str(people.alice.code), str(people.bob.code), "nonsense", str(people.erin.code)]}
    assert signed_in(people.bob).post(path, came).status_code == 404
    page = signed_in(people.alice).post(path, came, follow=True)
    assert b"Attendance is kept." in page.content
    session.refresh_from_db()
    assert session.came_count == 2
    assert Participation.objects.get(session=session, user=people.dave).attendance == Attendance.MISSED
    over = (session.ended_at or NOW) + timedelta(days=2)
    both = [people.alice.pk, people.bob.pk]
    presence_services.attendance_set(session=session, came=both, now=over - timedelta(seconds=1))
    with pytest.raises(Refused, match="two days"):
        presence_services.attendance_set(session=session, came=[], now=over)


def test_the_shared_screen_shows_nobodys_words(session: CircleSession, people: Cast) -> None:
    issue_bring(session=session, owner=people.bob, title="a canary", text="canary", ask="listen")
    alice, path = signed_in(people.alice), reverse("sessions:shared", args=[session.code])
    for seq in range(1, 12):
        for address in (path, path + "room/"):
            page = alice.get(address).content
            assert b"canary" not in page
            assert b"<form" not in page.replace(b'<form method="post" action="/sign/logout', b"")
        press(alice, session, "next", seq)
    press(alice, session, "end", state(session).seq)
    page = alice.get(path)
    assert (page.status_code, b"canary" in page.content) == (200, False), "its own end, and no other page"
    assert alice.get(path + "room/").headers["X-Phase"] == "ended"


def part(seconds: int) -> Participation:
    return Participation(attendance=Attendance.CAME, kind="member", floor_seconds=seconds)


@pytest.mark.parametrize(
    ("held", "said"),
    [([60, 60, 60], 100), ([0, 0, 600], 0), ([0, 600], 0), ([300, 300], 100), ([60], None), ([0, 0], None)],
)
def test_evenness_of_the_floor(held: list[int], said: int | None) -> None:
    assert evenness([part(seconds) for seconds in held]) == said


def test_a_role_is_taken_in_the_lobby_in_one_press(session: CircleSession, people: Cast) -> None:
    press(signed_in(people.alice), session, "end", 1)
    coming = make_session(people.circle, people.alice, in_=timedelta(days=1))
    bob = signed_in(people.bob)
    SessionRole.objects.filter(session=coming).update(user=people.alice)
    assert room(bob, coming).count("I take it") == 2  # timekeeper and scribe, not the host
    for role in ("scribe", "host", "moderator"):
        bob.post(reverse("sessions:role_take", args=[coming.code, role]))
    held = dict(SessionRole.objects.filter(session=coming).values_list("role_key", "user"))
    assert held == {"host": people.alice.pk, "timekeeper": people.alice.pk, "scribe": people.bob.pk}
    assert bob.post(reverse("sessions:role_take", args=[coming.code, "king"])).status_code == 404


def test_an_issue_brought_late_can_have_its_turn(session: CircleSession, people: Cast) -> None:
    alice = signed_in(people.alice)
    press(alice, session, "end", 1)
    late = make_session(people.circle, people.alice, in_=timedelta(days=1))
    ids = [user.pk for user in (people.alice, people.bob, people.carol)]
    starting_services.session_start(
        session=late, here=ids, presenting=ids[:1], expected_seq=0, by=people.alice, now=NOW
    )
    assert "presents too" not in room(alice, late)
    assert "Bring an issue late" in room(signed_in(people.bob), late)
    signed_in(people.bob).post(
        reverse("sessions:issue", args=[late.code]), {"title": "Late", "ask": "listen", "next": "live"}
    )
    assert "Bob presents too" in room(alice, late)
    seat = Participation.objects.get(session=late, user=people.bob).seat
    press(alice, late, "replan/presents", 1, who=str(seat))
    assert seat in {s.presenter for s in state(late).rest}
    assert Participation.objects.get(session=late, user=people.bob).presents
    assert "Bob presents too" not in room(alice, late)


def test_a_removed_member_loses_the_room_in_their_own_turn(session: CircleSession, people: Cast) -> None:
    from circles.membership_services import member_leave

    alice, bob = signed_in(people.alice), signed_in(people.bob)
    while state(session).segment.speaker != 2:  # type: ignore[union-attr]
        press(alice, session, "next", state(session).seq)
    member_leave(membership=Membership.objects.get(circle=people.circle, user=people.bob), now=NOW)
    assert bob.get(reverse("sessions:live", args=[session.code])).status_code == 404
    assert press(bob, session, "next", state(session).seq).status_code == 404
    seq = state(session).seq
    press(alice, session, "replan/left", seq, who="2")
    press(alice, session, "next", seq + 1)
    assert 2 not in {s.speaker for s in state(session).rest}


def scribe_of(session: CircleSession, user: Any) -> Client:
    SessionRole.objects.filter(session=session, role_key=Role.SCRIBE).update(user=user)
    return signed_in(user)


def test_the_scribe_writes_for_a_presenter_who_gets_it_at_the_end(session: CircleSession, people: Cast) -> None:
    bob, carol = scribe_of(session, people.bob), signed_in(people.carol)
    path = reverse("sessions:scribe", args=[session.code])
    words = {"reader": str(people.carol.code), "text": "a canary"}
    bob.post(path, words)
    bob.post(path, words | {"text": "a better canary"})
    assert "a better canary" in room(bob, session)
    past = reverse("sessions:session", args=[session.code])
    for client in (carol, signed_in(people.alice)):
        assert "canary" not in room(client, session)
    carol.post(path, words)  # not the scribe
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        press(signed_in(people.alice), session, "end", 1)
    assert b"a better canary" in carol.get(past).content
    for user in (people.alice, people.bob, people.dave):
        assert b"canary" not in signed_in(user).get(past).content
    with time_machine.travel(NOW + timedelta(hours=1, minutes=3), tick=False):
        bob.post(path, words)  # too late
    carol.post(path, {"have_it": "1"})
    assert b"canary" not in carol.get(past).content
    assert ScribeNote.objects.count() == 0


def test_what_a_scribe_wrote_is_deleted_after_two_days(session: CircleSession, people: Cast) -> None:
    scribe_of(session, people.bob).post(
        reverse("sessions:scribe", args=[session.code]), {"reader": str(people.carol.code), "text": "words"}
    )
    press(signed_in(people.alice), session, "end", 1)
    assert writing_services.scribe_notes_clear(now=NOW + timedelta(days=2)) == 0
    assert writing_services.scribe_notes_clear(now=NOW + timedelta(days=2, seconds=1)) == 1


@pytest.mark.parametrize(
    "form", [{}, {"reader": "x", "text": "y"}, {"text": "y"}, {"reader": "{}", "text": "x" * 5001}]
)
def test_a_scribes_mistake_is_said_and_nothing_is_kept(
    session: CircleSession, people: Cast, form: dict[str, str]
) -> None:
    form = {key: value.format(people.carol.code) for key, value in form.items()}
    answer = scribe_of(session, people.bob).post(
        reverse("sessions:scribe", args=[session.code]), form, headers={"X-Requested-With": "fetch"}
    )
    assert (answer.status_code, ScribeNote.objects.count()) == (409, 0)


def test_a_word_is_a_mail_that_says_nothing_else(people: Cast, clock: Any) -> None:
    from notifications.models import Message
    from notifications.outbox import render
    from notifications.registry import kind_of

    path = reverse("circles:word", args=[people.circle.code])
    bob, noted = signed_in(people.bob), AuditEntry.objects.count()
    assert b"Choose a person." in bob.post(path, {"person": ""}).content
    assert b"Choose a person." in bob.post(path, {"person": str(people.erin.code)}).content
    for _again in range(2):
        bob.post(path, {"person": str(people.carol.code)})
    message = Message.objects.get(kind="word_wanted")
    assert message.user == people.carol
    kind = kind_of("word_wanted")
    context = kind.prepare(message, NOW)
    assert context is not None
    made = render(message, kind, context)
    assert made.subject == "Alder circle: Bob Baker would like a word with you"
    assert [line for line in str(made.body).splitlines() if line][:-1] == [
        "Bob Baker would like a word with you",
        "You are both in Alder circle. Nothing was said about what it is; get in touch in your own way.",
        f"Open the circle: http://testserver{reverse('pages:circle', args=[people.circle.code])}",
    ]
    # Nobody else is told, and it is counted nowhere.
    turn()
    assert [one.to for one in mail.outbox if "word" in one.subject] == [["carol@example.org"]]
    assert AuditEntry.objects.count() == noted
    Membership.objects.filter(circle=people.circle, user=people.carol).update(left_at=NOW)
    assert kind.prepare(message, NOW) is None
    sue = signed_in(type(people.bob).objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True))
    assert b"word_wanted" not in sue.get("/admin/notifications/message/").content


def test_the_agreement_stands_in_the_room_while_it_is_read_aloud(session: CircleSession, people: Cast) -> None:
    bob, clause = signed_in(people.bob), "What is said in the circle stays in the circle."
    assert clause in room(bob, session)
    press(signed_in(people.alice), session, "next", 1)
    assert clause not in room(bob, session)


def test_in_a_format_without_a_check_in_each_sees_their_own_promises_first(people: Cast, clock: Any) -> None:
    """Nobody has time to tell them, so nobody else is shown them."""
    details = CommitmentDetails(text="Ring the school", due_on=NOW.date() + timedelta(days=3))
    commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
    sign(people.circle, people.bob, people.carol)
    made = make_session(people.circle, people.alice, key="wise_crowd")
    ids = [user.pk for user in (people.alice, people.bob, people.carol, people.dave)]
    starting_services.session_start(session=made, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    assert "Ring the school" in room(signed_in(people.bob), made)
    assert "Ring the school" not in room(signed_in(people.carol), made)
    press(signed_in(people.alice), made, "next", 1)
    assert "Ring the school" not in room(signed_in(people.bob), made)


def test_an_issue_whose_turn_never_began_stays_its_owners_and_waits(people: Cast, clock: Any) -> None:
    """Bob brought something, the session ended during the opening: nobody reads it, and it goes on to the next one."""
    made = make_session(people.circle, people.alice, in_=timedelta(days=3))
    issue_bring(session=made, owner=people.bob, title="a canary", text="its text", ask="listen")
    issue_bring(session=made, owner=people.alice, title="told", text="", ask="listen")
    ids = [user.pk for user in (people.alice, people.bob, people.carol, people.dave)]
    starting_services.session_start(
        session=made, here=ids, presenting=[people.bob.pk], expected_seq=0, by=people.alice, now=NOW
    )
    services.session_command(session=made, kind="end", seat=1, expected_seq=1, now=NOW + timedelta(minutes=1))
    page = reverse("sessions:session", args=[made.code])
    for user in (people.alice, people.carol, people.dave):
        assert "canary" not in signed_in(user).get(page).content.decode()
    bob = signed_in(people.bob)
    assert "Your issue waits for next time" in bob.get(page).content.decode()
    later = make_session(people.circle, people.alice, in_=timedelta(days=9))
    assert Issue.objects.get(owner=people.bob).session == later
    assert Participation.objects.get(session=later, user=people.bob).presents
    assert "canary" in bob.get(reverse("sessions:session", args=[later.code])).content.decode()
    assert "canary" not in signed_in(people.carol).get(reverse("sessions:session", args=[later.code])).content.decode()


def test_what_was_told_is_read_by_the_circle_and_does_not_wait(session: CircleSession, people: Cast) -> None:
    issue_bring(session=session, owner=people.alice, title="a canary", text="", ask="listen")
    alice = signed_in(people.alice)
    while (now := state(session)).segment and now.segment and now.segment.presenter != 1:
        press(alice, session, "next", now.seq)
    seq = state(session).seq
    services.session_command(session=session, kind="end", seat=1, expected_seq=seq, now=NOW + timedelta(minutes=1))
    page = reverse("sessions:session", args=[session.code])
    sign(people.circle, people.carol)
    assert "canary" in signed_in(people.carol).get(page).content.decode()
    assert "waits for next time" not in alice.get(page).content.decode()


def test_an_issue_of_a_cancelled_session_goes_on_unless_its_owner_has_left(people: Cast, clock: Any) -> None:
    made, later = (make_session(people.circle, people.alice, in_=timedelta(days=days)) for days in (3, 9))
    for owner in (people.bob, people.carol):
        issue_bring(session=made, owner=owner, title="t", text="", ask="listen")
    Membership.objects.filter(circle=people.circle, user=people.carol).update(left_at=NOW)
    session_cancel(session=made, now=NOW)
    assert Issue.objects.get(owner=people.bob).session == later
    assert Issue.objects.get(owner=people.carol).session == made
