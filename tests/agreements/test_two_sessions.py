"""Two sessions of a circle of five with a joiner and a leaver: the agreement and the commitments from one to the other."""

from datetime import datetime, timedelta
from typing import Any

from django.core import mail
from django.urls import reverse

from accounts.models import User
from agreements.enums import ClauseChange, Stance
from agreements.models import Commitment, Proposal, Review, Signature
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond
from agreements.selectors import clauses_of, current_version
from circles.membership_services import member_leave
from circles.models import Membership
from notifications import outbox
from sessions.live import services, starting_services
from sessions.models import CircleSession
from tests.factories import NOW, make_circle, make_session, make_user, sign, signed_in

NAMES = ("Alice Archer", "Bob Baker", "Carol Cook", "Dave Dyer", "Eve East")
WEEK = timedelta(days=7)


class Room:
    """One running session, pressed on by its host in seat 1."""

    def __init__(self, session: CircleSession, people: list[User], now: datetime) -> None:
        self.session, self.now = session, now
        ids = [user.pk for user in people]
        self.state = starting_services.session_start(
            session=session, here=ids, presenting=ids[:2], expected_seq=0, by=people[0], now=now, how="longer"
        )

    def press(self, kind: str) -> None:
        self.session.refresh_from_db()
        self.state = services.session_command(
            session=self.session, kind=kind, seat=1, expected_seq=self.state.seq, now=self.now
        )

    def until(self, stage: str) -> None:
        while self.state.segment and self.state.segment.stage != stage:
            self.press("next")

    def page(self, user: User) -> str:
        return signed_in(user).get(reverse("sessions:live", args=[self.session.code])).content.decode()


def check_out(session: CircleSession, user: User, **form: str) -> None:
    answer = signed_in(user).post(reverse("sessions:check_out", args=[session.code]), form)
    assert answer.status_code == 302


def test_what_is_promised_in_one_session_opens_the_next(db: None, clock: Any) -> None:
    alice, bob, carol, dave, eve = people = [make_user(name) for name in NAMES]
    circle = make_circle(alice, people[1:])

    # The first session may start unsigned, and writes the agreement together.
    first = make_session(circle, alice, in_=timedelta(minutes=5))
    clock.move_to(NOW + timedelta(minutes=5))
    room = Room(first, people, NOW + timedelta(minutes=5))
    details = ProposalDetails(
        change=ClauseChange.ADD, theme="attendance", text="We begin when the clock says so.", why="We wait too often."
    )
    together = proposal_make(circle=circle, details=details, by=bob, now=NOW)
    for user in (alice, carol, dave, eve):
        proposal_respond(proposal=together, user=user, stance=Stance.YES, comment="", now=NOW)
    version = current_version(circle)
    assert version
    assert version.number == 2
    sign(circle, *people)
    room.until("check_out")
    check_out(first, bob, kept="yes", got="yes", text="Ring the head of finance", due_on="2027-01-18",
              partner=str(carol.code), audience="circle", remind_days="1")  # fmt: skip
    check_out(first, carol, kept="not_quite", slips="attendance", got="yes", text="A secret of mine",
              due_on="2027-01-20", audience="me")  # fmt: skip
    check_out(first, alice, kept="yes", got="yes")
    room.until("thank_you")
    assert "whom do you thank today" in room.page(dave)
    room.press("next")
    for user in (dave, eve):
        check_out(first, user, kept="yes", got="not_quite")
    told = signed_in(eve).get(reverse("sessions:session", args=[first.code])).content.decode()
    assert "4 of 5" in told
    assert Review.objects.get().closed

    # Between the sessions: a partner says yes, an appointment, one leaves, one joins, a change is objected to.
    promise = Commitment.objects.get(owner=bob)
    signed_in(carol).post(reverse("agreements:partner_answer", args=[promise.code]), {"answer": "yes"})
    signed_in(bob).post(
        reverse("agreements:appointment", args=[promise.code]),
        {"date": "2027-01-14", "time": "12:00", "zone": "Europe/London"},
    )
    details = ProposalDetails(
        change=ClauseChange.REWORD, line=clauses_of(version)[0].line, text="Nothing leaves this room.", why="Shorter."
    )
    disputed = proposal_make(circle=circle, details=details, by=dave, now=NOW + timedelta(days=1))
    proposal_respond(
        proposal=disputed, user=eve, stance=Stance.CONCERN, comment="Too hard", now=NOW + timedelta(days=1)
    )
    member_leave(membership=Membership.objects.get(circle=circle, user=eve, left_at=None), now=NOW + timedelta(days=2))
    frank = make_user("Frank Field")
    Membership.objects.create(circle=circle, user=frank, joined_at=NOW + timedelta(days=2))
    # Whoever had the concern has left; somebody else shares it, so it still opens the session.
    proposal_respond(
        proposal=disputed, user=carol, stance=Stance.CONCERN, comment="Me too", now=NOW + timedelta(days=3)
    )

    # The second session opens with it; newcomers see no words until they have signed, and none from before.
    later = NOW + WEEK
    clock.move_to(later)
    second = make_session(circle, alice, now=later, in_=timedelta(minutes=5))
    five = [alice, bob, carol, dave, frank]
    lobby = signed_in(dave).get(reverse("sessions:live", args=[second.code])).content.decode()
    assert "Other words for a clause about: Confidentiality" in lobby
    assert "Ring the head" not in lobby
    room = Room(second, five, later)
    room.until("check_in")
    carried = Commitment.objects.get(owner=carol)
    spoken = []
    while room.state.segment and room.state.segment.stage == "check_in":
        spoken.append(room.state.segment.speaker)
        if spoken[-1] == 2:
            assert "Ring the head of finance" in room.page(bob)
            assert "Ring the head of finance" in room.page(dave)
            assert "Ring the head of finance" not in room.page(frank)
            assert "Sign the agreement" in room.page(frank)
            sign(circle, frank, now=later)
            # Signed, they read what is said from now on; the promise is from before they came.
            assert "Ring the head of finance" not in room.page(frank)
            signed_in(bob).post(reverse("agreements:commitment_settle", args=[promise.code]), {"status": "kept"})
            assert "What you kept" in room.page(bob)
            assert "What Bob kept" in room.page(dave)
        if spoken[-1] == 3:
            assert "A secret of mine" in room.page(carol)
            assert "A secret of mine" not in room.page(bob)
            assert "Carry it over" in room.page(carol)
            move = reverse("agreements:commitment_move", args=[carried.code])
            signed_in(carol).post(move, {"due_on": "2027-02-08"})
        room.press("next")
    assert sorted(spoken) == [1, 2, 3, 4, 5]

    # After it those who were there decide.
    room.press("end")
    disputed.refresh_from_db()
    assert disputed.talked_at == later
    for user in (carol, frank):
        proposal_respond(proposal=disputed, user=user, stance=Stance.YES, comment="", now=later)
    assert Proposal.objects.get(pk=disputed.pk).status == "adopted"
    final = current_version(circle)
    assert final
    assert final.number == 3
    assert not Signature.objects.filter(version=final).exists()
    assert Signature.objects.filter(version=version).count() == 6
    page = signed_in(bob).get(reverse("agreements:agreement", args=[circle.code])).content.decode()
    assert "What changed since version 2" in page

    carried.refresh_from_db()
    assert (carried.status, carried.due_on.isoformat()) == ("open", "2027-02-08")
    signed_in(carol).post(reverse("agreements:commitment_settle", args=[carried.code]), {"status": "let_go"})
    outbox.turn()
    everything = " ".join(f"{message.subject} {message.body}" for message in mail.outbox)
    for canary in ("finance", "secret", "Nothing leaves", "Too hard", "clock says"):
        assert canary not in everything
